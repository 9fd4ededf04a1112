: Cation current that hyperpolarisation opens (Ih).
: Hay et al. (2011), doi:10.1371/journal.pcbi.1002107. Rates hold at 34 degC and do not follow the cell's temperature.
NEURON {
    THREADSAFE
    SUFFIX hyperpolarisation_cation
    NONSPECIFIC_CURRENT i
    RANGE gbar
}
PARAMETER { gbar = 0 (S/cm2) }
ASSIGNED {
    v (mV)
    i (mA/cm2)
    m_limit m_rate
}
STATE { m }
INITIAL {
    rates(v)
    m = m_limit
}
BREAKPOINT {
    SOLVE gates METHOD cnexp
    i = gbar*m*(v - (-45))
}
DERIVATIVE gates {
    rates(v)
    m' = (m_limit - m)*m_rate
}
UNITSOFF
PROCEDURE rates(u) {
    LOCAL opening, closing
    opening = 0.076517*linoid(-(u + 154.9)/11.9)
    closing = 0.193*exp(u/33.1)
    m_rate = opening + closing
    m_limit = opening/(opening + closing)
}
: x/(1 - exp(-x)), by its series near 0
FUNCTION linoid(x) {
    if (fabs(x) < 1e-5) { linoid = 1 + x/2 } else { linoid = x/(1 - exp(-x)) }
}
UNITSON
