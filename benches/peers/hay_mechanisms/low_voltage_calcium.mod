: Calcium current of low threshold (Ca_LVAst).
: Hay et al. (2011), doi:10.1371/journal.pcbi.1002107. Rates hold at 34 degC and do not follow the cell's temperature.
NEURON {
    THREADSAFE
    SUFFIX low_voltage_calcium
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
    LOCAL q
    q = 2.952883
    m_limit = 1/(1 + exp(-(u + 40)/6))
    m_rate = q/(5 + 20/(1 + exp((u + 35)/5)))
    h_limit = 1/(1 + exp((u + 90)/6.4))
    h_rate = q/(20 + 50/(1 + exp((u + 50)/7)))
}
UNITSON
