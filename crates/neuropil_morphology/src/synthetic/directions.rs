//! Directions in space, of length 1.

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use std::f64::consts::TAU;

/// A number of the normal distribution, by Box and Muller.
pub(super) fn normal(random: &mut Xoshiro256PlusPlus) -> f64 {
    let (a, b) = (1.0 - random.random::<f64>(), random.random::<f64>());
    (-2.0 * a.ln()).sqrt() * (TAU * b).cos()
}

fn unit(vector: [f64; 3]) -> [f64; 3] {
    let length = vector.iter().map(|value| value * value).sum::<f64>().sqrt();
    if length > 0.0 { vector.map(|value| value / length) } else { [0.0, 1.0, 0.0] }
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// The direction of the sum of a direction and something else.
pub(super) fn sum(direction: [f64; 3], other: [f64; 3]) -> [f64; 3] {
    unit([0, 1, 2].map(|side| direction[side] + other[side]))
}

/// A direction across another, at an angle around it.
pub(super) fn across(direction: [f64; 3], angle: f64) -> [f64; 3] {
    let helper = if direction[0].abs() < 0.6 { [1.0, 0.0, 0.0] } else { [0.0, 1.0, 0.0] };
    let one = unit(cross(direction, helper));
    let other = cross(direction, one);
    [0, 1, 2].map(|side| one[side] * angle.cos() + other[side] * angle.sin())
}

/// The direction across a branch in which its two children part: the same for both.
pub(super) fn fork_plane(direction: [f64; 3], branch: u32, seed: u64) -> [f64; 3] {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed ^ (u64::from(branch) << 32) ^ 0x9E37_79B9);
    across(direction, TAU * random.random::<f64>())
}

/// A direction turned by an angle towards another that is across it.
pub(super) fn turned(direction: [f64; 3], angle: f64, towards: [f64; 3]) -> [f64; 3] {
    unit([0, 1, 2].map(|side| direction[side] * angle.cos() + towards[side] * angle.sin()))
}

/// One of several directions spread evenly over a sphere, moved a little (Fibonacci's spiral).
pub(super) fn even(number: u32, of: u32, random: &mut Xoshiro256PlusPlus) -> [f64; 3] {
    let height = 1.0 - (2.0 * f64::from(number) + 1.0) / f64::from(of);
    let around = f64::from(number) * TAU * 0.618_033_988_749_894_9;
    let radius = (1.0 - height * height).max(0.0).sqrt();
    let place = [radius * around.cos(), height, radius * around.sin()];
    turned(place, 0.2 * normal(random), across(place, TAU * random.random::<f64>()))
}
