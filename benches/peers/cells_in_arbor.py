"""Branched cells in Arbor: one JSON line with times and spikes.

    python cells_in_arbor.py ring FILE [--dendrites active|passive] [--cells 64] [--threads 2] [--duration 200]
    python cells_in_arbor.py hay FILE [--duration 1000]

FILE is a morphology as SWC: for `ring` assets/morphologies/cell_ring.swc, for `hay` a pyramidal cell of layer 5. The channels of `hay` come with Arbor.
"""

import argparse
import json
import resource
import time
from pathlib import Path

import arbor
from arbor import units

LABELS = arbor.label_dict({
    "soma": "(tag 1)", "axon": "(tag 2)", "basal": "(tag 3)", "apical": "(tag 4)", "dendrites": "(difference (all) (tag 1))",
    "hot": '(intersect (tag 4) (region "reached"))', "cold": '(difference (tag 4) (region "hot"))',
    "reached": "(difference (distal-interval (location 0 0) 885) (distal-interval (location 0 0) 685))",
})


def cut(morphology, count):
    """Boundaries of compartments: `count` of each run of one type in a branch, by its type and length in um."""
    places = []
    for branch in range(morphology.num_branches):
        runs = []
        for segment in morphology.branch_segments(branch):
            p, d = segment.prox, segment.dist
            length = ((p.x - d.x) ** 2 + (p.y - d.y) ** 2 + (p.z - d.z) ** 2) ** 0.5
            if runs and runs[-1][0] == segment.tag:
                runs[-1][1] += length
            else:
                runs.append([segment.tag, length])
        whole, done = sum(length for _, length in runs), 0.0
        for tag, length in runs:
            compartments = count(tag, length)
            places += [f"(location {branch} {min(1.0, (done + length * k / compartments) / whole)})" for k in range(compartments + 1)]
            done += length
    return f"(explicit (sum {' '.join(dict.fromkeys(places))}) (all))"


class Network(arbor.recipe):
    """Equal cells, in rings if they are connected."""

    def __init__(self, cell, cells, properties, connected):
        arbor.recipe.__init__(self)
        self.cell, self.cells, self.properties, self.connected = cell, cells, properties, connected

    def num_cells(self):
        return self.cells

    def cell_kind(self, _):
        return arbor.cell_kind.cable

    def cell_description(self, _):
        return self.cell

    def global_properties(self, _):
        return self.properties

    def connections_on(self, gid):
        if not self.connected:
            # Without a connection Arbor records no spike: one of weight 0 to the cell itself.
            return [arbor.connection((gid, "detector"), "synapse", 0.0, 5 * units.ms)]
        first = gid - gid % 16
        return [arbor.connection((first + (gid - first - 1) % 16, "detector"), "synapse", 0.03, 5 * units.ms)]

    def event_generators(self, gid):
        if not self.connected or gid % 16:
            return []
        return [arbor.event_generator("synapse", 0.03, arbor.explicit_schedule([1.0 * units.ms]))]


def properties(*catalogues):
    made = arbor.neuron_cable_properties()
    made.catalogue = arbor.default_catalogue()
    for catalogue in catalogues:
        made.catalogue.extend(catalogue, "")
    return made


def ring(options):
    morphology = arbor.load_swc_arbor(options.file).morphology
    middle = "(on-components 0.5 (tag 1))"
    decor = arbor.decor()
    decor.set_property(Vm=-65 * units.mV, cm=0.01 * units.F / units.m2, rL=100 * units.Ohm * units.cm, tempK=279.45 * units.Kelvin)
    decor.paint('"soma"', arbor.density("hh"))
    active = options.dendrites == "active"
    decor.paint('"dendrites"', arbor.density("hh") if active else arbor.density("pas/e=-65", {"g": 1e-4}))
    decor.place(middle, arbor.synapse("expsyn", {"tau": 2.0, "e": 0.0}), "synapse")
    decor.place(middle, arbor.threshold_detector(-10 * units.mV), "detector")
    policy = arbor.cv_policy(cut(morphology, lambda tag, _: 1 if tag == 1 else 4))
    return Network(arbor.cable_cell(morphology, decor, LABELS, policy), options.cells, properties(), True)


