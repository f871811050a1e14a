//! What an expression may say: the sentences that a text in the sources can become, followed through names, branches and calls.

use crate::brackets::{end_of, is_of_word, list, literal, places_of, string_end};
use crate::names::{Call, Slot, calls_in, path_before};
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
    pub(crate) files: Vec<File>,
    pub(crate) functions: BTreeMap<String, Vec<Function>>,
    /// The sentences of each type that says its own: by the type, each with its variant.
    pub(crate) errors: BTreeMap<String, Vec<(String, Said)>>,
}

/// A function: the type that it belongs to, where it begins, and the range of its body.
pub struct Function {
    pub file: usize,
    pub of: String,
    pub start: usize,
    pub body: (usize, usize),
}

/// Something that is said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    pub text: String,
    /// The places in braces that words of ours fill, and those words.
    pub fills: Vec<(String, Vec<String>)>,
    /// The file and place of the tuple that it stands in: a code and a sentence of one tuple belong together.
    pub tuple: Option<(usize, usize)>,
}

impl Said {
    pub fn plain(text: String) -> Self {
        Said { text, fills: Vec::new(), tuple: None }
    }
}

/// A question on its way: what kind of string is meant, where it has been, and which calls lead here.
pub(crate) struct Way<'a> {
    is_meant: &'a dyn Fn(&str) -> bool,
    been: BTreeSet<(usize, usize, usize)>,
    /// Whether a piece of a sentence is asked for, and not the whole.
    is_piece: bool,
    pub(crate) calls: Vec<Call<'a>>,
}

impl Way<'_> {
    pub(crate) fn new() -> Self {
        Way { is_meant: &is_sentence, been: BTreeSet::new(), is_piece: false, calls: Vec::new() }
    }
}

/// How far a name is followed.
const DEEPEST: usize = 9;

/// How many expressions are looked at to tell what one says.
const MOST: usize = 200;

/// Of longer expressions only their own strings are read, and not what they call.
const LONGEST: usize = 4000;

/// A sentence, or the beginning of one; not a code, a pointer or what is put between the parts of a list.
fn is_sentence(text: &str) -> bool {
    let text = text.trim();
    text.contains(' ') && text.len() > 7 && !text.starts_with('/') && !text.starts_with('?')
}

/// What may fill a place in a sentence.
fn is_piece(text: &str) -> bool {
    text.contains(|sign: char| sign.is_alphabetic()) && !text.starts_with(['/', '?', '%']) && !text.contains("::")
}

/// A stable word, `out_of_range`, or the variant that stands for one.
pub fn is_code(text: &str) -> bool {
    let word =
        text.bytes().all(|sign| sign.is_ascii_alphanumeric() || sign == b'_') && text.starts_with(|sign: char| sign.is_ascii_lowercase());
    word || text.starts_with("Code::") || text.starts_with("ProblemCode::")
}

impl Sources {
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// Of files, by name.
    pub fn of(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let file = |(name, text): (String, String)| {
            let text = without_comments(&without_tests(&text));
            let mask = without_strings(&text);
            File { name, text, mask }
        };
        let mut sources = Sources { files: files.into_iter().map(file).collect(), functions: BTreeMap::new(), errors: BTreeMap::new() };
        sources.find_functions();
        sources.errors = sources.find_errors();
        sources
    }

