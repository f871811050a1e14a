//! The mapping file as it is written: its keys and their shapes. What they mean is [`crate::mapping`]'s business.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// The keys of a mapping file.
#[derive(Debug, Default)]
pub(crate) struct MappingFile {
    pub(crate) source: Option<String>,
    pub(crate) encoding: Option<String>,
    pub(crate) delimiter: Option<String>,
    pub(crate) quotes: Option<String>,
    pub(crate) sheet: Option<Names>,
    pub(crate) header_row: Option<u64>,
    pub(crate) amount_sign: Option<String>,
    pub(crate) columns: BTreeMap<String, Names>,
    /// Each with its place among the file's layouts, from 1.
    pub(crate) layouts: Vec<(usize, LayoutFile)>,
    pub(crate) date_formats: Option<Names>,
    pub(crate) identity: Option<Vec<Names>>,
    /// Each with its place among the file's rules, from 1.
    pub(crate) rules: Vec<(usize, RuleFile)>,
    pub(crate) providers: Vec<(usize, ProviderFile)>,
}

/// One name, or several to be tried in turn.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a text, or a list of texts")]
pub(crate) enum Names {
    One(String),
    Many(Vec<String>),
}

impl Names {
    pub(crate) fn all(&self) -> &[String] {
        match self {
            Names::One(name) => std::slice::from_ref(name),
            Names::Many(names) => names,
        }
    }
}

/// One word or several; a code written without quotes is a word too.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a text, a whole number, or a list of them")]
pub(crate) enum Words {
    One(Word),
    Many(Vec<Word>),
}

/// A text, or a code that was written as a number.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a text or a whole number")]
pub(crate) enum Word {
    Text(String),
    Number(i64),
}

impl Words {
    pub(crate) fn all(&self) -> Vec<String> {
        let words = match self {
            Words::One(word) => std::slice::from_ref(word),
            Words::Many(words) => words,
        };
        words
            .iter()
            .map(|word| match word {
                Word::Text(text) => text.clone(),
                Word::Number(number) => number.to_string(),
            })
            .collect()
    }
}

/// The columns of files of one layout, beside those that all layouts have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LayoutFile {
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) columns: BTreeMap<String, Names>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleFile {
    pub(crate) budget_line: String,
    pub(crate) when: Vec<ConditionFile>,
    #[serde(default)]
    pub(crate) unless: Vec<ConditionFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderFile {
    pub(crate) provider: String,
    pub(crate) when: Vec<ConditionFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConditionFile {
    pub(crate) column: Names,
    pub(crate) equals: Option<Words>,
    pub(crate) one_of: Option<Words>,
    pub(crate) starts_with: Option<Words>,
    pub(crate) ends_with: Option<Words>,
    pub(crate) contains: Option<Words>,
    pub(crate) matches: Option<String>,
}

/// A column and the headers it may have, the preferred one first.
#[derive(Debug, Clone)]
pub(crate) struct ColumnNames {
    /// What messages and identities call it.
    pub(crate) key: String,
    /// The headers as the mapping has them.
    pub(crate) alternatives: Vec<String>,
    /// The headers as they are compared; none for the amount of a layout that has it as debit and credit.
    pub(crate) folded: Vec<String>,
}

/// The keys of a mapping file, as messages list them.
pub(crate) const KEYS: &str =
    "source, encoding, delimiter, quotes, sheet, header_row, columns, layouts, date_formats, amount_sign, identity, rules, providers";

/// Reads the file's keys; what does not fit is told in `problems`. None when it is not TOML at all.
pub(crate) fn read(text: &str, problems: &mut Vec<String>) -> Option<MappingFile> {
    let text = text.trim_start_matches('\u{feff}');
    let mut table: toml::Table = match toml::from_str(text) {
        Ok(table) => table,
        Err(error) => {
            // Without the line itself: it may name a payee.
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            problems.push(format!("the file is not TOML: line {line}: {}", error.message()));
            return None;
        }
    };
    let file = MappingFile {
        source: take(&mut table, "source", problems),
        encoding: take(&mut table, "encoding", problems),
        delimiter: take(&mut table, "delimiter", problems),
        quotes: take(&mut table, "quotes", problems),
        sheet: take(&mut table, "sheet", problems),
        header_row: take(&mut table, "header_row", problems),
        amount_sign: take(&mut table, "amount_sign", problems),
        columns: take(&mut table, "columns", problems).unwrap_or_default(),
        layouts: take_each(&mut table, "layouts", "layout", problems),
        date_formats: take(&mut table, "date_formats", problems),
        identity: take(&mut table, "identity", problems),
        rules: take_each(&mut table, "rules", "rule", problems),
        providers: take_each(&mut table, "providers", "provider", problems),
    };
    for unknown in table.keys() {
        problems.push(format!("`{unknown}` is not a key of a mapping; the keys are {KEYS}"));
    }
    Some(file)
}

fn take<T: DeserializeOwned>(table: &mut toml::Table, key: &str, problems: &mut Vec<String>) -> Option<T> {
    match table.remove(key)?.try_into() {
        Ok(value) => Some(value),
        Err(error) => {
            problems.push(format!("`{key}`: {}", error.message()));
            None
        }
    }
}

/// The tables of an array one by one, so that a mistake in one does not hide those in the next.
fn take_each<T: DeserializeOwned>(table: &mut toml::Table, key: &str, one: &str, problems: &mut Vec<String>) -> Vec<(usize, T)> {
    let tables: Vec<toml::Value> = take(table, key, problems).unwrap_or_default();
    let mut each = Vec::with_capacity(tables.len());
    for (place, value) in (1..).zip(tables) {
        match value.try_into() {
            Ok(value) => each.push((place, value)),
            Err(error) => problems.push(format!("{one} {place}: {}", error.message())),
        }
    }
    each
}
