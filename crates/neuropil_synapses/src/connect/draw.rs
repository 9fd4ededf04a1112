//! Drawing partners: the random part of every rule, for one source or one target.

use rand::Rng;
use rand_distr::{Binomial, Distribution, Hypergeometric};

/// A uniform number below `bound`, which is at least 1.
#[inline(always)]
pub fn below<R: Rng>(bound: u32, random: &mut R) -> u32 {
    ((u128::from(random.next_u64()) * u128::from(bound)) >> 64) as u32
}

/// Which partners are taken already.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    words: Vec<u64>,
}

impl Taken {
    fn reserve(&mut self, partners: u32) {
        let words = partners.div_ceil(64) as usize;
        if self.words.len() < words {
            self.words.resize(words, 0);
        }
    }

    /// Takes a partner; `false` if it was taken before.
    fn take(&mut self, partner: u32) -> bool {
        let (word, bit) = (&mut self.words[(partner / 64) as usize], 1_u64 << (partner % 64));
        let free = *word & bit == 0;
        *word |= bit;
        free
    }

    fn release(&mut self, partner: u32) {
        self.words[(partner / 64) as usize] &= !(1 << (partner % 64));
    }
}

/// Appends `count` partners below `partners`, drawn with replacement, none equal to `excluded`.
#[inline]
pub fn with_replacement<R: Rng>(count: u64, partners: u32, excluded: Option<u32>, random: &mut R, out: &mut Vec<u32>) {
    match excluded {
        None => out.extend((0..count).map(|_| below(partners, random))),
        Some(_) if partners < 2 => {}
        Some(excluded) => out.extend((0..count).map(|_| {
            // Uniform over the others: numbers from the excluded one on move up by one.
            let partner = below(partners - 1, random);
            partner + u32::from(partner >= excluded)
        })),
    }
}

/// Appends `count` different partners below `partners`, none equal to `excluded`; all others if there are no more than that. In random order
/// where few are drawn, else ascending.
pub fn without_replacement<R: Rng>(
    count: u64,
    partners: u32,
    excluded: Option<u32>,
    random: &mut R,
    taken: &mut Taken,
    out: &mut Vec<u32>,
) {
    let excluded = excluded.filter(|e| *e < partners);
    let candidates = u64::from(partners) - u64::from(excluded.is_some());
    let count = count.min(candidates);
    taken.reserve(partners);
    if let Some(excluded) = excluded {
        taken.take(excluded);
    }
    let start = out.len();
    if count * 2 <= candidates {
        while ((out.len() - start) as u64) < count {
            let partner = below(partners, random);
            if taken.take(partner) {
                out.push(partner);
            }
        }
        out[start..].iter().for_each(|p| taken.release(*p));
    } else {
        // More than half: draw those that are left out.
        let mut left_out = Vec::with_capacity((candidates - count) as usize);
        while (left_out.len() as u64) < candidates - count {
            let partner = below(partners, random);
            if taken.take(partner) {
                left_out.push(partner);
            }
        }
        out.extend((0..partners).filter(|p| taken.words[(p / 64) as usize] >> (p % 64) & 1 == 0));
        left_out.iter().for_each(|p| taken.release(*p));
    }
    if let Some(excluded) = excluded {
        taken.release(excluded);
    }
}

/// Number of successes in `trials` of probability `probability`.
pub fn binomial<R: Rng>(trials: u64, probability: f64, random: &mut R) -> u64 {
    Binomial::new(trials, probability).map_or(0, |d| d.sample(random))
}

/// Out-degrees of a fixed total number of synapses with replacement: how often each source is drawn.
///
/// `pairs(source)` is the number of targets that the source may have; where it is the same for all, every draw is uniform.
pub fn multinomial<R: Rng>(number: u64, sources: u32, pairs: impl Fn(u32) -> u32, random: &mut R) -> Vec<u32> {
    let mut degrees = vec![0_u32; sources as usize];
    let most = (0..sources).map(&pairs).max().unwrap_or(0);
    let uniform = (0..sources).all(|s| pairs(s) == most);
    for _ in 0..if most == 0 { 0 } else { number } {
        let mut source = below(sources, random);
        while !uniform && below(most, random) >= pairs(source) {
            source = below(sources, random);
        }
        degrees[source as usize] += 1;
    }
    degrees
}

/// Out-degrees of a fixed total number of synapses without repeats: a multivariate hypergeometric draw, source by source.
pub fn multivariate_hypergeometric<R: Rng>(number: u64, sources: u32, pairs: impl Fn(u32) -> u32, random: &mut R) -> Vec<u32> {
    let mut pairs_left: u64 = (0..sources).map(|s| u64::from(pairs(s))).sum();
    let mut left = number.min(pairs_left);
    (0..sources)
        .map(|source| {
            let own = u64::from(pairs(source));
            let degree = Hypergeometric::new(pairs_left, own, left).map_or(0, |d| d.sample(random)).min(left);
            pairs_left -= own;
            left -= degree;
            degree as u32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use neuropil_core::random::{Purpose, stream};

    /// Claim: draws without replacement repeat nothing, leave out the excluded one, and are uniform.
    /// Source: each of 9 candidates is among 4 (or 7) drawn with probability 4/9 (7/9). Tolerance: 4.5 standard errors over 20,000 draws.
    #[test]
    fn draws_without_replacement_are_uniform_subsets() {
        for count in [4, 7, 9, 20] {
            let mut random = stream(1, Purpose::Connection, 0, count);
            let mut taken = Taken::default();
            let mut hits = [0_u32; 10];
            for _ in 0..20_000 {
                let mut out = Vec::new();
                without_replacement(count, 10, Some(3), &mut random, &mut taken, &mut out);
                let distinct: std::collections::HashSet<u32> = out.iter().copied().collect();
                assert_eq!((distinct.len() as u64, out.len() as u64), (count.min(9), count.min(9)));
                out.iter().for_each(|p| hits[*p as usize] += 1);
            }
            let p = count.min(9) as f64 / 9.0;
            for (partner, hits) in hits.iter().enumerate() {
                let expected = if partner == 3 { 0.0 } else { p };
                let tolerance = 4.5 * (expected * (1.0 - expected) / 20_000.0).sqrt();
                assert!((f64::from(*hits) / 20_000.0 - expected).abs() <= tolerance, "{count}: partner {partner} {hits} times");
            }
        }
    }

    /// Claim: a fixed total number is kept, and spreads binomially. Source: variance N p (1 - p). Tolerance: 5 standard errors of a variance over 2,000 sources.
    #[test]
    fn totals_are_kept_and_spread_as_they_should() {
        let mut random = stream(1, Purpose::Connection, 0, 0);
        for repeats in [true, false] {
            let degrees = match repeats {
                true => multinomial(200_000, 2000, |_| 500, &mut random),
                false => multivariate_hypergeometric(200_000, 2000, |_| 500, &mut random),
            };
            assert_eq!(degrees.iter().map(|d| u64::from(*d)).sum::<u64>(), 200_000);
            let variance = degrees.iter().map(|d| (f64::from(*d) - 100.0).powi(2)).sum::<f64>() / 2000.0;
            let expected = if repeats { 100.0 } else { 100.0 * (1.0 - 0.2) };
            assert!((variance / expected - 1.0).abs() < 5.0 * (2.0_f64 / 2000.0).sqrt(), "variance {variance}, expected {expected}");
        }
    }
}
