//! The picture of a study: a curve over one swept parameter, a heat map over two, bars for arms alone.

use neuropil_record::{BarSeries, Curve, CurveStyle, Figure, HeatMap, PlotAxis, PlotOptions, RecordError, Theme};

use crate::study::{Group, PointColumns, PointResult, StudyTable};

impl StudyTable {
    /// The picture of the first measure: over one swept parameter a curve for each arm, with standard errors over seeds; over two or more
    /// a heat map of the first two in the first arm; for arms alone bars. `None` where nothing is varied but seeds, or nothing is measured.
    pub fn figure(&self, results: &[PointResult], theme: Theme) -> Option<Result<Figure, RecordError>> {
        let measure = self.columns(results).first()?.heading.clone();
        let groups = self.groups(results);
        if !groups.iter().any(|group| mean_of(group).is_some()) {
            return None;
        }
        let options = PlotOptions { title: self.title.clone(), theme, ..PlotOptions::default() };
        match self.sweep.as_slice() {
            [] if self.arms.is_empty() => None,
            [] => {
                let (values, errors) = groups.iter().map(|group| (number_of(group), error_of(group))).unzip();
                let names: Vec<String> = groups.iter().filter_map(|group| group.arm.clone()).collect();
                let bars = BarSeries::new("", values).with_errors(errors);
                Some(Figure::bars(&names, &[bars], &[], &PlotAxis::linear(measure), &options))
            }
            [axis] => Some(self.over_one(axis, &groups, measure, &options)),
            [columns, rows, ..] => Some(Figure::heat_map(&self.over_two(columns, rows, &groups, measure), &options)),
        }
    }

    fn over_one(&self, axis: &PointColumns, groups: &[Group], measure: String, options: &PlotOptions) -> Result<Figure, RecordError> {
        let curve = |arm: Option<&String>| {
            let mut points: Vec<(f64, f64, f64)> = groups
                .iter()
                .filter(|group| group.arm.as_ref() == arm)
                .map(|group| (position(axis, group.places.first().copied().unwrap_or(0)), number_of(group), error_of(group)))
                .collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            let (at, errors): (Vec<(f64, f64)>, Vec<f64>) = points.into_iter().map(|(x, y, error)| ((x, y), error)).unzip();
            Curve::line(arm.cloned().unwrap_or_default(), at).with_errors(errors).styled(CurveStyle::LineAndPoints)
        };
        let curves: Vec<Curve> =
            if self.arms.is_empty() { vec![curve(None)] } else { self.arms.iter().map(|arm| curve(Some(arm))).collect() };
        Figure::curves(&curves, &PlotAxis::linear(axis.heading.clone()), &PlotAxis::linear(measure), options)
    }

    fn over_two(&self, columns: &PointColumns, rows: &PointColumns, groups: &[Group], measure: String) -> HeatMap {
        let mut values = vec![f64::NAN; columns.texts.len().saturating_mul(rows.texts.len())];
        let shown = |group: &&Group| group.arm.as_ref() == self.arms.first() && group.places.iter().skip(2).all(|place| *place == 0);
        for group in groups.iter().filter(shown) {
            let (column, row) = (group.places.first().copied().unwrap_or(0), group.places.get(1).copied().unwrap_or(0));
            // The first row is at the top; larger values of a parameter belong there.
            if let Some(value) = values.get_mut((rows.texts.len() - 1 - row) * columns.texts.len() + column) {
                *value = number_of(group);
            }
        }
        HeatMap {
            columns: columns.texts.len(),
            values,
            row_labels: labels(rows).into_iter().rev().collect(),
            column_labels: labels(columns),
            row_axis: rows.heading.clone(),
            column_axis: columns.heading.clone(),
            measure,
            ..HeatMap::default()
        }
    }
}

/// Values beside a grid: numbers with five digits, or as many as tell them apart.
fn labels(axis: &PointColumns) -> Vec<String> {
    let short = |number: &f64| format!("{number:.4e}").parse::<f64>().map_or_else(|_| number.to_string(), |number| number.to_string());
    let Some(short) = axis.numbers.as_ref().map(|numbers| numbers.iter().map(short).collect::<Vec<String>>()) else {
        return axis.texts.clone();
    };
    if short.windows(2).all(|pair| pair[0] != pair[1]) { short } else { axis.texts.clone() }
}

fn mean_of(group: &Group) -> Option<f64> {
    group.measures.first().and_then(|(mean, _)| *mean)
}

fn number_of(group: &Group) -> f64 {
    mean_of(group).unwrap_or(f64::NAN)
}

fn error_of(group: &Group) -> f64 {
    group.measures.first().and_then(|(_, error)| *error).unwrap_or(0.0)
}

/// A value on the axis; texts stand in their order.
fn position(axis: &PointColumns, place: usize) -> f64 {
    axis.numbers.as_ref().and_then(|numbers| numbers.get(place)).copied().unwrap_or(place as f64)
}
