: Calcium in a shell of 0.1 um below the membrane (CaDynamics_E2).
: Hay et al. (2011), doi:10.1371/journal.pcbi.1002107.
NEURON {
    THREADSAFE
    SUFFIX calcium_shell
    USEION ca READ ica WRITE cai
    RANGE free, decay
}
UNITS { FARADAY = (faraday) (coulomb) }
PARAMETER {
    free = 0.0005
    decay = 100 (ms)
    depth = 0.1 (um)
    rest = 1e-4 (mM)
}
ASSIGNED { ica (mA/cm2) }
STATE { cai (mM) }
BREAKPOINT { SOLVE shell METHOD cnexp }
DERIVATIVE shell { cai' = -(10000)*ica*free/(2*FARADAY*depth) - (cai - rest)/decay }
