//! A source file as text: what is in it beside comments, strings and tests.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every file below `folder` whose name ends in `.rs`, by its path from there, with its text; files of tests are left out.
pub fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(folder, "", &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{} cannot be read: {error}", folder.display())) {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), found);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.push((format!("{prefix}{name}"), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// What a stretch of text is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stretch {
    Code,
    Comment,
    Text,
}

/// The text with every comment blanked, and every string too where `strings` says so. A blanked sign is a space; ends of lines stay, and
/// so does every place in the text. A blanked string keeps a quote at either end.
fn blanked(text: &str, strings: bool) -> String {
    let mut blank = String::with_capacity(text.len());
    for (stretch, piece) in stretches(text) {
        if stretch == Stretch::Comment || (strings && stretch == Stretch::Text) {
            let last = piece.len() - 1;
            let sign_for = |(at, sign): (usize, u8)| match sign {
                b'\n' => '\n',
                _ if stretch == Stretch::Text && (at == 0 || at == last) => '"',
                _ => ' ',
            };
            blank.extend(piece.bytes().enumerate().map(sign_for));
        } else {
            blank.push_str(piece);
        }
    }
    blank
}

/// The text without comments.
pub fn without_comments(text: &str) -> String {
    blanked(text, false)
}

/// The text without comments and without what its strings say.
pub fn without_strings(text: &str) -> String {
    blanked(text, true)
}

/// The text cut into code, comments and strings (with their quotes).
fn stretches(text: &str) -> Vec<(Stretch, &str)> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        let special = if rest.starts_with("//") {
            Some((Stretch::Comment, rest.find('\n').unwrap_or(rest.len())))
        } else if rest.starts_with("/*") {
            Some((Stretch::Comment, rest.find("*/").map_or(rest.len(), |end| end + 2)))
        } else if rest.starts_with('"') {
            Some((Stretch::Text, string_length(rest)))
        } else if rest.starts_with("r\"") || rest.starts_with("r#") && raw_hashes(rest).is_some() {
            let close = format!("\"{}", "#".repeat(raw_hashes(rest).unwrap_or(0)));
            let open = 1 + close.len();
            Some((Stretch::Text, rest[open..].find(&close).map_or(rest.len(), |end| open + end + close.len())))
        } else {
            None
        };
        match special {
            Some((stretch, length)) => {
                pieces.push((Stretch::Code, &text[from..at]));
                pieces.push((stretch, &rest[..length]));
                at += length;
                from = at;
            }
            // A sign in quotes may be a quote itself; a lifetime has no second quote after one sign.
            None => at += sign_length(rest),
        }
    }
    pieces.push((Stretch::Code, &text[from..]));
    pieces
}

fn raw_hashes(rest: &str) -> Option<usize> {
    let after = rest[1..].trim_start_matches('#');
    after.starts_with('"').then(|| rest.len() - 1 - after.len())
}

fn string_length(rest: &str) -> usize {
    let mut signs = rest.char_indices().skip(1);
    while let Some((at, sign)) = signs.next() {
        match sign {
            '\\' => drop(signs.next()),
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn sign_length(rest: &str) -> usize {
    let first = rest.chars().next().map_or(1, char::len_utf8);
    if !rest.starts_with('\'') {
        // A word is taken whole, so that its last letter is no `r` of a raw string.
        let word = rest.find(|sign: char| !sign.is_alphanumeric() && sign != '_').unwrap_or(rest.len());
        return if word > 1 { word } else { first };
    }
    let mut signs = rest.char_indices().skip(1);
    let Some((_, inner)) = signs.next() else { return first };
    if inner == '\\' {
        return rest[2..].char_indices().skip(1).find(|(_, sign)| *sign == '\'').map_or(first, |(at, _)| at + 3);
    }
    match signs.next() {
        Some((at, '\'')) => at + 1,
        _ => first,
    }
}

/// The text without its tests: what `#[cfg(test)]` stands before goes, and places move.
pub fn without_tests(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            kept.push_str(line);
            kept.push('\n');
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let end = format!("{}}}", " ".repeat(indent));
        // The item ends with its first line, or with the brace below its first letter.
        let mut item = lines.by_ref().skip_while(|line| line.trim_start().starts_with("#["));
        if item.next().is_some_and(|first| first.ends_with('{')) {
            item.find(|line| *line == end);
        }
    }
    kept
}

#[test]
fn comments_and_strings_are_told_from_code() {
    let text = "let a = \"// no\"; // use crate::b;\nlet c = '\"'; let d: &'a str = r#\"x \" y\"#; /* z */ e('\\'', \"\\\"f\");\n";
    let blank = |comment: &str| " ".repeat(comment.len());
    let bare = text.replace("// use crate::b;", &blank("// use crate::b;")).replace("/* z */", &blank("/* z */"));
    assert_eq!(without_comments(text), bare);
    let code = without_strings(text);
    assert_eq!(code.len(), text.len());
    for gone in ["no", "use", "x ", "z", "f"] {
        assert!(!code.contains(gone), "{gone}: {code}");
    }
    assert!(code.contains("let d: &'a str =") && code.contains("e('\\'',"), "{code}");
}

#[test]
fn tests_are_left_out_and_what_follows_them_is_not() {
    let text = "use a;\n#[cfg(test)]\nmod tests;\nfn b() {}\n\n#[cfg(test)]\nmod more {\n    fn c() {\n    }\n}\n\nfn d() {}\n";
    assert_eq!(without_tests(text), "use a;\nfn b() {}\n\n\nfn d() {}\n");
}
