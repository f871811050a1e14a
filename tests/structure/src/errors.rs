//! The sentences of types that say their own, as `#[error("…")]` stands above them, and which of them an error can be.

use crate::brackets::{end_of, places_of};
use crate::names::calls_in;
use crate::sentences::{Expression, Function, Said, Sources, Spot, Way};
use std::collections::BTreeMap;

/// An error that is told only where it is this one: the rest of its type goes to the log.
const ONLY: [(&str, &str); 1] = [("sheet", "Error::TooManyRows")];

/// How far calls are followed to find what they fail with.
const DEEPEST: usize = 4;

impl Sources {
    pub(crate) fn find_errors(&self) -> BTreeMap<String, Vec<(String, Said)>> {
        let mut errors: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (file, one) in self.files.iter().enumerate() {
            let mask = &one.mask;
            for open in mask.match_indices("#[error(").map(|(at, text)| at + text.len() - 1) {
                let Some(said) = self.formatted(Spot { file, at: open }, open, 0, &Way::new()) else { continue };
                // What fills such a sentence are values, never words.
                let said = Said::plain(said.text);
                let item = mask[end_of(mask, open + 1, b"") + 2..].trim_start();
                let named = ["pub struct ", "pub enum "].iter().find_map(|lead| item.strip_prefix(lead));
                // A variant belongs to the enum above it; a struct is its own.
                let (of, variant) = match named {
                    Some(name) => (word(name), String::new()),
                    None => (mask[..open].rfind("enum ").map(|at| word(&mask[at + 5..])).unwrap_or_default(), word(item)),
                };
                errors.entry(of).or_default().push((variant, said));
            }
        }
        errors
    }

    /// What an error says that is written as it is.
    pub(crate) fn words_of_error(&self, (spot, error): Expression<'_>) -> Vec<Said> {
        let mask = &self.files[spot.file].mask;
        let line = mask[..spot.at].rfind('\n').map_or(0, |end| end + 1);
        let only = ONLY.iter().find(|(name, _)| *name == error).map(|(_, variant)| *variant);
        let mut found = self.variants_in(only.unwrap_or(&mask[line..spot.at]));
        // A closure that says of which type the error is.
        let typed = format!("|{error}: ");
        if let Some(of) = mask[..spot.at].rfind(&typed).filter(|_| found.is_empty()).map(|at| word(&mask[at + typed.len()..])) {
            found = self.all_of(&of);
        }
        if found.is_empty() {
            let bound = self.bound(spot, error).map(|(bound, _)| bound);
            let receiver = self.receiver(spot, error);
            found = [receiver, bound]
                .into_iter()
                .flatten()
                .map(|from| self.failures(from, 0))
                .find(|said| !said.is_empty())
                .unwrap_or_default();
        }
        found.sort();
        found.dedup();
        found
    }

    /// What an expression can fail with: the variants that it names, or those of what it calls.
    fn failures(&self, (spot, expression): Expression<'_>, depth: usize) -> Vec<Said> {
        let mask = &self.files[spot.file].mask[spot.at..spot.at + expression.len()];
        let mut found = self.variants_in(mask);
        if depth > DEEPEST || !found.is_empty() {
            return found;
        }
        // A function may be handed over too, and not called: `day.map(FinancialYear::of)`.
        let handed = mask.match_indices("::").map(|(at, _)| (at + 2, word(&mask[at + 2..])));
        let called = calls_in(mask).into_iter().map(|(place, name)| (place, name.to_owned()));
        for (place, name) in called.chain(handed) {
            let here = Spot { file: spot.file, at: spot.at + place };
            match self.function(here, &name) {
                Some(function) => found.extend(self.failures_of(function, depth)),
                // Of several with that name any may be meant, but only what they declare is sure.
                None => found.extend(self.functions.get(&name).into_iter().flatten().flat_map(|function| self.declared(function))),
            }
        }
        if found.is_empty()
            && let Some((bound, _)) = self.bound(spot, expression)
        {
            found = self.failures(bound, depth + 1);
        }
        found
    }

    fn failures_of(&self, function: &Function, depth: usize) -> Vec<Said> {
        let mask = &self.files[function.file].mask;
        let body = &mask[function.body.0..function.body.1];
        // Beside what it names itself it may fail with all that it hands on.
        let named = if body.contains('?') { Vec::new() } else { self.variants_in(body) };
        let declared = self.declared(function);
        match (named.is_empty(), declared.is_empty()) {
            (false, _) => named,
            (true, false) => declared,
            (true, true) => self.failures(self.expression(function.file, function.body), depth + 1),
        }
    }

    /// All that the type says which a function gives where it fails.
    fn declared(&self, function: &Function) -> Vec<Said> {
        let head = &self.files[function.file].mask[function.start..function.body.0];
        let result = head.rsplit("->").next().unwrap_or_default();
        let mut names = result.split(|sign: char| !sign.is_alphanumeric());
        names.rfind(|name| *name != "Error" && self.errors.contains_key(*name)).map_or_else(Vec::new, |of| self.all_of(of))
    }

    fn all_of(&self, of: &str) -> Vec<Said> {
        self.errors.get(of).into_iter().flatten().map(|(_, said)| said.clone()).collect()
    }

    /// The variants that a text names, with their types.
    fn variants_in(&self, text: &str) -> Vec<Said> {
        let all =
            self.errors.iter().flat_map(|(of, variants)| variants.iter().map(move |(variant, said)| (format!("{of}::{variant}"), said)));
        all.filter(|(path, _)| !path.ends_with("::") && places_of(text, path).next().is_some()).map(|(_, said)| said.clone()).collect()
    }
}

fn word(text: &str) -> String {
    text.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect()
}
