//! Which crate may know which, as their manifests have it.

use crate::source::{root, sources, without_comments};
use std::collections::BTreeSet;
use std::fs;

/// The crates from below to above; each may know those before it, and `sheets` and `documents` stand beside.
const ORDER: [&str; 7] = ["domain", "db", "records", "ledger", "etl", "reports", "api"];

/// The crates that write what others found out.
const BESIDE: [&str; 2] = ["sheets", "documents"];

/// What a crate may not know, though others may.
const FORBIDDEN: [(&str, &[&str]); 4] = [
    ("domain", &["db", "actix-web", "polars"]),
    ("records", &["actix-web", "actix-multipart", "polars", "ledger", "etl", "reports"]),
    ("reports", &["db", "records", "diesel", "actix-web"]),
    ("api", &["diesel", "polars"]),
];

/// What a manifest depends on; what only its tests need does not count.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let lines = manifest.lines().skip_while(|line| line.trim() != "[dependencies]").skip(1).take_while(|line| !line.starts_with('['));
    let name = |line: &str| {
        let name = line.split(['.', '=', ' ', '#']).next().unwrap_or_default().to_owned();
        (!name.is_empty()).then_some(name)
    };
    lines.filter_map(name).collect()
}

/// What of a manifest's dependencies its crate may not know.
fn wrong(name: &str, manifest: &str) -> Vec<String> {
    let known = dependencies(manifest);
    let own = ORDER.iter().position(|one| *one == name);
    let above = |other: &str| match (own, ORDER.iter().position(|one| *one == other)) {
        (Some(own), Some(other)) => other >= own,
        // `sheets` and `documents` know no more than what the domain's words are.
        (None, Some(other)) => BESIDE.contains(&name) && other > 0,
        _ => false,
    };
    let forbidden = |other: &str| FORBIDDEN.iter().any(|(one, others)| *one == name && others.contains(&other));
    known.iter().filter(|other| above(other) || forbidden(other)).map(|other| format!("{name} may not depend on {other}")).collect()
}

#[test]
fn crates_depend_one_way() {
    for name in ORDER.into_iter().chain(BESIDE) {
        let manifest = fs::read_to_string(root().join(name).join("Cargo.toml")).unwrap();
        assert!(!dependencies(&manifest).is_empty(), "{name}");
        assert_eq!(wrong(name, &manifest), Vec::<String>::new());
    }
}

#[test]
fn a_dependency_upwards_is_found() {
    let manifest =
        |name: &str| format!("[package]\nname = \"x\"\n\n[dependencies]\n# why\n{name}.workspace = true\n\n[dev-dependencies]\napi = 1\n");
    for (name, other) in [
        ("domain", "db"),
        ("records", "ledger"),
        ("records", "actix-web"),
        ("ledger", "etl"),
        ("api", "diesel"),
        ("sheets", "db"),
        ("documents", "records"),
    ] {
        assert_eq!(wrong(name, &manifest(other)), [format!("{name} may not depend on {other}")]);
    }
    for (name, other) in [
        ("records", "domain"),
        ("api", "records"),
        ("domain", "diesel"),
        ("sheets", "domain"),
        ("documents", "domain"),
        ("reports", "documents"),
    ] {
        assert_eq!(wrong(name, &manifest(other)), Vec::<String>::new(), "{name} on {other}");
    }
}

#[test]
fn the_web_layer_does_not_know_the_store_tables() {
    for (file, text) in sources(&root().join("api/src")) {
        assert!(!without_comments(&text).contains("diesel"), "api/src/{file} names diesel: a query belongs to records");
    }
}
