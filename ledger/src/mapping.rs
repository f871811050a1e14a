//! A mapping: how one council's ledger files are read, and which of their lines are ours. Written by a finance officer.

use crate::date::{DateFormat, usual_formats};
use crate::mapping_file::{self, ColumnNames, Names};
use crate::text::{Encoding, fold, tidy};
use db::audit::hex;
use regex::{Regex, RegexBuilder};
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
    pub(crate) sheet: Option<String>,
    pub(crate) header_row: Option<u64>,
    pub(crate) date: ColumnNames,
    pub(crate) amount: AmountColumns,
    pub(crate) is_sign_reversed: bool,
    pub(crate) reference: Option<ColumnNames>,
    /// Where the number of the purchase order stands that a line was paid on.
    pub(crate) purchase_order: Option<ColumnNames>,
    pub(crate) date_formats: Vec<DateFormat>,
    /// The columns that rules and providers look at; a condition names one by its place here.
    pub(crate) columns: Vec<ColumnNames>,
    /// What identifies a line; nothing means every cell of it.
    pub(crate) identity: Vec<ColumnNames>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) providers: Vec<ProviderRule>,
}

/// Where a line's amount stands.
#[derive(Debug, Clone)]
pub(crate) enum AmountColumns {
    Signed(ColumnNames),
    DebitAndCredit { debit: ColumnNames, credit: ColumnNames },
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

/// What one cell must be.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    /// Its place in [`Mapping::columns`].
    pub(crate) column: usize,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    /// Words, and those of them that the mapping has as numbers.
    OneOf(Vec<String>, Vec<String>),
    StartsWith(Vec<String>),
    EndsWith(Vec<String>),
    Contains(Vec<String>),
    Matches(Regex),
}

impl Condition {
    /// Whether a cell, folded, is so. Patterns see it folded too, and ignore case.
    pub(crate) fn holds(&self, folded: &str) -> bool {
        match &self.test {
            // A spreadsheet saved as CSV may write the code 6401 as 6401.0.
            Test::OneOf(words, numbers) => {
                words.iter().any(|word| word == folded)
                    || whole_number(folded).is_some_and(|whole| numbers.iter().any(|number| number == whole))
            }
            Test::StartsWith(words) => words.iter().any(|word| folded.starts_with(word)),
            Test::EndsWith(words) => words.iter().any(|word| folded.ends_with(word)),
            Test::Contains(words) => words.iter().any(|word| folded.contains(word)),
            Test::Matches(pattern) => pattern.is_match(folded),
        }
    }
}

/// The part of `6401.00` before the point, where only noughts follow it.
fn whole_number(folded: &str) -> Option<&str> {
    let (whole, noughts) = folded.split_once('.')?;
    if !noughts.is_empty() && noughts.bytes().all(|b| b == b'0') { Some(whole) } else { None }
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
        let mapping = file
            .and_then(|file| Reading { problems: &mut problems, file: &file, columns: Vec::new(), used: BTreeSet::new() }.mapping(text));
        match mapping {
            Some(mapping) if problems.is_empty() => Ok(mapping),
            _ => Err(BadMapping(problems)),
        }
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
    columns: Vec<ColumnNames>,
    /// Keys of `[columns]` that something refers to.
    used: BTreeSet<String>,
}

