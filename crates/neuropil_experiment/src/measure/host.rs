//! Measures in expressions: of one run, or of all points of a study; before anything ran they give numbers of the right dimension.

use std::cell::{Cell, RefCell};

use neuropil_record::statistics::{linear_fit, pearson, spearman};
use neuropil_units::{Dimension, Expression, Host, HostFunction, Scope, Value};

use crate::{
    catalogue::Catalogue,
    measure::{
        call::{Call, known},
        compute::Recorded,
        functions::{Entry, Measure, Subject, functions},
    },
    plan::{Plan, RecorderPlan},
};

/// A measure with constant arguments, as it is taken of every point.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// How it is written: `rate('excitatory', 100 ms)`.
    pub key: String,
    pub(crate) name: String,
    pub(crate) arguments: Vec<Value>,
}

impl Quantity {
    fn new(name: &str, arguments: &[Value]) -> Self {
        let shown: Vec<String> = arguments.iter().map(Value::to_string).collect();
        Self { key: format!("{name}({})", shown.join(", ")), name: name.to_owned(), arguments: arguments.to_vec() }
    }

    /// Its value in a run, in coherent units; not-a-number where it is undefined or the run has no such thing.
    pub(crate) fn value(&self, recorded: &Recorded<'_>) -> f64 {
        let value =
            known(&self.name).and_then(|entry| Ok(recorded.value(entry, &Call::resolve(entry, recorded.plan, None, &self.arguments)?)));
        value.unwrap_or(f64::NAN)
    }
}

/// The names that measures use: parameters, and populations and recorders as their own names.
pub(crate) fn scope(plan: &Plan) -> Scope {
    let mut scope = Scope::new();
    for (name, value) in &plan.parameters {
        scope.insert(name.clone(), value.clone());
    }
    let populations = plan.populations.iter().map(|population| population.name.as_str());
    let recorders = plan.recorders.iter().map(RecorderPlan::name);
    for name in recorders.chain(populations) {
        scope.insert(name.to_owned(), Value::Text(name.to_owned()));
    }
    scope
}

/// A number in place of a measure that is not taken yet: between 0.5 and 1.5, another one for each `seed`.
pub(crate) fn placeholder(seed: usize) -> f64 {
    0.5 + (seed as f64 * 0.618_033_988_749_894_9 + 0.1).fract()
}

/// How two lists of numbers go together.
fn of_lists(entry: &Entry, arguments: &[Value]) -> Result<Value, String> {
    let mut dimensions = [Dimension::NONE; 2];
    let mut lists = [Vec::new(), Vec::new()];
    for ((argument, dimension), list) in arguments.iter().zip(&mut dimensions).zip(&mut lists) {
        let Value::List(values) = argument else { return Err(format!("`{}` needs two lists; found {argument}", entry.signature())) };
        for value in values {
            let Value::Number { value, dimension: found } = value else {
                return Err(format!("`{}` needs lists of numbers", entry.signature()));
            };
            *dimension = *found;
            list.push(*value);
        }
    }
    let [x, y] = lists;
    if x.len() != y.len() {
        return Err(format!("`{}`: lists of {} and {} elements; both must have the same number", entry.signature(), x.len(), y.len()));
    }
    let fit = linear_fit(&x, &y);
    let (value, dimension) = match entry.measure {
        Measure::Slope => (fit.map(|fit| fit.slope), dimensions[1].divide(dimensions[0])),
        Measure::Intercept => (fit.map(|fit| fit.intercept), dimensions[1]),
        Measure::Pearson => (pearson(&x, &y), Dimension::NONE),
        _ => (spearman(&x, &y), Dimension::NONE),
    };
    Ok(Value::Number { value: value.unwrap_or(f64::NAN), dimension })
}

/// Measures of one run.
pub(crate) struct RunHost<'a> {
    pub plan: &'a Plan,
    pub catalogue: &'a dyn Catalogue,
    /// What the run gave; nothing before it ran.
    pub recorded: Option<Recorded<'a>>,
    calls: Cell<usize>,
}

impl<'a> RunHost<'a> {
    pub fn new(plan: &'a Plan, catalogue: &'a dyn Catalogue, recorded: Option<Recorded<'a>>) -> Self {
        Self { plan, catalogue, recorded, calls: Cell::new(0) }
    }
}

impl Host for RunHost<'_> {
    fn functions(&self) -> &[HostFunction] {
        functions()
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, String> {
        let entry = known(name)?;
        if entry.subject == Subject::Lists {
            return of_lists(entry, arguments);
        }
        if arguments.iter().skip(1).any(|argument| matches!(argument, Value::Text(_))) {
            return Err(format!("`{}` is measured in each run; arms and points are compared in claims", entry.signature()));
        }
        let call = Call::resolve(entry, self.plan, Some(self.catalogue), arguments)?;
        let value = match &self.recorded {
            Some(recorded) => recorded.value(entry, &call),
            None => {
                self.calls.set(self.calls.get() + 1);
                placeholder(self.calls.get())
            }
        };
        Ok(Value::Number { value, dimension: call.dimension(entry, self.plan, self.catalogue) })
    }
}

