//! Poisson input: every neuron gets its own train, drawn while it is integrated.
//!
//! A neuron's number of events in a step is exactly Poisson. It is drawn with 16 random bits from an alias table of 16 columns (Walker AJ
//! (1977). ACM Trans Math Softw 3:253-256. doi:10.1145/355744.355749): 4 bits choose the column, 12 are compared with its threshold; a tie
//! (1 in 4,096) is settled by 32 further bits. Column 15 stands for "15 or more", settled by inversion. Larger means are drawn as a sum.
//! Bits are keyed by (seed, drive; group of 64 neurons, step), so a train depends on nothing else.

use bevy_ecs::prelude::*;
use neuropil_core::Simd;
use neuropil_core::arrivals::UNIT;
use neuropil_core::columns::CHUNK;
use neuropil_core::random::{Purpose, bits, threefry};
use std::ops::Range;

/// Largest mean that one draw serves; above it, several draws are added.
const MEAN_OF_A_DRAW: f64 = 4.0;
/// Largest mean number of events a step, reached at 10 MHz with steps of 0.1 ms.
pub const MAXIMAL_MEAN: f64 = 1000.0;

/// Alias table of a Poisson distribution.
#[derive(Clone, Debug, PartialEq)]
pub struct PoissonTable {
    thresholds: [u16; 16],
    aliases: [u8; 16],
    /// Further 32 bits of each threshold.
    remainders: [u32; 16],
    /// Cumulative probabilities of 15, 16, … given 15 or more.
    tail: Vec<f64>,
    /// Draws that are added.
    draws: u32,
    #[cfg(target_arch = "x86_64")]
    shuffles: avx2::Tables,
}

impl PoissonTable {
    /// The table for a mean number of events a step; `None` if it is negative, not finite or beyond [`MAXIMAL_MEAN`].
    pub fn new(mean: f64) -> Option<Self> {
        if !(0.0..=MAXIMAL_MEAN).contains(&mean) {
            return None;
        }
        let draws = (mean / MEAN_OF_A_DRAW).ceil().max(1.0);
        let mean = mean / draws;
        let mut probabilities = [0.0; 16];
        let mut term = (-mean).exp();
        for (k, probability) in probabilities.iter_mut().enumerate().take(15) {
            *probability = term;
            term *= mean / (k + 1) as f64;
        }
        // The tail is summed from its own terms: 1 - Σ would cancel.
        let mut tail = Vec::new();
        let mut sum = 0.0;
        for k in 15..120 {
            sum += term;
            tail.push(sum);
            term *= mean / f64::from(k + 1);
        }
        for t in &mut tail {
            *t = if sum > 0.0 { *t / sum } else { 1.0 };
        }
        probabilities[15] = sum;
        let (cuts, aliases) = alias(probabilities);
        let fixed = cuts.map(|cut| (cut.clamp(0.0, 1.0) * 17_592_186_044_416.0) as u64); // 44 bits: 12 and 32
        let thresholds = fixed.map(|f| (f >> 32) as u16);
        Some(Self {
            thresholds,
            aliases,
            remainders: fixed.map(|f| f as u32),
            tail,
            draws: draws as u32,
            #[cfg(target_arch = "x86_64")]
            shuffles: avx2::Tables { low: thresholds.map(|t| t as u8), high: thresholds.map(|t| (t >> 8) as u8), aliases },
        })
    }

    /// Events of 64 neurons in one step, added to `counts`.
    #[inline(always)]
    fn draw(&self, simd: Simd, seed: u64, drive: u32, group: u32, step: u64, counts: &mut [u16; 64]) {
        for draw in 0..self.draws {
            let key = [seed as u32, (seed >> 32) as u32, Purpose::PoissonInput as u32, drive];
            let mut words = [[0; 8]; 4];
            let mut special = [0_u8; 64];
            let any = if simd >= Simd::Avx2 {
                self.draw_wide(key, group, draw, step, &mut words, counts, &mut special)
            } else {
                // Lane and draw share a word: 8 lanes of 128 bits are 64 numbers of 16 bits.
                let counter = [[group; 8], std::array::from_fn(|l| l as u32 | draw << 3), [step as u32; 8], [(step >> 32) as u32; 8]];
                words = threefry::<12, 8>(key, counter);
                self.look_up(&words, counts, &mut special)
            };
            if any {
                self.settle(&words, seed, drive, group, step, draw, counts, &special);
            }
        }
    }

