//! `docs/messages.md`, written from what the sources tell.

use crate::messages::{Messages, OF_MAPPING, Told, read};
use crate::sentences::Sources;
use crate::source::{root, sources};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

/// The crates that refuse, and those whose errors are told in their own words.
const CRATES: [&str; 6] = ["domain", "records", "ledger", "api", "reports", "sheets"];

/// How the page is written anew.
const COMMAND: &str = "UPDATE_DOCS=1 cargo test -p short-breaks-test-structure messages";

fn read_workspace() -> Sources {
    let files = CRATES.iter().flat_map(|name| {
        let found = sources(&root().join(name).join("src"));
        found.into_iter().map(move |(file, text)| (format!("{name}/src/{file}"), text))
    });
    Sources::of(files)
}

/// The variants of an enum of codes, as a source has them: its name, its word, and what it means.
fn variants(file: &str, of: &str) -> Vec<[String; 3]> {
    let text = fs::read_to_string(root().join(file)).unwrap();
    let body = text.split(&format!("pub enum {of} {{")).nth(1).unwrap().split("\n}").next().unwrap();
    let (mut variants, mut meaning) = (Vec::new(), Vec::new());
    for line in body.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(doc) = line.strip_prefix("/// ") {
            meaning.push(doc);
            continue;
        }
        let name = line.trim_end_matches(',');
        variants.push([name.to_owned(), snake(name), meaning.join(" ")]);
        meaning.clear();
    }
    variants
}

/// The status and title of a refusal's code.
fn status_and_title(name: &str) -> (String, String) {
    let problem = fs::read_to_string(root().join("api/src/problem.rs")).unwrap();
    let row = problem.split(&format!("Code::{name} => (S::")).nth(1).unwrap_or_else(|| panic!("{name} has no status and title"));
    let (status, title) = row.split_once(", \"").unwrap();
    (in_words(status), title.split('"').next().unwrap().to_owned())
}

fn snake(name: &str) -> String {
    let mut word = String::new();
    for sign in name.chars() {
        if sign.is_ascii_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(sign.to_ascii_lowercase());
    }
    word
}

/// `UNPROCESSABLE_ENTITY` with its number.
fn in_words(status: &str) -> String {
    let number = match status {
        "BAD_REQUEST" => 400,
        "UNAUTHORIZED" => 401,
        "FORBIDDEN" => 403,
        "NOT_FOUND" => 404,
        "METHOD_NOT_ALLOWED" => 405,
        "NOT_ACCEPTABLE" => 406,
        "REQUEST_TIMEOUT" => 408,
        "CONFLICT" => 409,
        "PRECONDITION_FAILED" => 412,
        "PAYLOAD_TOO_LARGE" => 413,
        "UNSUPPORTED_MEDIA_TYPE" => 415,
        "UNPROCESSABLE_ENTITY" => 422,
        "PRECONDITION_REQUIRED" => 428,
        "TOO_MANY_REQUESTS" => 429,
        "INTERNAL_SERVER_ERROR" => 500,
        "SERVICE_UNAVAILABLE" => 503,
        other => panic!("say the number of the status {other} here"),
    };
    number.to_string()
}

/// Writes sentences, each once, with where they stand and what fills their places.
fn write_sentences<'t>(page: &mut String, told: impl Iterator<Item = &'t Told>) {
    type Places<'t> = (BTreeSet<&'t str>, BTreeSet<&'t str>, BTreeMap<&'t str, BTreeSet<&'t str>>);
    let mut sentences: BTreeMap<&str, Places<'_>> = BTreeMap::new();
    for Told { pointer, said, file, .. } in told {
        let (pointers, files, fills) = sentences.entry(&said.text).or_default();
        pointers.extend(pointer.as_deref());
        files.insert(file);
        for (place, words) in &said.fills {
            fills.entry(place).or_default().extend(words.iter().map(String::as_str));
        }
    }
    for (sentence, (pointers, files, fills)) in sentences {
        let at = if pointers.is_empty() { String::new() } else { format!("{}: ", listed(&pointers)) };
        writeln!(page, "- {at}{sentence} ({})", listed(&files)).unwrap();
        for (place, words) in fills {
            let words: Vec<_> = words.iter().map(|words| format!("\"{words}\"")).collect();
            writeln!(page, "  - `{{{place}}}` is {}", words.join(" or ")).unwrap();
        }
    }
}

