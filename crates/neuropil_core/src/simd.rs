//! One body of code, compiled for several instruction sets, chosen at run time and forceable.
//!
//! The compiler never fuses or reorders floating-point operations by itself, so every choice gives the same bits.

use std::fmt;
use std::str::FromStr;

/// The instruction set that kernels run with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Simd {
    /// What the program was compiled for: SSE2 on x86-64, NEON on AArch64.
    Portable,
    /// AVX2 on x86-64.
    Avx2,
    /// AVX-512 (F, VL, BW, DQ) on x86-64.
    Avx512,
}

impl Simd {
    /// The widest that this processor has.
    pub fn detect() -> Self {
        [Self::Avx512, Self::Avx2].into_iter().find(|s| s.is_available()).unwrap_or(Self::Portable)
    }

    /// Whether this processor has it.
    pub fn is_available(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = || {
                is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("fma")
                    && is_x86_feature_detected!("bmi1")
                    && is_x86_feature_detected!("bmi2")
            };
            match self {
                Self::Portable => true,
                Self::Avx2 => avx2(),
                Self::Avx512 => {
                    avx2()
                        && is_x86_feature_detected!("avx512f")
                        && is_x86_feature_detected!("avx512vl")
                        && is_x86_feature_detected!("avx512bw")
                        && is_x86_feature_detected!("avx512dq")
                }
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        {
            self == Self::Portable
        }
    }
}

impl fmt::Display for Simd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        })
    }
}

impl FromStr for Simd {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let found = [Self::Portable, Self::Avx2, Self::Avx512].into_iter().find(|s| s.to_string() == text);
        let simd = found.ok_or_else(|| {
            format!("unknown instruction set `{text}`{}", neuropil_units::suggestion(text, ["portable", "avx2", "avx512"]))
        })?;
        if simd.is_available() { Ok(simd) } else { Err(format!("this processor does not have {simd}; it has {}", Self::detect())) }
    }
}

/// Work whose loops are compiled once for each instruction set; `run` must be `#[inline(always)]`, and so must what it calls in its loops.
pub trait Vectorised {
    /// What the work gives.
    type Output;
    /// Does the work.
    fn run(self) -> Self::Output;
}

/// Runs the work with the given instruction set, or portably where the processor lacks it.
#[inline]
pub fn vectorise<V: Vectorised>(simd: Simd, work: V) -> V::Output {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt,popcnt")]
        fn avx2<V: Vectorised>(work: V) -> V::Output {
            work.run()
        }
        #[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,bmi1,bmi2,lzcnt,popcnt")]
        fn avx512<V: Vectorised>(work: V) -> V::Output {
            work.run()
        }
        if simd == Simd::Avx512 && simd.is_available() {
            // SAFETY: the processor has the features, as just asked; exercised by the test below and every determinism test.
            return unsafe { avx512(work) };
        }
        if simd >= Simd::Avx2 && Simd::Avx2.is_available() {
            // SAFETY: as above.
            return unsafe { avx2(work) };
        }
    }
    let _ = simd;
    work.run()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Decay<'a>(&'a mut [f32]);
    impl Vectorised for Decay<'_> {
        type Output = ();
        #[inline(always)]
        fn run(self) {
            for x in self.0.iter_mut() {
                *x = *x * 0.9 + crate::math::exp_fast(*x) * 0.01;
            }
        }
    }

    /// Claim: all instruction sets give the same bits.
    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let run = |simd| {
            let mut x: Vec<f32> = (0..1000).map(|k| k as f32 * 0.01 - 5.0).collect();
            for _ in 0..50 {
                vectorise(simd, Decay(&mut x));
            }
            x.iter().map(|x| x.to_bits()).collect::<Vec<u32>>()
        };
        let portable = run(Simd::Portable);
        assert!(portable == run(Simd::Avx2) && portable == run(Simd::Avx512));
    }
}