    /// Column and fraction of each 16-bit number, and the event count they give; marks ties and counts of 15 as special.
    #[inline(always)]
    fn look_up(&self, words: &[[u32; 8]; 4], counts: &mut [u16; 64], special: &mut [u8; 64]) -> bool {
        let mut any = false;
        for k in 0..64 {
            let number = number(words, k);
            let column = usize::from(number & 15);
            let (fraction, threshold) = (number >> 4, self.thresholds[column]);
            let count = if fraction < threshold { column as u16 } else { u16::from(self.aliases[column]) };
            special[k] = u8::from(fraction == threshold || count == 15);
            any |= special[k] != 0;
            counts[k] += count;
        }
        any
    }

    /// The same numbers and counts, with AVX2.
    #[inline(always)]
    #[expect(clippy::too_many_arguments, reason = "the key of the bits, and the arrays of the group")]
    fn draw_wide(
        &self,
        key: [u32; 4],
        group: u32,
        draw: u32,
        step: u64,
        words: &mut [[u32; 8]; 4],
        counts: &mut [u16; 64],
        special: &mut [u8; 64],
    ) -> bool {
        #[cfg(target_arch = "x86_64")]
        {
            // SAFETY: only reached where the run uses AVX2 or more, which `Simd` grants only on processors that have it.
            // Exercised by `every_instruction_set_draws_the_same_events`.
            unsafe { avx2::draw(&self.shuffles, key, group, draw, step, words, counts, special) }
        }
        #[cfg(not(target_arch = "x86_64"))]
        {
            let counter = [[group; 8], std::array::from_fn(|l| l as u32 | draw << 3), [step as u32; 8], [(step >> 32) as u32; 8]];
            *words = threefry::<12, 8>(key, counter);
            self.look_up(words, counts, special)
        }
    }

    /// Settles ties and counts of 15 or more with further bits.
    #[cold]
    #[inline(never)]
    #[expect(clippy::too_many_arguments, reason = "the key of the bits, and the arrays of the group")]
    fn settle(
        &self,
        words: &[[u32; 8]; 4],
        seed: u64,
        drive: u32,
        group: u32,
        step: u64,
        draw: u32,
        counts: &mut [u16; 64],
        special: &[u8; 64],
    ) {
        for k in (0..64).filter(|k| special[*k] != 0) {
            let entity = u64::from(group) << 32 | u64::from(draw) << 6 | k as u64;
            let further = bits(seed, Purpose::PoissonRest, drive, entity, step);
            let number = number(words, k);
            let column = usize::from(number & 15);
            let (fraction, threshold) = (number >> 4, self.thresholds[column]);
            let taken = if fraction < threshold { column as u16 } else { u16::from(self.aliases[column]) };
            let below = fraction < threshold || fraction == threshold && further[0] < self.remainders[column];
            let mut count = if below { column as u16 } else { u16::from(self.aliases[column]) };
            if count == 15 {
                let u = (f64::from(further[1]) + f64::from(further[2]) / 4_294_967_296.0) / 4_294_967_296.0;
                count += self.tail.iter().take_while(|t| **t <= u).count() as u16;
            }
            counts[k] = counts[k] - taken + count;
        }
    }
}

/// The `k`-th 16-bit number: low and high half of word `k / 16`, lane `k / 2 % 8`.
#[inline(always)]
fn number(words: &[[u32; 8]; 4], k: usize) -> u16 {
    (words[k / 16][k / 2 % 8] >> (16 * (k % 2))) as u16
}

