: Calcium current of high threshold (Ca_HVA).
: Hay et al. (2011), doi:10.1371/journal.pcbi.1002107. Rates hold at 34 degC and do not follow the cell's temperature.
NEURON {
    THREADSAFE
    SUFFIX high_voltage_calcium
    USEION ca READ eca WRITE ica
    RANGE gbar
}
PARAMETER { gbar = 0 (S/cm2) }
ASSIGNED {
    v (mV)
    ica (mA/cm2)
    eca (mV)
    m_limit m_rate h_limit h_rate
}
STATE { m h }
INITIAL {
    rates(v)
    m = m_limit
    h = h_limit
}
BREAKPOINT {
    SOLVE gates METHOD cnexp
    ica = gbar*m*m*h*(v - eca)
}
DERIVATIVE gates {
    rates(v)
    m' = (m_limit - m)*m_rate
    h' = (h_limit - h)*h_rate
}
UNITSOFF
PROCEDURE rates(u) {
    LOCAL opening, closing
    opening = 0.209*linoid((u + 27)/3.8)
    closing = 0.94*exp(-(u + 75)/17)
    m_rate = opening + closing
    m_limit = opening/(opening + closing)
    opening = 0.000457*exp(-(u + 13)/50)
    closing = 0.0065/(1 + exp(-(u + 15)/28))
    h_rate = opening + closing
    h_limit = opening/(opening + closing)
}
: x/(1 - exp(-x)), by its series near 0
FUNCTION linoid(x) {
    if (fabs(x) < 1e-5) { linoid = 1 + x/2 } else { linoid = x/(1 - exp(-x)) }
}
UNITSON
