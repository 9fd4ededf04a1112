#!/usr/bin/env python3
"""The worm of assets/experiments/worm.ron in SciPy: a stiff solver of variable order (BDF) with the exact Jacobian.

    neuropil convert assets/connectomes/celegans.connectome celegans.ron
    python3 benches/peers/worm_in_scipy.py celegans.ron

For each arm: shares of the leading modes of the motor neurons' potentials, 11 to 16 s, the period of the first mode and the
largest standard deviation. Needs NumPy and SciPy.
"""

import re
import sys

import numpy as np
from scipy.integrate import solve_ivp

C, LEAK, E_LEAK, E_INHIBITORY = 1.5, 0.01, -35.0, -48.0  # pF, nS, mV; excitation reverses at 0 mV
RISE, DECAY, STEEPNESS = 1 / 1500, 1 / 300, 0.125  # 1/ms, 1/mV
INHIBITORY = {"DD", "VD", "RME", "RIS", "AVL", "DVB"}
MOTOR = {"DA", "DB", "DD", "VA", "VB", "VD", "AS"}


def read(path):
    """Names, types, and matrices of sections: rows receive."""
    lines = open(path, encoding="utf-8").read().splitlines()
    kind = {}
    for line in lines:
        node = re.match(r'\s*\(name: ?"([^"]+)".*?[( ]type: ?"([^"]+)"', line)
        if node and '"neuron": 1' in line and '"pharynx": 0' in line and node[1] not in ("CANL", "CANR", "VC06"):
            kind[node[1]] = node[2]
    names = list(kind)
    row = {name: i for i, name in enumerate(names)}
    chemical, electrical = np.zeros((2, len(names), len(names)))
    for line in lines:
        edge = re.match(r'\s*\(source: ?"([^"]+)", ?target: ?"([^"]+)", ?kind: ?(\w+), ?count: ?(\d+)', line)
        if edge and edge[1] in row and edge[2] in row and edge[1] != edge[2]:
            a, b, count = row[edge[1]], row[edge[2]], int(edge[4])
            if edge[3] == "chemical":
                chemical[b, a] += count
            else:
                electrical[a, b] += count
                electrical[b, a] += count
    return names, np.array([kind[name] for name in names]), chemical * (0.1 * 6394 / 20130), electrical * (0.1 * 887 / 4668)


def arm(label, types, synapses, gaps, stimulated, current, ablated=""):
    here = types != ablated
    types, synapses, gaps = types[here], synapses[np.ix_(here, here)], gaps[np.ix_(here, here)]
    n, injected = len(types), np.where(types == stimulated, current, 0.0)
    reversing = synapses * np.where(np.isin(types, list(INHIBITORY)), E_INHIBITORY, 0.0)
    half, joined = RISE / (RISE + 2 * DECAY), LEAK + gaps.sum(1)
    at_rest = np.diag(joined + half * synapses.sum(1)) - gaps
    threshold = np.linalg.solve(at_rest, LEAK * E_LEAK + half * reversing.sum(1) + injected)
    index = np.arange(n)

    def opening(v):
        return 1 / (1 + np.exp(np.clip(-STEEPNESS * (v - threshold), -700, 700)))

    def slope(_, y):
        v, s = y[:n], y[n:]
        current = LEAK * E_LEAK - joined * v + gaps @ v + reversing @ s - (synapses @ s) * v + injected
        return np.concatenate([current / C, RISE * opening(v) * (1 - s) - DECAY * s])

    def jacobian(_, y):
        v, s, open_ = y[:n], y[n:], opening(y[:n])
        matrix = np.zeros((2 * n, 2 * n))
        matrix[:n, :n] = (gaps - np.diag(joined + synapses @ s)) / C
        matrix[:n, n:] = (reversing - synapses * v[:, None]) / C
        matrix[n + index, index] = RISE * STEEPNESS * open_ * (1 - open_) * (1 - s)
        matrix[n + index, n + index] = -RISE * open_ - DECAY
        return matrix

    start = np.concatenate([np.random.default_rng(1).normal(0, 1, n), np.full(n, 1 / 11)])
    times = np.arange(11000, 16000, 10.0)
    solved = solve_ivp(slope, (0, 16000), start, method="BDF", jac=jacobian, rtol=1e-6, atol=1e-6, t_eval=times)
    potentials = solved.y[:n].T[:, np.isin(types, list(MOTOR))]
    potentials = potentials - potentials.mean(0)
    modes, values, _ = np.linalg.svd(potentials, full_matrices=False)
    share = values**2 / (values**2).sum()
    first = modes[:, 0]
    up = np.flatnonzero((first[:-1] < 0) & (first[1:] >= 0))
    crossing = times[up] + 10 * first[up] / (first[up] - first[up + 1])
    period = np.diff(crossing).mean() if len(crossing) > 1 else float("nan")
    print(f"{label:12} modes {share[0]:.3f} {share[1]:.3f} (sum {share[:2].sum():.3f})   period {period:7.1f} ms   largest sd {potentials.std(0).max():.4g} mV", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    names, types, synapses, gaps = read(sys.argv[1])
    print(len(names), "neurons,", (synapses > 0).sum(), "chemical and", (gaps > 0).sum() // 2, "electrical connections")
    for label, stimulated, current, ablated in (
        ("intact", "PVC", 7500.0, ""),
        ("without AVA", "PVC", 7500.0, "AVA"),
        ("without AVB", "PVC", 7500.0, "AVB"),
        ("touch", "PLM", 2000.0, ""),
    ):
        arm(label, types, synapses, gaps, stimulated, current, ablated)
