//! What a decision costs: by published budgets of ATP in a brain, by published energies of operations on a chip.

/// ATP of a vesicle of glutamate, all steps: Attwell and Laughlin 2001, doi:10.1097/00004647-200110000-00001.
pub const VESICLE: f64 = 1.64e5;
/// ATP of an action potential of a rodent's cortical cell, its axon included: the same source, four times the least that charging the membrane takes.
pub const SPIKE: f64 = 3.84e8;
/// ATP a second of a cell at rest with its share of glia: the same source.
pub const REST: f64 = 4.44e8;
/// J of an ATP, about 50 kJ/mol in cells.
pub const ATP: f64 = 8.3e-20;
/// Share of arriving spikes that release a vesicle: an assumption.
pub const RELEASE: f64 = 0.25;
/// Spikes that tell the decision on: an assumption, 30 Hz for 100 ms.
pub const SPIKES: f64 = 3.0;
/// J of a multiplication and an addition of 32-bit floats at 45 nm and 0.9 V: Horowitz 2014, doi:10.1109/ISSCC.2014.6757323.
pub const OPERATION: f64 = 4.6e-12;
/// J of reading 32 bits from static memory of 8 to 32 kB: the same source.
pub const READ: f64 = 5e-12;

/// ATP of a decision of a cell at which so many spikes arrive: vesicles, its own spikes, rest.
pub fn cell(arriving: f64, seconds: f64) -> [f64; 3] {
    [arriving * RELEASE * VESICLE, SPIKES * SPIKE, seconds * REST]
}

/// J of a decision of a chip: arithmetic, and reading each parameter once.
pub fn chip(operations: usize, parameters: usize) -> [f64; 2] {
    [operations as f64 * OPERATION, parameters as f64 * READ]
}
