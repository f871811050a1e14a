//! `docs/messages.md`: every refusal, and every sentence that it is told with, as the sources have them.

use crate::brackets::{list, literal, places_of};
use crate::sentences::{Expression, Sources};
use crate::source::{root, sources};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

/// The crates that refuse.
const CRATES: [&str; 4] = ["domain", "records", "ledger", "api"];

/// How the page is written anew.
const COMMAND: &str = "UPDATE_DOCS=1 cargo test -p short-breaks-test-structure messages";

/// Expressions whose words are made elsewhere, and by whom.
const SAID_ELSEWHERE: [(&str, &str); 10] = [
    ("error.to_string()", "in the words of the error itself, which the rule or the report that failed has given"),
    ("unknown.to_string()", "in the words of the error itself, which the rule that failed has given"),
    ("sheet.to_string()", "in the words of the error itself, which the sheet has given"),
    ("error.inner().to_string()", "in the words of the parser of parameters"),
    ("error.masked().to_string()", "in the words of the JSON schema's validator; what was sent is not repeated"),
    ("problem.detail.clone()", "in the words of the ledger file's problem, as the import's report has them"),
    ("problem", "in the words of the mapping file's check"),
    ("why", "in the words of what holds the instalment: a condition, or a return that is due"),
    ("format!(\"{}{clause}\", gap.detail)", "what is missing, and the clause of the authority's profile that asks for it"),
    ("detail.to_owned()", "in the words of whoever calls"),
];

/// The files that define the constructors: what stands in them is made by those who call them.
const CONSTRUCTORS: [&str; 2] = ["domain/src/refusal.rs", "records/src/error.rs"];

/// What a call of a constructor tells, and in which file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    /// The code of the refusal, or of the field's mistake.
    code: String,
    /// Where in the body; none for a refusal.
    pointer: Option<String>,
    sentence: String,
    file: String,
}

/// What the sources tell.
#[derive(Debug, Default)]
struct Messages {
    refusals: BTreeSet<Told>,
    fields: BTreeSet<Told>,
    /// What no sentence was found for: file and expression.
    unknown: BTreeSet<(String, String)>,
    /// How many calls of constructors there are.
    calls: usize,
}

/// The three things that a mistake in a field is made of, or the two of a refusal, before they are followed.
type Parts<'a> = Vec<Expression<'a>>;

fn read(sources: &Sources) -> Messages {
    let mut messages = Messages::default();
    for (file, one) in sources.files().iter().enumerate() {
        if CONSTRUCTORS.contains(&one.name.as_str()) {
            continue;
        }
        let calls = |name: &str| -> Vec<(usize, Parts<'_>)> {
            let found = places_of(&one.mask, name).map(|at| {
                let ranges = list(&one.mask, at + name.len() - 1);
                (at, ranges.into_iter().map(|range| sources.expression(file, range)).collect())
            });
            found.collect()
        };
        for (_, parts) in ["Refusal::new(", "Problem::new(", "Error::refused("].into_iter().flat_map(calls) {
            messages.calls += 1;
            messages.refusal(sources, &parts, 0);
        }
        for (_, parts) in ["Error::not_found(", "Refusal::not_found("].into_iter().flat_map(calls) {
            messages.calls += 1;
            let what = words(sources, parts[0]);
            messages.refuse(
                sources,
                parts[0],
                &["NotFound".to_owned()],
                what.iter().map(|what| format!("There is no such {what}.")).collect(),
            );
        }
        for (at, parts) in calls("detailed(").into_iter().filter(|(at, _)| one.mask[..*at].ends_with('.')) {
            messages.calls += 1;
            let said = sources.said(parts[0]);
            messages.refuse(sources, parts[0], &codes_before(&one.mask, at), said);
        }
        for (_, parts) in calls("of_record(").into_iter().filter(|(at, _)| one.mask[..*at].ends_with('.')) {
            messages.calls += 1;
            let said = sources.said(parts[0]);
            messages.refuse(sources, parts[0], &["StateConflict".to_owned()], said);
        }
        for (_, parts) in ["FieldError::new(", "Refusal::bad_parameter("].into_iter().flat_map(calls) {
            messages.calls += 1;
            messages.field(sources, parts, 0);
        }
        for at in
            places_of(&one.mask, "FieldError {").filter(|at| !one.mask[..*at].ends_with(['>', 't']) && !one.mask[..*at].ends_with("-> "))
        {
            let open = at + "FieldError ".len();
            let named = |name: &str| {
                let ranges = list(&one.mask, open);
                let found = ranges.into_iter().find_map(|(from, to)| {
                    let text = one.text[from..to].trim_start();
                    let lead = to - from - text.len();
                    let rest = text.strip_prefix(name)?;
                    let skipped = if rest.starts_with(':') { from + lead + name.len() + 1 } else { from + lead };
                    (rest.is_empty() || rest.starts_with([':', ' '])).then_some((skipped, to))
                });
                found.map(|range| sources.expression(file, range))
            };
            if let (Some(pointer), Some(code), Some(detail)) = (named("pointer"), named("code"), named("detail")) {
                messages.calls += 1;
                messages.field(sources, vec![pointer, code, detail], 0);
            }
        }
    }
    messages
}

