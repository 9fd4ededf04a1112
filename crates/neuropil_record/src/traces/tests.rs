use super::*;
use proptest::prelude::*;
use std::path::Path;

fn variables() -> Vec<TraceVariable> {
    vec![TraceVariable::new("membrane_potential", "mV"), TraceVariable::new("drive, outer [a]", "mV/ms"), TraceVariable::new("gate", "")]
}

/// 40,000 samples of three variables of two neurons: more than one chunk.
fn large() -> TraceTable {
    let mut table = TraceTable::new(variables(), vec![7, 3], 0.05).unwrap();
    for step in 0..40_000u64 {
        let phase = step as f64 / 100.0;
        table.push(step * 2, &[-65.0 + phase.sin(), f64::NAN, 1.5, -1e-300, 0.1, phase]).unwrap();
    }
    assert!(table.chunks.len() > 1);
    table
}

fn bits(table: &TraceTable) -> Vec<(u64, u64)> {
    let pairs = (0..3).flat_map(|variable| (0..2).flat_map(move |neuron| table.series(variable, neuron)));
    pairs.map(|(time, value)| (time.to_bits(), value.to_bits())).collect()
}

#[test]
fn series_have_their_variable_and_neuron() {
    let table = large();
    assert_eq!(table.len(), 40_000);
    assert_eq!(table.series(0, 0).nth(3), Some((0.3, -65.0 + 0.03f64.sin())));
    assert_eq!(table.series(1, 1).nth(3), Some((0.3, -1e-300)));
    assert_eq!(table.series(2, 1).last(), Some((3999.9, 399.99)));
    assert_eq!(table.series(3, 0).count() + table.series(0, 2).count(), 0);
}

#[test]
fn both_kinds_of_file_give_back_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let table = large();
    let (parquet, csv) = (folder.path().join("traces.parquet"), folder.path().join("traces.csv"));
    table.write_parquet(&parquet).unwrap();
    table.write_csv(&csv).unwrap();
    let text = std::fs::read_to_string(&csv).unwrap();
    assert!(
        text.starts_with("time_ms,neuron,membrane_potential [mV],\"drive, outer [a] [mV/ms]\",gate\n0,7,-65,1.5,0.1\n0,3,NaN,-0.0000"),
        "{}",
        &text[..160]
    );
    for back in [TraceTable::read_parquet(&parquet).unwrap(), TraceTable::read_csv(&csv, 0.05).unwrap()] {
        assert_eq!((back.variables(), back.neurons()), (table.variables(), table.neurons()));
        assert!(bits(&back) == bits(&table));
    }
}

#[test]
fn an_empty_table_keeps_what_it_was_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("traces.parquet");
    let table = TraceTable::new(variables(), vec![7, 3], 0.05).unwrap();
    table.write_parquet(&path).unwrap();
    assert_eq!(TraceTable::read_parquet(&path).unwrap(), table);
    table.write_csv(&path).unwrap();
    assert_eq!(TraceTable::read_csv(&path, 0.05).unwrap().variables(), table.variables());
    let nothing = TraceTable::new(vec![], vec![], 0.1).unwrap();
    nothing.write_parquet(&path).unwrap();
    assert!(TraceTable::read_parquet(&path).unwrap().is_empty());
}

#[test]
fn tables_and_samples_that_cannot_be_are_refused() {
    let twice = vec![TraceVariable::new("gate", ""), TraceVariable::new("gate", "mV")];
    assert_eq!(TraceTable::new(twice, vec![], 0.1).unwrap_err().to_string(), "two variables are called `gate`; names must differ");
    assert!(TraceTable::new(vec![TraceVariable::new("time_ms", "")], vec![], 0.1).is_err());
    let mut table = TraceTable::new(variables(), vec![7, 3], 0.1).unwrap();
    assert_eq!(
        table.push(0, &[0.0; 5]).unwrap_err().to_string(),
        "a sample has 5 values; expected 6: one for each neuron of each variable"
    );
    let path = Path::new("/no/such/folder/traces.csv");
    assert!(large().write_csv(path).unwrap_err().to_string().starts_with("/no/such/folder/traces.csv: no such file"));
    assert!(large().write_parquet(path).is_err());
}

#[test]
fn csv_files_that_are_wrong_are_refused_with_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("traces.csv");
    let error = |lines: &str| {
        std::fs::write(&path, lines).unwrap();
        TraceTable::read_csv(&path, 0.1).unwrap_err().to_string().replace(&path.display().to_string(), "traces.csv")
    };
    let with = |lines: &str| error(&format!("time_ms,neuron,gate\n0,1,0.5\n0,2,0.5\n{lines}"));
    assert_eq!(error("time,neuron"), "traces.csv:1: the first line does not begin with `time_ms,neuron`");
    assert_eq!(with("1,1,open"), "traces.csv:4: `open` is not a number");
    assert_eq!(with("1,2,0"), "traces.csv:4: neuron 2 at 1 ms; expected neuron 1: every sample lists the same neurons in the same order");
    assert_eq!(
        with("1,1,0\n1,2,0\n1,3,0"),
        "traces.csv:6: neuron 3 at 1 ms; expected the next sample: every sample lists the same neurons in the same order"
    );
    assert_eq!(with("1,1,0\n"), "traces.csv: the sample at 1 ms lists 1 neurons; expected 2");
    assert_eq!(with("1,1,0\n1,2,0\n0.5,1,0"), "traces.csv:6: the sample at 0.5 ms comes after one at 1 ms; expected the order of time");
    assert!(error("time_ms,neuron,gate,gate [mV]\n0,1,2,3").contains("two variables are called `gate`"));
}

proptest! {
    /// Claim: whatever a CSV file holds, reading it gives a table or an error.
    #[test]
    fn any_text_is_a_table_or_an_error(text in "(time_ms,neuron(,[a-z\\[\\] ]{0,6}){0,3}\n)?([0-9.eN,\"\n-]|\\PC){0,80}") {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("traces.csv");
        std::fs::write(&path, &text).unwrap();
        let _ = TraceTable::read_csv(&path, 0.1);
    }
}
