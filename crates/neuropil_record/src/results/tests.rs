use super::*;
use proptest::prelude::*;
use std::fs;

fn table() -> ResultTable {
    let mut table = ResultTable::new();
    table.add("name", ResultColumn::Text(vec![Some("a, \"b\"".into()), None, Some("line\nbreak".into()), Some("é".into())])).unwrap();
    table.add("rate_hz", ResultColumn::Number(vec![Some(0.1), Some(-1e300), None, Some(5e-324)])).unwrap();
    table.add("seed", ResultColumn::Integer(vec![Some(i64::MIN), Some(0), Some(i64::MAX), None])).unwrap();
    table.add("stable", ResultColumn::Truth(vec![Some(true), Some(false), None, Some(true)])).unwrap();
    table.add("nothing", ResultColumn::Text(vec![None; 4])).unwrap();
    table
}

#[test]
fn files_give_back_the_table_and_equal_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (parquet, again, csv) = (folder.path().join("a.parquet"), folder.path().join("b.parquet"), folder.path().join("a.csv"));
    table().write_parquet(&parquet).unwrap();
    table().write_parquet(&again).unwrap();
    assert_eq!(fs::read(&parquet).unwrap(), fs::read(&again).unwrap());
    assert_eq!(ResultTable::read_parquet(&parquet).unwrap(), table());
    table().write_csv(&csv).unwrap();
    assert_eq!(ResultTable::read_csv(&csv).unwrap(), table());
    let kinds = [("seed", ResultKind::Integer), ("rate_hz", ResultKind::Number)];
    let two = ResultTable::read_csv_as(&csv, &kinds).unwrap();
    assert_eq!((two.columns().len(), two.column("seed")), (2, table().column("seed")));
    let empty = ResultTable::new();
    empty.write_csv(&csv).unwrap();
    assert_eq!(ResultTable::read_csv(&csv).unwrap().rows(), 0);
    let mut long = ResultTable::new();
    long.add("k", ResultColumn::Integer((0..200_000).map(|k| (k % 3 > 0).then_some(k)).collect())).unwrap();
    long.write_parquet(&parquet).unwrap();
    assert_eq!(ResultTable::read_parquet(&parquet).unwrap(), long);
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let mut table = table();
    let error = |table: &mut ResultTable, name: &str, cells| table.add(name, ResultColumn::Integer(cells)).unwrap_err().to_string();
    assert_eq!(error(&mut table, "more", vec![None]), "column `more` has 1 cells; expected 4, as many as the other columns");
    assert_eq!(error(&mut table, "seed", vec![None; 4]), "two columns are called `seed`; names must differ");
    assert_eq!(error(&mut table, "", vec![None; 4]), "a column has no name; expected one, for example `rate_hz`");
}

#[test]
fn files_that_are_wrong_are_refused_by_name_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.csv");
    let name = path.display().to_string();
    let error = |text: &str| {
        fs::write(&path, text).unwrap();
        let kinds = [("seed", ResultKind::Integer), ("stable", ResultKind::Truth)];
        ResultTable::read_csv_as(&path, &kinds).unwrap_err().to_string().replace(&name, "results.csv")
    };
    assert_eq!(error("seed,stable\n1,true\n2.5,false\n"), "results.csv:3: `2.5` is not a whole number");
    assert_eq!(error("seed,stable\n1,yes\n"), "results.csv:2: `yes` is not `true` or `false`");
    assert_eq!(error("seed,steady\n1,yes\n"), "results.csv:1: has no column `stable`, only `seed`, `steady`");
    assert_eq!(error("seed,stable\n1\n"), "results.csv:2: 1 cells; expected 2, as in the first line");
    fs::write(&path, "a,a\n1,2\n").unwrap();
    assert!(ResultTable::read_csv(&path).unwrap_err().to_string().contains(":1: two columns are called `a`"));

    let path = folder.path().join("results.parquet");
    table().write_parquet(&path).unwrap();
    let whole = fs::read(&path).unwrap();
    for length in (0..whole.len()).step_by(17) {
        fs::write(&path, &whole[..length]).unwrap();
        let error = ResultTable::read_parquet(&path).unwrap_err().to_string();
        assert!(error.contains("results.parquet: not a whole Parquet file"), "{error}");
    }
}

proptest! {
    /// Claim: damaged bytes give a table or an error, never a failure otherwise.
    #[test]
    fn any_bytes_are_a_table_or_an_error(changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.parquet");
        table().write_parquet(&path).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        fs::write(&path, &bytes).unwrap();
        let _ = ResultTable::read_parquet(&path);
    }
}
