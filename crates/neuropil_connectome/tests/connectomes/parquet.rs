//! Parquet tables: integers of 64 bits, and files that are damaged.

use crate::imported;
use neuropil_connectome::importers::Ends;
use neuropil_connectome::{Column, Connectome, ImportOptions};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;
use std::sync::Arc;

/// A column of a table.
enum Cells {
    Integers(Vec<i64>),
    Numbers(Vec<f64>),
    Texts(Vec<&'static str>),
}

/// A Parquet file with a schema such as `required int64 id;` a column.
fn table(schema: &str, columns: &[Cells]) -> Vec<u8> {
    let schema = parse_message_type(&format!("message table {{ {schema} }}")).unwrap();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(WriterProperties::builder().build())).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for cells in columns {
        let mut column = group.next_column().unwrap().unwrap();
        match cells {
            Cells::Integers(values) => column.typed::<Int64Type>().write_batch(values, None, None),
            Cells::Numbers(values) => column.typed::<DoubleType>().write_batch(values, None, None),
            Cells::Texts(values) => {
                let values: Vec<ByteArray> = values.iter().map(|value| ByteArray::from(*value)).collect();
                column.typed::<ByteArrayType>().write_batch(&values, None, None)
            }
        }
        .unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.into_inner().unwrap()
}

/// Identifiers that share a double with a neighbour: 2^53 + 1 is the first, FlyWire's are of the size of the others.
const IDENTIFIERS: [i64; 4] = [9_007_199_254_740_993, 720_575_940_628_857_210, 720_575_940_628_857_211, i64::MAX];

fn nodes() -> Vec<u8> {
    let schema = "required int64 root_id; required binary class (UTF8); required double x_nm; required double y_nm; required double z_nm;";
    let numbers = |first: f64| Cells::Numbers((0..4).map(|k| first + 1000.0 * f64::from(k)).collect());
    let classes = Cells::Texts(vec!["inter", "motor", "inter", "µ"]);
    table(schema, &[Cells::Integers(IDENTIFIERS.into()), classes, numbers(0.0), numbers(500.0), numbers(-500.0)])
}

fn edges() -> Vec<u8> {
    let [a, b, c, d] = IDENTIFIERS;
    let schema =
        "required int64 pre_root_id; required int64 post_root_id; required int64 syn_count; required int64 partner (INTEGER(64,false));";
    let columns = [vec![a, b, c, d], vec![b, c, d, a], vec![5, 6, 7, 8], vec![-1, a, 0, 1]];
    table(schema, &columns.map(Cells::Integers))
}

fn read(files: &[(&str, &[u8])]) -> Connectome {
    imported(files, &ImportOptions::default()).unwrap().connectome
}

/// Claim: identifiers of 64 bits, signed and unsigned, keep every digit as names, as ends of edges and as other columns. Source: the integers that were
/// written. Tolerance: none; the second and third are the same double.
#[test]
fn identifiers_of_64_bits_keep_every_digit() {
    assert_eq!(IDENTIFIERS[1] as f64, IDENTIFIERS[2] as f64);
    let read = read(&[("nodes.parquet", &nodes()), ("edges.parquet", &edges())]);
    let names: Vec<String> = read.nodes().names.iter().map(|name| name.to_string()).collect();
    assert_eq!(names, IDENTIFIERS.map(|identifier| identifier.to_string()));
    assert_eq!((&*read.edges().sources, &*read.edges().targets), (&[0, 1, 2, 3][..], &[1, 2, 3, 0][..]));
    let Column::Text(partner) = &read.edges().columns["partner"] else { panic!("beyond a double, so texts") };
    assert_eq!([0, 1, 2, 3].map(|row| partner.get(row).unwrap()), ["18446744073709551615", "9007199254740993", "0", "1"]);
    let Column::Number(count) = &read.edges().columns["count"] else { panic!("numbers") };
    assert_eq!(&*count.values, [5.0, 6.0, 7.0, 8.0]);
    let Column::Number(x) = &read.nodes().columns["x"] else { panic!("numbers") };
    assert_eq!(&*x.values, [0.0, 1.0, 2.0, 3.0]);
    let Column::Text(class) = &read.nodes().columns["class"] else { panic!("texts") };
    assert_eq!(class.get(3), Some("µ"));
}

/// Claim: a Parquet table and the same as CSV make the same connectome, and identifiers that are floats are refused. Source: equality.
/// Tolerance: none.
#[test]
fn a_parquet_table_is_what_the_same_csv_is() {
    let [a, b, c, d] = IDENTIFIERS;
    let csv_nodes = format!(
        "root_id,class,x_nm,y_nm,z_nm\n{a},inter,0,500,-500\n{b},motor,1000,1500,500\n{c},inter,2000,2500,1500\n{d},µ,3000,3500,2500\n"
    );
    let csv_edges =
        format!("pre_root_id,post_root_id,syn_count,partner\n{a},{b},5,{}\n{b},{c},6,{a}\n{c},{d},7,0\n{d},{a},8,1\n", u64::MAX);
    let csv = read(&[("nodes.csv", csv_nodes.as_bytes()), ("edges.csv", csv_edges.as_bytes())]);
    assert_eq!(read(&[("nodes.parquet", &nodes()), ("edges.parquet", &edges())]), csv);
    let rounded = table("required double source; required int64 target;", &[Cells::Numbers(vec![7.2e17]), Cells::Integers(vec![1])]);
    let refused = imported(&[("edges.parquet", &rounded)], &ImportOptions::default()).unwrap_err();
    assert_eq!(refused, "edges.parquet: column `source` holds floats, which may have been rounded; expected texts or integers");
}

/// Claim: integers at both ends, none of which is a name, are rows of the nodes. Source: definition. Tolerance: none.
#[test]
fn ends_that_are_integers_and_no_names_are_rows() {
    let rows = table("required int64 source; required int64 target;", &[Cells::Integers(vec![0, 3]), Cells::Integers(vec![2, 1])]);
    let read = read(&[("nodes.parquet", &nodes()), ("edges.parquet", &rows)]);
    assert_eq!((&*read.edges().sources, &*read.edges().targets), (&[0, 3][..], &[2, 1][..]));
    let named = ImportOptions { ends: Ends::Names, ..Default::default() };
    let refused = imported(&[("nodes.parquet", &nodes()), ("edges.parquet", &rows)], &named).unwrap_err();
    assert!(refused.contains("there is no node `0`"), "{refused}");
}

proptest! {
    /// Claim: a damaged or cut Parquet file gives a connectome or one error of one line that names the file. Source: definition. Tolerance: none.
    #[test]
    fn damaged_tables_give_one_error(changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..4), cut in proptest::option::of(any::<usize>())) {
        let mut spoiled = edges();
        for (place, byte) in changes {
            let length = spoiled.len();
            spoiled[place % length] = byte;
        }
        spoiled.truncate(cut.map_or(spoiled.len(), |cut| cut % spoiled.len()));
        if let Err(error) = imported(&[("nodes.parquet", &nodes()), ("edges.parquet", &spoiled)], &ImportOptions::default()) {
            prop_assert!(error.starts_with("edges.parquet") && !error.contains('\n'), "{}", error);
        }
    }
}
