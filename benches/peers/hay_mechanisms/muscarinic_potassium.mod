: Slow potassium current (Im).
: Hay et al. (2011), doi:10.1371/journal.pcbi.1002107. Rates hold at 34 degC and do not follow the cell's temperature.
NEURON {
    THREADSAFE
    SUFFIX muscarinic_potassium
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
    LOCAL opening, closing
    opening = 0.0033*exp(0.1*(u + 35))
    closing = 0.0033*exp(-0.1*(u + 35))
    m_rate = (opening + closing)*2.952883
    m_limit = opening/(opening + closing)
}
UNITSON
