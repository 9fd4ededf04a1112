: Fast potassium current (SKv3_1).
: Hay et al. (2011), doi:10.1371/journal.pcbi.1002107. Rates hold at 34 degC and do not follow the cell's temperature.
NEURON {
    THREADSAFE
    SUFFIX fast_potassium
    USEION k READ ek WRITE ik
    RANGE gbar
}
PARAMETER { gbar = 0 (S/cm2) }
ASSIGNED {
    v (mV)
    ik (mA/cm2)
    ek (mV)
    m_limit m_rate
}
STATE { m }
INITIAL {
    rates(v)
    m = m_limit
}
BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gbar*m*(v - ek)
}
DERIVATIVE gates {
    rates(v)
    m' = (m_limit - m)*m_rate
}
UNITSOFF
PROCEDURE rates(u) {
    m_limit = 1/(1 + exp(-(u - 18.7)/9.7))
    m_rate = (1 + exp(-(u + 46.56)/44.14))/4
}
UNITSON
