: Potassium current that inactivates (K_Tst).
: Hay et al. (2011), doi:10.1371/journal.pcbi.1002107. Rates hold at 34 degC and do not follow the cell's temperature.
NEURON {
    THREADSAFE
    SUFFIX transient_potassium
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
    ik = gbar*m*m*m*m*h*(v - ek)
}
DERIVATIVE gates {
    rates(v)
    m' = (m_limit - m)*m_rate
    h' = (h_limit - h)*h_rate
}
UNITSOFF
PROCEDURE rates(u) {
    LOCAL q, a, b
    q = 2.952883
    a = (u + 81)/59
    b = (u + 83)/23
    m_limit = 1/(1 + exp(-(u + 10)/19))
    m_rate = q/(0.34 + 0.92*exp(-a*a))
    h_limit = 1/(1 + exp((u + 76)/10))
    h_rate = q/(8 + 49*exp(-b*b))
}
UNITSON