fn listed(names: &BTreeSet<&str>) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn page(messages: &Messages) -> String {
    let mut page = format!(
        "# Messages\n\nEvery refusal, and every sentence that it is told with. Written from the sources by a test; after a change of a message run\n\n\
         ```sh\n{COMMAND}\n```\n\n\
         What stands in braces is filled in. Below a sentence stand the words of ours that fill a place. A mistake with several pointers has one of \
         them each time.\n\n\
         ## Refusals\n"
    );
    let of = |code: String| messages.told.iter().filter(move |told| told.pointer.is_none() && told.code == code);
    for [name, word, meaning] in variants("domain/src/refusal.rs", "Code") {
        let (status, title) = status_and_title(&name);
        // What the title says already is not said again.
        let title = if meaning.starts_with(&title) { String::new() } else { format!("{title}. ") };
        write!(page, "\n### `{word}` ({status})\n\n{title}{meaning}\n\n").unwrap();
        if of(format!("Code::{name}")).next().is_none() {
            page.push_str("The fields in `errors` say what is wrong; the sentence only counts them.\n");
        }
        write_sentences(&mut page, of(format!("Code::{name}")));
    }
    page.push_str("\n## Mistakes in fields\n");
    let codes: BTreeSet<_> = messages.told.iter().filter(|told| told.pointer.is_some()).map(|told| &told.code).collect();
    for code in codes {
        // What is no word says in words which codes these are.
        let heading = if code.contains(' ') { code.clone() } else { format!("`{code}`") };
        write!(page, "\n### {heading}\n\n").unwrap();
        write_sentences(&mut page, messages.told.iter().filter(|told| told.pointer.is_some() && told.code == *code));
    }
    page.push_str(
        "\n## Problems of a ledger file\n\nThe report of an import has them with the line and the column. The API's refusal `ledger_file_refused` has \
         them in `errors`, with a pointer such as `/file/line 7/Amount`.\n",
    );
    for [name, word, meaning] in variants("ledger/src/problem.rs", "ProblemCode") {
        write!(page, "\n### `{word}`\n\n{meaning}\n\n").unwrap();
        write_sentences(&mut page, of(format!("ProblemCode::{name}")));
    }
    page.push_str(
        "\n## Mistakes in a mapping file\n\nA file's report has them as `bad_mapping`. The API's refusal `invalid_mapping` has them in `errors`, with the \
         pointer `/mapping` and the code `invalid`.\n\n",
    );
    write_sentences(&mut page, of(OF_MAPPING.to_owned()));
    page
}

#[test]
fn messages_are_all_on_their_page() {
    let messages = read(&read_workspace());
    assert!(messages.calls > 300, "only {} calls were found", messages.calls);
    let (path, page) = (root().join("docs/messages.md"), page(&messages));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let unknown: Vec<_> = messages.unknown.iter().map(|(file, what)| format!("{file}: {what}")).collect();
    assert!(
        unknown.is_empty(),
        "no sentence is found for these; bind it with `let` beside the call, or say in SAID_ELSEWHERE who words it:\n{}",
        unknown.join("\n")
    );
    let known = fs::read_to_string(path).unwrap_or_default();
    let differs = page.lines().zip(known.lines()).find(|(now, then)| now != then);
    assert!(page == known, "docs/messages.md is not what the sources say; run: {COMMAND}\nthe first line that differs: {differs:?}");
}

fn told(text: &str) -> Vec<String> {
    let messages = read(&Sources::of([("a.rs".to_owned(), text.to_owned())]));
    let told = messages.told.iter().map(|told| {
        let at = told.pointer.as_ref().map(|pointer| format!("{pointer} ")).unwrap_or_default();
        let fills = told.said.fills.iter().map(|(place, words)| format!(" [{place}: {}]", words.join("; ")));
        format!("{at}{}: {}{}", told.code.trim_start_matches("Code::"), told.said.text, fills.collect::<String>())
    });
    told.chain(messages.unknown.iter().map(|(_, what)| format!("unknown: {what}"))).collect()
}

#[test]
fn messages_are_found_however_they_are_bound() {
    let cases: &[(&str, &[&str])] = &[
        ("fn a() { Error::refused(Code::NotReady, \"It is late.\") }", &["NotReady: It is late."]),
        ("fn a() { Problem::new(Code::NotReady, format!(\"It is {} of {day}.\", x.y())) }", &["NotReady: It is {y} of {day}."]),
        (
            "fn a() {\n    let detail = if b { \"It is one.\" } else { \"It is two.\" };\n    Refusal::new(Code::NotReady, detail)\n}",
            &["NotReady: It is one.", "NotReady: It is two."],
        ),
        (
            "fn a() {\n    let refuse = |detail: &str| Error::refused(Code::NotAllowed, detail);\n    refuse(\"Not that one.\");\n    refuse(\"Nor this.\")\n}",
            &["NotAllowed: Nor this.", "NotAllowed: Not that one."],
        ),
        ("fn a() { Error::not_found(\"grant\") }", &["NotFound: There is no such grant."]),
        ("fn a() { Error::with_errors(Code::NotReady, errors).detailed(\"It waits for more.\") }", &["NotReady: It waits for more."]),
        ("fn a() { FieldError::new(\"/day\", \"past\", \"the day is over\") }", &["/day past: the day is over"]),
        (
            "fn a(p: &str, why: &str) { FieldError::new(p, \"past\", why) }\nfn b() { a(\"/day\", \"the day is over\") }",
            &["/day past: the day is over"],
        ),
        (
            "fn a() { FieldError::new(\"/day\", \"past\", said()) }\nfn said() -> String { \"what it says\".to_owned() }",
            &["/day past: what it says"],
        ),
        ("fn a() { Error::refused(Code::NotReady, strange.thing) }", &["unknown: strange.thing has no sentence"]),
    ];
    for (text, expected) in cases {
        assert_eq!(told(text), *expected, "{text}");
    }
}
