#!/usr/bin/env python3
"""Reference solutions of electrical.rs and graded.rs: the equations as published, by SciPy's LSODA with tolerances of 1e-11."""
import numpy as np
from scipy.integrate import solve_ivp


def hodgkin_huxley(t, y, bias, gap):
    V, m, h, n = y.reshape(4, 2)
    am = 0.1 * (V + 40) / (1 - np.exp(-(V + 40) / 10))
    bm = 4 * np.exp(-(V + 65) / 18)
    ah = 0.07 * np.exp(-(V + 65) / 20)
    bh = 1 / (1 + np.exp(-(V + 35) / 10))
    an = 0.01 * (V + 55) / (1 - np.exp(-(V + 55) / 10))
    bn = 0.125 * np.exp(-(V + 65) / 80)
    ionic = 12000 * m**3 * h * (V - 50) + 3600 * n**4 * (V + 77) + 30 * (V + 54.402)
    dV = (-ionic + bias + gap * (V[::-1] - V)) / 100
    return np.concatenate([dV, am * (1 - m) - bm * m, ah * (1 - h) - bh * h, an * (1 - n) - bn * n])


V = np.array([-65.0, -65.0])
am = 0.1 * (V + 40) / (1 - np.exp(-(V + 40) / 10))
bm = 4 * np.exp(-(V + 65) / 18)
ah = 0.07 * np.exp(-(V + 65) / 20)
bh = 1 / (1 + np.exp(-(V + 35) / 10))
an = 0.01 * (V + 55) / (1 - np.exp(-(V + 55) / 10))
bn = 0.125 * np.exp(-(V + 65) / 80)
y0 = np.concatenate([V, am / (am + bm), ah / (ah + bh), an / (an + bn)])
bias = np.array([1000.0, 300.0])
crossing = [lambda t, y, bias, gap, k=k: y[k] for k in range(2)]
for c in crossing:
    c.direction = 1
s = solve_ivp(hodgkin_huxley, (0, 100), y0, "LSODA", rtol=1e-11, atol=1e-11, args=(bias, 20.0), events=crossing, max_step=0.05)
print("upward crossings of 0 mV, coupled", [list(np.round(e, 4)) for e in s.t_events])
s = solve_ivp(hodgkin_huxley, (0, 100), y0, "LSODA", rtol=1e-11, atol=1e-11, args=(bias, 0.0), events=crossing, max_step=0.05)
print("upward crossings of 0 mV, apart", [list(np.round(e, 4)) for e in s.t_events])

# Graded neurons: three, 0 -> 1 excitatory 0.3 nS, 1 -> 2 inhibitory 0.5 nS, 2 -> 0 excitatory 0.2 nS, gap 0-2 of 0.1 nS, 3 pA into 0.
C, G, E, Ee, Ei, ar, ad, beta, half = 1.5, 0.01, -35.0, 0.0, -48.0, 1 / 1500, 1 / 300, 0.125, np.array([-35.0, -33.0, -30.0])


def graded(t, y):
    V, s = y[:3], y[3:]
    ge = np.array([0.2 * s[2], 0.3 * s[0], 0.0])
    gi = np.array([0.0, 0.0, 0.5 * s[1]])
    gap = 0.1 * np.array([V[2] - V[0], 0.0, V[0] - V[2]])
    dV = (-G * (V - E) - ge * (V - Ee) - gi * (V - Ei) + gap + np.array([3.0, 0, 0])) / C
    phi = 1 / (1 + np.exp(-beta * (V - half)))
    return np.concatenate([dV, ar * phi * (1 - s) - ad * s])


y = solve_ivp(graded, (0, 300), np.concatenate([[E] * 3, [0.0] * 3]), "LSODA", rtol=1e-11, atol=1e-12).y[:, -1]
print("graded after 300 ms", list(map(float, y)))
se = ar / (ar + 2 * ad)
A = np.diag([G + 0.2 * se + 0.1, G + 0.3 * se, G + 0.5 * se + 0.1]) - 0.1 * np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0]])
print("thresholds at equilibrium", list(map(float, np.linalg.solve(A, G * E + np.array([3.0, 0, 0.5 * se * Ei])))))
x = np.zeros(3)
W = np.array([[0, 0, -0.7], [1.5, 0, 0], [0.4, 1.1, 0]])
past = [x.copy()] * 4
for _ in range(200):
    h = W @ past[-3]
    P = np.exp(-0.5 * 0.1 / 20.0)
    x = P * x + (1 - P) / 0.5 * (0.8 * np.array([1, 0, 0]) + np.minimum(np.maximum(1.2 * (h - 0.1), 0), 0.9))
    past.append(x.copy())
print("rates after 200 steps", list(map(float, x)))
