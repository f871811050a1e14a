//! The modules of a crate, and which uses what of which: a name is followed through `pub use` to the file that defines it.

use crate::source::{sources, without_strings, without_tests};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Where a module stands in its crate: `requests::steps` is `["requests", "steps"]`.
pub type Place = Vec<String>;

struct Module {
    code: String,
    uses: Vec<Use>,
    defines: BTreeSet<String>,
}

/// One name that a `use` brings in.
struct Use {
    is_public: bool,
    path: Vec<String>,
    name: String,
}

/// The files of a crate.
pub struct Modules(BTreeMap<Place, Module>);

impl Modules {
    /// Those below a folder.
    pub fn read(folder: &Path) -> Self {
        Self::of(sources(folder))
    }

    /// Those of files, by path from the folder of `lib.rs`.
    pub fn of(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let module = |(file, text): (String, String)| {
            let place = place_of(&file);
            let text = without_strings(&without_tests(&text));
            let (code, uses) = apart(&text, &place);
            let defines = code.lines().filter_map(defined).map(str::to_owned).collect();
            (place, Module { code, uses, defines })
        };
        Modules(files.into_iter().map(module).collect())
    }

    /// Whether the module's code, without what it imports, has this word.
    pub fn says(&self, place: &Place, word: &str) -> bool {
        self.0.get(place).is_some_and(|module| words(&module.code).any(|one| one == word))
    }

    /// What each module uses of which other, by name.
    pub fn arrows(&self) -> BTreeMap<(Place, Place), BTreeSet<String>> {
        let mut arrows: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (place, module) in &self.0 {
            for path in self.mentioned(place, module) {
                if let Some((to, name)) = self.resolve(&path, 0).filter(|(to, _)| to != place) {
                    arrows.entry((place.clone(), to)).or_default().insert(name);
                }
            }
        }
        arrows
    }

    /// The modules that use one another in a circle, each circle once.
    pub fn circles(&self, within: impl Fn(&Place) -> bool) -> Vec<Vec<Place>> {
        let mut next: BTreeMap<Place, Vec<Place>> = BTreeMap::new();
        for (from, to) in self.arrows().into_keys().filter(|(from, to)| within(from) && within(to)) {
            next.entry(from).or_default().push(to);
        }
        let reached: BTreeMap<_, _> = next.keys().map(|from| (from, reached(&next, from))).collect();
        let together = |a: &Place, b: &Place| reached[a].contains(b) && reached.get(b).is_some_and(|from| from.contains(a));
        let mut circles: Vec<Vec<Place>> = Vec::new();
        for place in next.keys().filter(|place| together(place, place)) {
            match circles.iter_mut().find(|circle| together(&circle[0], place)) {
                Some(circle) => circle.push(place.clone()),
                None => circles.push(vec![place.clone()]),
            }
        }
        circles
    }

    /// The paths from the crate's root that a module's code names.
    fn mentioned(&self, place: &Place, module: &Module) -> Vec<Vec<String>> {
        let mut paths = Vec::new();
        let mut modules: BTreeMap<&str, &[String]> = BTreeMap::new();
        for one in module.uses.iter().filter(|one| !one.is_public) {
            // A module is no use by itself: what is named through it is.
            if self.0.contains_key(&one.path) {
                modules.insert(&one.name, &one.path);
            } else {
                paths.push(one.path.clone());
            }
        }
        for path in paths_in(&module.code) {
            let first = path[0].as_str();
            let child: Place = place.iter().cloned().chain([first.to_owned()]).collect();
            if let Some(absolute) = absolute(place, &path) {
                paths.push(absolute);
            } else if let Some(base) = modules.get(first) {
                paths.push(base.iter().chain(&path[1..]).cloned().collect());
            } else if self.0.contains_key(&child) {
                paths.push(child.iter().chain(&path[1..]).cloned().collect());
            }
        }
        paths
    }

    /// The module that defines what a path names, and the name.
    fn resolve(&self, path: &[String], depth: usize) -> Option<(Place, String)> {
        let known = (0..=path.len()).rev().find(|length| self.0.contains_key(&path[..*length]))?;
        let place = path[..known].to_vec();
        let Some(name) = path.get(known) else { return Some((place, String::new())) };
        let module = &self.0[&place];
        if depth > 8 || module.defines.contains(name) {
            return Some((place, name.clone()));
        }
        let through = |one: &Use| {
            let named = if one.name == "*" { one.path.iter().chain([name]).cloned().collect() } else { one.path.clone() };
            (one.name == *name || one.name == "*").then(|| self.resolve(&named, depth + 1)).flatten()
        };
        let found = module.uses.iter().filter(|one| one.name == *name).find_map(through);
        let of_all = |(to, found): &(Place, String)| self.0[to].defines.contains(found);
        let found = found.or_else(|| module.uses.iter().filter(|one| one.name == "*").filter_map(through).find(of_all));
        Some(found.unwrap_or((place, name.clone())))
    }
}

