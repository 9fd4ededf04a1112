//! Which moments are shown.

use super::PaintedCell;

/// How far potentials have gone by each moment: sums of the mean sizes of their changes, mV.
pub(super) fn way(cell: &PaintedCell) -> Vec<f64> {
    let mut way = Vec::with_capacity(cell.times_ms.len());
    let mut gone = 0.0;
    for moment in 0..cell.times_ms.len() {
        if moment > 0 {
            let changes = cell.at(moment - 1).iter().zip(cell.at(moment)).map(|(before, after)| f64::from((after - before).abs()));
            gone += changes.filter(|change| change.is_finite()).sum::<f64>() / cell.pieces.len().max(1) as f64;
        }
        way.push(gone);
    }
    way
}

/// At most so many moments, the first and the last among them: a share of them spaced evenly along the way that potentials go, the rest along the time. So
/// moments are close where much happens, and where nothing does there are still some.
pub(super) fn chosen(times_ms: &[f64], way: &[f64], most: usize, share: f64) -> Vec<usize> {
    let count = times_ms.len().min(way.len());
    if count <= most.max(2) {
        return (0..count).collect();
    }
    let part = |values: &[f64], at: usize| {
        let (first, whole) = (values[0], values[count - 1] - values[0]);
        if whole > 0.0 { (values[at] - first) / whole } else { 0.0 }
    };
    let share = if way[count - 1] > way[0] { share } else { 0.0 };
    let progress = |at: usize| share * part(way, at) + (1.0 - share) * part(times_ms, at);
    let mut chosen: Vec<usize> = Vec::with_capacity(most);
    let mut at = 0;
    for number in 0..most {
        let target = number as f64 / (most - 1) as f64;
        // Later ones need a moment each, too.
        let last = count - most + number;
        while at < last && progress(at) < target - 1e-12 {
            at += 1;
        }
        chosen.push(if number + 1 == most { count - 1 } else { at });
        at += 1;
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Claim: of 1000 ms in which 100 mV are gone between 500 ms and 510 ms alone, eight moments lie mostly there, and the first and last are the run's.
    /// Source: the definition. Tolerance: none.
    #[test]
    fn moments_are_close_where_much_happens() {
        let times: Vec<f64> = (0..=1000).map(f64::from).collect();
        let way: Vec<f64> = times.iter().map(|time| 10.0 * (time - 500.0).clamp(0.0, 10.0)).collect();
        let moments = chosen(&times, &way, 8, 0.9);
        assert_eq!((moments[0], moments[7]), (0, 1000));
        assert_eq!(moments.iter().filter(|moment| (500..=511).contains(*moment)).count(), 6, "{moments:?}");
        assert_eq!(chosen(&times, &vec![0.0; 1001], 5, 0.9), [0, 250, 500, 750, 1000]);
    }

    proptest! {
        #[test]
        fn moments_ascend_whatever_happens(steps in prop::collection::vec(0.0f64..5.0, 1..300), most in 2usize..40) {
            let times: Vec<f64> = (0..steps.len()).map(|step| step as f64).collect();
            let way: Vec<f64> = steps.iter().scan(0.0, |sum, step| { *sum += step; Some(*sum) }).collect();
            let moments = chosen(&times, &way, most, 0.7);
            prop_assert_eq!(moments.len(), most.min(steps.len()));
            prop_assert!(moments.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(moments[0] == 0 && moments[moments.len() - 1] == steps.len() - 1);
        }
    }
}
