"""Branched cells in NEURON: one JSON line with times and spikes.

    python cells_in_neuron.py ring FILE [--dendrites active|passive] [--cells 64] [--threads 2] [--duration 200]
    python cells_in_neuron.py hay FILE --mechanisms FOLDER [--duration 1000]
    python cells_in_neuron.py burst FILE --mechanisms FOLDER
    python cells_in_neuron.py pulse FILE --mechanisms FOLDER

FILE is a morphology as SWC: for `ring` assets/morphologies/cell_ring.swc, for the others a pyramidal cell of layer 5. These need channels compiled:
run `nrnivmodl hay_mechanisms`, and FOLDER is where that was. `burst` and `pulse` are assets/experiments/bac_firing.ron with both inputs and
back_propagation.ron, with a variable step: they give the numbers that the claims of these name, times in ms and potentials in mV.
"""

import argparse
import json
import math
import os
import resource
import time
from pathlib import Path

os.environ["NEURON_MODULE_OPTIONS"] = "-nogui"  # no word about displays before the JSON line

import neuron
from neuron import h

h.load_file("stdrun.hoc")
h.load_file("import3d.hoc")


class Cell:
    """The sections of a file."""

    def __init__(self, path):
        reader = h.Import3d_SWC_read()
        reader.input(str(path))
        h.Import3d_GUI(reader, False).instantiate(self)

    def of_type(self, name):
        return [section for section in self.all if section.name().split(".")[-1].startswith(name)]


def ring(options):
    cells, detectors, synapses, connections = [], [], [], []
    context = h.ParallelContext()
    for number in range(options.cells):
        cell = Cell(options.file)
        soma = cell.of_type("soma")[0]
        for section in cell.all:
            section.Ra, section.cm = 100.0, 1.0
            section.nseg = 1 if section == soma else 4
            if section == soma or options.dendrites == "active":
                section.insert("hh")
            else:
                section.insert("pas")
                section.g_pas, section.e_pas = 1e-4, -65.0
        synapse = h.ExpSyn(soma(0.5))
        synapse.tau, synapse.e = 2.0, 0.0
        detector = h.NetCon(soma(0.5)._ref_v, None, sec=soma)
        detector.threshold = -10.0
        context.set_gid2node(number, 0)
        context.cell(number, detector)
        cells.append(cell), synapses.append(synapse), detectors.append(detector)
    for number, synapse in enumerate(synapses):
        first = number - number % 16
        connection = context.gid_connect(first + (number - first - 1) % 16, synapse)
        connection.delay, connection.weight[0] = 5.0, 0.03
        connections.append(connection)
    start = h.NetStim()
    start.number, start.start = 1, 0.5
    for synapse in synapses[::16]:
        connection = h.NetCon(start, synapse)
        connection.delay, connection.weight[0] = 0.5, 0.03
        connections.append(connection)
    h.celsius = 6.3
    return -65.0, (cells, synapses, detectors, connections, start)


def pyramid(options):
    """A pyramidal cell of layer 5 with the channels of Hay et al. (2011), biophysical model 3."""
    neuron.load_mechanisms(options.mechanisms)
    cell = Cell(options.file)
    soma, apical, basal = cell.of_type("soma")[0], cell.of_type("apic"), cell.of_type("dend")
    for section in cell.of_type("axon"):
        h.delete_section(sec=section)
    axon = [h.Section(name=f"stub{k}") for k in range(2)]
    for section in axon:
        section.L, section.diam = 30.0, 1.0
    axon[0].connect(soma(0.5)), axon[1].connect(axon[0](1))
    h.distance(0, soma(0.5))
    end = options.soma_end or soma.L / 2.0
    reach = options.reach or max(h.distance(section(1)) for section in apical) + end
    for sections, leak, capacitance in [([soma], 3.38e-5, 1.0), (axon, 3.25e-5, 1.0), (apical, 5.89e-5, 2.0), (basal, 4.67e-5, 2.0)]:
        for section in sections:
            section.Ra, section.cm = 100.0, capacitance
            section.nseg = 1 + 2 * int(section.L / 40.0)
            section.insert("pas")
            section.g_pas, section.e_pas = leak, -90.0
    everywhere = {
        "transient_sodium": (2.04, 0.0213),
        "fast_potassium": (0.693, 0.000261),
        "calcium_activated_potassium": (0.0441, 0.0012),
        "hyperpolarisation_cation": (0.0002, 0.0002),
        "high_voltage_calcium": (0.000992, 5.55e-4),
        "low_voltage_calcium": (0.00343, 0.0187),
    }
    of_soma = {"persistent_sodium": 0.00172, "transient_potassium": 0.0812, "persistent_potassium": 0.00223}
    for name, value in of_soma.items():
        soma.insert(name)
        setattr(soma, f"gbar_{name}", value)
    for sections, column in [([soma], 0), (apical, 1)]:
        for section in sections:
            section.insert("calcium_shell")
            section.free_calcium_shell, section.decay_calcium_shell = [(5.01e-4, 460.0), (5.09e-4, 122.0)][column]
            for name, values in everywhere.items():
                section.insert(name)
                setattr(section, f"gbar_{name}", values[column])
            section.ena, section.ek = 50.0, -85.0
    for section in apical:
        section.gbar_transient_sodium *= options.dendritic_sodium
        section.insert("muscarinic_potassium")
        section.gbar_muscarinic_potassium = 6.75e-5
        for segment in section:
            distance = h.distance(segment) + end
            segment.gbar_hyperpolarisation_cation *= -0.8696 + 2.087 * h.exp(3.6161 * distance / reach)
            if not 685.0 < distance < 885.0:
                segment.gbar_high_voltage_calcium *= 0.1
                segment.gbar_low_voltage_calcium *= 0.01
    for section in basal:
        section.insert("hyperpolarisation_cation")
        section.gbar_hyperpolarisation_cation = 0.0002
    h.celsius = 6.3
    return cell, soma, apical, axon, end


