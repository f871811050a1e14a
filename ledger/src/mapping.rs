//! A mapping: how one council's ledger files are read, and which of their lines are ours. Written by a finance officer.

use crate::columns::{self, Asked, Columns};
use crate::condition::{Condition, Test};
use crate::date::{DateFormat, usual_formats};
use crate::header::MOST_ROWS;
use crate::mapping_file;
use crate::text::{Encoding, fold, tidy};
use db::audit::hex;
use domain::TimeZone;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// A mapping that can be used.
#[derive(Debug, Clone)]
pub struct Mapping {
    pub(crate) source: String,
    pub(crate) sha256: String,
    pub(crate) encoding: Encoding,
    pub(crate) delimiter: Option<u8>,
    pub(crate) has_quotes: bool,
    pub(crate) sheets: Sheets,
    pub(crate) header_row: Option<u64>,
    /// The layouts of the files, the first that fits a header being its own.
    pub(crate) layouts: Vec<Columns>,
    /// How many columns conditions look at.
    pub(crate) columns_asked: usize,
    pub(crate) is_sign_reversed: bool,
    pub(crate) date_formats: Vec<DateFormat>,
    /// Where the day of an instant is asked.
    pub(crate) zone: TimeZone,
    pub(crate) rules: Vec<Rule>,
    pub(crate) providers: Vec<ProviderRule>,
}

/// Which sheets of a workbook are read.
#[derive(Debug, Clone)]
pub(crate) enum Sheets {
    /// Those that are shown and have the header.
    Shown,
    /// Those that have the header, hidden ones too.
    All,
    /// These, and no others.
    Named(Vec<String>),
}

/// Which lines go to a budget line.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) budget_line: String,
    pub(crate) when: Vec<Condition>,
    pub(crate) unless: Vec<Condition>,
}

/// Which lines were paid to a provider.
#[derive(Debug, Clone)]
pub(crate) struct ProviderRule {
    pub(crate) provider: String,
    pub(crate) when: Vec<Condition>,
}

/// Why a mapping cannot be used: everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the mapping cannot be used: {}", .0.join("; "))]
pub struct BadMapping(pub Vec<String>);

/// The source of entries that put others right: no file's.
const CORRECTION: &str = "correction";
/// The longest name of a ledger.
const MOST_SOURCE_LETTERS: usize = 100;
/// A line is tested against every rule, so their number bounds the work.
const MOST_RULES: usize = 1000;

impl Mapping {
    /// Reads a mapping file, or says everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, BadMapping> {
        let mut problems = Vec::new();
        let file = mapping_file::read(text, &mut problems);
        let mapping = file.and_then(|file| Reading { problems: &mut problems, file: &file, asked: Asked::default() }.mapping(text));
        match mapping {
            Some(mapping) if problems.is_empty() => Ok(mapping),
            _ => Err(BadMapping(problems)),
        }
    }

    /// The mapping for an authority of that time zone: an instant in a ledger that says how far its clock is from UTC is on the day that the
    /// zone had then.
    pub(crate) fn in_zone(&self, zone: TimeZone) -> Self {
        Mapping { zone, ..self.clone() }
    }

    /// The name of the ledger whose files the mapping reads.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The budget lines its rules name, each once.
    pub fn budget_lines(&self) -> BTreeSet<&str> {
        self.rules.iter().map(|rule| rule.budget_line.as_str()).collect()
    }

    /// The providers it names, each once.
    pub fn providers(&self) -> BTreeSet<&str> {
        self.providers.iter().map(|rule| rule.provider.as_str()).collect()
    }
}

/// The file's parts on their way to a mapping, with what is wrong so far.
struct Reading<'r> {
    problems: &'r mut Vec<String>,
    file: &'r mapping_file::MappingFile,
    asked: Asked,
}

