//! The OpenAPI document: it cannot drift, says what a reader needs, and every operation in it asks for the permission it declares.

use crate::support::{Answer, Client, on_both, send};
use domain::Permission;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use strum::VariantArray;

/// Operations that need no token. The list may only get shorter.
const OPEN_TO_ALL: [&str; 5] = ["POST /v1/tokens", "POST /v1/tokens/revocation", "GET /health/live", "GET /health/ready", "GET /metrics"];
/// Operations that any token may call. The list may only get shorter.
const OPEN_TO_ANY_TOKEN: [&str; 2] = ["GET /v1/me", "POST /v1/me/password"];

fn document() -> Value {
    serde_json::from_str(&api::document().to_json().unwrap()).unwrap()
}

struct Operation {
    method: Method,
    path: String,
    spec: Value,
}

impl Operation {
    fn all() -> Vec<Operation> {
        let document = document();
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, spec) in item.as_object().unwrap() {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                assert!(
                    [Method::GET, Method::POST, Method::PUT].contains(&method),
                    "the shared answers and 405 know GET, POST and PUT only"
                );
                operations.push(Operation { method, path: path.clone(), spec: spec.clone() });
            }
        }
        assert!(operations.len() > 60, "only {} operations", operations.len());
        operations
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The permissions it declares; none where it needs no token.
    fn scope(&self) -> Option<Vec<Permission>> {
        let requirements = self.spec["security"].as_array().unwrap_or_else(|| panic!("{} has no security", self.name()));
        let scopes: Vec<_> = requirements.iter().filter_map(|requirement| requirement["bearer"].as_array()).collect();
        assert!(scopes.len() <= 1, "{} has alternatives, which this test does not know", self.name());
        Some(scopes.first()?.iter().map(|word| word.as_str().unwrap().parse().unwrap()).collect())
    }

    fn is_open_to_all(&self) -> bool {
        self.scope().is_none()
    }

    /// The path, and the parameters that it needs, with things in them that are well formed and do not exist.
    fn concrete_path(&self) -> String {
        const ID: &str = "0199c1f4-0000-7000-8000-000000000000";
        let path = self.path.replace("{id}", ID).replace("{code}", "no_such_code").replace("{year}", "2050-51").replace("{number}", "1");
        let path = path.replace("{format}", "md");
        let parameters = self.spec["parameters"].as_array().into_iter().flatten();
        let needed = parameters.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
        let query: Vec<_> = needed
            .map(|parameter| match parameter["name"].as_str().unwrap() {
                "year" => "year=2050-51".to_owned(),
                "from" => "from=2050-04-01".to_owned(),
                "to" => "to=2050-05-01".to_owned(),
                name if name.ends_with("_id") => format!("{name}={ID}"),
                name => panic!("{}: say here what {name} may be", self.name()),
            })
            .collect();
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }

    async fn call(&self, caller: &Client) -> Answer {
        if self.method == Method::GET {
            return send(caller.request(Method::GET, &self.concrete_path())).await;
        }
        self.call_with(caller, &json!({})).await
    }

    async fn call_with(&self, caller: &Client, body: &Value) -> Answer {
        let mut request = caller.request(self.method.clone(), &self.concrete_path()).json(body);
        if self.method == Method::PUT {
            request = request.header("If-Match", "\"1\"");
        }
        send(request).await
    }
}

#[test]
fn the_document_checked_in_is_the_servers() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    let ours = api::document().to_pretty_json().unwrap();
    if checked_in.trim_end() != ours {
        let line = checked_in.lines().zip(ours.lines()).take_while(|(theirs, ours)| theirs == ours).count() + 1;
        panic!(
            "openapi/openapi.json differs from the server's document from line {line} on. This mends it:\n\n    cargo run -- openapi > openapi/openapi.json\n"
        );
    }
}

#[test]
fn without_a_token_every_operation_refuses() {
    on_both(async |app| {
        let mut open = BTreeSet::new();
        for operation in Operation::all() {
            let answer = operation.call(&app.anonymous()).await;
            if operation.is_open_to_all() {
                assert!(answer.status != 403, "{}", operation.name());
                open.insert(operation.name());
            } else {
                println!("{}", operation.name());
                answer.expect_problem(401, "not_authenticated");
            }
        }
        assert_eq!(open, OPEN_TO_ALL.map(str::to_owned).into());
    });
}

