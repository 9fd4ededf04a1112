//! Principal components of many traces: which share of their variance has few modes.

use super::moments;

/// The shares of the variance of many traces that their leading modes have, largest first: eigenvalues of the traces' covariance
/// over its trace (principal components; each trace less its mean, not scaled). At most `modes` of them, and no more than there are
/// traces or samples. `None` if the traces differ in length, all are constant or a value is not finite.
///
/// Time grows with the cube of the number of traces or of samples, whichever is smaller: a second for about a thousand.
pub fn mode_variances(traces: &[&[f64]], modes: usize) -> Option<Vec<f64>> {
    let length = traces.first()?.len();
    let mut centred: Vec<Vec<f64>> = Vec::with_capacity(traces.len());
    for trace in traces {
        let (mean, _) = moments(trace).filter(|_| trace.len() == length)?;
        centred.push(trace.iter().map(|value| value - mean).collect());
    }
    // The covariances of samples have the same eigenvalues as those of traces, and zeros.
    if length < centred.len() {
        centred = (0..length).map(|sample| centred.iter().map(|trace| trace[sample]).collect()).collect();
    }
    let size = centred.len();
    let mut matrix = vec![vec![0.0; size]; size];
    for row in 0..size {
        for column in 0..=row {
            let product: f64 = centred[row].iter().zip(&centred[column]).map(|(a, b)| a * b).sum();
            matrix[row][column] = product;
            matrix[column][row] = product;
        }
    }
    let total: f64 = (0..size).map(|place| matrix[place][place]).sum();
    if !(total > 0.0 && total.is_finite()) {
        return None;
    }
    let scaled = |row: Vec<f64>| row.into_iter().map(|value| value / total).collect();
    let (diagonal, beside) = tridiagonal(matrix.into_iter().map(scaled).collect());
    Some((0..modes.min(size)).map(|place| eigenvalue(&diagonal, &beside, place).clamp(0.0, 1.0)).collect())
}

/// A symmetric matrix as a tridiagonal one with the same eigenvalues (Householder's reflections): its diagonal and what is beside.
fn tridiagonal(mut matrix: Vec<Vec<f64>>) -> (Vec<f64>, Vec<f64>) {
    let size = matrix.len();
    let mut beside = Vec::with_capacity(size.saturating_sub(1));
    for step in 0..size.saturating_sub(1) {
        let rest = step + 1;
        let mut mirror: Vec<f64> = (rest..size).map(|row| matrix[row][step]).collect();
        let length = mirror.iter().map(|value| value * value).sum::<f64>().sqrt();
        let along = if mirror[0] > 0.0 { -length } else { length };
        beside.push(along);
        mirror[0] -= along;
        let square: f64 = mirror.iter().map(|value| value * value).sum();
        if square <= f64::MIN_POSITIVE {
            continue;
        }
        // A ← H A H with H = 1 − 2 v vᵀ / vᵀv.
        let products: Vec<f64> =
            matrix[rest..].iter().map(|row| row[rest..].iter().zip(&mirror).map(|(a, v)| a * v).sum::<f64>() * 2.0 / square).collect();
        let half = products.iter().zip(&mirror).map(|(p, v)| p * v).sum::<f64>() / square;
        let shift: Vec<f64> = products.iter().zip(&mirror).map(|(p, v)| p - half * v).collect();
        for (row, (v_row, s_row)) in matrix[rest..].iter_mut().zip(mirror.iter().zip(&shift)) {
            for (value, (v, s)) in row[rest..].iter_mut().zip(mirror.iter().zip(&shift)) {
                *value -= v_row * s + s_row * v;
            }
        }
    }
    ((0..size).map(|place| matrix[place][place]).collect(), beside)
}

/// The eigenvalue at `place` in descending order of a tridiagonal matrix, by bisection on the number of larger ones (Sturm's
/// sequence).
fn eigenvalue(diagonal: &[f64], beside: &[f64], place: usize) -> f64 {
    let larger = |limit: f64| {
        let mut pivot = 1.0;
        let mut count = 0;
        for (row, entry) in diagonal.iter().enumerate() {
            let before = if row == 0 { 0.0 } else { beside[row - 1] * beside[row - 1] };
            pivot = entry - limit - before / pivot;
            if pivot == 0.0 {
                pivot = f64::MIN_POSITIVE;
            }
            count += usize::from(pivot > 0.0);
        }
        count
    };
    // Shares of a positive matrix lie between 0 and 1, but for rounding.
    let (mut low, mut high) = (-1e-9, 1.0 + 1e-9);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if larger(middle) > place {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}