    /// The expression that a range of a file is.
    pub fn expression(&self, file: usize, (from, to): (usize, usize)) -> Expression<'_> {
        let text = &self.files[file].text[from..to];
        let lead = text.len() - text.trim_start().len();
        (Spot { file, at: from + lead }, text.trim())
    }

    /// What the expression may say where these calls lead to it. Nothing when that cannot be told.
    pub fn said(&self, expression: Expression<'_>, calls: &[Call<'_>]) -> Vec<Said> {
        self.said_if(expression, calls, &is_sentence)
    }

    /// The strings of one kind that the expression may be.
    pub fn said_if(&self, expression: Expression<'_>, calls: &[Call<'_>], is_meant: &dyn Fn(&str) -> bool) -> Vec<Said> {
        let mut found = self.followed(expression, 0, &mut Way { is_meant, been: BTreeSet::new(), is_piece: false, calls: calls.to_vec() });
        found.retain(|said| is_meant(&said.text));
        found.sort();
        found.dedup();
        found
    }

    pub(crate) fn followed<'a>(&'a self, whole: Expression<'a>, depth: usize, way: &mut Way<'a>) -> Vec<Said> {
        let (spot, expression) = bare(whole);
        if let Some(text) = literal(expression) {
            return vec![Said::plain(text)];
        }
        if ["Code::", "ProblemCode::"].iter().any(|of| expression.strip_prefix(of).is_some_and(|name| name.bytes().all(is_of_word))) {
            return vec![Said::plain(expression.to_owned())];
        }
        if depth > DEEPEST || way.been.len() > MOST || !way.been.insert((spot.file, spot.at, expression.len())) {
            return Vec::new();
        }
        let end = spot.at + expression.len();
        if expression.starts_with("format!(") && end_of(&self.files[spot.file].mask, spot.at + 8, b"") + 1 == end {
            return self.formatted(spot, spot.at + 7, depth, way).into_iter().collect();
        }
        let found = if expression.bytes().all(is_of_word) {
            self.named((spot, expression), None, depth, way)
        } else {
            let mut own = self.literals((spot, expression), depth, way);
            if expression.len() < LONGEST {
                let is_only_call = own.is_empty();
                own.extend(self.through_calls((spot, expression), None, is_only_call, (depth, &mut *way)));
                if own.is_empty() { self.through_names((spot, expression), None, depth, way) } else { own }
            } else {
                own
            }
        };
        let is_told = found.iter().any(|said| (way.is_meant)(&said.text));
        if !is_told && whole.1.ends_with(".to_string()") { self.words_of_error((spot, expression)) } else { found }
    }

    /// The same of one part of what is a tuple, or gives one.
    fn followed_in<'a>(&'a self, expression: Expression<'a>, slot: Slot, depth: usize, way: &mut Way<'a>) -> Vec<Said> {
        let (spot, expression) = bare(expression);
        if depth > DEEPEST {
            return Vec::new();
        }
        let tuples = self.tuples((spot, expression), slot.of);
        if tuples.is_empty() && expression.bytes().all(is_of_word) {
            return self.named((spot, expression), Some(slot), depth, way);
        }
        if tuples.is_empty() {
            let found = self.through_calls((spot, expression), Some(slot), true, (depth, &mut *way));
            return if found.is_empty() { self.through_names((spot, expression), Some(slot), depth, way) } else { found };
        }
        let mut found = Vec::new();
        for (place, parts) in tuples {
            let said = self.followed(self.expression(spot.file, parts[slot.index]), depth + 1, way);
            found.extend(said.into_iter().map(|said| Said { tuple: said.tuple.or(Some((spot.file, place))), ..said }));
        }
        // A tuple may only hand on the parts of another: `days.map(|(field, day)| (field, day))`.
        if found.is_empty() { self.through_names((spot, expression), Some(slot), depth, way) } else { found }
    }

    fn in_slot<'a>(&'a self, expression: Expression<'a>, slot: Option<Slot>, depth: usize, way: &mut Way<'a>) -> Vec<Said> {
        match slot {
            Some(slot) => self.followed_in(expression, slot, depth, way),
            None => self.followed(expression, depth, way),
        }
    }

    /// The mask of an expression without what is only bound in it: those strings are pieces of others.
    pub(crate) fn visible(&self, (spot, expression): Expression<'_>) -> String {
        let mask = &self.files[spot.file].mask[spot.at..spot.at + expression.len()];
        let mut visible = mask.to_owned();
        for at in places_of(mask, "let ") {
            if ["if ", "&& ", "while "].iter().any(|word| mask[..at].ends_with(word)) {
                continue;
            }
            let end = end_of(mask, at, b";");
            // What is given back where nothing is bound is said all the same.
            let end = mask[at..end].find(" else {").map_or(end, |place| at + place);
            visible.replace_range(at..end, &" ".repeat(end - at));
        }
        // What refuses, or is put into a list, is told there and is no piece of this.
        for call in ["Refusal::new(", "FieldError::new(", "Error::fault(", ".push("] {
            for at in mask.match_indices(call).map(|(at, _)| at + call.len()) {
                let end = end_of(mask, at, b"");
                visible.replace_range(at..end, &" ".repeat(end - at));
            }
        }
        visible
    }

    /// Every string of an expression that is of the kind meant; of a format the whole, and not what fills it.
    fn literals<'a>(&'a self, (spot, expression): Expression<'a>, depth: usize, way: &mut Way<'a>) -> Vec<Said> {
        let visible = self.visible((spot, expression));
        let (text, mut found, mut at) = (&self.files[spot.file].text, Vec::new(), 0);
        while let Some(open) = visible[at..].find('"').map(|place| at + place) {
            // A quote between quotes is a sign.
            if visible[..open].ends_with('\'') && visible[open + 1..].starts_with('\'') {
                at = open + 2;
                continue;
            }
            at = string_end(text, spot.at + open) - spot.at;
            let before = visible[..open].trim_end();
            let is_joint = ["join(", "matches!(", "expect(", "unwrap_or(", "contains(", "== "].iter().any(|call| before.ends_with(call));
            let said = if before.ends_with("format!(") {
                let said = self.formatted(spot, spot.at + before.len() - 1, depth, way);
                at = end_of(&visible, before.len(), b"");
                said
            } else {
                literal(&text[spot.at + open..spot.at + at]).map(Said::plain)
            };
            found.extend(said.filter(|said| !is_joint && (way.is_meant)(&said.text)));
        }
        found
    }

    /// What fills a place of a format, as far as it is words of ours.
    pub(crate) fn filling<'a>(&'a self, expression: Expression<'a>, depth: usize, way: &Way<'a>) -> Vec<Said> {
        let mut own = Way { is_meant: &is_piece, been: way.been.clone(), is_piece: true, calls: way.calls.clone() };
        let mut found = self.followed(expression, depth + 2, &mut own);
        found.retain(|said| is_piece(&said.text));
        found.sort();
        found.dedup();
        // Single words are codes and names, unless they stand beside others that are more.
        if found.iter().any(|said| said.text.contains(' ')) { found } else { Vec::new() }
    }

    /// What a name stands for: a variable bound above, a parameter of a closure or function, a constant.
    fn named<'a>(&'a self, (spot, name): Expression<'a>, slot: Option<Slot>, depth: usize, way: &mut Way<'a>) -> Vec<Said> {
        let mut found = Vec::new();
        if let Some((bound, own)) = self.bound(spot, name) {
            found.extend(self.in_slot(bound, own.or(slot), depth + 1, way));
        }
        let added: Vec<_> = self.constant(name).into_iter().chain(self.added(spot, name)).collect();
        found.extend(added.into_iter().flat_map(|one| self.in_slot(one, slot, depth + 1, way)));
        if !found.is_empty() {
            return found;
        }
        let parameter = self.parameter(spot, name);
        if let Some(argument) = parameter.as_ref().and_then(|parameter| parameter.filled(&way.calls)) {
            return self.in_slot(argument, slot, depth + 1, way);
        }
        found.extend(self.receiver(spot, name).into_iter().flat_map(|one| self.in_slot(one, slot, depth + 1, way)));
        if found.is_empty()
            && let Some(parameter) = parameter
        {
            let calls = self.calls(&parameter).into_iter();
            let arguments = calls.filter_map(|call| call.arguments.get(parameter.index).copied());
            found.extend(arguments.flat_map(|argument| self.in_slot(argument, slot, depth + 1, way)));
        }
        if found.is_empty()
            && let Some(function) =
                self.function(spot, name).filter(|function| !way.is_piece || (self.gives_text(function) && function.file == spot.file))
        {
            found.extend(self.in_slot(self.expression(function.file, function.body), slot, depth + 1, way));
        }
        found
    }

    /// What the calls within an expression may say. Beside strings of its own only those count that give its value, or fail for it.
    fn through_calls<'a>(
        &'a self,
        (spot, expression): Expression<'a>,
        slot: Option<Slot>,
        every: bool,
        (depth, way): (usize, &mut Way<'a>),
    ) -> Vec<Said> {
        let (visible, mut found) = (self.visible((spot, expression)), Vec::new());
        for (place, word) in calls_in(&visible) {
            let here = Spot { file: spot.file, at: spot.at + place };
            let open = place + word.len();
            let after = visible[(end_of(&visible, open + 1, b"") + 1).min(visible.len())..].trim_start();
            let before = visible[..place].trim_end();
            let is_value = (before.ends_with('{') || before.ends_with("=>")) && (after.starts_with('}') || after.starts_with(','));
            let is_method = before.ends_with('.');
            // A method of a name that is common may be another type's.
            let is_near = |function: &&Function| !is_method || function.file == spot.file;
            let gives_text = |function: &&Function| self.gives_text(function) || !(way.is_piece || is_method);
            let function = self.function(here, word).filter(gives_text).filter(|function| !way.is_piece || is_near(function));
            let closure = self.bound(here, word).map(|(bound, _)| bound).filter(|bound| bound.1.starts_with('|') && !is_method);
            let fails = after.starts_with('?') && (closure.is_some() || function.is_some_and(|function| self.gives_text(function)));
            if !(every || is_value || fails) {
                continue;
            }
            let ranges = list(&self.files[spot.file].mask, spot.at + open);
            let arguments = ranges.into_iter().map(|range| self.expression(spot.file, range)).collect();
            let (owner, body) = match (function, closure) {
                (Some(function), _) => ((function.file, function.start), self.expression(function.file, function.body)),
                (None, Some(closure)) => ((closure.0.file, closure.0.at), closure),
                (None, None) => continue,
            };
            way.calls.push(Call { owner, arguments });
            found.extend(self.in_slot(body, slot, depth + 1, way));
            way.calls.pop();
        }
        found
    }

    /// Whether a function gives a text, or fails with one.
    fn gives_text(&self, function: &Function) -> bool {
        let head = &self.files[function.file].mask[function.start..function.body.0];
        let result = head.rsplit("->").next().unwrap_or_default();
        result.contains("String") || result.contains("str")
    }

    /// What the variables within an expression may say.
    fn through_names<'a>(&'a self, (spot, expression): Expression<'a>, slot: Option<Slot>, depth: usize, way: &mut Way<'a>) -> Vec<Said> {
        let (visible, mut found) = (self.visible((spot, expression)), Vec::new());
        let mut at = 0;
        for word in visible.split(|sign: char| !(sign.is_alphanumeric() || sign == '_')) {
            let place = at;
            at += word.len() + visible[at + word.len()..].chars().next().map_or(0, char::len_utf8);
            let is_name = word.len() > 2 && word.starts_with(|sign: char| sign.is_ascii_lowercase());
            let is_part = visible[..place].ends_with('.') || visible[place + word.len()..].starts_with(['(', ':']);
            if !is_name || is_part || path_before(&visible, place).is_some() {
                continue;
            }
            let here = Spot { file: spot.file, at: spot.at + place };
            let name = &self.files[spot.file].text[here.at..here.at + word.len()];
            found.extend(self.of_variable((here, name), slot, depth, way));
        }
        found
    }

    /// What a variable within an expression says, where it is bound above or a call that leads here fills it.
    fn of_variable<'a>(&'a self, (spot, name): Expression<'a>, slot: Option<Slot>, depth: usize, way: &mut Way<'a>) -> Vec<Said> {
        let mut found = Vec::new();
        let bound = self.bound(spot, name);
        if let Some((bound, own)) = bound {
            found.extend(self.in_slot(bound, own.or(slot), depth + 1, way));
        }
        let filled = self.parameter(spot, name).filter(|_| bound.is_none()).and_then(|parameter| parameter.filled(&way.calls));
        // A parameter that nothing fills is often called like the function that makes it.
        let namesake =
            self.function(spot, name).filter(|function| bound.is_none() && function.file == spot.file && self.gives_text(function));
        let namesake = namesake.map(|function| self.expression(function.file, function.body));
        let others: Vec<_> = self.added(spot, name).into_iter().chain(filled.or(namesake)).collect();
        found.extend(others.into_iter().flat_map(|one| self.in_slot(one, slot, depth + 1, way)));
        found
    }
}

/// The expression without what changes nothing of what it says.
pub(crate) fn bare((mut spot, mut expression): Expression<'_>) -> Expression<'_> {
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
