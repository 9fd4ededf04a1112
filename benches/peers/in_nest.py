"""The networks of assets/experiments in NEST: one JSON line with times and rates.

    python in_nest.py brunel|coba|cuba|microcircuit [--threads 2] [--duration 1000] [--size 4000] [--scale 0.2] [--seed 1]

`--size` holds for coba and cuba, `--scale` (share of the neurons, with all inputs) for the microcircuit.
`connections` counts those of generators and recorders too.
"""

import argparse
import json
import math
import os
import resource
import time

os.environ["PYNEST_QUIET"] = "1"  # no banner before the JSON line

import nest
import numpy


def brunel(options):
    cell = {"C_m": 250.0, "tau_m": 20.0, "t_ref": 2.0, "E_L": 0.0, "V_m": 0.0, "V_th": 20.0, "V_reset": 10.0}
    excitatory = nest.Create("iaf_psc_delta", 10_000, cell)
    inhibitory = nest.Create("iaf_psc_delta", 2_500, cell)
    everyone = excitatory + inhibitory
    for sources, inputs, weight in [(excitatory, 1000, 0.1), (inhibitory, 250, -0.5)]:
        rule = {"rule": "fixed_indegree", "indegree": inputs, "allow_autapses": False, "allow_multapses": True}
        nest.Connect(sources, everyone, rule, {"weight": weight, "delay": 1.5})
    background = nest.Create("poisson_generator", 1, {"rate": 20_000.0})
    nest.Connect(background, everyone, "all_to_all", {"weight": 0.1, "delay": 0.1})
    return {"excitatory": excitatory, "inhibitory": inhibitory}


def vogels_abbott(options, model, cell, weights, potentials):
    excitatory = nest.Create(model, round(0.8 * options.size), cell)
    inhibitory = nest.Create(model, options.size - len(excitatory), cell)
    everyone = excitatory + inhibitory
    everyone.V_m = potentials
    for sources, inputs, weight in [(excitatory, 64, weights[0]), (inhibitory, 16, weights[1])]:
        rule = {"rule": "fixed_indegree", "indegree": inputs, "allow_autapses": True, "allow_multapses": True}
        nest.Connect(sources, everyone, rule, {"weight": weight, "delay": 0.1})
    return {"excitatory": excitatory, "inhibitory": inhibitory}


def coba(options):
    cell = {"C_m": 200.0, "g_L": 10.0, "E_L": -60.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0}
    cell |= {"tau_syn_ex": 5.0, "tau_syn_in": 10.0, "E_ex": 0.0, "E_in": -80.0}
    populations = vogels_abbott(options, "iaf_cond_exp", cell, (6.0, -67.0), nest.random.normal(-65.0, 5.0))
    kick = nest.Create("poisson_generator", 1, {"rate": 300.0, "start": 1.0, "stop": 51.0})
    nest.Connect(kick, populations["excitatory"][:50], "all_to_all", {"weight": 6.0, "delay": 0.1})
    return populations


def cuba(options):
    cell = {"C_m": 200.0, "tau_m": 20.0, "E_L": -49.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0}
    cell |= {"tau_syn_ex": 5.0, "tau_syn_in": 10.0}
    return vogels_abbott(options, "iaf_psc_exp", cell, (16.2, -90.0), nest.random.uniform(-60.0, -50.0))


NAMES = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"]
SIZES = [20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948]
PROBABILITY = [
    [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
    [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
    [0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0],
    [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
    [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
    [0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0],
    [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
    [0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443],
]
EXTERNAL = [1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100]
START = [(-68.28, 5.36), (-63.16, 4.57), (-63.33, 4.74), (-63.45, 4.94), (-63.11, 4.94), (-61.66, 4.55), (-66.72, 5.46), (-61.43, 4.48)]


def microcircuit(options):
    tau_m, tau_s, capacitance = 10.0, 0.5, 250.0
    peak = tau_m * tau_s / (tau_m - tau_s) * math.log(tau_m / tau_s)
    one = 0.15 * capacitance * (tau_m - tau_s) / (tau_m * tau_s) / (math.exp(-peak / tau_m) - math.exp(-peak / tau_s))
    cell = {"C_m": capacitance, "tau_m": tau_m, "E_L": -65.0, "V_th": -50.0, "V_reset": -65.0, "t_ref": 2.0}
    cell |= {"tau_syn_ex": tau_s, "tau_syn_in": tau_s}
    populations = {}
    for name, size, (mean, deviation), inputs in zip(NAMES, SIZES, START, EXTERNAL):
        neurons = nest.Create("iaf_psc_exp", round(options.scale * size), cell)
        neurons.V_m = nest.random.normal(mean, deviation)
        background = nest.Create("poisson_generator", 1, {"rate": 8.0 * inputs})
        nest.Connect(background, neurons, "all_to_all", {"weight": one, "delay": 1.5})
        populations[name] = neurons
    for t, target in enumerate(NAMES):
        for s, source in enumerate(NAMES):
            if PROBABILITY[t][s] == 0.0:
                continue
            number = math.log1p(-PROBABILITY[t][s]) / math.log1p(-1.0 / (SIZES[t] * SIZES[s]))
            inhibits = source.endswith("I")
            mean = one * (-4.0 if inhibits else 2.0 if (target, source) == ("L23E", "L4E") else 1.0)
            limits = {"max": 0.0} if inhibits else {"min": 0.0}
            delay = 0.75 if inhibits else 1.5
            synapse = {
                "weight": nest.math.redraw(nest.random.normal(mean, abs(0.1 * mean)), **({"min": -numpy.inf, "max": numpy.inf} | limits)),
                # Drawn again below half a step: rounded delays begin at one step.
                "delay": nest.math.redraw(nest.random.normal(delay, 0.5 * delay), min=0.05, max=numpy.inf),
            }
            rule = {"rule": "fixed_total_number", "N": round(options.scale * number), "allow_autapses": True, "allow_multapses": True}
            nest.Connect(populations[source], populations[target], rule, synapse)
    return populations


def main():
    networks = {"brunel": brunel, "coba": coba, "cuba": cuba, "microcircuit": microcircuit}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=networks)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--duration", type=float, default=1000.0, help="ms")
    parser.add_argument("--size", type=int, default=4000)
    parser.add_argument("--scale", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.SetKernelStatus({"resolution": 0.1, "local_num_threads": options.threads, "rng_seed": options.seed, "print_time": False})

    start = time.perf_counter()
    populations = networks[options.network](options)
    recorders = {}
    for name, neurons in populations.items():
        recorders[name] = nest.Create("spike_recorder")
        nest.Connect(neurons, recorders[name])
    synapses = nest.GetKernelStatus("num_connections")
    nest.Prepare()
    built = time.perf_counter()
    nest.Run(options.duration)
    done = time.perf_counter()
    nest.Cleanup()
    seconds = options.duration / 1000.0
    print(json.dumps({
        "simulator": "NEST", "version": nest.__version__, "network": options.network, "threads": options.threads,
        "neurons": sum(map(len, populations.values())), "connections": synapses,
        "build_s": round(built - start, 3), "run_s": round(done - built, 3), "simulated_s": seconds,
        "peak_rss_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "rate_hz": {name: round(recorders[name].n_events / len(populations[name]) / seconds, 3) for name in populations},
    }))


if __name__ == "__main__":
    main()
