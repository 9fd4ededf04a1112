//! `neuropil merge`: the parts of a sweep as a whole.

use crate::arguments::Merge;
use crate::claims;
use crate::output::{Failure, complain, print};
use crate::table;
use neuropil_experiment::{registered_models, study};

/// Runs the command.
pub fn merge(arguments: &Merge) -> Result<(), Failure> {
    let merged = study::merge(&arguments.out, &arguments.parts).map_err(Failure::message)?;
    let written = super::study::write(&arguments.out, &merged.table, &merged.results, &[], arguments.csv, arguments.theme.into())?;
    let mut text = format!(
        "{}   {} points of {} parts\n\n{}\n",
        merged.table.title,
        table::grouped(merged.results.len() as u64),
        arguments.parts.len(),
        table::groups(&merged.table, &merged.results)
    );
    let mut warnings = Vec::new();
    match merged.evidence(&registered_models(&super::app())) {
        Ok(evidence) if evidence.is_empty() => {}
        Ok(evidence) => text += &format!("\n{}", claims::in_run(&evidence, merged.is_changed())),
        Err(reason) => warnings.push(format!("warning: the claims cannot be held against what was measured: {reason}")),
    }
    text += &format!("written to {}: {}\n", arguments.out.display(), written.join("  "));
    print(&text)?;
    complain(&warnings);
    Ok(())
}
