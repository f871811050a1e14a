//! Every refusal, every mistake in a field and every problem of a ledger file, and the sentences that they are told with, as the sources
//! have them.

use crate::brackets::{chain_start, list, literal, places_of};
use crate::names::{Call, Parameter, calls_in};
use crate::sentences::{Expression, Said, Sources, Spot, bare, is_code};
use std::collections::BTreeSet;

/// Expressions whose words no text of ours makes, and who makes them.
const SAID_ELSEWHERE: [(&str, &str); 3] = [
    ("error.inner().to_string()", "in the words of the library that reads bodies and parameters"),
    ("error.masked().to_string()", "in the words of the JSON schema's validator; what was sent is not repeated"),
    ("detail.to_owned()", "in the words of whoever calls"),
];

/// Expressions that only hand on what is told elsewhere: the sentence stands on the page where it is made.
const HANDED_ON: [&str; 7] = [
    "detail.into()",
    "mistake",
    "refused.detail",
    "format!(\"{}{clause}\", gap.detail)",
    "problem.detail.clone()",
    "detail.clone()",
    "problem",
];

/// Expressions that are codes, and what the codes are.
const CODES: [(&str, &[&str]); 2] = [
    ("one.kind.as_str()", &["rolling", "single_stay"]),
    ("code.clone()", &["the keyword of the JSON schema's rule, such as type, required or maxLength"]),
];

/// The files that define the constructors: what stands in them is made by those who call them.
const CONSTRUCTORS: [&str; 2] = ["domain/src/refusal.rs", "records/src/error.rs"];

/// The code under which a mapping's mistakes are gathered: they have none of their own.
pub const OF_MAPPING: &str = "mapping";

/// How far parameters are followed to those who fill them.
const DEEPEST: usize = 4;

/// What a call of a constructor tells, and in which file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// The code of the field's mistake, or the variant of the refusal's or problem's.
    pub code: String,
    /// Where in the body; none for a refusal.
    pub pointer: Option<String>,
    pub said: Said,
    pub file: String,
}

/// What the sources tell.
#[derive(Debug, Default)]
pub struct Messages {
    pub told: BTreeSet<Told>,
    /// What no sentence or no code was found for: file and expression.
    pub unknown: BTreeSet<(String, String)>,
    /// How many calls of constructors there are.
    pub calls: usize,
}

/// What a message is made of, before it is followed.
#[derive(Clone, Copy)]
struct Parts<'a> {
    code: Expression<'a>,
    detail: Expression<'a>,
    pointer: Option<Expression<'a>>,
}

pub fn read(sources: &Sources) -> Messages {
    let mut messages = Messages::default();
    for (file, one) in sources.files().iter().enumerate() {
        if !CONSTRUCTORS.contains(&one.name.as_str()) {
            messages.read_refusals(sources, file);
            messages.read_fields(sources, file);
            messages.read_mapping(sources, file);
            messages.read_ledger(sources, file);
        }
    }
    messages
}

/// The calls of a name in a file, with what each is called with.
fn calls<'a>(sources: &'a Sources, file: usize, name: &'a str) -> impl Iterator<Item = (usize, Vec<Expression<'a>>)> + 'a {
    let mask = &sources.files()[file].mask;
    places_of(mask, name).map(move |at| {
        let ranges = list(mask, at + name.len() - 1);
        (at, ranges.into_iter().map(|range| sources.expression(file, range)).collect())
    })
}

impl Messages {
    fn read_refusals(&mut self, sources: &Sources, file: usize) {
        let mask = &sources.files()[file].mask;
        for (_, parts) in
            ["Refusal::new(", "Problem::new(", "Error::refused(", "Self::new("].into_iter().flat_map(|name| calls(sources, file, name))
        {
            let &[code, detail] = &parts[..] else { continue };
            if code.1.starts_with("Code::") || sources.parameter(code.0, code.1).is_some() {
                self.calls += 1;
                self.tell(sources, Parts { code, detail, pointer: None }, &[], 0);
            }
        }
        for (_, parts) in ["Error::not_found(", "Refusal::not_found("].into_iter().flat_map(|name| calls(sources, file, name)) {
            self.calls += 1;
            let whats = literal(parts[0].1).map_or_else(|| sources.said(parts[0], &[]), |what| vec![Said::plain(what)]);
            let said = whats.into_iter().map(|what| Said::plain(format!("There is no such {}.", what.text))).collect();
            self.keep(sources, parts[0], &[Said::plain("Code::NotFound".to_owned())], None, said);
        }
        for (at, parts) in calls(sources, file, "detailed(").filter(|(at, _)| mask[..*at].ends_with('.')) {
            self.calls += 1;
            let receiver = sources.expression(file, (chain_start(mask, at - 1), at - 1));
            let codes: Vec<_> = codes_within(sources, receiver, 0).into_iter().map(Said::plain).collect();
            self.keep(sources, parts[0], &codes, None, sources.said(parts[0], &[]));
        }
        for (_, parts) in calls(sources, file, "of_record(").filter(|(at, _)| mask[..*at].ends_with('.')) {
            self.calls += 1;
            self.keep(sources, parts[0], &[Said::plain("Code::StateConflict".to_owned())], None, sources.said(parts[0], &[]));
        }
    }

