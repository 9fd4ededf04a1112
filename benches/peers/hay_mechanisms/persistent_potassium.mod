: Potassium current that inactivates slowly (K_Pst).
: Hay et al. (2011), doi:10.1371/journal.pcbi.1002107. Rates hold at 34 degC and do not follow the cell's temperature.
NEURON {
    THREADSAFE
    SUFFIX persistent_potassium
    USEION k READ ek WRITE ik
    RANGE gbar
}
PARAMETER { gbar = 0 (S/cm2) }
ASSIGNED {
    v (mV)
    ik (mA/cm2)
    ek (mV)
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
    ik = gbar*m*m*h*(v - ek)
}
DERIVATIVE gates {
    rates(v)
    m' = (m_limit - m)*m_rate
    h' = (h_limit - h)*h_rate
}
UNITSOFF
PROCEDURE rates(u) {
    LOCAL q, a
    q = 2.952883
    a = (u + 85)/48
    m_limit = 1/(1 + exp(-(u + 11)/12))
    if (u < -60) { m_rate = q/(1.25 + 175.03*exp(0.026*(u + 10))) } else { m_rate = q/(1.25 + 13*exp(-0.026*(u + 10))) }
    h_limit = 1/(1 + exp((u + 64)/11))
    h_rate = q/(360 + (1010 + 24*(u + 65))*exp(-a*a))
}
UNITSON
