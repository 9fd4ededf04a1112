//! Normal random numbers that are keyed, 32 at a time.
//!
//! Box and Muller's transformation (Box GEP, Muller ME (1958). Ann Math Stat 29:610-611. doi:10.1214/aoms/1177706645) of Threefry bits, in f32:
//! beyond 6.7 standard deviations there is nothing, which a billion numbers miss with a probability of 2 %.

use crate::logarithm::ln_fast;
use neuropil_core::random::{Purpose, threefry};

/// Neurons that share a call.
pub const NORMALS: usize = 32;

/// Standard normal numbers of 32 neurons, keyed by (seed, number of the stimulus; group of neurons, step).
#[inline(always)]
pub fn normals(seed: u64, number: u32, group: u32, step: u64) -> [f32; NORMALS] {
    let key = [seed as u32, (seed >> 32) as u32, Purpose::Noise as u32, number];
    let counter = [[group; 8], std::array::from_fn(|lane| lane as u32), [step as u32; 8], [(step >> 32) as u32; 8]];
    let words = threefry::<12, 8>(key, counter);
    let mut out = [0.0; NORMALS];
    for pair in [0, 2] {
        for lane in 0..8 {
            // From 0 (excluded) to 1 in steps of 2⁻³².
            let uniform = (words[pair][lane] as f32 + 0.5) * (1.0 / 4_294_967_296.0);
            let radius = (-2.0 * ln_fast(uniform)).sqrt();
            let (cosine, sine) = turn(words[pair + 1][lane] as i32 as f32 * (1.0 / 4_294_967_296.0));
            out[pair * 8 + lane] = radius * cosine;
            out[(pair + 1) * 8 + lane] = radius * sine;
        }
    }
    out
}

/// Cosine and sine of a number of turns from -½ to ½.
#[inline(always)]
fn turn(turns: f32) -> (f32, f32) {
    // The nearest quarter turn, and the angle from it, at most π/4.
    let magic = turns * 4.0 + 12_582_912.0;
    let quarter = magic.to_bits();
    let r = (turns * 4.0 - (magic - 12_582_912.0)) * std::f32::consts::FRAC_PI_2;
    let z = r * r;
    let sine = r + r * z * (-1.0 / 6.0 + z * (1.0 / 120.0 + z * (-1.0 / 5040.0 + z * (1.0 / 362_880.0))));
    let cosine = 1.0 + z * (-0.5 + z * (1.0 / 24.0 + z * (-1.0 / 720.0 + z * (1.0 / 40_320.0))));
    let (first, second) = if quarter & 1 == 0 { (cosine, sine) } else { (sine, cosine) };
    let negate = |x: f32, yes: u32| f32::from_bits(x.to_bits() ^ (yes << 31));
    (negate(first, quarter.wrapping_add(1) >> 1 & 1), negate(second, quarter >> 1 & 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: cosine and sine are right to 3e-7. Source: the library's f64 functions. Tolerance: rounding of the angle and of a few operations.
    #[test]
    fn cosine_and_sine_are_right() {
        for k in -10_000..10_000 {
            let turns = k as f32 / 20_000.0;
            let (cosine, sine) = turn(turns);
            let angle = std::f64::consts::TAU * f64::from(turns);
            assert!(
                (f64::from(cosine) - angle.cos()).abs() < 3e-7 && (f64::from(sine) - angle.sin()).abs() < 3e-7,
                "{turns}: {cosine}, {sine}"
            );
        }
    }

    /// Φ by its series: Φ(x) = ½ + φ(x) Σ x^(2k+1)/(1·3·…·(2k+1)).
    fn distribution(x: f64) -> f64 {
        let (mut term, mut sum) = (x, x);
        for k in 1..200 {
            term *= x * x / f64::from(2 * k + 1);
            sum += term;
        }
        0.5 + sum * (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt()
    }

    /// Claim: the numbers are standard normal and do not depend on each other. Source: closed form.
    /// Tolerance: Kolmogorov's distance at a level of 1e-6; correlations within 5 standard errors.
    #[test]
    fn numbers_are_standard_normal() {
        let mut all: Vec<f64> = (0..8192).flat_map(|g| normals(3, 9, g % 64, u64::from(g / 64))).map(f64::from).collect();
        let n = all.len() as f64;
        for lag in [1, 8, 16, 24, 32, 2048] {
            let correlation: f64 = all.iter().zip(&all[lag..]).map(|(a, b)| a * b).sum::<f64>() / n;
            assert!(correlation.abs() < 5.0 / n.sqrt(), "lag {lag}: {correlation}");
        }
        all.sort_by(f64::total_cmp);
        let distance = all.iter().enumerate().map(|(k, x)| (distribution(*x) - (k as f64 + 0.5) / n).abs()).fold(0.0, f64::max);
        assert!(distance * n.sqrt() < 2.7, "{distance}");
        let extremes = all.iter().filter(|x| x.abs() > 4.0).count() as f64;
        let expected = n * 6.334e-5;
        assert!((extremes - expected).abs() < 5.0 * expected.sqrt(), "{extremes} beyond 4, expected {expected}");
    }
}
