//! eˣ and ln x for kernels in double and single precision, and the safe form of the rates that are built from them.

use crate::real::{Precision, Real};

/// eˣ: relative error below 2e-15 in double precision for |x| < 700, in single below 2e-7 for |x| < 20 and 3.5e-7 for |x| < 87; branch-free and free of library calls where
/// the processor has fused multiply-add, with equal bits everywhere.
///
/// Beyond these the argument is clamped, so that a runaway potential gives a large number, not garbage; NaN stays NaN.
#[inline(always)]
pub fn exp<R: Real>(x: R) -> R {
    x.fast_exp()
}

/// ln x: error below three units in the last place for normal positive x; branch-free, with equal bits everywhere.
///
/// What is below the least normal number counts as that number, so that 0 gives -708.4 (-87.3 in single precision), not -∞; NaN stays NaN.
#[inline(always)]
pub fn ln<R: Real>(x: R) -> R {
    x.fast_ln()
}

/// eˣ in double precision.
#[inline(always)]
pub(crate) fn exp_double(x: f64) -> f64 {
    // Adding 1.5·2⁵² leaves the nearest integer in the low bits of the sum.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    // ln 2 in two parts, so that the reduced argument keeps its last bits.
    const LN_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
    let x = x.clamp(-700.0, 700.0);
    let z = x.mul_add(std::f64::consts::LOG2_E, SHIFT);
    let n = z - SHIFT;
    let r = n.mul_add(-LN_2[1], n.mul_add(-LN_2[0], x));
    // The polynomial of degree 10 whose largest relative error for |r| < ln 2 / 2 is least (Remez, 3e-16), fitted here.
    let mut p = 2.762_637_106_569_635_4e-7;
    for c in [
        2.764_019_739_169_484e-6,
        2.480_150_431_378_554e-5,
        1.984_117_023_057_029_8e-4,
        1.388_888_893_251_478e-3,
        8.333_333_385_699_212e-3,
        4.166_666_666_657_306_6e-2,
        1.666_666_666_655_431_4e-1,
        0.500_000_000_000_000_6,
        1.000_000_000_000_006_7,
        1.0,
    ] {
        p = r.mul_add(p, c);
    }
    f64::from_bits(p.to_bits().wrapping_add(z.to_bits() << 52))
}

/// eˣ in single precision.
#[inline(always)]
pub(crate) fn exp_single(x: f32) -> f32 {
    // As in double precision, with 1.5·2²³.
    const SHIFT: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 87.0);
    let z = x.mul_add(std::f32::consts::LOG2_E, SHIFT);
    let n = z - SHIFT;
    // The product is rounded only with the sum, and ln 2 is known to 2e-9 of it.
    let r = n.mul_add(-std::f32::consts::LN_2, x);
    // The polynomial of degree 6 that is 1 at 0 and whose largest relative error is least, 2e-9, fitted here; in pairs, which wait less for each other.
    let square = r * r;
    let low = r + 1.0;
    let middle = r.mul_add(0.166_664_3, 0.499_999_94);
    let high = r.mul_add(8.374_196e-3, 4.166_800_5e-2);
    let high = square.mul_add(1.384_360_7e-3, high);
    let p = square.mul_add(square.mul_add(high, middle), low);
    f32::from_bits(p.to_bits().wrapping_add(z.to_bits() << 23))
}

/// ln x in double precision.
#[inline(always)]
pub(crate) fn ln_double(x: f64) -> f64 {
    // ln 2 in two parts, of which the first, times any exponent, is exact.
    const LN_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
    // The bits of √½: subtracting them splits off the exponent so that what is left lies between √½ and √2.
    const HALF: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
    // 2⁵² + 1023, whose low bits take up an exponent that is moved up by 1023 to be positive.
    const SHIFT: f64 = 4_503_599_627_370_496.0;
    let x = x.clamp(f64::MIN_POSITIVE, f64::MAX);
    let offset = x.to_bits().wrapping_sub(HALF).wrapping_add(1023 << 52);
    let exponent = f64::from_bits((offset >> 52) | SHIFT.to_bits()) - (SHIFT + 1023.0);
    let mantissa = f64::from_bits((offset & ((1 << 52) - 1)).wrapping_add(HALF));
    // ln m = 2 artanh s with s = (m - 1)/(m + 1), |s| < 0.172: nine terms of its series after the first leave 5e-17.
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let z = s * s;
    let mut p = 2.0 / 19.0;
    for c in [2.0 / 17.0, 2.0 / 15.0, 2.0 / 13.0, 2.0 / 11.0, 2.0 / 9.0, 2.0 / 7.0, 2.0 / 5.0, 2.0 / 3.0] {
        p = z.mul_add(p, c);
    }
    let rest = (s * z).mul_add(p, exponent * LN_2[1]);
    // 0 x is 0, or NaN.
    exponent.mul_add(LN_2[0], 2.0f64.mul_add(s, x.mul_add(0.0, rest)))
}

