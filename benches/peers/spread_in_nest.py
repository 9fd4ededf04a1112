"""Statistics of one seed of a network of `in_nest.py` in NEST, between two times in ms: one JSON line.

    python spread_in_nest.py brunel|coba|cuba SEED START STOP

Rates in Hz, their standard deviation over neurons, the CV of intervals over neurons with at least three spikes, and the variance over
mean of the population's spikes in bins of 2, 3 and 5 ms. One thread, steps of 0.1 ms.
"""

import argparse
import json
import os
import sys

os.environ["PYNEST_QUIET"] = "1"  # no banner before the JSON line

import nest
import numpy

import in_nest

name, seed, start, stop = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
nest.ResetKernel()
nest.resolution, nest.local_num_threads, nest.rng_seed = 0.1, 1, seed
populations = getattr(in_nest, name)(argparse.Namespace(size=4000, scale=1.0))
recorders = {}
for population, neurons in populations.items():
    recorders[population] = nest.Create("spike_recorder")
    nest.Connect(neurons, recorders[population])
nest.Simulate(stop)

result = {"network": name, "seed": seed}
for population, neurons in populations.items():
    events = recorders[population].events
    counted = (events["times"] > start + 1e-6) & (events["times"] <= stop + 1e-6)
    times, senders = events["times"][counted], events["senders"][counted] - min(neurons.tolist())
    counts = numpy.bincount(senders, minlength=len(neurons))
    times = times[numpy.lexsort((times, senders))]
    trains = numpy.split(times, numpy.cumsum(counts)[:-1])
    intervals = [numpy.diff(train) for train in trains if len(train) >= 3]
    factors = {}
    for width in (2, 3, 5):
        bins = int((stop - start) / width + 1e-9)
        # Spikes lie on the grid: half a step away from the edges of bins.
        binned = numpy.bincount(((times - start - 0.05) // width).astype(int), minlength=bins)[:bins]
        factors[width] = binned.var() / binned.mean()
    duration = (stop - start) / 1000
    result[population] = {
        "rate": len(times) / len(neurons) / duration,
        "rate_sd": counts.std() / duration,
        "cv": numpy.mean([train.std() / train.mean() for train in intervals]),
        "variance_over_mean": factors,
    }
print(json.dumps(result))