impl Reading<'_> {
    fn mapping(mut self, text: &str) -> Option<Mapping> {
        let file = self.file;
        let source = tidy(file.source.as_deref().unwrap_or_default()).into_owned();
        if source.is_empty() || source.chars().count() > MOST_SOURCE_LETTERS || source.chars().any(char::is_control) {
            self.problem("`source` must name the ledger, in at most 100 letters: source = \"General ledger\"");
        }
        if fold(&source) == CORRECTION {
            self.problem(format!("`source` is \"{source}\", which is what entries that put others right are called; choose another name"));
        }
        let date = self.role("date");
        let amount = self.amount();
        let reference = self.optional_role("reference");
        let purchase_order = self.optional_role("purchase_order");
        let encoding = self.encoding();
        let delimiter = self.delimiter();
        let has_quotes = self.word("quotes", file.quotes.as_deref(), &[("double", true), ("none", false)]);
        let is_sign_reversed = self.word("amount_sign", file.amount_sign.as_deref(), &[("as_written", false), ("reversed", true)]);
        let date_formats = self.date_formats();
        let rules = self.rules();
        let providers = self.providers();
        let identity = file.identity.iter().flatten().map(|column| self.column(column, "identity")).collect();
        if file.identity.as_ref().is_some_and(Vec::is_empty) {
            self.problem("`identity` names no column; leave it out to have every cell of a line identify it");
        }
        if file.header_row == Some(0) {
            self.problem("`header_row` counts from 1");
        }
        for unused in file.columns.keys().filter(|key| !self.used.contains(*key)) {
            self.problems.push(if mapping_file::KEYS.split(", ").any(|key| key == unused) {
                format!("`{unused}` stands below [columns] and so counts as a column; move it above the first [heading]")
            } else {
                format!("`columns.{unused}` is used by no rule; besides date, amount (or debit and credit), reference and purchase_order, list only columns that rules use")
            });
        }
        Some(Mapping {
            source,
            sha256: hex(&Sha256::digest(text.as_bytes())),
            encoding: encoding?,
            delimiter: delimiter?,
            has_quotes: has_quotes?,
            sheet: file.sheet.clone(),
            header_row: file.header_row,
            date: date?,
            amount: amount?,
            is_sign_reversed: is_sign_reversed?,
            reference,
            purchase_order,
            date_formats,
            columns: self.columns,
            identity,
            rules,
            providers,
        })
    }

    fn problem(&mut self, text: impl Into<String>) {
        self.problems.push(text.into());
    }

    /// A column that the mapping must name in `[columns]`.
    fn role(&mut self, key: &str) -> Option<ColumnNames> {
        self.used.insert(key.to_owned());
        let Some(names) = self.file.columns.get(key) else {
            self.problem(format!("`columns.{key}` is missing: the header, or headers, that the {key} may stand under"));
            return None;
        };
        Some(self.named(key, names))
    }

    /// A column that a mapping may name.
    fn optional_role(&mut self, key: &str) -> Option<ColumnNames> {
        if self.file.columns.contains_key(key) { self.role(key) } else { None }
    }

    fn named(&mut self, key: &str, names: &Names) -> ColumnNames {
        let alternatives: Vec<String> = names.all().iter().map(|name| tidy(name).into_owned()).filter(|name| !name.is_empty()).collect();
        if alternatives.is_empty() {
            self.problem(format!("`{key}` names no header"));
        }
        ColumnNames { key: key.to_owned(), folded: alternatives.iter().map(|name| fold(name)).collect(), alternatives }
    }

    fn amount(&mut self) -> Option<AmountColumns> {
        let has = |key| self.file.columns.contains_key(key);
        match (has("amount"), has("debit"), has("credit")) {
            (_, false, false) => Some(AmountColumns::Signed(self.role("amount")?)),
            (false, true, true) => Some(AmountColumns::DebitAndCredit { debit: self.role("debit")?, credit: self.role("credit")? }),
            _ => {
                self.used.extend(["amount", "debit", "credit"].map(str::to_owned));
                self.problem("`[columns]` must have either `amount`, or both `debit` and `credit`");
                None
            }
        }
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
            let names = self.column(&condition.column, whose);
            let column = self.columns.iter().position(|known| *known == names).unwrap_or_else(|| {
                self.columns.push(names);
                self.columns.len() - 1
            });
            match test(condition) {
                Ok(test) => conditions.push(Condition { column, test }),
                Err(problem) => self.problem(format!("{whose}, `{key}` on {}: {problem}", self.columns[column].key)),
            }
        }
        conditions
    }

    /// A column as a rule names it: by a key of `[columns]`, or by its header or headers.
    fn column(&mut self, names: &Names, whose: &str) -> ColumnNames {
        let mut alternatives = Vec::new();
        for name in names.all() {
            match self.file.columns.get(name) {
                Some(listed) => {
                    self.used.insert(name.clone());
                    alternatives.extend(listed.all().iter().cloned());
                }
                None => alternatives.push(name.clone()),
            }
        }
        let key = names.all().first().cloned().unwrap_or_default();
        let column = self.named(&key, &Names::Many(alternatives));
        if names.all().is_empty() {
            self.problem(format!("{whose}: `column` is empty"));
        }
        column
    }
}

/// The one test of a condition.
fn test(condition: &mapping_file::ConditionFile) -> Result<Test, String> {
    let folded = |words: &mapping_file::Words| -> Result<Vec<String>, String> {
        let words: Vec<String> = words.all().iter().map(|word| fold(word)).collect();
        if words.is_empty() { Err("it lists no words".to_owned()) } else { Ok(words) }
    };
    let never_empty = |words: Vec<String>| {
        if words.iter().any(String::is_empty) { Err("an empty text is found in every cell".to_owned()) } else { Ok(words) }
    };
    let mut tests = Vec::new();
    for exact in [&condition.equals, &condition.one_of].into_iter().flatten() {
        tests.push(Test::OneOf(folded(exact)?, exact.numbers()));
    }
    if let Some(words) = &condition.starts_with {
        tests.push(Test::StartsWith(never_empty(folded(words)?)?));
    }
    if let Some(words) = &condition.ends_with {
        tests.push(Test::EndsWith(never_empty(folded(words)?)?));
    }
    if let Some(words) = &condition.contains {
        tests.push(Test::Contains(never_empty(folded(words)?)?));
    }
    if let Some(pattern) = &condition.matches {
        let pattern = RegexBuilder::new(pattern).case_insensitive(true).size_limit(1 << 20).build();
        tests.push(Test::Matches(pattern.map_err(|error| format!("`matches` is no pattern: {error}"))?));
    }
    match (tests.pop(), tests.is_empty()) {
        (Some(test), true) => Ok(test),
        _ => Err("write exactly one of equals, one_of, starts_with, ends_with, contains, matches".to_owned()),
    }
}
