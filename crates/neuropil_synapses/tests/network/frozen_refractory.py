#!/usr/bin/env python3
"""Expected counts of frozen_refractory.rs: the rules of Shiu et al. 2024, in double precision, by NumPy alone.

A step: state, threshold (strict), arrivals, kicks, reset. Prints spike counts of all cells and how close to the threshold any
potential came: far enough for rounding not to decide.
"""
import numpy as np

n, stimulated, dt, tau_m, tau_s = 150, 6, 0.1, 20.0, 5.0
delay, refractory, steps = 18, 22, 5000
state = 12345


def draw(below):
    """A linear congruential generator modulo 2^32; the upper bits of its state."""
    global state
    state = (1664525 * state + 1013904223) % 2**32
    return (state >> 8) % below


edges = []
for source in range(n):
    for _ in range(20):
        target = draw(n)
        size = 1 + draw(70)
        if target >= stimulated and target != source:
            edges.append((source, target, -size if source % 5 == 4 else size))

v, g, count = np.zeros(n), np.zeros(n), np.zeros(n, int)
last, rest = np.full(n, -(10**6)), np.full(n, refractory)
rest[:stimulated] = 0
P = np.exp(-dt / tau_m)
Q = np.exp(-dt / tau_s)
R = tau_s / (tau_s - tau_m) * (Q - P)
spikes, margin = [], 1.0
for t in range(1, steps + 1):
    able = t - last >= rest
    v = np.where(able, v * P + g * R, v)
    g = np.where(able, g * Q, g)
    margin = min(margin, abs(v[able] - 7.0).min())
    fired = able & (v > 7.0)
    last[fired] = t
    count += fired
    able = (t - last >= rest) & ~fired
    arrive = [s for at, s in spikes if at + delay == t]
    spikes = [(at, s) for at, s in spikes if at + delay > t]
    for source, target, size in edges:
        if source in arrive and able[target]:
            g[target] += 0.275 * size
    for cell in range(stimulated):
        if (t - 5 * cell) % 100 == 0 and able[cell]:
            v[cell] += 68.75
    v[fired] = 0.0
    g[fired] = 0.0
    spikes += [(t, s) for s in np.flatnonzero(fired)]
print(list(map(int, count)))
print("spikes", count.sum(), "active", (count > 0).sum(), "least distance to the threshold", margin)