#[test]
fn every_operation_asks_for_the_permission_it_declares_and_no_other() {
    on_both(async |app| {
        let mut unasked = BTreeSet::new();
        for operation in Operation::all() {
            let Some(declared) = operation.scope() else { continue };
            println!("{}", operation.name());
            if declared.is_empty() {
                unasked.insert(operation.name());
                let answer = operation.call(&app.signed_for(vec![])).await;
                assert!(![401, 403].contains(&answer.status) && answer.status < 500, "{}: {}", answer.status, answer.text);
                continue;
            }
            assert_eq!(declared.len(), 1, "a handler asks for one permission");
            let all_others = Permission::VARIANTS.iter().copied().filter(|permission| *permission != declared[0]).collect();
            let refused = operation.call(&app.signed_for(all_others)).await.expect_problem(403, "not_allowed");
            assert!(refused.text.contains(declared[0].as_str()), "{}", refused.text);
            let answer = operation.call(&app.signed_for(declared)).await;
            assert!(![401, 403].contains(&answer.status) && answer.status < 500, "{}: {}", answer.status, answer.text);
        }
        assert_eq!(unasked, OPEN_TO_ANY_TOKEN.map(str::to_owned).into());
    });
}

#[test]
fn every_operation_answers_as_it_declares() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        for operation in Operation::all() {
            let answer = operation.call(&caller).await;
            let declared = &operation.spec["responses"][answer.status.to_string()];
            assert!(declared.is_object(), "{} answered {} which it does not declare", operation.name(), answer.status);
            if let Some(content) = declared.get("content") {
                let media_type = answer.header("content-type").split(';').next().unwrap();
                let known = content.as_object().unwrap().keys().any(|declared| declared.split(';').next() == Some(media_type));
                assert!(known, "{} answered {} as {media_type}", operation.name(), answer.status);
            }
        }
    });
}

#[test]
fn every_operation_is_described() {
    let mut ids = BTreeSet::new();
    for operation in Operation::all() {
        let (name, spec) = (operation.name(), &operation.spec);
        assert!(spec["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{name} has no summary");
        assert!(spec["tags"].as_array().is_some_and(|tags| tags.len() == 1), "{name} has no tag of its own");
        let id = spec["operationId"].as_str().unwrap_or_else(|| panic!("{name} has no operationId"));
        assert!(ids.insert(id.to_owned()), "{id} stands twice");
        let answers = spec["responses"].as_object().unwrap();
        let mut expected: Vec<&str> = Vec::new();
        if !operation.is_open_to_all() {
            expected.extend(["401", "403", "500"]);
        }
        if operation.path.contains('{') {
            expected.push("404");
        }
        let has_query = spec["parameters"].as_array().into_iter().flatten().any(|parameter| parameter["in"] == "query");
        if has_query {
            expected.push("422");
        }
        if let Some(body) = spec.get("requestBody") {
            expected.extend(["400", "413", "415", "422"]);
            for (media_type, content) in body["content"].as_object().unwrap() {
                let has_example = !examples_of(content).is_empty();
                assert!(has_example, "{name} has no example of a body in {media_type}");
            }
        }
        for status in expected {
            let content = &answers.get(status).unwrap_or_else(|| panic!("{name} does not declare {status}"))["content"];
            assert!(content["application/problem+json"].is_object(), "{name} answers {status} with no problem");
        }
        for (status, answer) in answers.iter().filter(|(status, _)| status.starts_with(['4', '5'])) {
            let schema = &answer["content"]["application/problem+json"]["schema"];
            assert_eq!(*schema, json!({ "$ref": "#/components/schemas/Problem" }), "{name} {status}");
        }
        for parameter in spec["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].as_str().is_some_and(|text| !text.is_empty()), "{name}: {parameter}");
        }
    }
}

/// A schema behind a reference, or the schema itself.
fn resolved(document: &Value, schema: &Value) -> Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference}")).clone(),
        None => schema.clone(),
    }
}

