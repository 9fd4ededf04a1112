//! One seed: everything that is compared, taught and asked once.

use crate::compartments::{Circuit, Fault, RATE, SHOWN, best_threshold, right_of};
use crate::digits::{Digit, odd, split};
use crate::perceptron::Perceptron;
use crate::rows::{ADDITIVE, ADDITIVE_ROW, ClassRow, Classifier, DENDRITIC, DENDRITIC_ROW, LINEAR_ROW, Row};
use crate::study::{School, right_label, right_majority, right_parity};
use neuropil::core::random::{Purpose, stream};
use rand_distr::{Distribution, Poisson};

/// Cells that vote.
pub const VOTERS: [usize; 4] = [1, 3, 5, 9];
/// Axons of every pixel.
pub const AXONS: [f64; 2] = [10.0, 1.0];
/// Images that were learned from and that scaling and decision of the compartments are set with.
const SET_WITH: usize = 300;

/// What came out, as shares of test images.
pub struct Outcome {
    /// Odd against even, by row.
    pub parity: Vec<f64>,
    /// Ten digits, by row.
    pub classes: Vec<f64>,
    /// Majorities of dendritic cells, by number of voters.
    pub dendritic_vote: Vec<f64>,
    /// Majorities of trees with the same masks and linear branches.
    pub linear_vote: Vec<f64>,
    /// The trained cell with conductances in place of spikes.
    pub conductances: f64,
    /// By number of axons.
    pub spiking: Vec<Spiking>,
    /// Spikes that arrive at synapses of the dendritic cell while an image is shown, mean over test images, one axon a pixel.
    pub arriving: f64,
}

/// With spikes in.
pub struct Spiking {
    /// The linear cell, told how many spikes there were.
    pub linear_told: f64,
    /// The dendritic cell, told how many spikes there were.
    pub dendritic_told: f64,
    /// The compartments.
    pub compartments: f64,
}

/// Digits with pixels as rates that were counted from Poisson spikes.
fn counted(digits: &[Digit], axons: f64, seed: u64) -> Result<Vec<Digit>, Fault> {
    let mut random = stream(seed, Purpose::Value, 7, axons as u64);
    let full = RATE * axons * SHOWN / 1000.0;
    let mut count = |pixel: &f32| -> Result<f32, Fault> {
        if *pixel == 0.0 {
            return Ok(0.0);
        }
        Ok((Poisson::new(f64::from(*pixel) * full)?.sample(&mut random) / full) as f32)
    };
    let of = |digit: &Digit| Ok(Digit { label: digit.label, pixels: digit.pixels.iter().map(&mut count).collect::<Result<_, Fault>>()? });
    digits.iter().map(of).collect()
}

/// Teaches and asks everything.
pub fn run(digits: &[Digit], rows: &[Row], class_rows: &[ClassRow], seed: u64) -> Result<Outcome, Fault> {
    let split = split(digits, seed);
    let mut school = School::new(seed)?;
    let answers = odd(digits, &split, false, seed);
    let mut cells = Vec::new();
    for row in rows {
        let answers = if row.shuffled { odd(digits, &split, true, seed) } else { answers.clone() };
        cells.push(school.add(&row.kind, 0, answers, row.course)?);
    }
    let course = rows[DENDRITIC_ROW].course;
    let (mut dendritic, mut additive) = (vec![cells[DENDRITIC_ROW]], vec![cells[ADDITIVE_ROW]]);
    for member in 1..VOTERS[VOTERS.len() - 1] as u64 {
        dendritic.push(school.add(&DENDRITIC, member, answers.clone(), course)?);
        additive.push(school.add(&ADDITIVE, member, answers.clone(), course)?);
    }
    school.teach(digits, &split)?;
    let right = |drive: &Vec<f32>| right_parity(drive, digits, &split.test);
    let parity = school.ask(&cells, digits, &split.test)?.iter().map(right).collect();
    let mut vote = |cells: &[_]| -> Result<Vec<f64>, Fault> {
        let drives = school.ask(cells, digits, &split.test)?;
        Ok(VOTERS.iter().map(|voters| right_majority(&drives[..*voters], digits, &split.test)).collect())
    };
    let (dendritic_vote, linear_vote) = (vote(&dendritic)?, vote(&additive)?);

    let plan = school.describe(cells[DENDRITIC_ROW]);
    let circuit = Circuit::of(&plan);
    let set_with = &split.learn[..SET_WITH.min(split.learn.len())];
    let scaling = circuit.scaled(digits, set_with);
    let (_, threshold) = best_threshold(&circuit.steady_potentials(&scaling, digits, set_with), digits, set_with);
    let conductances = right_of(&circuit.steady_potentials(&scaling, digits, &split.test), threshold, digits, &split.test);
    let mut spiking = Vec::new();
    for axons in AXONS {
        let noisy = counted(digits, axons, seed)?;
        let told = school.ask(&[cells[LINEAR_ROW], cells[DENDRITIC_ROW]], &noisy, &split.test)?;
        // Both sets of images in one network: they share nothing but the circuit.
        let numbers: Vec<usize> = set_with.iter().chain(&split.test).copied().collect();
        let potentials = circuit.listen(&scaling, digits, &numbers, axons, seed)?;
        let (to_set, to_test) = potentials.split_at(set_with.len());
        let (_, threshold) = best_threshold(to_set, digits, set_with);
        let compartments = right_of(to_test, threshold, digits, &split.test);
        spiking.push(Spiking { linear_told: right(&told[0]), dendritic_told: right(&told[1]), compartments });
    }
    let on = |number: &usize| {
        let pixels = &digits[*number].pixels;
        plan.branches.iter().flat_map(|branch| &branch.afferents).map(|pixel| f64::from(pixels[*pixel as usize])).sum::<f64>()
    };
    let arriving = split.test.iter().map(on).sum::<f64>() / split.test.len() as f64 * RATE * SHOWN / 1000.0;

    let mut classes = vec![0.0; class_rows.len()];
    let mut school = School::new(seed)?;
    let mut contests = Vec::new();
    for (place, row) in class_rows.iter().enumerate() {
        match row.classifier {
            Classifier::Cells(kind) => contests.push((place, school.add_contest(&kind, digits, row.course)?)),
            Classifier::Perceptron(hidden) => {
                let mut perceptron = Perceptron::new(hidden, seed);
                perceptron.teach(digits, &split, row.course, seed);
                classes[place] = right_label(&perceptron.ask(digits, &split.test), digits, &split.test);
            }
        }
    }
    school.teach(digits, &split)?;
    for (place, cells) in contests {
        classes[place] = right_label(&school.ask(&cells, digits, &split.test)?, digits, &split.test);
    }
    Ok(Outcome { parity, classes, dendritic_vote, linear_vote, conductances, spiking, arriving })
}