#[cfg(target_arch = "x86_64")]
#[path = "poisson_avx2.rs"]
mod avx2;

/// Vose's construction: `cuts[k]` is the share of column k that stays k.
fn alias(probabilities: [f64; 16]) -> ([f64; 16], [u8; 16]) {
    let mut scaled = probabilities.map(|p| p * 16.0);
    let (mut cuts, mut aliases) = ([1.0; 16], std::array::from_fn(|k| k as u8));
    let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..16).partition(|k| scaled[*k] < 1.0);
    while let (Some(s), Some(l)) = (small.pop(), large.pop()) {
        (cuts[s], aliases[s]) = (scaled[s], l as u8);
        scaled[l] -= 1.0 - scaled[s];
        if scaled[l] < 1.0 { small.push(l) } else { large.push(l) }
    }
    (cuts, aliases)
}

/// One Poisson input of a population.
#[derive(Clone, Debug)]
pub struct PoissonDrive {
    /// Number of the drive, part of the key of its bits; unique in the network.
    pub number: u32,
    /// Channel that it adds to.
    pub channel: usize,
    /// Distribution of the events of one step.
    pub table: PoissonTable,
    /// Weight of an event, in the receptor's unit.
    pub weight: f32,
    /// Weights by neuron where they differ (0 for those not driven); empty if all have `weight`.
    pub weights: Vec<f32>,
    /// Groups of 64 neurons in which one is driven, ascending.
    pub groups: Vec<u32>,
    /// By group: which of its eight units of eight neurons have one that is driven, a bit each.
    pub units: Vec<u8>,
    /// Whether events occur at all in this step.
    pub active: bool,
}

/// The Poisson inputs of a population.
#[derive(Component, Clone, Debug, Default)]
pub struct PoissonDrives(pub Vec<PoissonDrive>);

impl PoissonDrives {
    /// Adds the events of one step to the input of a chunk.
    #[inline(always)]
    pub(crate) fn add(&self, simd: Simd, seed: u64, step: u64, chunk: Range<usize>, arriving: &mut [[f32; CHUNK]]) {
        for drive in &self.0 {
            if !drive.active {
                continue;
            }
            drive.add_to(simd, seed, step, chunk.clone(), &mut arriving[drive.channel][..chunk.len()]);
        }
    }

    /// The same for units of eight neurons that lie apart: `units` are counted from neuron `first` on, and ascend.
    #[inline(always)]
    pub(crate) fn add_to_units(&self, simd: Simd, seed: u64, step: u64, first: usize, units: &[u32], arriving: &mut [[f32; CHUNK]]) {
        for drive in self.0.iter().filter(|drive| drive.active) {
            let Some(last) = units.last().map(|unit| first + (*unit as usize + 1) * UNIT) else { continue };
            let near = drive.groups_of(&(first + units[0] as usize * UNIT..last));
            let mut places = drive.groups[near.clone()].iter().zip(&drive.units[near]).peekable();
            let (mut drawn, mut counts) = (None, [0; 64]);
            for (k, unit) in units.iter().enumerate() {
                let start = first + *unit as usize * UNIT;
                let (group, within) = ((start / 64) as u32, start % 64);
                while places.next_if(|(place, _)| **place < group).is_some() {}
                let Some((place, driven)) = places.peek() else { break };
                if **place != group || *driven >> (within / UNIT) & 1 == 0 {
                    continue;
                }
                if drawn != Some(group) {
                    (drawn, counts) = (Some(group), [0; 64]);
                    drive.table.draw(simd, seed, drive.number, group, step, &mut counts);
                }
                drive.add_counts(&counts[within..within + UNIT], start, &mut arriving[drive.channel][k * UNIT..][..UNIT]);
            }
        }
    }

    /// Groups of 64 neurons that overlap `rows`, some of whose neurons are driven in this step, and which of their units those are in.
    pub(crate) fn driven(&self, rows: Range<usize>) -> impl Iterator<Item = (u32, u8)> {
        self.0.iter().filter(|drive| drive.active).flat_map(move |drive| {
            let range = drive.groups_of(&rows);
            drive.groups[range.clone()].iter().copied().zip(drive.units[range].iter().copied())
        })
    }
}

