//! Small mathematics that kernels share, and the processor's floating-point mode.

/// `(eˣ - 1)/x`, smooth at 0 where it is 1: the safe form of propagators whose time constants may meet.
pub fn exprel(x: f64) -> f64 {
    if x.abs() < 1e-12 { 1.0 } else { x.exp_m1() / x }
}

/// `(eˣ - 1 - x)/x²`, smooth at 0 where it is ½; by its series near 0, so nothing cancels.
pub fn exprel_second(x: f64) -> f64 {
    if x.abs() < 0.3 {
        // Σ xᵏ/(k+2)!, whose terms below 1e-17 begin at k = 12.
        let mut term = 0.5;
        let mut sum = term;
        for k in 1..14 {
            term *= x / f64::from(k + 2);
            sum += term;
        }
        sum
    } else {
        (x.exp_m1() - x) / (x * x)
    }
}

/// eˣ for kernels, in f32: relative error below 2e-7 on (-87, 88), which larger arguments are clamped to; NaN stays NaN.
///
/// Branch-free and free of library calls, so that loops over it vectorise, with equal bits on every target.
#[inline(always)]
pub fn exp_fast(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    // Adding 1.5·2²³ leaves the nearest integer in the low bits of the sum.
    let z = x * std::f32::consts::LOG2_E + 12_582_912.0;
    let n = z - 12_582_912.0;
    // x - n ln 2 in two parts, so that the reduced argument keeps its last bits.
    let r = x - n * 0.693_145_75 - n * 1.428_606_8e-6;
    let p =
        1.0 + r * (1.0 + r * (0.5 + r * (0.166_666_67 + r * (0.041_666_636 + r * (0.008_333_361 + r * (0.001_390_3 + r * 0.000_198_7))))));
    f32::from_bits(p.to_bits().wrapping_add(z.to_bits() << 23))
}

/// `x/(eˣ - 1)` for kernels, smooth at 0 where it is 1: the safe form of rates such as Hodgkin and Huxley's α.
#[inline(always)]
pub fn linoid(x: f32) -> f32 {
    // Near 0 the difference eˣ - 1 cancels: there the series 1 - x/2 + x²/12 is exact to 1e-7.
    let series = 1.0 - x * (0.5 - x * (1.0 / 12.0));
    let direct = x / (exp_fast(x) - 1.0);
    if x.abs() < 0.03 { series } else { direct }
}

/// While it lives, this thread flushes denormal numbers to zero (a silent network decays into them, at ten times the cost).
pub struct FlushDenormals(#[cfg(target_arch = "x86_64")] u32);

impl FlushDenormals {
    /// Switches flushing on, on x86-64; elsewhere the processor's mode is left alone.
    #[inline]
    pub fn new() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let mut before = 0_u32;
            // SAFETY: reads and writes the control register of this thread's floating-point unit; FTZ and DAZ change results only of
            // denormal numbers, and the former value is put back on drop.
            unsafe {
                std::arch::asm!("stmxcsr [{}]", in(reg) &mut before, options(nostack));
                let flushing = before | 0x8040;
                std::arch::asm!("ldmxcsr [{}]", in(reg) &flushing, options(nostack));
            }
            Self(before)
        }
        #[cfg(not(target_arch = "x86_64"))]
        Self()
    }
}

impl Default for FlushDenormals {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for FlushDenormals {
    #[inline]
    fn drop(&mut self) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: restores the value that `new` read.
        unsafe {
            std::arch::asm!("ldmxcsr [{}]", in(reg) &self.0, options(nostack));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: exp_fast is within 3e-7 of eˣ, relatively. Source: the library's f64 exponential. Tolerance: two rounding units of f32 and the polynomial's error.
    #[test]
    fn fast_exponential_is_right_to_three_parts_in_ten_million() {
        let worst = (-86_999..87_999)
            .map(|k| k as f32 * 1e-3)
            .map(|x| (f64::from(exp_fast(x)) / f64::from(x).exp() - 1.0).abs())
            .fold(0.0, f64::max);
        assert!(worst < 3e-7, "{worst}");
        assert!(exp_fast(f32::NAN).is_nan());
        assert_eq!(exp_fast(0.0), 1.0);
    }

    /// Claim: linoid is within 1e-5 of x/(eˣ - 1). Source: f64 expm1. Tolerance: eˣ - 1 at |x| = 0.03 keeps 32 times fewer digits than eˣ: 32 · 2.4e-7.
    #[test]
    fn linoid_is_smooth_through_zero() {
        let worst = (-40_000..40_000)
            .filter(|k| *k != 0)
            .map(|k| k as f32 * 5e-4)
            .map(|x| (f64::from(linoid(x)) / (f64::from(x) / f64::from(x).exp_m1()) - 1.0).abs())
            .fold(0.0, f64::max);
        assert!(worst < 1e-5, "{worst}");
        assert_eq!(linoid(0.0), 1.0);
    }

    /// Claim: both relatives of the exponential are smooth at 0. Source: their series. Tolerance: rounding of f64.
    #[test]
    fn exponential_relatives_do_not_cancel() {
        for x in [-1e-3_f64, -1e-9, 0.0, 1e-14, 1e-6, 1e-2, 0.29] {
            let series = 0.5
                + x / 6.0
                + x * x / 24.0
                + x * x * x / 120.0
                + x.powi(4) / 720.0
                + x.powi(5) / 5040.0
                + x.powi(6) / 40_320.0
                + x.powi(7) / 362_880.0;
            assert!((exprel_second(x) - series).abs() < 1e-9_f64.min(x.abs().powi(8) + 1e-15), "{x}");
            assert!(
                (exprel(x) - (1.0 + x / 2.0 + x * x / 6.0 + x * x * x / 24.0 + x.powi(4) / 120.0 + x.powi(5) / 720.0)).abs() < 1e-5,
                "{x}"
            );
        }
        assert!((exprel_second(0.3 + 1e-12) - exprel_second(0.3 - 1e-12)).abs() < 1e-12);
    }

    /// Claim: denormals vanish while flushing is on, and return after it.
    #[test]
    #[cfg(target_arch = "x86_64")]
    fn denormals_are_flushed_only_while_asked() {
        let tiny = std::hint::black_box(f32::MIN_POSITIVE);
        let flush = FlushDenormals::new();
        assert_eq!(std::hint::black_box(tiny * std::hint::black_box(0.5)), 0.0);
        drop(flush);
        assert_ne!(std::hint::black_box(tiny * std::hint::black_box(0.5)), 0.0);
    }
}