/// What stands for a thing, which is one word or several.
fn words(sources: &Sources, expression: Expression<'_>) -> Vec<String> {
    literal(expression.1).map_or_else(|| sources.said(expression), |text| vec![text])
}

/// The code of the refusal that gets another sentence: the last one named before it in the same statement or function.
fn codes_before(mask: &str, at: usize) -> Vec<String> {
    let start = mask[..at].rfind("fn ").unwrap_or(0);
    let before = &mask[start..at];
    let code = before.rfind("Code::").map(|place| (place, variant(&before[place + 6..])));
    let invalid = ["::invalid(", "unless_valid("].iter().filter_map(|name| before.rfind(name)).max().map(|place| (place, "InvalidBody"));
    code.into_iter().chain(invalid).max().map(|(_, code)| vec![code.to_owned()]).unwrap_or_default()
}

fn variant(text: &str) -> &str {
    &text[..text.find(|sign: char| !sign.is_alphanumeric()).unwrap_or(text.len())]
}

impl Messages {
    /// `new(Code::X, detail)`, also where either is a parameter of what stands around it.
    fn refusal(&mut self, sources: &Sources, parts: &[Expression<'_>], depth: usize) {
        let [code, detail] = parts else { return };
        if let Some(named) = code.1.strip_prefix("Code::") {
            return self.refuse(sources, *detail, &[variant(named).to_owned()], sources.said(*detail));
        }
        let parameter = sources.parameter(code.0, code.1);
        // A constructor made of another: its own calls are counted.
        if parameter.as_ref().is_some_and(|parameter| parameter.called == "new") {
            return;
        }
        if let Some(parameter) = parameter.filter(|_| depth < 4) {
            let own = sources.parameter(detail.0, detail.1);
            for arguments in sources.calls(&parameter) {
                let Some(code) = arguments.get(parameter.index) else { continue };
                let detail = own.as_ref().and_then(|own| arguments.get(own.index)).unwrap_or(detail);
                self.refusal(sources, &[*code, *detail], depth + 1);
            }
            return;
        }
        let file = &sources.files()[code.0.file].name;
        self.unknown.insert((file.clone(), code.1.to_owned()));
    }

    fn refuse(&mut self, sources: &Sources, detail: Expression<'_>, codes: &[String], said: Vec<String>) {
        let file = sources.files()[detail.0.file].name.clone();
        let elsewhere = elsewhere(detail.1).filter(|_| said.is_empty());
        if codes.is_empty() || (said.is_empty() && elsewhere.is_none()) {
            self.unknown.insert((file.clone(), detail.1.to_owned()));
        }
        for code in codes {
            for sentence in said.iter().cloned().chain(elsewhere.clone()) {
                self.refusals.insert(Told { code: code.clone(), pointer: None, sentence, file: file.clone() });
            }
        }
    }

    /// `new(pointer, code, detail)`: where one of them is a parameter, what is called with it says.
    fn field(&mut self, sources: &Sources, parts: Parts<'_>, depth: usize) {
        let parameter = parts.iter().find_map(|(spot, text)| sources.parameter(*spot, text.trim_start_matches('&')));
        let calls = parameter.as_ref().map(|parameter| sources.calls(parameter)).unwrap_or_default();
        if depth < 4 && !calls.is_empty() {
            for arguments in calls {
                let filled = parts.iter().map(|(spot, text)| {
                    let own = sources.parameter(*spot, text.trim_start_matches('&'));
                    own.and_then(|own| arguments.get(own.index).copied()).unwrap_or((*spot, text))
                });
                self.field(sources, filled.collect(), depth + 1);
            }
            return;
        }
        let [pointer, code, detail] = parts[..] else { return };
        let file = sources.files()[detail.0.file].name.clone();
        let pointer = sources.pointers(pointer).join(", ");
        let codes = literal(code.1).map_or_else(|| sources.codes(code), |code| vec![code]);
        let codes = if codes.is_empty() { vec![format!("{{{}}}", code.1)] } else { codes };
        let said = words(sources, detail);
        let said: Vec<_> = if said.is_empty() { elsewhere(detail.1).into_iter().collect() } else { said };
        if said.is_empty() {
            self.unknown.insert((file.clone(), detail.1.to_owned()));
        }
        for sentence in said {
            self.fields.insert(Told { code: codes.join(", "), pointer: Some(pointer.clone()), sentence, file: file.clone() });
        }
    }
}

impl Sources {
    /// The pointers that an expression may be; itself, in braces, where that cannot be told.
    fn pointers(&self, expression: Expression<'_>) -> Vec<String> {
        if let Some(text) = literal(expression.1) {
            return vec![text];
        }
        let found = self.said_if(expression, &|text| {
            text.starts_with(['/', '?']) || (text.starts_with('{') && text.contains('/') && !text.contains(' '))
        });
        if found.is_empty() { vec![format!("{{{}}}", expression.1)] } else { found }
    }
}

/// Whose words an expression has that no text of ours makes.
fn elsewhere(expression: &str) -> Option<String> {
    SAID_ELSEWHERE.iter().find(|(known, _)| *known == expression).map(|(_, whose)| format!("*({whose})*"))
}

fn read_workspace() -> Sources {
    let files = CRATES.iter().flat_map(|name| {
        let found = sources(&root().join(name).join("src"));
        found.into_iter().map(move |(file, text)| (format!("{name}/src/{file}"), text))
    });
    Sources::of(files)
}

/// Every code of a refusal, as the sources have them: its name, its word, its status and title, and what it means.
fn codes() -> Vec<[String; 5]> {
    let refusal = fs::read_to_string(root().join("domain/src/refusal.rs")).unwrap();
    let problem = fs::read_to_string(root().join("api/src/problem.rs")).unwrap();
    let body = refusal.split("pub enum Code {").nth(1).unwrap().split("\n}").next().unwrap();
    let (mut codes, mut meaning) = (Vec::new(), Vec::new());
    for line in body.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(doc) = line.strip_prefix("/// ") {
            meaning.push(doc);
            continue;
        }
        let name = line.trim_end_matches(',');
        let row = problem.split(&format!("Code::{name} => (S::")).nth(1).unwrap_or_else(|| panic!("{name} has no status and title"));
        let (status, title) = row.split_once(", \"").unwrap();
        let title = title.split('"').next().unwrap();
        codes.push([name.to_owned(), snake(name), in_words(status), title.to_owned(), meaning.join(" ")]);
        meaning.clear();
    }
    codes
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
        "PAYLOAD_TOO_LARGE" => 413,
        "UNSUPPORTED_MEDIA_TYPE" => 415,
        "UNPROCESSABLE_ENTITY" => 422,
        "TOO_MANY_REQUESTS" => 429,
        "INTERNAL_SERVER_ERROR" => 500,
        "SERVICE_UNAVAILABLE" => 503,
        other => panic!("say the number of the status {other} here"),
    };
    number.to_string()
}

