//! What an expression may say: the sentences that a text in the sources can become, followed through names, branches and calls.

use crate::brackets::{end_of, is_of_word, list, literal, places_of, split, starts_item, string_end};
use crate::source::{without_comments, without_strings, without_tests};
use std::collections::{BTreeMap, BTreeSet};

/// A source file, and the same with its strings blanked: places are the same in both.
pub struct File {
    pub name: String,
    pub text: String,
    pub mask: String,
}

/// Somewhere in the sources.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    pub file: usize,
    pub at: usize,
}

/// An expression, as it stands at a spot.
pub type Expression<'a> = (Spot, &'a str);

/// The sources that are searched.
pub struct Sources {
    files: Vec<File>,
    /// Where the body of each function is, by its name.
    functions: BTreeMap<String, Vec<Body>>,
}

/// The file that a function is in, and the range of its body.
type Body = (usize, (usize, usize));

/// A question on its way: what kind of string is meant, and where it has been already.
struct Way<'a> {
    is_meant: &'a dyn Fn(&str) -> bool,
    been: BTreeSet<(usize, usize, usize)>,
}

/// How far a name is followed.
const DEEPEST: usize = 7;

/// How many expressions are looked at to tell what one says.
const MOST: usize = 80;

/// Of longer expressions only their own strings are read, and not what they call.
const LONGEST: usize = 4000;

/// A sentence, or the beginning of one; not a code, a pointer or what is put between the parts of a list.
fn is_sentence(text: &str) -> bool {
    let text = text.trim();
    text.contains(' ') && text.len() > 7 && !text.starts_with('/') && !text.starts_with('?')
}

/// A stable word: `out_of_range`.
pub fn is_code(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == b'_')
}

