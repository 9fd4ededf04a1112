//! Random numbers that are keyed, not drawn in turn: by (seed, stream, entity, step), so that they cannot depend on threads or order.
//!
//! The generator is Threefry-4x32 (Salmon JK, Moraes MA, Dror RO, Shaw DE (2011). Parallel random numbers: as easy as 1, 2, 3. Proc. SC11.
//! doi:10.1145/2063384.2063405), with 20 rounds where a stream is opened and 12 in the hot loop of Poisson input. Streams for building
//! networks continue as xoshiro256++ from a Threefry seed.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

/// What a stream of random numbers is for; part of its key, so that no two purposes ever share numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Which neurons a projection connects.
    Connection = 1,
    /// Values of parameters and initial state.
    Value = 2,
    /// Positions of neurons.
    Place = 3,
    /// Poisson input.
    PoissonInput = 4,
    /// Noise currents.
    Noise = 5,
    /// Settling ties and rare cases of Poisson input.
    PoissonRest = 6,
    /// Neurons that are themselves random processes.
    Source = 7,
    /// Places of synapses on dendrites.
    Site = 8,
}

const ROTATIONS: [[u32; 2]; 8] = [[10, 26], [11, 21], [13, 27], [23, 5], [6, 20], [17, 11], [25, 10], [18, 20]];

/// Threefry-4x32 with `ROUNDS` rounds (a multiple of 4) on `LANES` counters at once; word `w` of lane `l` is `counter[w][l]`.
#[inline(always)]
pub fn threefry<const ROUNDS: usize, const LANES: usize>(key: [u32; 4], counter: [[u32; LANES]; 4]) -> [[u32; LANES]; 4] {
    let keys = [key[0], key[1], key[2], key[3], 0x1BD1_1BDA ^ key[0] ^ key[1] ^ key[2] ^ key[3]];
    let mut x = counter;
    for (word, key) in x.iter_mut().zip(keys) {
        for lane in word.iter_mut() {
            *lane = lane.wrapping_add(key);
        }
    }
    for round in 0..ROUNDS {
        let [r0, r1] = ROTATIONS[round % 8];
        // Even rounds mix words (0, 1) and (2, 3), odd rounds (0, 3) and (2, 1).
        let (a, b) = if round % 2 == 0 { (1, 3) } else { (3, 1) };
        #[allow(clippy::needless_range_loop)] // four columns at once
        for l in 0..LANES {
            x[0][l] = x[0][l].wrapping_add(x[a][l]);
            x[a][l] = x[a][l].rotate_left(r0) ^ x[0][l];
            x[2][l] = x[2][l].wrapping_add(x[b][l]);
            x[b][l] = x[b][l].rotate_left(r1) ^ x[2][l];
        }
        if round % 4 == 3 {
            let injection = round / 4 + 1;
            for (w, word) in x.iter_mut().enumerate() {
                let key = keys[(injection + w) % 5].wrapping_add(if w == 3 { injection as u32 } else { 0 });
                for lane in word.iter_mut() {
                    *lane = lane.wrapping_add(key);
                }
            }
        }
    }
    x
}

/// 128 random bits for one (seed, purpose, stream; entity, step).
pub fn bits(seed: u64, purpose: Purpose, stream: u32, entity: u64, step: u64) -> [u32; 4] {
    let key = [seed as u32, (seed >> 32) as u32, purpose as u32, stream];
    let counter = [[entity as u32], [(entity >> 32) as u32], [step as u32], [(step >> 32) as u32]];
    threefry::<20, 1>(key, counter).map(|[word]| word)
}

/// A stream of random numbers for one (seed, purpose, stream, entity).
pub fn stream(seed: u64, purpose: Purpose, stream: u32, entity: u64) -> Xoshiro256PlusPlus {
    let mut bytes = [0; 32];
    for (half, chunk) in bytes.chunks_exact_mut(16).enumerate() {
        for (word, place) in bits(seed, purpose, stream, entity, half as u64 + (1 << 63)).iter().zip(chunk.chunks_exact_mut(4)) {
            place.copy_from_slice(&word.to_le_bytes());
        }
    }
    Xoshiro256PlusPlus::from_seed(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: this is Threefry-4x32-20. Source: the known-answer vectors of Random123 1.14. Tolerance: none.
    #[test]
    fn threefry_gives_the_published_answers() {
        let run = |key, counter: [u32; 4]| threefry::<20, 1>(key, counter.map(|w| [w])).map(|[w]| w);
        assert_eq!(run([0; 4], [0; 4]), [0x9c6c_a96a, 0xe17e_ae66, 0xfc10_ecd4, 0x5256_a7d8]);
        assert_eq!(run([u32::MAX; 4], [u32::MAX; 4]), [0x2a88_1696, 0x5701_2287, 0xf6c7_446e, 0xa16a_6732]);
        assert_eq!(
            run([0xa409_3822, 0x299f_31d0, 0x082e_fa98, 0xec4e_6c89], [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344]),
            [0x59cd_1dbb, 0xb887_9579, 0x86b5_d00c, 0xac8b_6d84]
        );
    }

    /// Claim: lanes are independent counters.
    #[test]
    fn lanes_equal_single_calls() {
        let counters: [[u32; 8]; 4] = std::array::from_fn(|w| std::array::from_fn(|l| (w * 31 + l * 7) as u32));
        let together = threefry::<12, 8>([1, 2, 3, 4], counters);
        for l in 0..8 {
            let alone = threefry::<12, 1>([1, 2, 3, 4], counters.map(|w| [w[l]]));
            assert_eq!(alone.map(|[w]| w), together.map(|w| w[l]));
        }
    }

    /// Claim: another seed, purpose, stream or entity is another stream.
    #[test]
    fn every_part_of_the_key_matters() {
        use rand_xoshiro::rand_core::Rng;
        let first = |seed, purpose, s, entity| stream(seed, purpose, s, entity).next_u64();
        let all = [
            first(1, Purpose::Value, 0, 0),
            first(2, Purpose::Value, 0, 0),
            first(1, Purpose::Noise, 0, 0),
            first(1, Purpose::Value, 1, 0),
            first(1, Purpose::Value, 0, 1),
        ];
        assert_eq!(std::collections::HashSet::from(all).len(), all.len());
    }
}
