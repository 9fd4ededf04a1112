//! The multilayer perceptron with ten outputs, learned by back-propagation: what it is compared with shares its hidden units among outputs, so it is no cell.

use crate::digits::{Digit, PIXELS, Split, around_zero};
use crate::study::Course;
use neuropil::core::random::{Purpose, stream};
use rand::seq::SliceRandom;

const CLASSES: usize = 10;
const LESSON: usize = 64;
const DECAY: f32 = 1e-4;

/// 64 pixels, hidden units that rectify, ten outputs of which the largest is the answer.
pub struct Perceptron {
    hidden: usize,
    /// Weights and bias of each hidden unit, then of each output.
    values: Vec<f32>,
}

impl Perceptron {
    /// Before it learns.
    pub fn new(hidden: usize, seed: u64) -> Self {
        let mut random = stream(seed, Purpose::Value, 4, 0);
        let mut values = Vec::new();
        for (inputs, outputs) in [(PIXELS, hidden), (hidden, CLASSES)] {
            let reach = (6.0 / (inputs + outputs) as f32).sqrt();
            for _ in 0..outputs {
                values.extend((0..inputs).map(|_| around_zero(&mut random, reach)));
                values.push(0.0);
            }
        }
        Self { hidden, values }
    }

    /// Weights and biases.
    pub fn parameters(&self) -> usize {
        self.values.len()
    }

    fn parts(&self) -> (&[f32], &[f32]) {
        self.values.split_at(self.hidden * (PIXELS + 1))
    }

    /// Hidden units and outputs for an image.
    fn recall(&self, pixels: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let layer = |units: &[f32], inputs: &[f32]| {
            let sum = |unit: &[f32]| unit.iter().zip(inputs).map(|(w, x)| w * x).sum::<f32>() + unit[inputs.len()];
            units.chunks(inputs.len() + 1).map(sum).collect::<Vec<f32>>()
        };
        let (below, above) = self.parts();
        let hidden: Vec<f32> = layer(below, pixels).into_iter().map(|sum| sum.max(0.0)).collect();
        let outputs = layer(above, &hidden);
        (hidden, outputs)
    }

    /// Adds the gradient of the cross entropy for an image.
    fn add_gradient(&self, digit: &Digit, share: f32, gradient: &mut [f32]) {
        let (hidden, outputs) = self.recall(&digit.pixels);
        let most = outputs.iter().copied().fold(f32::MIN, f32::max);
        let sum: f32 = outputs.iter().map(|output| (output - most).exp()).sum();
        let (_, above) = self.parts();
        let (below_gradient, above_gradient) = gradient.split_at_mut(self.hidden * (PIXELS + 1));
        let mut back = vec![0.0; self.hidden];
        for (class, output) in outputs.iter().enumerate() {
            let error = ((output - most).exp() / sum - f32::from(u8::from(class == usize::from(digit.label)))) * share;
            let unit = class * (self.hidden + 1);
            for k in 0..self.hidden {
                above_gradient[unit + k] += error * hidden[k];
                back[k] += error * above[unit + k];
            }
            above_gradient[unit + self.hidden] += error;
        }
        for (k, unit) in below_gradient.chunks_mut(PIXELS + 1).enumerate().filter(|(k, _)| hidden[*k] > 0.0) {
            unit.iter_mut().zip(&digit.pixels).for_each(|(gradient, pixel)| *gradient += back[k] * pixel);
            unit[PIXELS] += back[k];
        }
    }

    /// Learns by the course, with adaptive steps.
    pub fn teach(&mut self, digits: &[Digit], split: &Split, course: Course, seed: u64) {
        let mut order = split.learn.clone();
        let mut random = stream(seed, Purpose::Value, 5, 0);
        let (mut means, mut squares) = (vec![0.0_f32; self.values.len()], vec![0.0_f32; self.values.len()]);
        let mut lesson = 0;
        for epoch in 0..course.epochs {
            order.shuffle(&mut random);
            for numbers in order.chunks(LESSON) {
                let mut gradient: Vec<f32> = self.values.iter().map(|value| DECAY * value).collect();
                for number in numbers {
                    self.add_gradient(&digits[*number], 1.0 / numbers.len() as f32, &mut gradient);
                }
                lesson += 1;
                let (mean_share, square_share) = (1.0 - 0.9_f32.powi(lesson), 1.0 - 0.999_f32.powi(lesson));
                for (k, gradient) in gradient.into_iter().enumerate() {
                    means[k] = 0.9 * means[k] + 0.1 * gradient;
                    squares[k] = 0.999 * squares[k] + 0.001 * gradient * gradient;
                    self.values[k] -= course.step_in(epoch) * means[k] / mean_share / ((squares[k] / square_share).sqrt() + 1e-8);
                }
            }
        }
    }

    /// Outputs by class, for images.
    pub fn ask(&self, digits: &[Digit], numbers: &[usize]) -> Vec<Vec<f32>> {
        let by_image: Vec<Vec<f32>> = numbers.iter().map(|number| self.recall(&digits[*number].pixels).1).collect();
        (0..CLASSES).map(|class| by_image.iter().map(|outputs| outputs[class]).collect()).collect()
    }
}
