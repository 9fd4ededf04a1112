"""The fly's brain of assets/experiments/fly.ron in Brian2: one JSON line with times and spikes.

    python fly_in_brian2.py nodes.parquet edges.parquet [--threads 2] [--duration 1000] [--rate 100] [--folder brian2_code]

`nodes` has a column `root_id`, `edges` the columns `pre` and `post` (rows of `nodes`), `count` and `sign`. The equations are those of Shiu PK et al.
(2024), doi:10.1038/s41586-024-07763-9. C++ is generated and compiled once, which is not counted. Needs pyarrow and pandas too.
"""

import argparse
import json
import pathlib
import re
import resource
import time

import brian2
import pyarrow.parquet
from brian2 import Hz, Network, NeuronGroup, PoissonInput, SpikeMonitor, Synapses, defaultclock, ms, mV

parser = argparse.ArgumentParser()
parser.add_argument("nodes")
parser.add_argument("edges")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--duration", type=float, default=1000)
parser.add_argument("--rate", type=float, default=100)
parser.add_argument("--folder", default="brian2_code")
options = parser.parse_args()

experiment = pathlib.Path(__file__).parents[2] / "assets/experiments/fly.ron"
sugar = re.search(r'"sugar": \[(.*?)\]', experiment.read_text(), re.DOTALL)
names = {int(name) for name in re.findall(r"'(\d+)'", sugar.group(1))}
root_id = pyarrow.parquet.read_table(options.nodes)["root_id"].to_pylist()
driven = [row for row, name in enumerate(root_id) if name in names]
edges = pyarrow.parquet.read_table(options.edges).to_pandas()

brian2.set_device("cpp_standalone", directory=options.folder, build_on_run=False)
brian2.prefs.devices.cpp_standalone.openmp_threads = options.threads if options.threads > 1 else 0
defaultclock.dt = 0.1 * ms
equations = """
dv/dt = (-52*mV - v + g) / (20*ms) : volt (unless refractory)
dg/dt = -g / (5*ms) : volt (unless refractory)
rfc : second
"""
neurons = NeuronGroup(len(root_id), equations, threshold="v > -45*mV", reset="v = -52*mV; g = 0*mV", refractory="rfc", method="linear")
neurons.v = -52 * mV
neurons.rfc = 2.2 * ms
synapses = Synapses(neurons, neurons, "w : volt", on_pre="g += w", delay=1.8 * ms)
synapses.connect(i=edges["pre"].to_numpy().astype(int), j=edges["post"].to_numpy().astype(int))
synapses.w = edges["count"].to_numpy() * brian2.np.where(edges["sign"].to_numpy() < 0, -1, 1) * 0.275 * mV
for row in driven:
    neurons[row].rfc = 0 * ms
kicks = [PoissonInput(neurons[row : row + 1], "v", 1, options.rate * Hz, weight=250 * 0.275 * mV) for row in driven]
monitor = SpikeMonitor(neurons)
network = Network(neurons, synapses, monitor, *kicks)
network.run(options.duration * ms)
brian2.device.build(directory=options.folder, compile=True, run=False, debug=False)
start = time.monotonic()
brian2.device.run(options.folder, with_output=False, run_args=[])
wall = time.monotonic() - start
print(json.dumps({
    "simulator": f"Brian2 {brian2.__version__}", "network": "fly", "threads": options.threads, "run_s": brian2.device._last_run_time,
    "whole_s": wall, "spikes": int(monitor.num_spikes), "peak_rss_bytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024,
}))
