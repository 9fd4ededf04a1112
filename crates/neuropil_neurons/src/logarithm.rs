//! The natural logarithm for kernels.

/// ln x for kernels, in f32, for positive normal x: relative error below 3e-7 also near x = 1, where the result is small.
///
/// Branch-free and free of library calls, so that loops over it vectorise, with equal bits on every target. Zero, negative and denormal numbers
/// give large negative values of no meaning; keep them out.
#[inline(always)]
pub fn ln_fast(x: f32) -> f32 {
    // x = m 2ᵉ with m from √½ to √2, so that s = (m - 1)/(m + 1) is at most 0.172; ln m = 2 (s + s³/3 + s⁵/5 + …).
    let bits = x.to_bits() as i32;
    let exponent = bits.wrapping_sub(0x3f35_04f3) >> 23;
    let m = f32::from_bits(bits.wrapping_sub(exponent << 23) as u32);
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    let series = s * z * (0.666_666_7 + z * (0.4 + z * (0.285_714_3 + z * 0.222_222_2)));
    let e = exponent as f32;
    // ln 2 in two parts, so that sums keep their last bits.
    e * 0.693_145_75 + (s + s + (series + e * 1.428_606_8e-6))
}

#[cfg(test)]
mod tests {
    use super::ln_fast;

    /// Claim: ln_fast is within 3e-7 of ln x, relatively. Source: the library's f64 logarithm. Tolerance: five roundings of f32.
    #[test]
    fn fast_logarithm_is_right_to_three_parts_in_ten_million() {
        let wide = (-80_000..80_000).map(|k| (f64::from(k) * 1e-3).exp() as f32);
        let near = (-30_000..30_000).map(|k| 1.0 + k as f32 * 1e-5);
        let worst =
            wide.chain(near).filter(|x| *x != 1.0).map(|x| (f64::from(ln_fast(x)) / f64::from(x).ln() - 1.0).abs()).fold(0.0, f64::max);
        assert!(worst < 3e-7, "{worst}");
        assert_eq!(ln_fast(1.0), 0.0);
    }
}
