//! Ledgers that councils publish, read here by other code than the program's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A council's files of a year, and how they are read.
#[derive(Clone)]
pub struct Council {
    /// Below the folder of published ledgers.
    pub folder: &'static str,
    pub year: &'static str,
    pub next_year: &'static str,
    /// The mapping without providers.
    pub mapping: String,
    /// Headers of day, amount, payee's number, area and code.
    pub headers: [&'static str; 5],
    pub codings: Vec<Coding>,
}

/// Lines whose area begins so and whose code is one of these.
#[derive(Clone)]
pub struct Coding {
    pub budget_line: &'static str,
    pub area: &'static str,
    pub codes: Vec<String>,
    /// How many of its payees get a provider, in the order in which they first appear.
    pub providers: usize,
}

/// A line that a coding picks.
pub struct PublishedLine {
    /// The number of its file.
    pub file: usize,
    pub budget_line: &'static str,
    /// Such as 2024-04.
    pub month: String,
    /// The payee's number; names may be redacted.
    pub payee: String,
    pub pence: i64,
}

/// A council's files, and the lines picked from them.
pub struct Published {
    pub files: Vec<PathBuf>,
    pub lines: Vec<PublishedLine>,
}

impl Coding {
    pub fn new(budget_line: &'static str, area: &'static str, codes: &[&str], providers: usize) -> Self {
        Coding { budget_line, area, codes: codes.iter().map(|code| (*code).to_owned()).collect(), providers }
    }
}

impl Council {
    pub fn devon() -> Self {
        Council {
            folder: "devon",
            year: "2024-25",
            next_year: "2025-26",
            mapping: example_mapping("devon.toml"),
            headers: ["Date", "Amount", "Supplier ID", "Expense Area", "Expense Code"],
            codings: vec![
                Coding::new("direct_payments", "Children", &["6401"], 0),
                Coding::new("overnight_respite", "Children", &["5732"], 8),
            ],
        }
    }

    pub fn sheffield() -> Self {
        Council {
            folder: "sheffield",
            year: "2016-17",
            next_year: "2017-18",
            mapping: example_mapping("sheffield.toml"),
            headers: ["GL Date", "Invoiced Value", "Address Book No.", "Business Unit No.", "Expense Code"],
            codings: vec![
                Coding::new("direct_payments", "39148", &["9190"], 0),
                Coding::new("community_short_breaks", "39357", &["8440"], 0),
                Coding::new("targeted_outreach", "39357", &["9120"], 20),
                Coding::new("nursery", "39358", &["9120", "9190"], 5),
            ],
        }
    }

    /// The same files with a coding that has a payee in credit over the year, as none of the short breaks' own codings has: of those of
    /// children's services with at most 60 payees the one with the most lines.
    pub fn with_credits(mut self) -> Option<Self> {
        let area = "Children";
        let mut of_codes: BTreeMap<String, (usize, BTreeMap<String, i64>)> = BTreeMap::new();
        read(&self, |_, record| {
            if record.area.starts_with(area) {
                let (lines, payees) = of_codes.entry(record.code.to_owned()).or_default();
                *lines += 1;
                *payees.entry(record.payee.to_owned()).or_default() += record.pence;
            }
        })?;
        of_codes.retain(|_, (_, payees)| payees.len() <= 60 && payees.values().any(|pence| *pence < 0));
        let (code, _) = of_codes.iter().max_by_key(|(_, (lines, _))| *lines)?;
        let rule = format!(
            "[[rules]]\nbudget_line = \"home_care\"\n\
             when = [{{ column = \"area\", starts_with = \"{area}\" }}, {{ column = \"code\", equals = \"{code}\" }}]\n"
        );
        let head = self.mapping.find("[[rules]]").unwrap();
        self.mapping.replace_range(head.., &rule);
        self.codings = vec![Coding::new("home_care", area, &[code], 60)];
        Some(self)
    }

    /// The files and their lines; none where they are not beside the project.
    pub fn published(&self) -> Option<Published> {
        let mut lines = Vec::new();
        let files = read(self, |file, record| {
            let picks = |coding: &&Coding| record.area.starts_with(coding.area) && coding.codes.iter().any(|code| code == record.code);
            if let Some(coding) = self.codings.iter().find(picks) {
                let (month, payee) = (record.day[..7].to_owned(), record.payee.to_owned());
                lines.push(PublishedLine { file, budget_line: coding.budget_line, month, payee, pence: record.pence });
            }
        })?;
        Some(Published { files, lines })
    }
}

impl Published {
    /// The payees that get a provider, each with its code.
    pub fn payees(&self, council: &Council) -> BTreeMap<String, String> {
        let mut chosen: Vec<&str> = Vec::new();
        for coding in &council.codings {
            let mut seen = BTreeSet::new();
            let payees = self.lines.iter().filter(|line| line.budget_line == coding.budget_line).map(|line| line.payee.as_str());
            let first: Vec<&str> = payees.filter(|payee| seen.insert(*payee)).take(coding.providers).collect();
            chosen.extend(first.into_iter().filter(|payee| !chosen.contains(payee)).collect::<Vec<_>>());
        }
        (1..).zip(chosen).map(|(number, payee)| (payee.to_owned(), format!("payee_{number:03}"))).collect()
    }
}

/// A line as it is written, with its amount in pence.
struct Record<'r> {
    day: &'r str,
    area: &'r str,
    code: &'r str,
    payee: &'r str,
    pence: i64,
}

/// Reads every line of a council's files; answers with the files, in the order of their names.
fn read(council: &Council, mut each: impl FnMut(usize, &Record<'_>)) -> Option<Vec<PathBuf>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/ledger").join(council.folder);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: {} is not there", folder.display());
        return None;
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for (file, path) in files.iter().enumerate() {
        let text = std::fs::read(path).unwrap();
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
        let headers = reader.byte_headers().unwrap().clone();
        let places = council.headers.map(|name| headers.iter().position(|header| header == name.as_bytes()).unwrap());
        for record in reader.byte_records() {
            let record = record.unwrap();
            let [day, amount, payee, area, code] =
                places.map(|place| str::from_utf8(record.get(place).unwrap_or_default()).unwrap_or_default().trim());
            each(file, &Record { day, area, code, payee, pence: pence(amount) });
        }
    }
    Some(files)
}

/// A file with every payee's name taken out.
pub fn redacted(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes));
    let headers = reader.byte_headers().unwrap().clone();
    let name = headers.iter().position(|header| header == b"Supplier Name").unwrap();
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    writer.write_byte_record(&headers).unwrap();
    for record in reader.byte_records() {
        let record = record.unwrap();
        let cells = record.iter().enumerate().map(|(place, cell)| if place == name { b"REDACTED".as_slice() } else { cell });
        writer.write_record(cells).unwrap();
    }
    writer.into_inner().unwrap()
}

/// Pounds in pence; what is beyond the penny is rounded half away from zero.
fn pence(amount: &str) -> i64 {
    let (sign, digits) = match amount.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, amount),
    };
    let (pounds, beyond) = digits.split_once('.').unwrap_or((digits, ""));
    let digit = |place: usize| beyond.as_bytes().get(place).map_or(0, |digit| i64::from(digit - b'0'));
    let pounds: i64 = if pounds.is_empty() { 0 } else { pounds.replace(',', "").parse().unwrap() };
    sign * (pounds * 100 + digit(0) * 10 + digit(1) + i64::from(digit(2) >= 5))
}

fn example_mapping(name: &str) -> String {
    std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/mappings").join(name)).unwrap()
}
