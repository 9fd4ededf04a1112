use super::*;
use proptest::prelude::*;
use std::path::Path;

fn populations() -> [Population; 3] {
    [Population::new("L4E", 100, 50), Population::new("L4I, \"fast\"", 10, 20), Population::new("silent", 500, 9)]
}

/// A table of 800,000 spikes, more than three chunks, from a step-by-step pattern.
fn large() -> SpikeTable {
    let mut table = SpikeTable::new(&populations(), 0.1).unwrap();
    let mut spikes = Vec::new();
    for step in 0..20_000u64 {
        spikes.clear();
        spikes.extend((10..30).chain(100..150).filter(|neuron| (u64::from(*neuron) * 7 + step) % 11 < 7));
        table.push(step * 3, &spikes);
    }
    assert!(table.len() > 3 * CHUNK_SPIKES as u64);
    table
}

fn rows(table: &SpikeTable) -> Vec<(u64, u32)> {
    table.iter().flat_map(|(step, neurons)| neurons.iter().map(move |&neuron| (step, neuron))).collect()
}

#[test]
fn only_the_table_s_populations_are_kept() {
    let mut table = SpikeTable::new(&populations(), 0.1).unwrap();
    table.push(4, &[0, 9, 10, 29, 30, 99, 100, 149, 150]);
    table.push(4, &[505]);
    table.push(9, &[1]);
    assert_eq!(table.iter().collect::<Vec<_>>(), [(4, &[10, 29, 100, 149, 505][..])]);
    assert_eq!(table.by_population().collect::<Vec<_>>(), [(4, 1, &[10, 29][..]), (4, 0, &[100, 149][..]), (4, 2, &[505][..])]);
    assert_eq!((table.len(), table.is_empty()), (5, false));
}

/// Claim: of a selection the table keeps, counts, names, writes and reads back the spikes of its neurons alone. Tolerance: none.
#[test]
fn a_selection_is_all_that_is_kept() {
    let table = || SpikeTable::new(&populations(), 0.1).unwrap().with_selection(0, [149, 100, 100, 7, 150]).with_selection(2, 500..509);
    let mut table = table().with_names([(100, "A".to_owned()), (101, "B".to_owned()), (10, "C".to_owned())].into());
    table.push(4, &[7, 10, 29, 100, 101, 148, 149, 505]);
    table.push(5, &[101]);
    assert_eq!(table.by_population().collect::<Vec<_>>(), [(4, 1, &[10, 29][..]), (4, 0, &[100, 149][..]), (4, 2, &[505][..])]);
    assert_eq!((table.neurons(0), table.neurons(1).len(), table.neurons(3), table.len()), (vec![100, 149], 20, vec![], 5));
    assert_eq!([0, 1, 2].map(|place| table.is_selection(place)), [true, false, false], "all of a population are no selection");
    assert_eq!(table.names().values().collect::<Vec<_>>(), ["C", "A"]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spikes.parquet");
    table.write_parquet(&path).unwrap();
    assert_eq!(SpikeTable::read_parquet(&path).unwrap(), table);
}

#[test]
fn memory_is_about_four_bytes_a_spike_when_steps_are_full() {
    let mut table = SpikeTable::new(&[Population::new("all", 0, 10_000)], 0.1).unwrap();
    let everyone: Vec<u32> = (0..10_000).collect();
    for step in 0..200 {
        table.push(step, &everyone);
    }
    let bytes = table.memory_bytes() as f64 / table.len() as f64;
    assert!((4.0..4.6).contains(&bytes), "{bytes}");
}

#[test]
fn a_parquet_file_gives_back_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spikes.parquet");
    let table = large();
    table.write_parquet(&path).unwrap();
    assert!(SpikeTable::read_parquet(&path).unwrap() == table);
    let bytes = std::fs::metadata(&path).unwrap().len() as f64 / table.len() as f64;
    assert!(bytes < 4.0, "{bytes} bytes a spike in the file");
    let empty = SpikeTable::new(&populations(), 0.05).unwrap();
    empty.write_parquet(&path).unwrap();
    assert_eq!(SpikeTable::read_parquet(&path).unwrap(), empty);
}

#[test]
fn a_csv_file_gives_back_the_spikes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spikes.csv");
    let table = large();
    table.write_csv(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("time_ms,neuron,population\n0,10,\"L4I, \"\"fast\"\"\"\n"), "{}", &text[..80]);
    assert!(text.contains("\n0.3,101,L4E\n"));
    assert!(SpikeTable::read_csv(&path, 0.1, Some(&populations())).unwrap() == table);
    let inferred = SpikeTable::read_csv(&path, 0.1, None).unwrap();
    assert_eq!(rows(&inferred), rows(&table));
    assert_eq!(inferred.populations(), [Population::new("L4I, \"fast\"", 10, 20), Population::new("L4E", 100, 50)]);
}