fn page(messages: &Messages) -> String {
    let mut page = format!(
        "# Messages\n\nEvery refusal, and every sentence that it is told with. Written from the sources by a test; after a change of a message run\n\n\
         ```sh\n{COMMAND}\n```\n\n\
         What stands in braces is filled in. Where a mistake in a field has several codes or pointers, it has one of them each time.\n\n\
         ## Refusals\n"
    );
    for [name, word, status, title, meaning] in codes() {
        write!(page, "\n### `{word}` ({status})\n\n{title}. {meaning}\n").unwrap();
        let mut sentences: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for told in messages.refusals.iter().filter(|told| told.code == name) {
            sentences.entry(&told.sentence).or_default().insert(&told.file);
        }
        if sentences.is_empty() {
            page.push_str("\nThe fields in `errors` say what is wrong; the sentence only counts them.\n");
            continue;
        }
        page.push('\n');
        for (sentence, files) in sentences {
            writeln!(page, "- {sentence} ({})", listed(&files)).unwrap();
        }
    }
    page.push_str("\n## Mistakes in fields\n");
    let mut fields: BTreeMap<&str, BTreeMap<(&str, &str), BTreeSet<&str>>> = BTreeMap::new();
    for told in &messages.fields {
        let pointer = told.pointer.as_deref().unwrap_or_default();
        fields.entry(&told.code).or_default().entry((pointer, &told.sentence)).or_default().insert(&told.file);
    }
    for (code, told) in fields {
        write!(page, "\n### `{}`\n\n", code.replace(", ", "`, `")).unwrap();
        for ((pointer, sentence), files) in told {
            writeln!(page, "- `{}`: {sentence} ({})", pointer.replace(", ", "`, `"), listed(&files)).unwrap();
        }
    }
    page
}