def hay(options):
    cell, soma, _apical, axon, _end = pyramid(options)
    step = h.IClamp(soma(0.5))
    step.delay, step.dur, step.amp = 100.0, 1e9, 0.793
    detector = h.NetCon(soma(0.5)._ref_v, None, sec=soma)
    detector.threshold = 0.0
    context = h.ParallelContext()
    context.set_gid2node(0, 0)
    context.cell(0, detector)
    return -80.0, (cell, axon, step, detector)


def place(apical, distance):
    """The thickest segment of the apical dendrite that lies so far from the soma's middle, um."""
    inside = lambda segment: abs(h.distance(segment) - distance) <= segment.sec.L / segment.sec.nseg / 2.0
    return max((segment for section in apical for segment in section if inside(segment)), key=lambda segment: segment.diam)


def traced(options):
    """A pulse into the soma, with `burst` followed by a current like an EPSP 620 um away; variable step."""
    _cell, soma, apical, _axon, end = pyramid(options)
    kept = [h.IClamp(soma(0.5))]
    kept[0].delay, kept[0].dur, kept[0].amp = 295.0, 5.0, 1.9
    if options.network == "burst":
        times = h.Vector([300.0 + 0.025 * k for k in range(4001)])
        course = h.Vector([0.5 * 1.4351 * (math.exp(-0.025 * k / 5.0) - math.exp(-0.025 * k / 0.5)) for k in range(4001)])
        current = h.IClamp(place(apical, 620.0 - end))
        current.delay, current.dur = 0.0, 1e9
        course.play(current._ref_amp, times, True)
        kept += [times, course, current]
    spikes, clock = h.Vector(), h.Vector().record(h._ref_t)
    detector = h.NetCon(soma(0.5)._ref_v, None, sec=soma)
    detector.threshold = 0.0
    detector.record(spikes)
    places = {"soma": soma(0.5)} | {f"{distance} um": place(apical, distance - end) for distance in [200, 400, 620, 800]}
    courses = {name: h.Vector().record(segment._ref_v) for name, segment in places.items()}
    solver = h.CVode()
    solver.active(1)
    solver.atol(1e-5)
    h.finitialize(-80.0)
    h.continuerun(400.0)
    rest = {name: course[max(k for k, t in enumerate(clock) if t < 294.9)] for name, course in courses.items()}
    peaks = {name: max(v for t, v in zip(clock, course) if t > 290.0) for name, course in courses.items()}
    at = {name: clock[list(course).index(peaks[name])] for name, course in courses.items()}
    print(json.dumps({
        "simulator": "NEURON", "version": neuron.__version__, "network": options.network, "spikes_ms": [round(t, 3) for t in spikes],
        "peaks_mv": {name: round(value, 3) for name, value in peaks.items()},
        "amplitudes_mv": {name: round(value - rest[name], 2) for name, value in peaks.items()},
        "peak_times_ms": {name: round(value, 3) for name, value in at.items()},
    }))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=["ring", "hay", "burst", "pulse"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--mechanisms")
    parser.add_argument("--dendrites", choices=["active", "passive"], default="active")
    parser.add_argument("--dendritic-sodium", type=float, default=1.0, help="how much of the dendrite's sodium channels is there")
    parser.add_argument("--soma-end", type=float, help="um from the soma's middle to where distances in the rules of channels count from; half of its length")
    parser.add_argument("--reach", type=float, help="um from there to the farthest tip; as the file has it")
    parser.add_argument("--cells", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--duration", type=float, help="ms; 200 for the ring, 1000 for hay")
    options = parser.parse_args()
    if options.network in ["burst", "pulse"]:
        return traced(options)
    duration = options.duration or (200.0 if options.network == "ring" else 1000.0)

    start = time.perf_counter()
    potential, _kept = (ring if options.network == "ring" else hay)(options)
    context = h.ParallelContext()
    context.nthread(options.threads)
    times, cells = h.Vector(), h.Vector()
    context.spike_record(-1, times, cells)
    h.dt, h.secondorder = 0.025, 0
    context.set_maxstep(10)
    h.finitialize(potential)
    built = time.perf_counter()
    context.psolve(duration)
    done = time.perf_counter()
    compartments = sum(section.nseg for section in h.allsec())
    print(json.dumps({
        "simulator": "NEURON", "version": neuron.__version__, "network": options.network, "threads": options.threads,
        "compartments": compartments, "build_s": round(built - start, 3), "run_s": round(done - built, 3), "simulated_s": duration / 1000.0,
        "ns_per_compartment_step": round((done - built) * 1e9 / (compartments * duration / 0.025), 2),
        "peak_rss_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "spikes": len(times), "first_ms": [round(t, 3) for t in sorted(times)[:5]], "last_ms": round(max(times, default=0.0), 3),
    }))


if __name__ == "__main__":
    main()