/// ln x in single precision.
#[inline(always)]
pub(crate) fn ln_single(x: f32) -> f32 {
    // As in double precision. The first part of ln 2 has fifteen bits.
    const LN_2: [f32; 2] = [0.693_145_75, 1.428_606_8e-6];
    const HALF: u32 = std::f32::consts::FRAC_1_SQRT_2.to_bits();
    // 2²³ + 127.
    const SHIFT: f32 = 8_388_608.0;
    let x = x.clamp(f32::MIN_POSITIVE, f32::MAX);
    let offset = x.to_bits().wrapping_sub(HALF).wrapping_add(127 << 23);
    let exponent = f32::from_bits((offset >> 23) | SHIFT.to_bits()) - (SHIFT + 127.0);
    let mantissa = f32::from_bits((offset & ((1 << 23) - 1)).wrapping_add(HALF));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let z = s * s;
    let mut p = 2.0 / 9.0;
    for c in [2.0 / 7.0, 2.0 / 5.0, 2.0 / 3.0] {
        p = z.mul_add(p, c);
    }
    let rest = (s * z).mul_add(p, exponent * LN_2[1]);
    exponent.mul_add(LN_2[0], 2.0f32.mul_add(s, x.mul_add(0.0, rest)))
}

/// `x/(1 - e⁻ˣ)`, which is 1 at 0, as numerator and denominator: the safe form of rates such as Hodgkin and Huxley's α; `e` is `e⁻ˣ`.
///
/// Near 0, where the difference cancels, the series `1 + x/2 + x²/12` stands in: exact to 2e-15 below 1e-3, to 1e-7 below 0.1.
#[inline(always)]
pub fn linoid_parts<R: Real>(x: R, e: R) -> (R, R) {
    let near = match R::PRECISION {
        Precision::Double => 1e-3,
        Precision::Single => 0.1,
    };
    let small = x.abs() < near;
    let series = x.mul_add(x.mul_add(1.0 / 12.0, 0.5), 1.0);
    (if small { series } else { x }, if small { R::from(1.0) } else { R::from(1.0) - e })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::real::Single;

    /// Claim: the fast exponential is eˣ. Source: the standard library's. Tolerance: 2e-15, nine units in the last place: the polynomial's error and
    /// the roundings of its steps.
    #[test]
    fn exponential_is_right_to_two_parts_in_a_quadrillion() {
        let arguments = (-700_000..700_000).map(|k| f64::from(k) * 9.99e-4).chain((-1000..1000).map(|k| f64::from(k) * 1e-9));
        let worst = arguments.map(|x| (exp(x) / x.exp() - 1.0).abs()).fold(0.0, f64::max);
        assert!(worst < 2e-15, "{worst:e}");
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(f64::NAN).is_nan() && exp(1e300).is_finite() && exp(-1e300) > 0.0);
    }

    /// Claim: the fast logarithm is ln x. Source: the standard library's. Tolerance: three units in the last place of the result: the quotient s
    /// carries two roundings, and the sum another.
    #[test]
    fn logarithm_is_right_to_three_units_in_the_last_place() {
        let spread = (-70_000..70_000).map(|k| (f64::from(k) * 1e-2).exp());
        let near_one = (-50_000..50_000).map(|k| 1.0 + f64::from(k) * 1.3e-5);
        let (mut worst, mut at) = (0.0, 0.0);
        for x in spread.chain(near_one).chain([f64::MIN_POSITIVE, f64::MAX, 0.5, 2.0]).filter(|x| *x > 0.0) {
            let expected = x.ln();
            let unit = (expected.abs().next_up() - expected.abs()).max(f64::from_bits(1));
            let error = (ln(x) - expected).abs() / unit;
            (worst, at) = if error > worst { (error, x) } else { (worst, at) };
        }
        assert!(worst <= 3.0, "{worst} units in the last place at {at:e}");
        assert_eq!(ln(1.0), 0.0);
        assert!(ln(f64::NAN).is_nan() && ln(0.0) < -708.0 && ln(-1.0) < -708.0 && ln(f64::INFINITY).is_finite());
    }

    /// Claim: in single precision the exponential is right to 2e-7 of its value, the logarithm to 2e-7 of the larger of its value and 1. Source: the standard
    /// library's in double. Tolerance: that, three roundings of 6e-8, for they have some on the way; 3.5e-7 for arguments beyond 20, of which 125 times the
    /// 2e-9 are a part by which ln 2 is rounded.
    #[test]
    fn single_precision_is_right_to_some_units_in_the_last_place() {
        let (mut of_exp, mut of_large, mut of_ln) = (0.0_f64, 0.0_f64, 0.0_f64);
        for k in -870_000..870_000 {
            let x = k as f32 * 1e-4;
            let error = (f64::from(exp(Single(x)).0) / f64::from(x).exp() - 1.0).abs();
            of_large = of_large.max(error);
            of_exp = of_exp.max(if x.abs() < 20.0 { error } else { 0.0 });
            let y = f64::from(x).exp() as f32;
            let expected = f64::from(y).ln();
            of_ln = of_ln.max((f64::from(ln(Single(y)).0) - expected).abs() / expected.abs().max(1.0));
        }
        assert!(of_exp < 2e-7 && of_large < 3.5e-7 && of_ln < 2e-7, "{of_exp:e}, {of_large:e}, {of_ln:e}");
        assert_eq!((exp(Single(0.0)), ln(Single(1.0))), (Single(1.0), Single(0.0)));
        assert!(exp(Single(f32::NAN)).0.is_nan() && exp(Single(1e30)).0.is_finite() && exp(Single(-1e30)).0 > 0.0);
        assert!(ln(Single(f32::NAN)).0.is_nan() && ln(Single(0.0)).0 < -87.0 && ln(Single(f32::INFINITY)).0.is_finite());
    }

    struct Sweep<'a>(&'a [f64], &'a mut Vec<u64>);

    impl neuropil_core::simd::Vectorised for Sweep<'_> {
        type Output = ();

        #[inline(always)]
        fn run(self) {
            for x in self.0 {
                let single = Single(*x as f32);
                let bits = u64::from(exp(single).0.to_bits()) << 32 | u64::from(ln(single.abs()).0.to_bits());
                self.1.push(exp(*x).to_bits() ^ ln(x.abs()).to_bits().rotate_left(1) ^ bits.rotate_left(7));
            }
        }
    }

    /// Claim: all instruction sets give the same bits. Tolerance: none.
    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        use neuropil_core::Simd;
        let arguments: Vec<f64> = (-5000..5000).map(|k| f64::from(k) * 0.137).collect();
        let bits = |simd| {
            let mut bits = Vec::new();
            neuropil_core::simd::vectorise(simd, Sweep(&arguments, &mut bits));
            bits
        };
        let portable = bits(Simd::Portable);
        assert!(portable == bits(Simd::Avx2) && portable == bits(Simd::Avx512));
    }

    /// Claim: the linoid is smooth through 0. Source: `x/(-expm1(-x))`. Tolerance: 1 - e⁻ˣ at |x| = 1e-3 keeps a thousand times fewer digits than
    /// e⁻ˣ, in single precision at 0.1 ten times fewer.
    #[test]
    fn linoid_is_smooth_through_zero() {
        for k in (-40_000..40_000).filter(|k| *k != 0) {
            let x = f64::from(k) * 1e-7;
            let (numerator, denominator) = linoid_parts(x, exp(-x));
            let expected = x / -(-x).exp_m1();
            assert!((numerator / denominator / expected - 1.0).abs() < 2e-12, "{x}");
        }
        assert_eq!(linoid_parts(0.0, 1.0), (1.0, 1.0));
        for k in (-4000..4000).filter(|k| *k != 0) {
            let x = k as f32 * 1e-3;
            let (numerator, denominator) = linoid_parts(Single(x), exp(Single(-x)));
            let expected = f64::from(x) / -(-f64::from(x)).exp_m1();
            assert!((f64::from((numerator / denominator).0) / expected - 1.0).abs() < 3e-6, "{x}");
        }
    }
}