impl PoissonDrive {
    /// Adds the events of one step to the input of some neighbouring neurons, `rows` of the population.
    #[inline(always)]
    pub fn add_to(&self, simd: Simd, seed: u64, step: u64, rows: Range<usize>, arriving: &mut [f32]) {
        for group in &self.groups[self.groups_of(&rows)] {
            let first = *group as usize * 64;
            let mut counts = [0; 64];
            self.table.draw(simd, seed, self.number, *group, step, &mut counts);
            let (start, end) = (first.max(rows.start), (first + 64).min(rows.end));
            self.add_counts(&counts[start - first..end - first], start, &mut arriving[start - rows.start..end - rows.start]);
        }
    }

    /// Which of the driven groups overlap a range of neurons.
    #[inline(always)]
    fn groups_of(&self, rows: &Range<usize>) -> Range<usize> {
        let start = self.groups.partition_point(|group| (*group as usize + 1) * 64 <= rows.start);
        let end = start + self.groups[start..].partition_point(|group| (*group as usize) * 64 < rows.end);
        start..end
    }

    /// Adds events of the neurons from `first` on to their input.
    #[inline(always)]
    fn add_counts(&self, counts: &[u16], first: usize, arriving: &mut [f32]) {
        if self.weights.is_empty() {
            for (arriving, count) in arriving.iter_mut().zip(counts) {
                *arriving += f32::from(*count) * self.weight;
            }
        } else {
            for ((arriving, count), weight) in arriving.iter_mut().zip(counts).zip(&self.weights[first..first + counts.len()]) {
                *arriving += f32::from(*count) * weight;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: counts are Poisson. Source: closed form. Tolerance: 4.5 standard errors of the mean; χ² within 5 standard deviations of its degrees of freedom.
    #[test]
    fn counts_follow_the_poisson_distribution() {
        for mean in [0.0003, 0.16, 0.8, 1.28, 2.32, 3.9, 7.0, 40.0] {
            let table = PoissonTable::new(mean).expect("valid");
            let mut histogram = vec![0_u64; 200];
            let groups = 20_000;
            for group in 0..groups {
                let mut counts = [0; 64];
                table.draw(Simd::detect(), 7, 3, group % 100, u64::from(group / 100), &mut counts);
                counts.iter().for_each(|c| histogram[usize::from(*c)] += 1);
            }
            let n = f64::from(groups) * 64.0;
            let found = histogram.iter().enumerate().map(|(k, h)| k as f64 * *h as f64).sum::<f64>() / n;
            assert!((found - mean).abs() < 4.5 * (mean / n).sqrt(), "mean {mean}: {found}");
            let (mut chi, mut classes, mut term) = (0.0, 0.0, (-mean).exp());
            for (k, h) in histogram.iter().enumerate() {
                let expected = term * n;
                if expected > 10.0 {
                    chi += (*h as f64 - expected).powi(2) / expected;
                    classes += 1.0;
                }
                term *= mean / (k + 1) as f64;
            }
            let freedom: f64 = classes - 1.0;
            assert!(chi < freedom + 5.0 * (2.0 * freedom).sqrt() + 2.0, "mean {mean}: χ² {chi} in {classes} classes");
        }
    }

    /// Claim: all instruction sets draw the same events.
    #[test]
    fn every_instruction_set_draws_the_same_events() {
        for mean in [0.05, 1.28, 4.0, 25.0] {
            let table = PoissonTable::new(mean).expect("valid");
            for group in 0..2000 {
                let [mut portable, mut wide] = [[0; 64]; 2];
                table.draw(Simd::Portable, 1, 2, group, 5, &mut portable);
                table.draw(Simd::detect(), 1, 2, group, 5, &mut wide);
                assert_eq!(portable, wide);
            }
        }
    }
}