/// Measures of the points of a study that have one seed.
pub(crate) struct StudyHost<'a> {
    plan: &'a Plan,
    catalogue: &'a dyn Catalogue,
    /// The value of a quantity in a combination of arm and swept values.
    answer: &'a dyn Fn(usize, &Quantity) -> f64,
    /// What was asked for.
    asked: RefCell<Vec<Quantity>>,
}

impl<'a> StudyHost<'a> {
    pub fn new(plan: &'a Plan, catalogue: &'a dyn Catalogue, answer: &'a dyn Fn(usize, &Quantity) -> f64) -> Self {
        Self { plan, catalogue, answer, asked: RefCell::new(Vec::new()) }
    }

    /// All quantities that were asked for, each once.
    pub fn asked(self) -> Vec<Quantity> {
        self.asked.into_inner()
    }

    /// The names that claims use; a swept parameter is the list of its values over the grid.
    pub fn scope(&self) -> Scope {
        let mut scope = scope(self.plan);
        let design = &self.plan.design;
        for (place, axis) in design.axes.iter().enumerate() {
            let values =
                (0..design.grid()).filter_map(|point| axis.values.get(design.on_axis(point, place))).map(|value| value.value.clone());
            scope.insert(axis.name.clone(), Value::List(values.collect()));
        }
        scope
    }

    /// The combinations that texts behind the other arguments select, and whether they are meant as a list.
    fn selected(&self, selectors: &[&str]) -> Result<(Vec<usize>, bool), String> {
        let design = &self.plan.design;
        let (mut arm, mut condition) = (None, None);
        for text in selectors {
            if let Some(found) = design.arms.iter().position(|arm| arm.name == *text) {
                arm = Some(found);
                continue;
            }
            let is_name = !text.contains(['=', '<', '>', '(']) && !text.contains(" and ");
            if is_name || design.axes.is_empty() {
                let names = design.arms.iter().map(|arm| arm.name.as_str());
                return Err(match design.arms.is_empty() {
                    true => format!("`{text}` names an arm, and the experiment has none; `arms: {{…}}` makes some"),
                    false => format!("unknown arm `{text}`{}", neuropil_units::suggestion(text, names)),
                });
            }
            condition = Some(Expression::parse(text).map_err(|error| format!("`{text}`: {error}"))?);
        }
        let arm = match (arm, design.arms.as_slice()) {
            (Some(arm), _) => arm,
            (None, [] | [_]) => 0,
            (None, [first, ..]) => {
                return Err(format!("there are {} arms; name one behind the other arguments, as '{}'", design.arms.len(), first.name));
            }
        };
        let grid = design.grid();
        let all = (0..grid).map(|point| arm * grid + point);
        let Some(condition) = condition else { return Ok((all.collect(), !design.axes.is_empty())) };
        let mut chosen = Vec::new();
        let mut base = scope(self.plan);
        // A text that is swept is written without quotes, which a text cannot hold: `mode == plain`.
        for value in design.axes.iter().flat_map(|axis| &axis.values) {
            if let Value::Text(text) = &value.value {
                base.insert(text.clone(), value.value.clone());
            }
        }
        for combination in all {
            let mut scope = base.child();
            for (place, axis) in design.axes.iter().enumerate() {
                if let Some(value) = axis.values.get(design.on_axis(combination % grid, place)) {
                    scope.insert(axis.name.clone(), value.value.clone());
                }
            }
            match condition.evaluate(&scope) {
                Ok(Value::Boolean(true)) => chosen.push(combination),
                Ok(Value::Boolean(false)) => {}
                Ok(other) => return Err(format!("`{}` is {other}, expected true or false", condition.text())),
                Err(error) => return Err(format!("`{}`: {error}", condition.text())),
            }
        }
        match chosen.len() {
            0 => Err(format!("`{}` holds at no point of the sweep", condition.text())),
            count => Ok((chosen, count > 1)),
        }
    }
}

impl Host for StudyHost<'_> {
    fn functions(&self) -> &[HostFunction] {
        functions()
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, String> {
        let entry = known(name)?;
        if entry.subject == Subject::Lists {
            return of_lists(entry, arguments);
        }
        let behind = arguments.iter().skip(1).rev().take_while(|argument| matches!(argument, Value::Text(_))).count();
        let (own, selectors) = arguments.split_at(arguments.len() - behind);
        let selectors: Vec<&str> =
            selectors.iter().filter_map(|text| if let Value::Text(text) = text { Some(text.as_str()) } else { None }).collect();
        let call = Call::resolve(entry, self.plan, Some(self.catalogue), own)?;
        let dimension = call.dimension(entry, self.plan, self.catalogue);
        let (combinations, is_list) = self.selected(&selectors)?;
        let quantity = Quantity::new(name, own);
        let numbers: Vec<Value> =
            combinations.iter().map(|combination| Value::Number { value: (self.answer)(*combination, &quantity), dimension }).collect();
        {
            let mut asked = self.asked.borrow_mut();
            if !asked.contains(&quantity) {
                asked.push(quantity);
            }
        }
        match (is_list, numbers.first()) {
            (false, Some(number)) => Ok(number.clone()),
            _ => Ok(Value::List(numbers)),
        }
    }
}