impl Reading<'_> {
    fn mapping(mut self, text: &str) -> Option<Mapping> {
        let file = self.file;
        let source = self.source();
        let encoding = self.encoding();
        let delimiter = self.delimiter();
        let has_quotes = self.word("quotes", file.quotes.as_deref(), &[("double", true), ("none", false)]);
        let is_sign_reversed = self.word("amount_sign", file.amount_sign.as_deref(), &[("as_written", false), ("reversed", true)]);
        let date_formats = self.date_formats();
        let rules = self.rules();
        let providers = self.providers();
        let sheets = self.sheets();
        if file.identity.as_ref().is_some_and(Vec::is_empty) {
            self.problem("`identity` names no column; leave it out to have every cell of a line identify it");
        }
        if file.header_row.is_some_and(|row| !(1..=MOST_ROWS as u64).contains(&row)) {
            self.problem(format!("`header_row` counts from 1, up to {MOST_ROWS}"));
        }
        let layouts = columns::of_layouts(file, &self.asked, self.problems);
        Some(Mapping {
            source,
            sha256: hex(&Sha256::digest(text.as_bytes())),
            encoding: encoding?,
            delimiter: delimiter?,
            has_quotes: has_quotes?,
            sheets,
            header_row: file.header_row,
            layouts,
            columns_asked: self.asked.len(),
            is_sign_reversed: is_sign_reversed?,
            date_formats,
            zone: TimeZone::default(),
            rules,
            providers,
        })
    }

    fn source(&mut self) -> String {
        let source = tidy(self.file.source.as_deref().unwrap_or_default()).into_owned();
        if source.is_empty() || source.chars().count() > MOST_SOURCE_LETTERS || source.chars().any(char::is_control) {
            self.problem("`source` must name the ledger, in at most 100 letters: source = \"General ledger\"");
        }
        if fold(&source) == CORRECTION {
            self.problem(format!("`source` is \"{source}\", which is what entries that put others right are called; choose another name"));
        }
        source
    }

    fn sheets(&mut self) -> Sheets {
        let Some(written) = &self.file.sheet else { return Sheets::Shown };
        let names: Vec<String> = written.all().iter().map(|name| tidy(name).into_owned()).collect();
        if names.is_empty() || names.iter().any(String::is_empty) {
            self.problem("`sheet` must name a sheet, or list several, or be \"*\" for all that have the header");
        }
        // No sheet's name can have this sign.
        if names.iter().any(|name| name == "*") { Sheets::All } else { Sheets::Named(names) }
    }

    fn problem(&mut self, text: impl Into<String>) {
        self.problems.push(text.into());
    }

    fn encoding(&mut self) -> Option<Encoding> {
        let known = [
            ("auto", Encoding::Auto),
            ("utf-8", Encoding::Utf8),
            ("utf8", Encoding::Utf8),
            ("windows-1252", Encoding::Windows1252),
            ("cp1252", Encoding::Windows1252),
        ];
        self.word("encoding", self.file.encoding.as_deref(), &known)
    }

    /// One of a few words; the first when the key is absent.
    fn word<T: Copy>(&mut self, key: &str, written: Option<&str>, known: &[(&str, T)]) -> Option<T> {
        let Some(written) = written else { return known.first().map(|(_, value)| *value) };
        let found = known.iter().find(|(word, _)| written.trim().eq_ignore_ascii_case(word)).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<_> = known.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            self.problem(format!("`{key}` is \"{written}\"; it may be {}", words.join(", ")));
        }
        found
    }

    #[allow(clippy::option_option, reason = "the outer one is a problem, the inner one is a delimiter to be found")]
    fn delimiter(&mut self) -> Option<Option<u8>> {
        match self.file.delimiter.as_deref() {
            None => Some(None),
            Some("\t" | "tab") => Some(Some(b'\t')),
            Some(one) if one.len() == 1 && one.bytes().all(|b| b.is_ascii_punctuation() && b != b'"') => Some(one.bytes().next()),
            Some(other) => {
                self.problem(format!("`delimiter` is \"{other}\"; it may be one sign such as \",\" or \";\" or \"|\", or \"tab\""));
                None
            }
        }
    }

    fn date_formats(&mut self) -> Vec<DateFormat> {
        let Some(written) = &self.file.date_formats else { return usual_formats() };
        if written.all().is_empty() {
            self.problem("`date_formats` is empty; leave it out for the usual ones");
        }
        let mut formats = Vec::new();
        for format in written.all() {
            match DateFormat::parse(format) {
                Ok(format) => formats.push(format),
                Err(problem) => self.problem(problem),
            }
        }
        formats
    }

    fn rules(&mut self) -> Vec<Rule> {
        let file = self.file;
        if file.rules.is_empty() {
            self.problem("there is no `[[rules]]`: at least one must say which lines go to a budget line");
        }
        if file.rules.len() + file.providers.len() > MOST_RULES {
            self.problem(format!("there are more than {MOST_RULES} rules and providers"));
        }
        let mut rules = Vec::new();
        for (place, rule) in &file.rules {
            let whose = format!("rule {place} ({})", rule.budget_line);
            if !domain::profile::is_code(&rule.budget_line) {
                self.problem(format!("rule {place}: `{}` is no budget line's code; codes look like direct_payments", rule.budget_line));
            }
            let when = self.conditions(&rule.when, &whose, "when");
            let unless = self.conditions(&rule.unless, &whose, "unless");
            rules.push(Rule { budget_line: rule.budget_line.clone(), when, unless });
        }
        rules
    }

    fn providers(&mut self) -> Vec<ProviderRule> {
        let file = self.file;
        let mut providers = Vec::new();
        for (place, rule) in &file.providers {
            if !domain::profile::is_code(&rule.provider) {
                self.problem(format!("provider {place}: `{}` is no provider's code; codes look like meadow_house", rule.provider));
            }
            let when = self.conditions(&rule.when, &format!("provider {place} ({})", rule.provider), "when");
            providers.push(ProviderRule { provider: rule.provider.clone(), when });
        }
        providers
    }

    fn conditions(&mut self, written: &[mapping_file::ConditionFile], whose: &str, key: &str) -> Vec<Condition> {
        if key == "when" && written.is_empty() {
            self.problem(format!("{whose}: `when` is empty, so it would take every line"));
        }
        let mut conditions = Vec::new();
        for condition in written {
            let Some(name) = condition.column.all().first() else {
                self.problem(format!("{whose}: `column` is empty"));
                continue;
            };
            let column = self.asked.place(&condition.column);
            match Test::parse(condition) {
                Ok(test) => conditions.push(Condition { column, test }),
                Err(problem) => self.problem(format!("{whose}, `{key}` on {name}: {problem}")),
            }
        }
        conditions
    }
}