fn listed(files: &BTreeSet<&str>) -> String {
    files.iter().map(|file| format!("`{file}`")).collect::<Vec<_>>().join(", ")
}

#[test]
fn messages_are_all_on_their_page() {
    let messages = read(&read_workspace());
    assert!(messages.calls > 300, "only {} calls were found", messages.calls);
    let unknown: Vec<_> = messages.unknown.iter().map(|(file, what)| format!("{file}: {what}")).collect();
    assert!(
        unknown.is_empty(),
        "no sentence is found for these; bind it with `let` beside the call, or say in SAID_ELSEWHERE who words it:\n{}",
        unknown.join("\n")
    );
    let (path, page) = (root().join("docs/messages.md"), page(&messages));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        return fs::write(path, page).unwrap();
    }
    let known = fs::read_to_string(path).unwrap_or_default();
    let differs = page.lines().zip(known.lines()).find(|(now, then)| now != then);
    assert!(page == known, "docs/messages.md is not what the sources say; run: {COMMAND}\nthe first line that differs: {differs:?}");
}

fn told(text: &str) -> Vec<String> {
    let messages = read(&Sources::of([("a.rs".to_owned(), text.to_owned())]));
    let refusals = messages.refusals.iter().map(|told| format!("{}: {}", told.code, told.sentence));
    let fields =
        messages.fields.iter().map(|told| format!("{} {}: {}", told.pointer.as_deref().unwrap_or_default(), told.code, told.sentence));
    refusals.chain(fields).chain(messages.unknown.iter().map(|(_, what)| format!("unknown: {what}"))).collect()
}

#[test]
fn messages_are_found_however_they_are_bound() {
    let cases: &[(&str, &[&str])] = &[
        ("fn a() { Error::refused(Code::NotReady, \"It is late.\") }", &["NotReady: It is late."]),
        ("fn a() { Problem::new(Code::NotReady, format!(\"It is {} of {day}.\", x.y())) }", &["NotReady: It is {x.y()} of {day}."]),
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
        ("fn a() { Error::refused(Code::NotReady, strange.thing) }", &["unknown: strange.thing"]),
    ];
    for (text, expected) in cases {
        assert_eq!(told(text), *expected, "{text}");
    }
}
