//! Damaged tables, as the user of the program meets them.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops at the first surprise")]

use neuropil_connectome::{ImportOptions, import};
use parquet::data_type::Int64Type;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::cell::Cell;
use std::process::Command;
use std::sync::Arc;

thread_local! {
    static PANICS: Cell<u32> = const { Cell::new(0) };
}

fn table() -> Vec<u8> {
    let schema = parse_message_type("message table { required int64 source; required int64 target; optional int64 count; }").unwrap();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(WriterProperties::builder().build())).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for column in 0..3i64 {
        let mut writer = group.next_column().unwrap().unwrap();
        let values: Vec<i64> = (0..40).map(|row| (row + column) % 7).collect();
        writer.typed::<Int64Type>().write_batch(&values, (column == 2).then_some(&[1; 40]), None).unwrap();
        writer.close().unwrap();
    }
    group.close().unwrap();
    writer.into_inner().unwrap()
}

/// Claim: a Parquet file in which a changed byte makes the decoder panic is refused by the program with status 2 and one line that names it, and the panic
/// leaves no trace on standard error. Source: all changes of one byte, of which some make the decoder panic; otherwise the test has nothing to show.
/// Tolerance: none.
#[test]
fn a_decoder_that_panics_is_not_heard() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("edges.parquet");
    let whole = table();
    std::panic::set_hook(Box::new(|_| PANICS.set(PANICS.get() + 1)));
    let changes = (0..whole.len()).flat_map(|place| [0x00, 0x7f, 0x80, 0xff, whole[place] ^ 1].map(|byte| (place, byte)));
    let mut found = Vec::new();
    for (place, byte) in changes {
        let mut spoiled = whole.clone();
        spoiled[place] = byte;
        std::fs::write(&path, &spoiled).unwrap();
        let before = PANICS.get();
        let refused = import(std::slice::from_ref(&path), &ImportOptions::default()).is_err();
        if PANICS.get() > before {
            assert!(refused, "byte {place} as {byte}");
            found.push(spoiled);
        }
    }
    drop(std::panic::take_hook());
    assert!(!found.is_empty(), "no change of a byte makes the decoder panic");
    for spoiled in found.iter().step_by(found.len().div_ceil(5)) {
        std::fs::write(&path, spoiled).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_neuropil")).args(["inspect", path.to_str().unwrap()]).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let expected = format!("error: {}: the file is damaged: its content cannot be decoded\n", path.display());
        assert_eq!((output.status.code(), output.stdout.len(), stderr), (Some(2), 0, expected));
    }
}
