#!/usr/bin/env python3
"""The worm of assets/experiments/worm.ron in SciPy: a stiff solver of variable order (BDF) with the exact Jacobian.

    neuropil convert assets/connectomes/celegans_varshney2011.connectome varshney.ron
    neuropil convert assets/connectomes/celegans.connectome cook.ron
    python3 benches/peers/worm_in_scipy.py varshney.ron cook.ron [SEEDS]

For each arm and seed of the initial potentials: shares of the leading modes of the motor neurons' potentials, 11 to 16 s, the
period and the standard deviation, means over these neurons. Needs NumPy and SciPy.
"""

import re
import sys

import numpy as np
from scipy.integrate import solve_ivp

C, LEAK, E_LEAK, E_INHIBITORY = 1.5, 0.01, -35.0, -48.0  # pF, nS, mV; excitation reverses at 0 mV
RISE, DECAY, STEEPNESS = 1 / 1500, 1 / 300, 0.125  # 1/ms, 1/mV
INHIBITORY = {"DD", "VD", "RME", "RIS", "AVL", "DVB"}
MOTOR = {"DA", "DB", "DD", "VA", "VB", "VD", "AS"}


# nS: a contact of Varshney et al. 2011, and a section of Cook et al. 2019 such that the sums over the body are the same.
CONTACT = {"chemical": 0.1, "electrical": 0.1}
SECTION = {"chemical": 0.1 * 6394 / 20130, "electrical": 0.1 * 887 / 4668}


def read(path):
    """Types of the neurons, chemical and electrical conductances in nS: rows receive."""
    lines = open(path, encoding="utf-8").read().splitlines()
    kind = {}
    for line in lines:
        node = re.match(r'\s*\(name: ?"([^"]+)".*?[( ]type: ?"([^"]+)"', line)
        if node and '"neuron": 1' in line:
            kind[node[1]] = node[2]
    row = {name: i for i, name in enumerate(kind)}
    conductance = {"chemical": np.zeros((len(row), len(row))), "electrical": np.zeros((len(row), len(row)))}
    for line in lines:
        edge = re.match(r'\s*\(source: ?"([^"]+)", ?target: ?"([^"]+)", ?kind: ?(\w+), ?count: ?(\d+)', line)
        if edge and edge[1] in row and edge[2] in row and edge[1] != edge[2]:
            one = (CONTACT if '"Varshney 2011"' in line else SECTION)[edge[3]]
            conductance[edge[3]][row[edge[2]], row[edge[1]]] += one * int(edge[4])
    electrical = conductance["electrical"]
    return np.array(list(kind.values())), conductance["chemical"], electrical + electrical.T


def period(values):
    """Lag of the second peak of the autocorrelation, halved; of least squares over 5 % of the lag. In ms."""
    values = values - values.mean()
    if not values.any():
        return float("nan")
    correlation = np.array([(values[: len(values) - lag] * values[lag:]).mean() for lag in range(len(values) * 3 // 4)]) / values.var()
    below = np.flatnonzero(correlation < 0)
    first = below[0] + correlation[below[0] : len(values) // 2].argmax() if len(below) and below[0] < len(values) // 2 else 0
    if correlation[first] <= 0.2 or first == 0 or 2.1 * first >= len(correlation):
        return float("nan")
    second = round(1.9 * first) + correlation[round(1.9 * first) : round(2.1 * first)].argmax()
    lags = np.arange(second - first // 20, min(second + first // 20 + 1, len(correlation)))
    a, b, _ = np.polyfit(lags - second, correlation[lags], 2)
    return 10 * (second - b / (2 * a)) / 2


def arm(label, types, synapses, gaps, stimulated, current, ablated, seed):
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

    start = np.concatenate([np.random.default_rng(seed).normal(0, 1, n), np.full(n, 1 / 11)])
    times = np.arange(11000, 16000, 10.0)
    solved = solve_ivp(slope, (0, 16000), start, method="BDF", jac=jacobian, rtol=1e-6, atol=1e-6, t_eval=times)
    potentials = solved.y[:n].T[:, np.isin(types, list(MOTOR))]
    values = np.linalg.svd(potentials - potentials.mean(0), compute_uv=False)
    share, rhythm = values**2 / (values**2).sum(), np.mean([period(neuron) for neuron in potentials.T])
    print(f"{label:14} seed {seed}   modes {share[0]:.3f} {share[1]:.3f} (sum {share[:2].sum():.3f})   period {rhythm:6.1f} ms   sd {potentials.std(0).mean():.4g} mV", flush=True)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    varshney, cook = read(sys.argv[1]), read(sys.argv[2])
    for types, synapses, gaps in (varshney, cook):
        print(len(types), "neurons,", (synapses > 0).sum(), "chemical and", (gaps > 0).sum() // 2, "electrical connections")
    for seed in range(1, 1 + int(sys.argv[3] if len(sys.argv) == 4 else 1)):
        for label, wiring, stimulated, current, ablated in (
            ("intact", varshney, "PLM", 2000.0, ""),
            ("without AVA", varshney, "PLM", 2000.0, "AVA"),
            ("without AVB", varshney, "PLM", 2000.0, "AVB"),
            ("without PVC", varshney, "PLM", 2000.0, "PVC"),
            ("weak", varshney, "PLM", 1000.0, ""),
            ("Cook 2019", cook, "PLM", 2000.0, ""),
            ("Cook 2019, PVC", cook, "PVC", 7500.0, ""),
        ):
            arm(label, *wiring, stimulated, current, ablated, seed)