fn reached(next: &BTreeMap<Place, Vec<Place>>, from: &Place) -> BTreeSet<Place> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(place) = open.pop() {
        for to in next.get(place).into_iter().flatten() {
            if reached.insert(to.clone()) {
                open.push(to);
            }
        }
    }
    reached
}

fn place_of(file: &str) -> Place {
    let path = file.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// The code without its `use`s, and what these bring in.
fn apart(text: &str, place: &Place) -> (String, Vec<Use>) {
    let (mut code, mut uses) = (String::new(), Vec::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (is_public, tree) = match line.trim_start() {
            line if line.starts_with("use ") => (false, &line[4..]),
            line if line.starts_with("pub") && line.contains(" use ") => (true, line.split_once(" use ").map_or("", |(_, tree)| tree)),
            _ => {
                code.push_str(line);
                code.push('\n');
                continue;
            }
        };
        let mut tree = tree.to_owned();
        while !tree.contains(';') {
            tree.push_str(lines.next().unwrap_or(";"));
        }
        let tree = tree.split(';').next().unwrap_or_default();
        for (path, name) in branches(tree) {
            let here = || place.iter().chain(&path).cloned().collect();
            // What is neither this crate's nor a module below is another crate's; its path then leads nowhere.
            let path = absolute(place, &path).unwrap_or_else(here);
            uses.push(Use { is_public, path, name });
        }
    }
    (code, uses)
}

/// A path from the crate's root, if it says that it is one.
fn absolute(place: &Place, path: &[String]) -> Option<Vec<String>> {
    match path[0].as_str() {
        "crate" => Some(path[1..].to_vec()),
        "self" => Some(place.iter().chain(&path[1..]).cloned().collect()),
        "super" => {
            let up = path.iter().take_while(|one| *one == "super").count();
            Some(place.iter().take(place.len().saturating_sub(up)).chain(&path[up..]).cloned().collect())
        }
        _ => None,
    }
}

/// Every path of a `use`, and the name it has here: `a::{b, c as d}`.
fn branches(tree: &str) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    for branch in parts(tree) {
        let segments =
            |path: &str| -> Vec<String> { path.split("::").map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect() };
        if let Some((stem, inner)) = branch.split_once('{') {
            let inner = inner.trim_end().trim_end_matches('}');
            for (path, name) in branches(inner) {
                let mut whole = segments(stem);
                let name = if path == ["self"] { whole.last().cloned().unwrap_or_default() } else { name };
                whole.extend(path.into_iter().filter(|one| one != "self"));
                found.push((whole, name));
            }
            continue;
        }
        let (path, name) = branch.split_once(" as ").unwrap_or((branch, branch.rsplit("::").next().unwrap_or_default()));
        let mut path = segments(path);
        if path.last().is_some_and(|last| last == "*") {
            path.pop();
        }
        if !path.is_empty() {
            found.push((path, name.trim().to_owned()));
        }
    }
    found
}

/// The parts between commas that lie in no braces.
fn parts(tree: &str) -> Vec<&str> {
    let (mut depth, mut from, mut found) = (0, 0, Vec::new());
    for (at, sign) in tree.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(tree[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(tree[from..].trim());
    found.retain(|part| !part.is_empty());
    found
}

/// The name of an item that a line at the left edge defines.
fn defined(line: &str) -> Option<&str> {
    let mut words = line.split(|sign: char| !(sign.is_alphanumeric() || sign == '_')).filter(|word| !word.is_empty());
    if line.starts_with([' ', '}', '#']) {
        return None;
    }
    let mut kind = words.next()?;
    while ["pub", "crate", "super", "in", "async", "unsafe"].contains(&kind) {
        kind = words.next()?;
    }
    let name = words.next()?;
    match kind {
        "const" if name == "fn" => words.next(),
        "fn" | "struct" | "enum" | "trait" | "type" | "const" | "static" | "macro_rules" => Some(name),
        _ => None,
    }
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|sign: char| !(sign.is_alphanumeric() || sign == '_')).filter(|word| !word.is_empty())
}

/// Every path of two segments or more: `crate::a::b`, `steps::step`.
fn paths_in(code: &str) -> Vec<Vec<String>> {
    let is_of_path = |sign: char| sign.is_alphanumeric() || sign == '_' || sign == ':';
    let whole = code.split(|sign| !is_of_path(sign)).filter(|path| path.contains("::") && !path.starts_with(':'));
    let segments = |path: &str| path.split("::").take_while(|one| !one.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    whole.map(segments).filter(|path| path.len() > 1).collect()
}