#[test]
fn csv_lines_in_any_order_make_the_same_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spikes.csv");
    std::fs::write(&path, "time_ms,neuron,population\n0.3,2,a\n0.1,5,a\n0.3,1,a\n").unwrap();
    assert_eq!(rows(&SpikeTable::read_csv(&path, 0.1, None).unwrap()), [(1, 5), (3, 1), (3, 2)]);
}

#[test]
fn csv_files_that_are_wrong_are_refused_with_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spikes.csv");
    let error = |text: &[u8]| {
        std::fs::write(&path, text).unwrap();
        let error = SpikeTable::read_csv(&path, 0.1, None).unwrap_err().to_string();
        error.replace(&path.display().to_string(), "spikes.csv")
    };
    let with = |line: &str| format!("time_ms,neuron,population\n0.1,1,a\n{line}\n").into_bytes();
    assert_eq!(error(b""), "spikes.csv:1: the first line begins with ``; expected `time_ms,neuron,population`");
    assert_eq!(error(&with("0.2,x,a")), "spikes.csv:3: `x` is not the identifier of a neuron");
    assert_eq!(error(&with("0.2,-1,a")), "spikes.csv:3: `-1` is not the identifier of a neuron");
    assert_eq!(error(&with("late,1,a")), "spikes.csv:3: `late` is not a time in ms");
    assert_eq!(error(&with("-5,1,a")), "spikes.csv:3: a spike at -5 ms; expected a time from 0 on");
    assert_eq!(error(&with("NaN,1,a")), "spikes.csv:3: a spike at NaN ms; expected a time from 0 on");
    assert_eq!(error(&with("0.2,1")), "spikes.csv:3: 2 cells; expected 3, as in the first line");
    assert_eq!(
        error(&with("0.2,0,b\n0.3,9,b")),
        "spikes.csv: populations `b` and `a` overlap at neuron 1; each neuron belongs to at most one population"
    );
    assert_eq!(error(&with("0.1,0,b\n0.1,4294967295,b")), "spikes.csv: population `b` reaches over all identifiers");
    assert_eq!(error(b"time_ms,neuron,population\n0.1,1,\xff\n"), "spikes.csv:2: not UTF-8 text");
    assert!(SpikeTable::read_csv(folder.path(), 0.1, None).unwrap_err().to_string().ends_with("not a file"));
}

#[test]
fn places_that_cannot_be_written_give_errors_with_the_path() {
    let table = large();
    let path = Path::new("/no/such/folder/spikes.parquet");
    assert_eq!(table.write_parquet(path).unwrap_err().to_string(), format!("{}: no such file or directory while creating", path.display()));
    assert!(table.write_csv(path).is_err());
    assert!(SpikeTable::read_parquet(path).unwrap_err().to_string().ends_with("no such file or directory while opening"));
}

#[test]
fn files_that_are_no_recordings_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spikes.parquet");
    std::fs::write(&path, "time_ms,neuron").unwrap();
    assert!(SpikeTable::read_parquet(&path).unwrap_err().to_string().contains("not a whole Parquet file"));
    std::fs::write(&path, "").unwrap();
    assert!(SpikeTable::read_parquet(&path).unwrap_err().to_string().contains("not a whole Parquet file"));
}

proptest! {
    /// Claim: whatever happens to the bytes of a file, reading it gives a table or an error.
    #[test]
    fn damaged_parquet_files_never_panic(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), cut in any::<Option<prop::sample::Index>>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spikes.parquet");
        let mut table = SpikeTable::new(&populations(), 0.1).unwrap();
        for step in 0..40 {
            table.push(step, &[10, 20, 100 + step as u32, 501]);
        }
        table.write_parquet(&path).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        std::fs::write(&path, &bytes).unwrap();
        let _ = SpikeTable::read_parquet(&path);
    }

    #[test]
    fn tables_survive_both_kinds_of_file(steps in proptest::collection::vec((0u64..1000, proptest::collection::btree_set(0u32..40, 1..20)), 0..30)) {
        let folder = tempfile::tempdir().unwrap();
        let mut table = SpikeTable::new(&[Population::new("a", 0, 40)], 0.1).unwrap();
        let mut now = 0;
        for (pause, spikes) in steps {
            now += pause + 1;
            table.push(now, &spikes.into_iter().collect::<Vec<_>>());
        }
        let path = folder.path().join("spikes");
        table.write_parquet(&path).unwrap();
        prop_assert_eq!(&SpikeTable::read_parquet(&path).unwrap(), &table);
        table.write_csv(&path).unwrap();
        prop_assert_eq!(&SpikeTable::read_csv(&path, 0.1, Some(table.populations())).unwrap(), &table);
    }
}
