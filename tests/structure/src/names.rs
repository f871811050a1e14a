//! What a name in the sources stands for: what is bound to it, which function has it, and with what that is called.

use crate::brackets::{chain_start, end_of, is_of_word, list, places_of, split, starts_item};
use crate::sentences::{Expression, Function, Sources, Spot};

/// A call of a function or closure: its file and place, and what it is called with.
#[derive(Clone)]
pub struct Call<'a> {
    pub owner: (usize, usize),
    pub arguments: Vec<Expression<'a>>,
}

/// One part of a tuple.
#[derive(Debug, Clone, Copy)]
pub struct Slot {
    pub index: usize,
    /// How many parts there are.
    pub of: usize,
}

/// A parameter, by the name of what has it; a closure is called only within its function, after it.
pub struct Parameter {
    pub called: String,
    pub index: usize,
    /// Where the function or closure is.
    owner: (usize, usize),
    within: Option<(usize, usize)>,
}

impl Parameter {
    /// What the last of these calls fills it with.
    pub fn filled<'a>(&self, calls: &[Call<'a>]) -> Option<Expression<'a>> {
        calls.iter().rev().find(|call| call.owner == self.owner)?.arguments.get(self.index).copied()
    }
}

/// The names that are called in a text, each with its place.
pub fn calls_in(text: &str) -> Vec<(usize, &str)> {
    let opens = text.match_indices('(').map(|(open, _)| open);
    let called = opens.filter_map(|open| {
        let start = text[..open].rfind(|sign: char| !(sign.is_ascii_alphanumeric() || sign == '_')).map_or(0, |at| at + 1);
        let name = &text[start..open];
        (name.len() > 1 && name.starts_with(|sign: char| sign.is_ascii_lowercase())).then_some((start, name))
    });
    called.collect()
}

/// The type before a name: `Pence` of `Pence::sum`.
pub fn path_before(text: &str, at: usize) -> Option<&str> {
    let before = text[..at].strip_suffix("::")?;
    let start = before.rfind(|sign: char| !(sign.is_ascii_alphanumeric() || sign == '_')).map_or(0, |at| at + 1);
    Some(&before[start..])
}

/// The type that an `impl` above a place is of.
fn type_around(mask: &str, at: usize) -> String {
    let Some(start) = mask[..at].rfind("\nimpl").filter(|start| !mask[*start..at].contains("\n}")) else { return String::new() };
    let head = mask[start..at].split('{').next().unwrap_or_default();
    let head = head.rsplit(" for ").next().unwrap_or_default().trim();
    let name = head.rsplit(' ').next().unwrap_or_default();
    name.split('<').next().unwrap_or_default().to_owned()
}

impl Sources {
    pub(crate) fn find_functions(&mut self) {
        for (file, one) in self.files.iter().enumerate() {
            let mask = &one.mask;
            for start in mask.match_indices("fn ").map(|(at, _)| at).filter(|at| starts_item(mask, *at)) {
                let name = mask[start + 3..].split(|sign: char| !(sign.is_alphanumeric() || sign == '_')).next().unwrap_or_default();
                if let Some(open) = mask[start..].find('{').map(|open| start + open) {
                    let body = (open + 1, end_of(mask, open + 1, b""));
                    self.functions.entry(name.to_owned()).or_default().push(Function { file, of: type_around(mask, start), start, body });
                }
            }
        }
    }

    /// Where the function that a spot lies in begins: the place of `fn`.
    fn function_start(&self, spot: Spot) -> usize {
        let before = &self.files[spot.file].mask[..spot.at];
        before.match_indices("fn ").map(|(at, _)| at).filter(|at| starts_item(before, *at)).last().unwrap_or(0)
    }

    /// What the nearest `let`, `for` or `match` above binds the name to; and as which part of it, where that is a tuple.
    pub(crate) fn bound(&self, spot: Spot, name: &str) -> Option<(Expression<'_>, Option<Slot>)> {
        let mask = &self.files[spot.file].mask;
        let start = self.function_start(spot);
        let within = &mask[start..spot.at];
        let names = |pattern: &str| places_of(pattern, name).next().is_some();
        let lets = within.match_indices("let ").filter_map(|(at, _)| {
            let at = start + at;
            let equals = at + mask[at..].find(" =").filter(|length| mask[at..at + length].len() < 200)?;
            let pattern = mask[at..equals].split(": ").next().unwrap_or_default();
            let is_condition = ["if ", "&& ", "while "].iter().any(|word| mask[..at].ends_with(word));
            let from = equals + 2;
            let end = end_of(mask, from, if is_condition { b"{" } else { b";" });
            // Within its own right side a name is an older one, and after its block it is unknown.
            let is_before = end < spot.at + usize::from(is_condition);
            (names(pattern) && is_before && reaches(mask, end, spot.at, is_condition)).then_some((at, (from, end), at + 4))
        });
        let loops = within.match_indices("for ").filter_map(|(at, _)| {
            let at = start + at;
            let from = at + mask[at..].find(" in ").filter(|length| *length < 100)? + 4;
            let end = end_of(mask, from, b"{");
            (names(&mask[at..from - 4]) && reaches(mask, end, spot.at, true)).then_some((at, (from, end), at + 4))
        });
        let arms = within.match_indices(" =>").filter_map(|(at, _)| {
            let arrow = start + at;
            let line = mask[..arrow].rfind('\n').map_or(0, |end| end + 1);
            let scrutinee = start + mask[start..line].rfind("match ")? + 6;
            // What a condition of the arm names is bound elsewhere.
            let pattern = mask[line..arrow].split(" if ").next().unwrap_or_default();
            let end = end_of(mask, scrutinee, b"{");
            (names(pattern) && reaches(mask, end, spot.at, true)).then_some((arrow, (scrutinee, end), line))
        });
        let (_, (from, to), pattern) = lets.chain(loops).chain(arms).max_by_key(|(at, ..)| *at)?;
        // What is done where nothing is bound says nothing of what is.
        let to = mask[from..to].find(" else {").filter(|at| !mask[from..from + at].contains("if ")).map_or(to, |at| from + at);
        Some((self.expression(spot.file, (from, to)), slot_of(mask, pattern, name)))
    }