def hay(options):
    # The soma as two halves in a row, so that distances count from its end, as in the paper's scripts; the rest sits on its middle.
    read = arbor.load_swc_neuron(options.file).segment_tree
    halves = [segment for segment in read.segments if segment.tag == 1]
    middle, radius = halves[0].prox, halves[0].prox.radius
    end = lambda x: arbor.mpoint(middle.x + x, middle.y, middle.z, radius)
    tree = arbor.segment_tree()
    tree.append(arbor.mnpos, end(-radius), middle, 1)
    tree.append(0, end(radius), 1)
    # The axon gives way to two cylinders of 30 um.
    axon = lambda x: arbor.mpoint(middle.x - x, middle.y, middle.z, 0.5)
    tree.append(0, axon(0.0), axon(30.0), 2)
    tree.append(2, axon(60.0), 2)
    places = {}
    for number, (segment, parent) in enumerate(zip(read.segments, read.parents)):
        if segment.tag in (3, 4):
            places[number] = tree.append(places.get(parent, 0), segment.prox, segment.dist, segment.tag)
    morphology = arbor.morphology(tree)
    # As many compartments as the paper's scripts give a section of that length.
    counted = cut(morphology, lambda tag, length: 1 + 2 * int(length / 40.0))
    policy = arbor.cv_policy(counted)
    middle = "(location 0 0.5)"

    decor = arbor.decor()
    decor.set_property(Vm=-80 * units.mV, cm=0.01 * units.F / units.m2, rL=100 * units.Ohm * units.cm, tempK=279.45 * units.Kelvin)
    decor.set_ion("na", rev_pot=50 * units.mV)
    decor.set_ion("k", rev_pot=-85 * units.mV)
    decor.set_ion("ca", int_con=5e-5 * units.mM, ext_con=2 * units.mM, method="nernst/x=ca")
    for region, leak, capacitance in [("soma", 3.38e-5, 0.01), ("axon", 3.25e-5, 0.01), ("apical", 5.89e-5, 0.02), ("basal", 4.67e-5, 0.02)]:
        decor.paint(f'"{region}"', cm=capacitance * units.F / units.m2)
        decor.paint(f'"{region}"', arbor.density("pas/e=-90", {"g": leak}))
    soma_and_apical = {"NaTa_t": (2.04, 0.0213), "SKv3_1": (0.693, 0.000261), "SK_E2": (0.0441, 0.0012)}
    soma_only = {"Nap_Et2": 0.00172, "K_Tst": 0.0812, "K_Pst": 0.00223, "Ih": 0.0002, "Ca_HVA": 0.000992, "Ca_LVAst": 0.00343}

    def paint(region, name, value):
        decor.paint(f'"{region}"', arbor.density(name, {f"g{name}bar": value}))

    for name, (of_soma, of_apical) in soma_and_apical.items():
        paint("soma", name, of_soma)
        paint("apical", name, of_apical)
    for name, value in soma_only.items():
        paint("soma", name, value)
    for region, share_high, share_low in [("hot", 1.0, 1.0), ("cold", 0.1, 0.01)]:
        paint(region, "Ca_HVA", 5.55e-4 * share_high)
        paint(region, "Ca_LVAst", 0.0187 * share_low)
    paint("apical", "Im", 6.75e-5)
    paint("basal", "Ih", 0.0002)
    rising = arbor.scaled_mechanism(arbor.density("Ih", {"gIhbar": 0.0002}))
    decor.paint('"apical"', rising.scale("gIhbar", f"(add (scalar -0.8696) (mul (scalar 2.087) (exp (distance {3.6161 / 1300.53} (location 0 0)))))"))
    decor.paint('"soma"', arbor.density("CaDynamics_E2", {"gamma": 5.01e-4, "decay": 460.0}))
    decor.paint('"apical"', arbor.density("CaDynamics_E2", {"gamma": 5.09e-4, "decay": 122.0}))
    decor.place(middle, arbor.i_clamp(100 * units.ms, 1e9 * units.ms, 0.793 * units.nA))
    decor.place(middle, arbor.synapse("expsyn"), "synapse")
    decor.place(middle, arbor.threshold_detector(0 * units.mV), "detector")
    return Network(arbor.cable_cell(morphology, decor, LABELS, policy), 1, properties(arbor.bbp_catalogue()), False)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=["ring", "hay"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--dendrites", choices=["active", "passive"], default="active")
    parser.add_argument("--cells", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--duration", type=float, help="ms; 200 for the ring, 1000 for hay")
    options = parser.parse_args()
    duration = options.duration or (200.0 if options.network == "ring" else 1000.0)

    start = time.perf_counter()
    network = (ring if options.network == "ring" else hay)(options)
    simulation = arbor.simulation(network, arbor.context(threads=options.threads))
    simulation.record(arbor.spike_recording.all)
    built = time.perf_counter()
    simulation.run(duration * units.ms, 0.025 * units.ms)
    done = time.perf_counter()
    times = sorted(float(time) for _, time in simulation.spikes())
    compartments = network.cells * arbor.cv_data(network.cell).num_cv
    print(json.dumps({
        "simulator": "Arbor", "version": arbor.__version__, "network": options.network, "threads": options.threads,
        "compartments": compartments, "build_s": round(built - start, 3), "run_s": round(done - built, 3), "simulated_s": duration / 1000.0,
        "ns_per_compartment_step": round((done - built) * 1e9 / (compartments * duration / 0.025), 2),
        "peak_rss_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "spikes": len(times), "first_ms": [round(time, 3) for time in times[:5]], "last_ms": round(max(times, default=0.0), 3),
    }))


if __name__ == "__main__":
    main()
