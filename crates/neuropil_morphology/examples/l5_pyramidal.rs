//! Writes the synthetic pyramidal cell that comes with the engine, or that of another seed, as SWC.
//!
//! ```sh
//! cargo run --release -p neuropil_morphology --example l5_pyramidal > assets/morphologies/l5_pyramidal.swc
//! ```

use neuropil_morphology::{MorphologyError, swc, synthetic};

fn main() -> Result<(), MorphologyError> {
    let seed = std::env::args().nth(1).and_then(|seed| seed.parse().ok()).unwrap_or(synthetic::L5_PYRAMIDAL_SEED);
    print!("{}", swc::text(&synthetic::l5_pyramidal(seed)?, &synthetic::l5_pyramidal_comment(seed)));
    Ok(())
}
