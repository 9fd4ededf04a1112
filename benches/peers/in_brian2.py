"""The networks of assets/experiments in Brian2: one JSON line with times and rates.

    python in_brian2.py brunel|coba|cuba [--threads 2] [--duration 1000] [--size 4000] [--seed 1] [--folder brian2_code]

Code is generated as C++, compiled once, and run as a program of its own; compiling is not counted. With `--threads` above 1 it uses OpenMP.
`--size` holds for coba and cuba.
"""

import argparse
import json
import resource
import time

import brian2
from brian2 import Hz, Network, NeuronGroup, PoissonGroup, PoissonInput, SpikeMonitor, Synapses, defaultclock, ms, mV, nS, pA, pF


def joined(sources, targets, inputs, effect, delay, seed):
    """Fixed in-degrees, drawn with replacement. Without a delay a spike acts in the next step, at once after the present one."""
    random = brian2.np.random.default_rng(seed)
    synapses = Synapses(sources, targets, on_pre=effect, **({"delay": delay} if delay is not None else {}))
    here = random.integers(0, len(sources), size=inputs * len(targets))
    synapses.connect(i=here, j=brian2.np.repeat(brian2.np.arange(len(targets)), inputs))
    return synapses


def brunel(options):
    neurons = NeuronGroup(12_500, "dv/dt = -v / (20*ms) : volt (unless refractory)", threshold="v >= 20*mV", reset="v = 10*mV",
                          refractory=2 * ms, method="exact")
    excitatory, inhibitory = neurons[:10_000], neurons[10_000:]
    background = PoissonInput(neurons, "v", 1000, 20 * Hz, weight=0.1 * mV)
    parts = [joined(excitatory, neurons, 1000, "v_post += 0.1*mV", 1.5 * ms, options.seed),
             joined(inhibitory, neurons, 250, "v_post -= 0.5*mV", 1.5 * ms, options.seed + 1)]
    return {"excitatory": excitatory, "inhibitory": inhibitory}, [neurons, background, *parts]


def coba(options):
    equations = """
    dv/dt = (10*nS * (-60*mV - v) + ge * (0*mV - v) + gi * (-80*mV - v)) / (200*pF) : volt (unless refractory)
    dge/dt = -ge / (5*ms) : siemens
    dgi/dt = -gi / (10*ms) : siemens
    """
    neurons = NeuronGroup(options.size, equations, threshold="v >= -50*mV", reset="v = -60*mV", refractory=5 * ms, method="exponential_euler")
    neurons.v = "-65*mV + 5*mV*randn()"
    excitatory, inhibitory = neurons[:round(0.8 * options.size)], neurons[round(0.8 * options.size):]
    kick = PoissonGroup(50, rates="300*Hz * int(t >= 1*ms and t < 51*ms)")
    start = Synapses(kick, excitatory[:50], on_pre="ge_post += 6*nS")
    start.connect(j="i")
    parts = [joined(excitatory, neurons, 64, "ge_post += 6*nS", None, options.seed),
             joined(inhibitory, neurons, 16, "gi_post += 67*nS", None, options.seed + 1)]
    return {"excitatory": excitatory, "inhibitory": inhibitory}, [neurons, kick, start, *parts]


def cuba(options):
    equations = """
    dv/dt = (-49*mV - v) / (20*ms) + (ie + ii) / (200*pF) : volt (unless refractory)
    die/dt = -ie / (5*ms) : amp
    dii/dt = -ii / (10*ms) : amp
    """
    neurons = NeuronGroup(options.size, equations, threshold="v >= -50*mV", reset="v = -60*mV", refractory=5 * ms, method="exact")
    neurons.v = "-60*mV + 10*mV*rand()"
    excitatory, inhibitory = neurons[:round(0.8 * options.size)], neurons[round(0.8 * options.size):]
    parts = [joined(excitatory, neurons, 64, "ie_post += 16.2*pA", None, options.seed),
             joined(inhibitory, neurons, 16, "ii_post -= 90*pA", None, options.seed + 1)]
    return {"excitatory": excitatory, "inhibitory": inhibitory}, [neurons, *parts]


def main():
    networks = {"brunel": brunel, "coba": coba, "cuba": cuba}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=networks)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--duration", type=float, default=1000.0, help="ms")
    parser.add_argument("--size", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", default="brian2_code", help="where the generated program goes")
    options = parser.parse_args()
    brian2.set_device("cpp_standalone", build_on_run=False)
    brian2.prefs.devices.cpp_standalone.openmp_threads = 0 if options.threads == 1 else options.threads
    brian2.seed(options.seed)
    defaultclock.dt = 0.1 * ms

    start = time.perf_counter()
    populations, parts = networks[options.network](options)
    monitors = {name: SpikeMonitor(neurons, record=False) for name, neurons in populations.items()}
    network = Network(*parts, *monitors.values())
    network.run(options.duration * ms)
    brian2.device.build(directory=options.folder, compile=True, run=False)
    built = time.perf_counter()
    brian2.device.run(directory=options.folder)
    done = time.perf_counter()
    seconds = options.duration / 1000.0
    print(json.dumps({
        "simulator": "Brian2", "version": brian2.__version__, "network": options.network, "threads": options.threads,
        "neurons": sum(map(len, populations.values())), "generate_and_compile_s": round(built - start, 3),
        # The simulation itself, as the generated program measures it; the program as a whole also makes synapses and writes files.
        "run_s": round(float(brian2.device._last_run_time), 3), "program_s": round(done - built, 3), "simulated_s": seconds,
        "peak_rss_bytes": 1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
        "rate_hz": {name: round(monitors[name].num_spikes / len(populations[name]) / seconds, 3) for name in populations},
    }))


if __name__ == "__main__":
    main()
