//! The columns that a mapping names, in each layout of the council's files.

use crate::mapping_file::{self, ColumnNames, MappingFile, Names};
use crate::text::{fold, tidy};
use std::collections::{BTreeMap, BTreeSet};

/// Where everything stands in files of one layout.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    /// What the mapping calls the layout; none, it is the only one.
    pub(crate) layout: Option<String>,
    pub(crate) date: ColumnNames,
    pub(crate) amount: AmountColumns,
    pub(crate) reference: Option<ColumnNames>,
    /// Where the number of the purchase order stands that a line was paid on.
    pub(crate) purchase_order: Option<ColumnNames>,
    /// The columns that rules and providers look at; a condition names one by its place here.
    pub(crate) asked: Vec<ColumnNames>,
    /// What identifies a line; nothing means every cell of it.
    pub(crate) identity: Vec<ColumnNames>,
}

/// Where a line's amount stands.
#[derive(Debug, Clone)]
pub(crate) enum AmountColumns {
    Signed(ColumnNames),
    DebitAndCredit { debit: ColumnNames, credit: ColumnNames },
}

/// The columns that conditions look at, each once, as they name them.
#[derive(Debug, Default)]
pub(crate) struct Asked(Vec<Names>);

impl Asked {
    /// The place of a column among them.
    pub(crate) fn place(&mut self, names: &Names) -> usize {
        self.0.iter().position(|known| known.all() == names.all()).unwrap_or_else(|| {
            self.0.push(names.clone());
            self.0.len() - 1
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

const AMOUNTS: [&str; 3] = ["amount", "debit", "credit"];
const ROLES: [&str; 6] = ["date", "amount", "debit", "credit", "reference", "purchase_order"];

/// Finds the columns in each layout, the first that the mapping lists first; or tells everything that is wrong with them.
pub(crate) fn of_layouts(file: &MappingFile, asked: &Asked, problems: &mut Vec<String>) -> Vec<Columns> {
    let mut all = Vec::new();
    let known: BTreeSet<&str> = file.layouts.iter().flat_map(|(_, layout)| layout.columns.keys()).map(String::as_str).collect();
    for (place, layout) in &file.layouts {
        let name = layout.name.clone().unwrap_or_else(|| place.to_string());
        let mut columns: BTreeMap<&str, &Names> = file.columns.iter().map(|(key, names)| (key.as_str(), names)).collect();
        if AMOUNTS.iter().any(|key| layout.columns.contains_key(*key)) {
            columns.retain(|key, _| !AMOUNTS.contains(key));
        }
        columns.extend(layout.columns.iter().map(|(key, names)| (key.as_str(), names)));
        let one = OneLayout { name: Some(name), columns, known: &known, problems: Vec::new() };
        all.extend(one.columns(file, asked, problems));
    }
    if file.layouts.is_empty() {
        let columns = file.columns.iter().map(|(key, names)| (key.as_str(), names)).collect();
        all.extend(OneLayout { name: None, columns, known: &known, problems: Vec::new() }.columns(file, asked, problems));
    }
    tell_unused(file, asked, problems);
    all
}

fn tell_unused(file: &MappingFile, asked: &Asked, problems: &mut Vec<String>) {
    let named = asked.0.iter().chain(file.identity.iter().flatten()).flat_map(Names::all);
    let used: BTreeSet<&str> = named.map(String::as_str).chain(ROLES).collect();
    let mut keys: BTreeSet<&String> = file.columns.keys().collect();
    keys.extend(file.layouts.iter().flat_map(|(_, layout)| layout.columns.keys()));
    for unused in keys.into_iter().filter(|key| !used.contains(key.as_str())) {
        problems.push(if mapping_file::KEYS.split(", ").any(|key| key == unused) {
            format!("`{unused}` stands below [columns] and so counts as a column; move it above the first [heading]")
        } else {
            format!("`columns.{unused}` is used by no rule; besides date, amount (or debit and credit), reference and purchase_order, list only columns that rules use")
        });
    }
}

/// One layout on its way to its columns.
struct OneLayout<'l> {
    name: Option<String>,
    columns: BTreeMap<&'l str, &'l Names>,
    /// Names of columns that some layout has.
    known: &'l BTreeSet<&'l str>,
    problems: Vec<String>,
}

impl OneLayout<'_> {
    fn columns(mut self, file: &MappingFile, asked: &Asked, problems: &mut Vec<String>) -> Option<Columns> {
        let (date, amount) = (self.role("date"), self.amount());
        let (reference, purchase_order) = (self.optional_role("reference"), self.optional_role("purchase_order"));
        let asked = asked.0.iter().map(|names| self.column(names)).collect();
        let identity = file.identity.iter().flatten().map(|names| self.identity(names)).collect();
        for problem in std::mem::take(&mut self.problems) {
            let problem = match &self.name {
                Some(name) => format!("layout {name}: {problem}"),
                None => problem,
            };
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        Some(Columns { layout: self.name, date: date?, amount: amount?, reference, purchase_order, asked, identity })
    }

    fn problem(&mut self, text: impl Into<String>) {
        self.problems.push(text.into());
    }

    /// A column that the mapping must name.
    fn role(&mut self, key: &str) -> Option<ColumnNames> {
        let Some(names) = self.columns.get(key).copied() else {
            self.problem(format!("`columns.{key}` is missing: the header, or headers, that the {key} may stand under"));
            return None;
        };
        Some(self.named(key, names.all().to_vec()))
    }

    /// A column that a mapping may name.
    fn optional_role(&mut self, key: &str) -> Option<ColumnNames> {
        if self.columns.contains_key(key) { self.role(key) } else { None }
    }

    fn named(&mut self, key: &str, names: Vec<String>) -> ColumnNames {
        let alternatives: Vec<String> = names.iter().map(|name| tidy(name).into_owned()).filter(|name| !name.is_empty()).collect();
        if alternatives.is_empty() {
            self.problem(format!("`{key}` names no header"));
        }
        ColumnNames { key: key.to_owned(), folded: alternatives.iter().map(|name| fold(name)).collect(), alternatives }
    }

    fn amount(&mut self) -> Option<AmountColumns> {
        let has = |key| self.columns.contains_key(key);
        match (has("amount"), has("debit"), has("credit")) {
            (_, false, false) => Some(AmountColumns::Signed(self.role("amount")?)),
            (false, true, true) => Some(AmountColumns::DebitAndCredit { debit: self.role("debit")?, credit: self.role("credit")? }),
            _ => {
                self.problem("`[columns]` must have either `amount`, or both `debit` and `credit`");
                None
            }
        }
    }

    /// A column that identifies a line. The amount does so too where it stands apart as debit and credit.
    fn identity(&mut self, names: &Names) -> ColumnNames {
        if names.all() == ["amount"] && !self.columns.contains_key("amount") && self.columns.contains_key("debit") {
            return ColumnNames { key: "amount".to_owned(), alternatives: Vec::new(), folded: Vec::new() };
        }
        self.column(names)
    }

    /// A column as a rule names it: by a name of the mapping's own, or by its header or headers.
    fn column(&mut self, names: &Names) -> ColumnNames {
        let mut alternatives = Vec::new();
        for name in names.all() {
            match self.columns.get(name.as_str()) {
                Some(listed) => alternatives.extend(listed.all().iter().cloned()),
                None => {
                    if self.known.contains(name.as_str()) {
                        self.problem(format!("`columns.{name}` is missing, which other layouts have and rules look at"));
                    }
                    alternatives.push(name.clone());
                }
            }
        }
        let key = names.all().first().cloned().unwrap_or_default();
        self.named(&key, alternatives)
    }
}