/// Examples beside a body's schema or in it.
fn examples_of(content: &Value) -> Vec<Value> {
    let schema = resolved(&document(), &content["schema"]);
    let beside = content.get("example").cloned();
    let within = schema.get("example").cloned();
    let several = schema["examples"].as_array().cloned().unwrap_or_default();
    beside.into_iter().chain(within).chain(several).collect()
}

#[test]
fn the_example_of_every_body_is_one_the_server_takes() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        for operation in Operation::all() {
            let Some(content) = operation.spec.pointer("/requestBody/content/application~1json") else { continue };
            for example in examples_of(content) {
                let answer = operation.call_with(&caller, &example).await;
                // It fits its schema; what it names may not exist, and the example's credentials are nobody's.
                let is_unfit = answer.body["errors"].as_array().into_iter().flatten().any(|error| error["code"] != "unknown_reference");
                let understood = answer.status < 500 && ![400, 415].contains(&answer.status) && !is_unfit;
                assert!(understood, "{}: {}", operation.name(), answer.text);
            }
        }
    });
}

/// Every reference in the document leads somewhere, and every schema is led to.
#[test]
fn schemas_are_all_there_and_all_used() {
    let document = document();
    let text = document.to_string();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut used = BTreeSet::new();
    for part in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        used.insert(part.split('"').next().unwrap().to_owned());
    }
    let there: BTreeSet<_> = schemas.keys().cloned().collect();
    assert_eq!(used.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "references that lead nowhere");
    // A page writes its records' schema out instead of naming it.
    let unused: Vec<_> = there.difference(&used).filter(|name| !there.contains(&format!("Page_{name}"))).collect();
    assert_eq!(unused, Vec::<&String>::new(), "schemas that nothing leads to");
}

/// Two types of one name would silently share a schema, so that what is answered would not fit it.
#[test]
fn no_two_types_share_a_name() {
    let mut names = Vec::new();
    for folder in ["api/src", "domain/src", "ledger/src", "records/src", "reports/src"] {
        collect_schema_names(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut names);
    }
    let schemas = document()["components"]["schemas"].as_object().unwrap().clone();
    let mut seen = BTreeSet::new();
    for name in names.iter().filter(|name| schemas.contains_key(name.as_str())) {
        assert!(seen.insert(name.clone()), "two types with a schema are called {name}");
    }
    // Generic ones, named after what they hold or how long they are.
    let is_generic = |name: &str| ["Page_", "Text", "Paragraphs"].iter().any(|generic| name.starts_with(generic));
    let unseen: Vec<_> = schemas.keys().filter(|name| !seen.contains(*name) && !is_generic(name)).collect();
    assert_eq!(unseen, Vec::<&String>::new(), "schemas whose type this test does not find");
}

fn collect_schema_names(folder: &Path, names: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_schema_names(&path, names);
        } else {
            let source = std::fs::read_to_string(&path).unwrap();
            names.extend(source.split("#[derive(").skip(1).filter_map(derived_name));
            names.extend(source.split("ToSchema for ").skip(1).filter_map(written_name));
        }
    }
}

/// The name of a type that derives its schema: its own, or what `schema(as = …)` says.
fn derived_name(item: &str) -> Option<String> {
    let (derived, rest) = item.split_once(")]")?;
    if !derived.contains("ToSchema") {
        return None;
    }
    let is_declaration = |line: &&str| ["pub struct ", "pub enum "].iter().any(|start| line.starts_with(start));
    let (attributes, _) = rest.split_once("pub ")?;
    let renamed = attributes.split("schema(as = ").nth(1).and_then(|rest| rest.split([')', ',']).next());
    let declared = rest.lines().map(str::trim).find(is_declaration)?.split([' ', '<', '(', ';']).nth(2);
    renamed.or(declared).map(|name| name.trim_matches('"').to_owned())
}

/// The name of a type whose schema is written by hand: its own, or what `fn name` says.
fn written_name(item: &str) -> Option<String> {
    let (own, rest) = item.split_once(' ')?;
    let body = rest.strip_prefix('{')?.split("\nimpl").next()?;
    let said = body.split("Cow::Borrowed(\"").nth(1).and_then(|rest| rest.split('"').next());
    Some(said.unwrap_or(own).to_owned())
}