    /// The tuples of so many parts that an expression can be; what is matched, and what it is matched with, is none.
    pub(crate) fn tuples(&self, (spot, expression): Expression<'_>, of: usize) -> Vec<(usize, Vec<(usize, usize)>)> {
        let (visible, mask) = (self.visible((spot, expression)), &self.files[spot.file].mask);
        let mut found = Vec::new();
        for (open, _) in visible.match_indices('(') {
            let before = visible[..open].trim_end();
            let is_call = before.ends_with(|sign: char| sign.is_alphanumeric() || "_!".contains(sign)) && !before.ends_with("return");
            let is_generic = before.ends_with('>') && !before.ends_with("=>");
            let close = end_of(&visible, open + 1, b"");
            let after = visible[(close + 1).min(visible.len())..].trim_start();
            let is_pattern = ["=>", "if ", "| ", "= "].iter().any(|sign| after.starts_with(sign));
            let parts = list(mask, spot.at + open);
            if parts.len() == of && !is_call && !is_generic && !is_pattern {
                found.push((spot.at + open, parts));
            }
        }
        found
    }

    /// What is put into a list or a variable of that name above.
    pub(crate) fn added(&self, spot: Spot, name: &str) -> Vec<Expression<'_>> {
        let mask = &self.files[spot.file].mask;
        let start = self.function_start(spot);
        let calls = [format!("{name}.push("), format!("{name}.extend(")];
        let places = calls.iter().flat_map(|call| places_of(&mask[start..spot.at], call).map(|at| start + at + call.len() - 1));
        let put = places.flat_map(|open| list(mask, open));
        let assigned = format!("{name} = ");
        let set = places_of(&mask[start..spot.at], &assigned).map(|at| start + at).filter(|at| {
            let line = mask[..*at].rfind('\n').map_or(0, |end| end + 1);
            mask[line..*at].trim().is_empty()
        });
        let set = set.map(|at| (at + assigned.len(), end_of(mask, at + assigned.len(), b";")));
        put.chain(set).map(|range| self.expression(spot.file, range)).collect()
    }

    /// What a closure without a name is called on, where the name is its parameter: `early.map(|detail| …)`.
    pub(crate) fn receiver(&self, spot: Spot, name: &str) -> Option<Expression<'_>> {
        let mask = &self.files[spot.file].mask;
        let start = self.function_start(spot);
        let bar = start + mask[start..spot.at].rfind(&format!("(|{name}|"))?;
        let method = start + mask[start..bar].rfind('.')?;
        let from = chain_start(mask, method);
        Some(self.expression(spot.file, (from, method)))
    }

    pub(crate) fn constant(&self, name: &str) -> Option<Expression<'_>> {
        if !name.bytes().all(|sign| sign.is_ascii_uppercase() || sign.is_ascii_digit() || sign == b'_') {
            return None;
        }
        let wanted = format!("const {name}: ");
        let (file, at) = self.files.iter().enumerate().find_map(|(file, one)| Some((file, one.mask.find(&wanted)?)))?;
        let mask = &self.files[file].mask;
        let from = at + mask[at..].find(" =")? + 2;
        Some(self.expression(file, (from, end_of(mask, from, b";"))))
    }

    /// The function of that name: of the type before it, in the same file, or wherever there is one of it alone.
    pub(crate) fn function(&self, spot: Spot, name: &str) -> Option<&Function> {
        let all = self.functions.get(name)?;
        if let Some(of) = path_before(&self.files[spot.file].mask, spot.at).filter(|of| of.starts_with(char::is_uppercase) && *of != "Self")
        {
            return all.iter().find(|function| function.of == of);
        }
        let in_file = all.iter().find(|function| function.file == spot.file);
        let alone = all.first().filter(|_| all.len() == 1);
        in_file.or(alone).or_else(|| all.iter().find(|function| self.is_known_in(spot.file, function.file, name)))
    }

    /// Whether a file names a function together with the module that it stands in.
    fn is_known_in(&self, file: usize, owner: usize, name: &str) -> bool {
        let module = self.files[owner].name.trim_end_matches("/mod.rs").trim_end_matches(".rs").rsplit('/').next().unwrap_or_default();
        let mask = &self.files[file].mask;
        let is_named = |at: usize| {
            let rest = &mask[at + module.len() + 2..];
            rest.starts_with(&format!("{name}("))
                || rest.split(';').next().is_some_and(|list| places_of(list, name).next().is_some() && !list.contains('('))
        };
        mask.match_indices(&format!("{module}::")).any(|(at, _)| is_named(at))
    }

    /// The closure or function around a spot that has a parameter of this name.
    pub(crate) fn parameter(&self, spot: Spot, name: &str) -> Option<Parameter> {
        if name.is_empty() || !name.bytes().all(is_of_word) {
            return None;
        }
        let mask = &self.files[spot.file].mask;
        let start = self.function_start(spot);
        let index_in = |ranges: &[(usize, usize)]| {
            ranges.iter().position(|(from, to)| places_of(mask[*from..*to].split(':').next().unwrap_or_default(), name).next().is_some())
        };
        // The nearest closure that is given a name and whose body reaches the spot.
        for (at, _) in mask[start..spot.at].match_indices("let ").collect::<Vec<_>>().into_iter().rev() {
            let at = start + at;
            let Some(equals) = mask[at..spot.at].find(" =").map(|place| at + place) else { continue };
            let body = mask[equals + 2..].trim_start();
            let bar = equals + 2 + (mask[equals + 2..].len() - body.len());
            if !body.starts_with('|') || end_of(mask, bar, b";") < spot.at {
                continue;
            }
            let close = bar + 1 + mask[bar + 1..].find('|')?;
            let ranges = split(mask, bar + 1, close);
            if let Some(index) = index_in(&ranges) {
                let called = mask[at + 4..equals].trim_start_matches("mut ").split(':').next().unwrap_or_default().trim().to_owned();
                let within = Some((end_of(mask, bar, b";"), self.function_end(spot.file, start)));
                return Some(Parameter { called, index, owner: (spot.file, bar), within });
            }
        }
        let open = start + mask[start..].find('(')?;
        let mut ranges = list(mask, open);
        ranges.retain(|(from, to)| !["self", "&self", "&mut self", "mut self"].contains(&mask[*from..*to].trim()));
        let called = mask[start + 3..open].split('<').next().unwrap_or_default().to_owned();
        Some(Parameter { index: index_in(&ranges)?, called, owner: (spot.file, start), within: None })
    }

    fn function_end(&self, file: usize, start: usize) -> usize {
        let mask = &self.files[file].mask;
        let open = start + mask[start..].find('{').unwrap_or(0);
        end_of(mask, open + 1, b"")
    }

    /// Every call of what has that parameter.
    pub(crate) fn calls(&self, parameter: &Parameter) -> Vec<Call<'_>> {
        let Parameter { called, owner: (owner, _), within, .. } = parameter;
        let wanted = format!("{called}(");
        // Of a name that several functions have, only the calls beside this one and those that name its module are its own.
        let is_alone = self.functions.get(called).is_some_and(|all| all.len() == 1);
        let mut calls = Vec::new();
        for (file, one) in self.files.iter().enumerate() {
            let (from, to) = match within {
                Some((from, to)) if *owner == file => (*from, *to),
                None if is_alone || *owner == file || self.is_known_in(file, *owner, called) => (0, one.mask.len()),
                _ => continue,
            };
            for at in places_of(&one.mask, &wanted).filter(|at| (from..to).contains(at) && !one.mask[..*at].ends_with("fn ")) {
                let ranges = list(&one.mask, at + called.len());
                let arguments = ranges.into_iter().map(|range| self.expression(file, range)).collect();
                calls.push(Call { owner: parameter.owner, arguments });
            }
        }
        calls
    }
}

/// Whether the block that a binding ends before, or is in, reaches as far as a place.
fn reaches(mask: &str, end: usize, place: usize, has_block: bool) -> bool {
    let inside = if has_block { end + 1 } else { end };
    inside >= place || end_of(mask, inside, b"") >= place
}

/// Which part of a tuple a pattern gives the name, as in `(code, detail)` or `Some((code, detail))`.
fn slot_of(mask: &str, pattern: usize, name: &str) -> Option<Slot> {
    let text = mask[pattern..].trim_start();
    let start = mask.len() - text.len();
    let open = ["", "Some(", "Ok("].iter().find_map(|lead| text.strip_prefix(lead)?.starts_with('(').then_some(start + lead.len()))?;
    let parts = list(mask, open);
    let index = parts.iter().position(|(from, to)| mask[*from..*to].trim().trim_start_matches("mut ") == name)?;
    Some(Slot { index, of: parts.len() })
}
