: Potassium current that calcium opens (SK_E2).
: Hay et al. (2011), doi:10.1371/journal.pcbi.1002107. Rates hold at 34 degC and do not follow the cell's temperature.
NEURON {
    THREADSAFE
    SUFFIX calcium_activated_potassium
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gbar
}
PARAMETER { gbar = 0 (S/cm2) }
ASSIGNED {
    v (mV)
    ik (mA/cm2)
    ek (mV)
    cai (mM)
    z_limit z_rate
}
STATE { z }
INITIAL {
    rates(cai)
    z = z_limit
}
BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gbar*z*(v - ek)
}
DERIVATIVE gates {
    rates(cai)
    z' = (z_limit - z)*z_rate
}
UNITSOFF
PROCEDURE rates(c) {
    if (c < 1e-7) { c = 1e-7 }
    z_limit = 1/(1 + (0.00043/c)^4.8)
    z_rate = 1
}
UNITSON