impl Sources {
    /// Of files, by name.
    pub fn of(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let file = |(name, text): (String, String)| {
            let text = without_comments(&without_tests(&text));
            let mask = without_strings(&text);
            File { name, text, mask }
        };
        let files: Vec<_> = files.into_iter().map(file).collect();
        let mut functions: BTreeMap<_, Vec<Body>> = BTreeMap::new();
        for (file, File { mask, .. }) in files.iter().enumerate() {
            for at in mask.match_indices("fn ").map(|(at, _)| at).filter(|at| starts_item(mask, *at)) {
                let name = mask[at + 3..].split(|sign: char| !(sign.is_alphanumeric() || sign == '_')).next().unwrap_or_default();
                if let Some(open) = mask[at..].find('{').map(|open| at + open) {
                    functions.entry(name.to_owned()).or_default().push((file, (open + 1, end_of(mask, open + 1, b""))));
                }
            }
        }
        Sources { files, functions }
    }

    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// The expression that a range of a file is.
    pub fn expression(&self, file: usize, (from, to): (usize, usize)) -> Expression<'_> {
        let text = &self.files[file].text[from..to];
        let lead = text.len() - text.trim_start().len();
        (Spot { file, at: from + lead }, text.trim())
    }

    /// What the expression may say. Nothing when that cannot be told.
    pub fn said(&self, expression: Expression<'_>) -> Vec<String> {
        self.said_if(expression, &is_sentence)
    }

    /// The stable words that the expression may be.
    pub fn codes(&self, expression: Expression<'_>) -> Vec<String> {
        self.said_if(expression, &is_code)
    }

    /// The strings of one kind that the expression may be.
    pub fn said_if(&self, expression: Expression<'_>, is_meant: &dyn Fn(&str) -> bool) -> Vec<String> {
        let mut found = self.followed(expression, 0, &mut Way { is_meant, been: BTreeSet::new() });
        found.retain(|text| is_meant(text));
        found.sort();
        found.dedup();
        found
    }

    fn followed(&self, (spot, expression): Expression<'_>, depth: usize, way: &mut Way<'_>) -> Vec<String> {
        let (spot, expression) = bare((spot, expression));
        if let Some(text) = literal(expression) {
            return vec![text];
        }
        if depth > DEEPEST || way.been.len() > MOST || !way.been.insert((spot.file, spot.at, expression.len())) {
            return Vec::new();
        }
        let end = spot.at + expression.len();
        if expression.starts_with("format!(") && end_of(&self.files[spot.file].mask, spot.at + 8, b"") + 1 == end {
            return self.formatted(spot, spot.at + 7).into_iter().collect();
        }
        if expression.bytes().all(is_of_word) {
            return self.named(spot, expression, depth, way);
        }
        let own = self.literals(spot, end, way.is_meant);
        if own.is_empty() && expression.len() < LONGEST { self.through_names(spot, expression, depth, way) } else { own }
    }

    /// Every string in a stretch of a file that is of the kind meant, with its arguments where it is a format.
    fn literals(&self, spot: Spot, end: usize, is_meant: &dyn Fn(&str) -> bool) -> Vec<String> {
        let File { text, mask, .. } = &self.files[spot.file];
        let (mut found, mut at) = (Vec::new(), spot.at);
        while let Some(open) = text[at..end].find('"').map(|place| at + place) {
            // A quote between quotes is a sign.
            if text[..open].ends_with('\'') && text[open + 1..].starts_with('\'') {
                at = open + 2;
                continue;
            }
            let close = string_end(text, open);
            at = close;
            let before = mask[..open].trim_end();
            let is_joint = ["join(", "matches!(", "expect(", "unwrap_or("].iter().any(|call| before.ends_with(call));
            let said = if before.ends_with("format!(") { self.formatted(spot, before.len() - 1) } else { literal(&text[open..close]) };
            found.extend(said.filter(|said| !is_joint && is_meant(said)));
        }
        found
    }

    /// What `format!` says: a place that names no variable shows the expression that fills it.
    fn formatted(&self, spot: Spot, open: usize) -> Option<String> {
        let File { text, mask, .. } = &self.files[spot.file];
        let mut arguments = list(mask, open).into_iter().map(|(from, to)| text[from..to].trim());
        let format = literal(arguments.next()?)?;
        let (mut said, mut rest) = (String::new(), format.as_str());
        while let Some(open) = rest.find('{') {
            let close = open + rest[open..].find('}')?;
            said.push_str(&rest[..open]);
            let name = rest[open + 1..close].split(':').next().unwrap_or_default();
            let shown = if name.is_empty() { arguments.next().unwrap_or("…") } else { name };
            let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
            said.push_str(&if words.len() > 40 || words.contains('{') { "{…}".to_owned() } else { format!("{{{words}}}") });
            rest = &rest[close + 1..];
        }
        said.push_str(rest);
        Some(said)
    }

    /// What a name stands for: a variable bound above, a parameter of a closure or function, a constant.
    fn named(&self, spot: Spot, name: &str, depth: usize, way: &mut Way<'_>) -> Vec<String> {
        for bound in [self.bound(spot, name), self.constant(name)].into_iter().flatten() {
            let found = self.followed(bound, depth + 1, way);
            if !found.is_empty() {
                return found;
            }
        }
        for added in self.added(spot, name).into_iter().chain(self.receiver(spot, name)) {
            let found = self.followed(added, depth + 1, way);
            if !found.is_empty() {
                return found;
            }
        }
        if let Some(parameter) = self.parameter(spot, name) {
            let calls = self.calls(&parameter);
            let found: Vec<_> = calls
                .into_iter()
                .filter_map(|arguments| arguments.get(parameter.index).copied())
                .flat_map(|argument| self.followed(argument, depth + 1, way))
                .collect();
            if !found.is_empty() {
                return found;
            }
        }
        self.function(spot, name).map_or_else(Vec::new, |body| self.followed(body, depth + 1, way))
    }

    /// What the names and calls within an expression may say.
    fn through_names(&self, spot: Spot, expression: &str, depth: usize, way: &mut Way<'_>) -> Vec<String> {
        let mask = &self.files[spot.file].mask[spot.at..spot.at + expression.len()];
        // What a function says comes before what its arguments are.
        let (mut found, mut names, mut at) = (Vec::new(), Vec::new(), 0);
        for word in mask.split(|sign: char| !(sign.is_alphanumeric() || sign == '_')) {
            let place = at;
            at += word.len() + mask[at + word.len()..].chars().next().map_or(0, char::len_utf8);
            if word.len() < 3 || !word.starts_with(|sign: char| sign.is_ascii_lowercase()) {
                continue;
            }
            let here = Spot { file: spot.file, at: spot.at + place };
            let next = mask[place + word.len()..].chars().next();
            if next == Some('(') {
                found.extend(self.function(here, word).into_iter().flat_map(|body| self.followed(body, depth + 1, way)));
            } else if !mask[..place].ends_with('.') && next != Some(':') {
                names.push((here, word));
            }
        }
        if !found.is_empty() {
            return found;
        }
        for (here, word) in names {
            let bound = self.bound(here, word).into_iter().chain(self.added(here, word));
            found.extend(bound.flat_map(|bound| self.followed(bound, depth + 1, way)));
        }
        found
    }

    /// Where the function that a spot lies in begins: the place of `fn`.
    fn function_start(&self, spot: Spot) -> usize {
        let before = &self.files[spot.file].mask[..spot.at];
        before.match_indices("fn ").map(|(at, _)| at).filter(|at| starts_item(before, *at)).last().unwrap_or(0)
    }

    /// What the nearest `let`, `for` or `match` above binds the name to.
    fn bound(&self, spot: Spot, name: &str) -> Option<Expression<'_>> {
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
            // Within its own right side a name is an older one.
            (names(pattern) && end < spot.at + usize::from(is_condition)).then_some((at, (from, end)))
        });
        let loops = within.match_indices("for ").filter_map(|(at, _)| {
            let at = start + at;
            let from = at + mask[at..].find(" in ").filter(|length| *length < 100)? + 4;
            names(&mask[at..from - 4]).then(|| (at, (from, end_of(mask, from, b"{"))))
        });
        let arms = within.match_indices(" =>").filter_map(|(at, _)| {
            let arrow = start + at;
            let line = mask[..arrow].rfind('\n').map_or(0, |end| end + 1);
            let scrutinee = start + mask[start..line].rfind("match ")? + 6;
            names(&mask[line..arrow]).then(|| (arrow, (scrutinee, end_of(mask, scrutinee, b"{"))))
        });
        let (_, (from, to)) = lets.chain(loops).chain(arms).max_by_key(|(at, _)| *at)?;
        // What is done where nothing is bound says nothing of what is.
        let to = mask[from..to].find(" else {").filter(|at| !mask[from..from + at].contains("if ")).map_or(to, |at| from + at);
        Some(self.expression(spot.file, (from, to)))
    }

    /// What is put into a list of that name above.
    fn added(&self, spot: Spot, name: &str) -> Vec<Expression<'_>> {
        let mask = &self.files[spot.file].mask;
        let start = self.function_start(spot);
        let calls = [format!("{name}.push("), format!("{name}.extend(")];
        let places = calls.iter().flat_map(|call| places_of(&mask[start..spot.at], call).map(|at| start + at + call.len() - 1));
        places.flat_map(|open| list(mask, open)).map(|range| self.expression(spot.file, range)).collect()
    }

    /// What a closure without a name is called on, where the name is its parameter: `early.map(|detail| …)`.
    fn receiver(&self, spot: Spot, name: &str) -> Option<Expression<'_>> {
        let mask = &self.files[spot.file].mask;
        let start = self.function_start(spot);
        let bar = start + mask[start..spot.at].rfind(&format!("(|{name}|"))?;
        let from = mask[start..bar].rfind([';', '{', '}']).map_or(start, |end| start + end + 1);
        let method = mask[from..bar].rfind('.').map(|dot| from + dot)?;
        Some(self.expression(spot.file, (from, method)))
    }

    fn constant(&self, name: &str) -> Option<Expression<'_>> {
        if !name.bytes().all(|sign| sign.is_ascii_uppercase() || sign.is_ascii_digit() || sign == b'_') {
            return None;
        }
        let wanted = format!("const {name}: ");
        let (file, at) = self.files.iter().enumerate().find_map(|(file, one)| Some((file, one.mask.find(&wanted)?)))?;
        let mask = &self.files[file].mask;
        let from = at + mask[at..].find(" = ")? + 3;
        Some(self.expression(file, (from, end_of(mask, from, b";"))))
    }

    /// The body of the function of that name: in the same file, or wherever there is one of it alone.
    fn function(&self, spot: Spot, name: &str) -> Option<Expression<'_>> {
        let all = self.functions.get(name)?;
        let found = all.iter().find(|(file, _)| *file == spot.file).or(all.first().filter(|_| all.len() == 1));
        found.map(|(file, range)| self.expression(*file, *range))
    }

    /// The closure or function around a spot that has a parameter of this name.
    pub fn parameter(&self, spot: Spot, name: &str) -> Option<Parameter> {
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
                let end = end_of(mask, bar, b";");
                return Some(Parameter { called, index, within: Some((spot.file, end, self.function_end(spot.file, start))) });
            }
        }
        let open = start + mask[start..].find('(')?;
        let mut ranges = list(mask, open);
        ranges.retain(|(from, to)| !["self", "&self", "&mut self"].contains(&mask[*from..*to].trim()));
        let called = mask[start + 3..open].split('<').next().unwrap_or_default().to_owned();
        // Of a name that several functions have, only the calls beside this one are surely its own.
        let is_shared = self.functions.get(&called).is_none_or(|all| all.len() > 1);
        let within = is_shared.then_some((spot.file, 0, mask.len()));
        Some(Parameter { index: index_in(&ranges)?, called, within })
    }

    fn function_end(&self, file: usize, start: usize) -> usize {
        let mask = &self.files[file].mask;
        let open = start + mask[start..].find('{').unwrap_or(0);
        end_of(mask, open + 1, b"")
    }

    /// The arguments of every call of what has that parameter.
    pub fn calls(&self, parameter: &Parameter) -> Vec<Vec<Expression<'_>>> {
        let wanted = format!("{}(", parameter.called);
        let mut calls = Vec::new();
        for (file, one) in self.files.iter().enumerate() {
            let (from, to) = match parameter.within {
                Some((own, from, to)) if own == file => (from, to),
                Some(_) => continue,
                None => (0, one.mask.len()),
            };
            for at in places_of(&one.mask, &wanted).filter(|at| (from..to).contains(at) && !one.mask[..*at].ends_with("fn ")) {
                let ranges = list(&one.mask, at + parameter.called.len());
                calls.push(ranges.into_iter().map(|range| self.expression(file, range)).collect());
            }
        }
        calls
    }
}

/// A parameter, by the name of what has it; a closure is called only within its function, after it.
pub struct Parameter {
    pub called: String,
    pub index: usize,
    within: Option<(usize, usize, usize)>,
}

/// The expression without what changes nothing of what it says.
fn bare((mut spot, mut expression): Expression<'_>) -> Expression<'_> {
    loop {
        let lead = expression.strip_prefix('&').or_else(|| expression.strip_prefix("move "));
        let tail =
            [".to_owned()", ".into()", ".to_string()", ".as_str()", ".clone()", "?"].iter().find_map(|end| expression.strip_suffix(end));
        match (lead, tail) {
            (Some(rest), _) => {
                spot.at += expression.len() - rest.len();
                expression = rest;
            }
            (None, Some(rest)) => expression = rest,
            (None, None) => return (spot, expression),
        }
    }
}
