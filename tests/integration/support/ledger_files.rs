//! Ledger files that the tests write, and the mapping that reads them.

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Reads [`write_file`]'s files.
pub const MAPPING: &str = r#"
source = "Finance system"
date_formats = ["DD/MM/YYYY"]
identity = ["date", "reference", "amount"]

[columns]
date = ["Posting Date", "Date"]
amount = "Amount"
reference = "Transaction"
code = "Code"

[[rules]]
budget_line = "direct_payments"
when = [{ column = "code", equals = "6401" }]

[[rules]]
budget_line = "overnight_respite"
when = [{ column = "code", starts_with = "57" }]
"#;

/// What a file of [`write_file`] adds to the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    pub direct_payments: (i64, i64),
    pub overnight_respite: (i64, i64),
}

/// Writes a mapping.
pub fn write_mapping(folder: &Path) -> PathBuf {
    let path = folder.join("mapping.toml");
    std::fs::write(&path, MAPPING).unwrap();
    path
}

/// Writes a file of so many lines of 2023-24, a third of which no rule picks; `name` is in every line, so that files differ.
pub fn write_file(folder: &Path, name: &str, lines: i64) -> (PathBuf, Expected) {
    let mut text = "Posting Date, amount ,Transaction,Code\r\n".to_owned();
    let mut expected = Expected { direct_payments: (0, 0), overnight_respite: (0, 0) };
    for number in 0..lines {
        let pence = number * 37 % 100_000 - 20_000;
        let (code, total) = match number % 3 {
            0 => ("6401", Some(&mut expected.direct_payments)),
            1 => ("5732", Some(&mut expected.overnight_respite)),
            _ => ("1000", None),
        };
        if let Some((count, sum)) = total {
            *count += 1;
            *sum += pence;
        }
        let sign = if pence < 0 { "-" } else { "" };
        let (day, month) = (number % 28 + 1, number % 9 + 4);
        let amount = format!("{sign}{}.{:02}", pence.abs() / 100, pence.abs() % 100);
        writeln!(text, "{day:02}/{month:02}/2023,{amount},{name}-{number},{code}\r").unwrap();
    }
    let path = folder.join(format!("{name}.csv"));
    std::fs::write(&path, text).unwrap();
    (path, expected)
}
