//! Distributions against closed forms.

use super::draw;

const COUNT: usize = 200_000;

/// Mean and variance within 4 standard errors of the closed form; the error of the variance is from the fourth central moment.
fn check(text: &str, mean: f64, variance: f64, fourth: f64) {
    let values = draw(text, COUNT, 7).unwrap();
    let n = COUNT as f64;
    let found_mean = values.iter().sum::<f64>() / n;
    let found_variance = values.iter().map(|value| (value - found_mean).powi(2)).sum::<f64>() / (n - 1.0);
    let mean_error = (variance / n).sqrt();
    let variance_error = ((fourth - variance * variance) / n).sqrt();
    assert!((found_mean - mean).abs() < 4.0 * mean_error, "{text}: mean {found_mean}, expected {mean} ± {mean_error}");
    assert!(
        (found_variance - variance).abs() < 4.0 * variance_error,
        "{text}: variance {found_variance}, expected {variance} ± {variance_error}"
    );
}

/// Claim: mean and variance are those of the distribution. Source: closed forms (Johnson, Kotz and Balakrishnan 1994, Continuous univariate
/// distributions, volumes 1 and 2). Tolerance: 4 standard errors at 200 000 numbers, exceeded by one check in 16 000 if all is right.
#[test]
fn means_and_variances_are_those_of_the_closed_forms() {
    // Each twice: with fixed parameters, and with ones that the program computes for each element.
    for zero in ["0", "uniform(0, 0)"] {
        check(&format!("normal(3 + {zero}, 2)"), 3.0, 4.0, 3.0 * 16.0);
        check(&format!("uniform(-1 + {zero}, 5)"), 2.0, 36.0 / 12.0, 6.0_f64.powi(4) / 80.0);
        check(&format!("exponential(2 + {zero})"), 2.0, 4.0, 9.0 * 16.0);
        for (shape, scale) in [(0.5_f64, 2.0_f64), (3.0, 0.5)] {
            let fourth = (3.0 * shape * shape + 6.0 * shape) * scale.powi(4);
            check(&format!("gamma({shape} + {zero}, {scale})"), shape * scale, shape * scale * scale, fourth);
        }
        let (mu, sigma) = (0.3_f64, 0.25_f64);
        let w = (sigma * sigma).exp();
        let variance = 4.0 * (w - 1.0) * (2.0 * mu).exp() * w;
        let kurtosis = w.powi(4) + 2.0 * w.powi(3) + 3.0 * w * w - 3.0;
        check(
            &format!("lognormal({mu} + {zero}, {sigma}, 2)"),
            2.0 * (mu + sigma * sigma / 2.0).exp(),
            variance,
            kurtosis * variance * variance,
        );
    }
}

/// Claim: redraw gives the truncated distribution. Source: moments of the half-normal and of the normal cut at ±1 standard deviation, closed
/// forms (the same, chapter 13) with φ(1) = 0.241970724519143 and Φ(1) - Φ(-1) = 0.682689492137086. Tolerance: 4 standard errors.
#[test]
fn redraw_gives_the_truncated_distribution() {
    // Fixed, then with a body of several instructions, then with bounds that are computed.
    for text in ["redraw(normal(0, 1), 0, 100)", "redraw(normal(0, 1) * 1, 0, 100)", "redraw(normal(0, 1), 0 * uniform(0, 1), 100)"] {
        let pi = std::f64::consts::PI;
        // The fourth central moment of a half-normal variable: 3 - 4/π - 12/π².
        check(text, (2.0 / pi).sqrt(), 1.0 - 2.0 / pi, 3.0 - 4.0 / pi - 12.0 / (pi * pi));
    }
    for text in ["redraw(normal(5, 2), 3, 7)", "redraw(5 + normal(0, 2), 3, 7)"] {
        let edge = 2.0 * 0.241_970_724_519_143 / 0.682_689_492_137_086;
        check(text, 5.0, 4.0 * (1.0 - edge), 16.0 * (3.0 * (1.0 - edge) - edge));
    }
    assert!(draw("redraw(normal(5, 2), 3, 7)", 10_000, 3).unwrap().iter().all(|value| (3.0..=7.0).contains(value)));
}

/// Claim: clip sets to the bound, so the bounds carry the mass beyond them. Source: P(|Z| > 1) = 0.317310507862914. Tolerance: 4 standard errors.
#[test]
fn clip_puts_the_tails_on_the_bounds() {
    let values = draw("clip(normal(0, 1), -1, 1)", COUNT, 11).unwrap();
    let on_bounds = values.iter().filter(|value| value.abs() == 1.0).count() as f64 / COUNT as f64;
    let p = 0.317_310_507_862_914;
    assert!((on_bounds - p).abs() < 4.0 * (p * (1.0 - p) / COUNT as f64).sqrt(), "{on_bounds}");
}

/// Claim: elements and blocks are independent. Source: correlation 0 between neighbours. Tolerance: 4/√n.
#[test]
fn neighbours_are_uncorrelated() {
    let values = draw("redraw(normal(0, 1) + 0, -1, 1)", COUNT, 5).unwrap();
    let variance = values.iter().map(|value| value * value).sum::<f64>();
    for lag in [1, 1000] {
        let correlation = values.iter().zip(&values[lag..]).map(|(a, b)| a * b).sum::<f64>() / variance;
        assert!(correlation.abs() < 4.0 / (COUNT as f64).sqrt(), "{lag}: {correlation}");
    }
}