    fn read_fields(&mut self, sources: &Sources, file: usize) {
        for (_, parts) in ["FieldError::new(", "Refusal::bad_parameter("].into_iter().flat_map(|name| calls(sources, file, name)) {
            let &[pointer, code, detail] = &parts[..] else { continue };
            self.calls += 1;
            self.tell(sources, Parts { code, detail, pointer: Some(pointer) }, &[], 0);
        }
        let mask = &sources.files()[file].mask;
        // What paperwork lacks has one code, which it gets when it is told.
        let missing = (Spot { file, at: 0 }, "\"missing\"");
        let is_ledger = sources.files()[file].name.starts_with("ledger/");
        for name in ["FieldError {", "Problem {", "Missing {"].into_iter().filter(|name| is_ledger || *name != "Problem {") {
            for at in places_of(mask, name) {
                let open = at + name.len() - 1;
                let named = |field: &str| list(mask, open).into_iter().find_map(|range| field_of(sources.expression(file, range), field));
                let (pointer, code) = (named("pointer"), named("code").or((name == "Missing {").then_some(missing)));
                if let (Some(code), Some(detail), true) = (code, named("detail"), pointer.is_some() || name == "Problem {") {
                    self.calls += 1;
                    self.tell(sources, Parts { code, detail, pointer }, &[], 0);
                }
            }
        }
    }

    /// The problems of a ledger file: of all of it, or of a line, which comes first.
    fn read_ledger(&mut self, sources: &Sources, file: usize) {
        for (_, parts) in ["Problem::of_file(", "Problem::of_line("].into_iter().flat_map(|name| calls(sources, file, name)) {
            let (Some(&detail), Some(&code)) = (parts.last(), parts.iter().rev().nth(1)) else { continue };
            self.calls += 1;
            self.tell(sources, Parts { code, detail, pointer: None }, &[], 0);
        }
    }

    /// A mapping's mistakes are sentences in a list.
    fn read_mapping(&mut self, sources: &Sources, file: usize) {
        let name = &sources.files()[file].name;
        let is_mapping = name.starts_with("ledger/src/mapping");
        let told = ["BadMapping(", ".problem(", "problems.push("].into_iter().filter(|call| is_mapping || *call == "BadMapping(");
        for (at, parts) in told.flat_map(|call| calls(sources, file, call)) {
            let is_definition = sources.files()[file].mask[..at].ends_with("struct ");
            let Some(detail) = parts.first().filter(|part| part.1 != "_" && part.1 != "problems" && !is_definition) else { continue };
            let said = sources.said(*detail, &[]);
            if !said.is_empty() {
                self.keep(sources, *detail, &[Said::plain(OF_MAPPING.to_owned())], None, said);
            }
        }
    }

    /// Keeps a message; where one of its parts is a parameter, what is called with it says.
    fn tell(&mut self, sources: &Sources, parts: Parts<'_>, calls: &[Call<'_>], depth: usize) {
        if HANDED_ON.contains(&parts.detail.1) {
            return;
        }
        let open = [Some(parts.detail), Some(parts.code), parts.pointer].into_iter().flatten().find_map(|part| sources.open(part, calls));
        if let Some(parameter) = open.filter(|_| depth < DEEPEST) {
            // A constructor made of another: its own calls are read.
            if parameter.called == "new" {
                return;
            }
            let found = sources.calls(&parameter);
            for call in &found {
                let calls: Vec<_> = calls.iter().chain([call]).cloned().collect();
                self.tell(sources, parts, &calls, depth + 1);
            }
            if !found.is_empty() {
                return;
            }
        }
        let [code, detail] = [parts.code, parts.detail].map(|part| sources.resolved(part, calls));
        let known =
            CODES.iter().find(|(text, _)| *text == code.1).map(|(_, codes)| codes.iter().map(|code| Said::plain((*code).to_owned())));
        let codes = known.map_or_else(|| sources.said_if(code, calls, &is_code), Iterator::collect);
        let said = literal(detail.1).map_or_else(|| sources.said(detail, calls), |text| vec![Said::plain(text)]);
        let pointer = parts.pointer.map(|pointer| sources.pointers(sources.resolved(pointer, calls), calls));
        self.keep(sources, detail, &codes, pointer, said);
    }

    fn keep(&mut self, sources: &Sources, detail: Expression<'_>, codes: &[Said], pointers: Option<Vec<String>>, said: Vec<Said>) {
        let file = sources.files()[detail.0.file].name.clone();
        let elsewhere = SAID_ELSEWHERE.iter().find(|(known, _)| *known == detail.1 && said.is_empty());
        let said: Vec<_> = said.into_iter().chain(elsewhere.map(|(_, whose)| Said::plain(format!("*({whose})*")))).collect();
        for (what, lacks) in [("code", codes.is_empty()), ("sentence", said.is_empty())] {
            if lacks {
                self.unknown.insert((file.clone(), format!("{} has no {what}", detail.1)));
            }
        }
        // Codes and sentences that are written in pairs belong together; otherwise each code may have each sentence.
        let is_pair = |code: &Said, said: &Said| code.tuple.is_some() && code.tuple == said.tuple;
        let are_pairs = codes.iter().any(|code| said.iter().any(|said| is_pair(code, said)));
        let pointers = pointers.map_or_else(|| vec![None], |pointers| pointers.into_iter().map(Some).collect());
        for code in codes {
            for said in said.iter().filter(|said| !are_pairs || is_pair(code, said)) {
                let said = Said { tuple: None, ..said.clone() };
                let told = |pointer: &Option<String>| Told {
                    code: code.text.clone(),
                    pointer: pointer.clone(),
                    said: said.clone(),
                    file: file.clone(),
                };
                self.told.extend(pointers.iter().map(told));
            }
        }
    }
}

