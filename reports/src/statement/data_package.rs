//! The figures as a CSV file, with the data package that says what its columns hold.

use super::composing::Composed;
use super::files::marker;
use super::published::{Measure, Printed, Published};
use crate::error::Error;
use serde_json::json;
use sha2::{Digest, Sha256};

const COLUMNS: [&str; 7] = ["financial_year", "code", "label", "measure", "value", "standing", "missing_returns"];

/// One line a figure and year; numbers as they are printed, and amounts in pounds.
pub(super) fn csv(published: &Published) -> String {
    let mut text = COLUMNS.join(",") + "\r\n";
    for printed in published.all() {
        let cells = [
            printed.year.as_str().to_owned(),
            printed.code.clone(),
            printed.label.clone(),
            measure(printed.measure).to_owned(),
            number(&printed),
            printed.standing.in_words().to_owned(),
            printed.missing_returns.to_string(),
        ];
        let line: Vec<_> = cells.iter().enumerate().map(|(at, cell)| quoted(cell, COLUMNS[at] == "label")).collect();
        text.push_str(&(line.join(",") + "\r\n"));
    }
    text
}

fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::Count => "count",
        Measure::Pence => "pounds",
        Measure::PerMille => "percent",
    }
}

fn number(printed: &Printed) -> String {
    let Some(size) = printed.value.magnitude() else { return marker(&printed.value).unwrap_or_default().to_owned() };
    let parts = |of: u64, decimals: usize| {
        let sign = if size < 0 { "-" } else { "" };
        format!("{sign}{}.{:0decimals$}", size.unsigned_abs() / of, size.unsigned_abs() % of)
    };
    match printed.measure {
        Measure::Count => size.to_string(),
        Measure::Pence => parts(100, 2),
        Measure::PerMille => parts(10, 1),
    }
}

/// A cell of the file. Words that a spreadsheet would calculate get an apostrophe.
fn quoted(cell: &str, is_words: bool) -> String {
    let guarded = if is_words && cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() };
    if guarded.contains([',', '"', '\n', '\r']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}

/// What the CSV file holds, as a Frictionless data package.
pub(super) fn data_package(composed: &Composed, csv: &[u8]) -> Result<Vec<u8>, Error> {
    let year = composed.content.year.as_str();
    let field = |name: &str, kind: &str, description: &str| json!({ "name": name, "type": kind, "description": description });
    let mut required = [
        field("financial_year", "string", "The financial year, 1 April to 31 March."),
        field("code", "string", "The figure's code, the same from year to year."),
        field("label", "string", "The figure in words."),
        field("measure", "string", "What the value is in: count, pounds or percent."),
    ];
    required.iter_mut().for_each(|field| field["constraints"] = json!({ "required": true }));
    let mut fields = required.to_vec();
    fields.push(field("value", "number", "The number; [c] withheld, [x] not available yet, [z] not applicable."));
    fields.push(field("standing", "string", "How far it is known: known, so far, or not yet known."));
    fields.push(field("missing_returns", "integer", "Returns that have not come."));
    let digest: String = Sha256::digest(csv).iter().map(|byte| format!("{byte:02x}")).collect();
    let package = json!({
        "profile": "tabular-data-package",
        "name": format!("short-breaks-statement-{year}"),
        "title": format!("{} {year}: figures", composed.document.title),
        "description": composed.document.description,
        "created": format!("{}T00:00:00Z", composed.content.dated),
        "contributors": [{ "title": composed.content.authority, "role": "publisher" }],
        "licenses": [{
            "name": "OGL-UK-3.0",
            "path": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
            "title": "Open Government Licence v3.0",
        }],
        "resources": [{
            "profile": "tabular-data-resource",
            "name": "figures",
            "path": "figures.csv",
            "title": "Figures of the statement",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "bytes": csv.len(),
            "hash": format!("sha256:{digest}"),
            "dialect": { "delimiter": ",", "lineTerminator": "\r\n", "header": true },
            "schema": {
                "fields": fields,
                "missingValues": ["", "[c]", "[z]", "[x]"],
                "primaryKey": ["financial_year", "code"],
            },
        }],
    });
    Ok((serde_json::to_string_pretty(&package)? + "\n").into_bytes())
}
