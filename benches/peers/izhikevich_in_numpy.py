"""The network of Izhikevich (2003) by the paper's recipe, for 1 s: rates of excitatory and inhibitory neurons, Hz, over seeds.

    python izhikevich_in_numpy.py [--seeds 20]
"""

import argparse

import numpy

parser = argparse.ArgumentParser()
parser.add_argument("--seeds", type=int, default=20)
EXCITATORY, INHIBITORY, STEPS = 800, 200, 1000


def rates(seed):
    random = numpy.random.default_rng(seed)
    r_excitatory, r_inhibitory = random.random(EXCITATORY), random.random(INHIBITORY)
    a = numpy.r_[numpy.full(EXCITATORY, 0.02), 0.02 + 0.08 * r_inhibitory]
    b = numpy.r_[numpy.full(EXCITATORY, 0.2), 0.25 - 0.05 * r_inhibitory]
    c = numpy.r_[-65 + 15 * r_excitatory**2, numpy.full(INHIBITORY, -65.0)]
    d = numpy.r_[8 - 6 * r_excitatory**2, numpy.full(INHIBITORY, 2.0)]
    everyone = EXCITATORY + INHIBITORY
    weights = numpy.c_[0.5 * random.random((everyone, EXCITATORY)), -random.random((everyone, INHIBITORY))]
    v = numpy.full(everyone, -65.0)
    u = b * v
    spikes = numpy.zeros(everyone)
    for _ in range(STEPS):
        current = numpy.r_[5 * random.standard_normal(EXCITATORY), 2 * random.standard_normal(INHIBITORY)]
        fired = v >= 30
        spikes += fired
        v[fired] = c[fired]
        u[fired] += d[fired]
        current += weights[:, fired].sum(axis=1)
        for _ in range(2):
            v += 0.5 * (0.04 * v * v + 5 * v + 140 - u + current)
        u += a * (b * v - u)
    return spikes[:EXCITATORY].mean(), spikes[EXCITATORY:].mean()


found = numpy.array([rates(seed) for seed in range(1, parser.parse_args().seeds + 1)])
print("mean", found.mean(axis=0), "standard deviation", found.std(axis=0, ddof=1))