/// The value of a field in a struct's list, where it is of that name.
fn field_of<'a>((spot, text): Expression<'a>, field: &str) -> Option<Expression<'a>> {
    let rest = text.strip_prefix(field)?;
    let Some(value) = rest.strip_prefix(": ") else { return rest.is_empty().then_some((spot, text)) };
    Some((Spot { at: spot.at + field.len() + 2, ..spot }, value))
}

/// The codes that a refusal may have which is made by an expression, or by what it calls.
fn codes_within(sources: &Sources, (spot, text): Expression<'_>, depth: usize) -> BTreeSet<String> {
    let mask = &sources.files()[spot.file].mask[spot.at..spot.at + text.len()];
    let variants = mask.match_indices("Code::").map(|(at, lead)| at + lead.len());
    let name = |at: usize| mask[at..].split(|sign: char| !sign.is_alphanumeric()).next().unwrap_or_default();
    let mut found: BTreeSet<String> = variants.map(|at| format!("Code::{}", name(at))).collect();
    if mask.contains("::invalid(") || mask.contains("unless_valid(") {
        found.insert("Code::InvalidBody".to_owned());
    }
    if !found.is_empty() || depth > DEEPEST {
        return found;
    }
    let here = |place: usize| Spot { file: spot.file, at: spot.at + place };
    for (place, name) in calls_in(mask) {
        let function = sources.function(here(place), name).map(|function| sources.expression(function.file, function.body));
        let body = function.or_else(|| sources.bound(here(place), name).map(|(bound, _)| bound));
        found.extend(body.into_iter().flat_map(|body| codes_within(sources, body, depth + 1)));
    }
    if found.is_empty() {
        let bound = sources.receiver(spot, text).or_else(|| sources.bound(spot, text).map(|(bound, _)| bound));
        found.extend(bound.into_iter().flat_map(|bound| codes_within(sources, bound, depth + 1)));
    }
    found
}

impl Sources {
    /// The parameter that an expression is, or that stands in a format, and that none of these calls fills.
    fn open(&self, part: Expression<'_>, calls: &[Call<'_>]) -> Option<Parameter> {
        let (spot, text) = self.resolved(part, calls);
        if let Some(parameter) = self.parameter(spot, text.trim_start_matches('&')) {
            return Some(parameter);
        }
        let is_format = text.trim_start_matches('&').starts_with("format!(");
        let names = text.split('{').skip(1).filter_map(|rest| rest.split(['}', ':']).next()).filter(|_| is_format);
        names.filter_map(|name| self.parameter(spot, name)).find(|parameter| {
            let is_open = parameter.filled(calls).is_none();
            let is_text = |call: &Call<'_>| {
                let argument = call.arguments.get(parameter.index).map(|argument| argument.1.trim_start_matches('&'));
                argument.is_some_and(|argument| argument.starts_with('"') || argument.starts_with("format!("))
            };
            is_open && self.calls(parameter).iter().any(is_text)
        })
    }

    /// The expression, or what the calls fill it with where it is a parameter.
    pub(crate) fn resolved<'a>(&self, part: Expression<'a>, calls: &[Call<'a>]) -> Expression<'a> {
        let mut now = part;
        for _ in 0..=calls.len() {
            let parameter = self.parameter(now.0, now.1.trim_start_matches('&'));
            match parameter.and_then(|parameter| parameter.filled(calls)) {
                Some(argument) => now = argument,
                None => break,
            }
        }
        now
    }

    /// The pointers that an expression may be; itself, in braces, where that cannot be told.
    fn pointers(&self, expression: Expression<'_>, calls: &[Call<'_>]) -> Vec<String> {
        let expression = bare(expression);
        if let Some(text) = literal(expression.1) {
            return vec![text];
        }
        let is_pointer = |text: &str| text.starts_with(['/', '?']) || (text.starts_with('{') && text.contains('/') && !text.contains(' '));
        let found: BTreeSet<_> = self.said_if(expression, calls, &is_pointer).into_iter().map(|said| said.text).collect();
        if found.is_empty() { vec![format!("{{{}}}", expression.1)] } else { found.into_iter().collect() }
    }
}
