: Fast sodium current that inactivates (NaTa_t).
: Hay et al. (2011), doi:10.1371/journal.pcbi.1002107. Rates hold at 34 degC and do not follow the cell's temperature.
NEURON {
    THREADSAFE
    SUFFIX transient_sodium
    USEION na READ ena WRITE ina
    RANGE gbar
}
PARAMETER { gbar = 0 (S/cm2) }
ASSIGNED {
    v (mV)
    ina (mA/cm2)
    ena (mV)
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
    ina = gbar*m*m*m*h*(v - ena)
}
DERIVATIVE gates {
    rates(v)
    m' = (m_limit - m)*m_rate
    h' = (h_limit - h)*h_rate
}
UNITSOFF
PROCEDURE rates(u) {
    LOCAL opening, closing, q
    q = 2.952883
    opening = 1.092*linoid((u + 38)/6)
    closing = 0.744*linoid(-(u + 38)/6)
    m_rate = (opening + closing)*q
    m_limit = opening/(opening + closing)
    opening = 0.09*linoid(-(u + 66)/6)
    closing = 0.09*linoid((u + 66)/6)
    h_rate = (opening + closing)*q
    h_limit = opening/(opening + closing)
}
: x/(1 - exp(-x)), by its series near 0
FUNCTION linoid(x) {
    if (fabs(x) < 1e-5) { linoid = 1 + x/2 } else { linoid = x/(1 - exp(-x)) }
}
UNITSON
