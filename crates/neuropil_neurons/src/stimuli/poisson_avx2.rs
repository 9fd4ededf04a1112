//! The draw of Poisson input with AVX2: generator and table look-up without leaving the registers.
//!
//! The compiler does not turn the generator's loops into vector code by itself (3.3 ns a neuron and step, against 0.5 here).

use std::arch::x86_64::*;

/// The alias table as byte-shuffle tables: low and high bytes of the thresholds, and the aliases.
#[derive(Clone, Debug, PartialEq)]
#[repr(C, align(16))]
pub struct Tables {
    /// Low bytes.
    pub low: [u8; 16],
    /// High bytes.
    pub high: [u8; 16],
    /// Aliases.
    pub aliases: [u8; 16],
}

/// `x` rotated left by `L`, where `R` is `32 - L`.
#[inline]
#[target_feature(enable = "avx2")]
fn rotate<const L: i32, const R: i32>(x: __m256i) -> __m256i {
    _mm256_or_si256(_mm256_slli_epi32::<L>(x), _mm256_srli_epi32::<R>(x))
}

/// Two rounds of Threefry-4x32: words (0, 1) and (2, 3) are mixed, then (0, 3) and (2, 1).
#[inline]
#[target_feature(enable = "avx2")]
fn rounds<const A: i32, const A2: i32, const B: i32, const B2: i32, const C: i32, const C2: i32, const D: i32, const D2: i32>(
    x: &mut [__m256i; 4],
) {
    x[0] = _mm256_add_epi32(x[0], x[1]);
    x[1] = _mm256_xor_si256(rotate::<A, A2>(x[1]), x[0]);
    x[2] = _mm256_add_epi32(x[2], x[3]);
    x[3] = _mm256_xor_si256(rotate::<B, B2>(x[3]), x[2]);
    x[0] = _mm256_add_epi32(x[0], x[3]);
    x[3] = _mm256_xor_si256(rotate::<C, C2>(x[3]), x[0]);
    x[2] = _mm256_add_epi32(x[2], x[1]);
    x[1] = _mm256_xor_si256(rotate::<D, D2>(x[1]), x[2]);
}

/// Twelve rounds for eight counters that differ in the low bits of their second word.
#[inline]
#[target_feature(enable = "avx2")]
fn threefry_12(key: [u32; 4], group: u32, draw: u32, step: u64) -> [__m256i; 4] {
    let keys = [key[0], key[1], key[2], key[3], 0x1BD1_1BDA ^ key[0] ^ key[1] ^ key[2] ^ key[3]];
    let lanes = _mm256_or_si256(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32((draw << 3) as i32));
    let inject = |x: &mut [__m256i; 4], injection: u32| {
        for (w, word) in x.iter_mut().enumerate() {
            let key = keys[(injection as usize + w) % 5].wrapping_add(if w == 3 { injection } else { 0 });
            *word = _mm256_add_epi32(*word, _mm256_set1_epi32(key as i32));
        }
    };
    let mut x = [_mm256_set1_epi32(group as i32), lanes, _mm256_set1_epi32(step as i32), _mm256_set1_epi32((step >> 32) as i32)];
    inject(&mut x, 0);
    rounds::<10, 22, 26, 6, 11, 21, 21, 11>(&mut x);
    rounds::<13, 19, 27, 5, 23, 9, 5, 27>(&mut x);
    inject(&mut x, 1);
    rounds::<6, 26, 20, 12, 17, 15, 11, 21>(&mut x);
    rounds::<25, 7, 10, 22, 18, 14, 20, 12>(&mut x);
    inject(&mut x, 2);
    rounds::<10, 22, 26, 6, 11, 21, 21, 11>(&mut x);
    rounds::<13, 19, 27, 5, 23, 9, 5, 27>(&mut x);
    inject(&mut x, 3);
    x
}

/// Draws the events of 64 neurons, adds them to `counts`, and marks those that further bits must settle; `words` gets the bits where there are any.
#[target_feature(enable = "avx2")]
#[inline]
#[expect(clippy::too_many_arguments, reason = "the key of the bits, and the arrays of the group")]
pub fn draw(
    tables: &Tables,
    key: [u32; 4],
    group: u32,
    draw: u32,
    step: u64,
    words: &mut [[u32; 8]; 4],
    counts: &mut [u16; 64],
    special: &mut [u8; 64],
) -> bool {
    let bits = threefry_12(key, group, draw, step);
    // SAFETY: loads and stores stay within the arrays, which are exactly as long; unaligned forms are used throughout.
    // Exercised by `every_instruction_set_draws_the_same_events`.
    unsafe {
        let load = |table: &[u8; 16]| _mm256_broadcastsi128_si256(_mm_loadu_si128(table.as_ptr().cast()));
        let (low, high, aliases) = (load(&tables.low), load(&tables.high), load(&tables.aliases));
        let (fifteen, upper_off, lower_off) = (_mm256_set1_epi16(15), _mm256_set1_epi16(0x8000_u16 as i16), _mm256_set1_epi16(0x0080));
        let mut odds = [_mm256_setzero_si256(); 4];
        for (w, numbers) in bits.into_iter().enumerate() {
            let column = _mm256_and_si256(numbers, fifteen);
            let fraction = _mm256_srli_epi16::<4>(numbers);
            // A shuffle index with its top bit set gives 0: one half of each lane looks up, the other stays empty.
            let in_lower = _mm256_or_si256(column, upper_off);
            let in_upper = _mm256_or_si256(_mm256_slli_epi16::<8>(column), lower_off);
            let threshold = _mm256_or_si256(_mm256_shuffle_epi8(low, in_lower), _mm256_shuffle_epi8(high, in_upper));
            let alias = _mm256_shuffle_epi8(aliases, in_lower);
            let below = _mm256_cmpgt_epi16(threshold, fraction);
            let count = _mm256_blendv_epi8(alias, column, below);
            odds[w] = _mm256_or_si256(_mm256_cmpeq_epi16(threshold, fraction), _mm256_cmpeq_epi16(count, fifteen));
            let place = counts.as_mut_ptr().add(16 * w).cast();
            _mm256_storeu_si256(place, _mm256_add_epi16(_mm256_loadu_si256(place), count));
        }
        let any = _mm256_or_si256(_mm256_or_si256(odds[0], odds[1]), _mm256_or_si256(odds[2], odds[3]));
        if _mm256_testz_si256(any, any) != 0 {
            return false;
        }
        for (w, (odd, bits)) in odds.into_iter().zip(bits).enumerate() {
            let packed = _mm_packs_epi16(_mm256_castsi256_si128(odd), _mm256_extracti128_si256::<1>(odd));
            _mm_storeu_si128(special.as_mut_ptr().add(16 * w).cast(), packed);
            _mm256_storeu_si256(words[w].as_mut_ptr().cast(), bits);
        }
        true
    }
}
