//! The digits, and which of them are learned from.

use neuropil::core::random::{Purpose, stream};
use rand::RngExt;
use rand::seq::SliceRandom;

/// Pixels of an image, 8 rows of 8.
pub const PIXELS: usize = 64;

/// One image.
pub struct Digit {
    /// 0 to 9.
    pub label: u8,
    /// From 0 to 1, row by row.
    pub pixels: Vec<f32>,
}

/// The 1,797 digits of `assets/digits`.
pub fn digits() -> Result<Vec<Digit>, String> {
    let table = include_str!("../../assets/digits/digits.csv");
    let read = |line: &str| {
        let (label, pixels) = line.split_once(',')?;
        let pixels: Option<Vec<f32>> = pixels.chars().map(|pixel| Some(pixel.to_digit(17)? as f32 / 16.0)).collect();
        Some(Digit { label: label.parse().ok()?, pixels: pixels.filter(|pixels| pixels.len() == PIXELS)? })
    };
    let lines = table.lines().enumerate().skip(1);
    lines.map(|(number, line)| read(line).ok_or(format!("assets/digits/digits.csv:{}: not a digit", number + 1))).collect()
}

/// Images to learn from and images to be tested with, by number.
pub struct Split {
    /// Seven of ten of each label.
    pub learn: Vec<usize>,
    /// The others.
    pub test: Vec<usize>,
}

/// Deals the images of every label out at random.
pub fn split(digits: &[Digit], seed: u64) -> Split {
    let mut random = stream(seed, Purpose::Value, 0, 0);
    let (mut learn, mut test) = (Vec::new(), Vec::new());
    for label in 0..10 {
        let mut of_label: Vec<usize> = (0..digits.len()).filter(|number| digits[*number].label == label).collect();
        of_label.shuffle(&mut random);
        let most = (0.7 * of_label.len() as f64).round() as usize;
        test.extend(of_label.split_off(most));
        learn.extend(of_label);
    }
    learn.shuffle(&mut random);
    Split { learn, test }
}

/// Whether each image is odd, with answers dealt out anew among the images to learn from if they are to be shuffled.
pub fn odd(digits: &[Digit], split: &Split, shuffled: bool, seed: u64) -> Vec<f32> {
    let mut answers: Vec<f32> = digits.iter().map(|digit| f32::from(digit.label % 2)).collect();
    if shuffled {
        let mut random = stream(seed, Purpose::Value, 1, 0);
        let mut dealt: Vec<f32> = split.learn.iter().map(|number| answers[*number]).collect();
        dealt.shuffle(&mut random);
        split.learn.iter().zip(dealt).for_each(|(number, answer)| answers[*number] = answer);
    }
    answers
}

/// `count` different numbers below `limit`.
pub fn choose(random: &mut impl rand::Rng, limit: u32, count: usize) -> Vec<u32> {
    let mut all: Vec<u32> = (0..limit).collect();
    all.shuffle(random);
    all.truncate(count);
    all
}

/// A number between `-reach` and `reach`.
pub fn around_zero(random: &mut impl rand::Rng, reach: f32) -> f32 {
    reach * (2.0 * random.random::<f32>() - 1.0)
}
