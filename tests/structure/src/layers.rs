//! Which file may use which: facts below operations, lower capabilities below higher ones, and no circle anywhere.

use crate::modules::{Modules, Place};
use crate::source::root;
use std::collections::BTreeSet;
use std::fs;

/// The modules in the order of the `pub mod` lines of a `lib.rs`: from below to above.
fn order(lib: &str) -> Vec<String> {
    let module = |line: &str| Some(line.strip_prefix("pub ").unwrap_or(line).strip_prefix("mod ")?.split(';').next()?.to_owned());
    lib.lines().filter_map(module).collect()
}

/// A file that may write is an operation; one that only reads holds facts.
fn is_operation(modules: &Modules, place: &Place) -> bool {
    modules.says(place, "Write")
}

/// Every use that the order forbids, in words.
fn upwards(modules: &Modules, order: &[String]) -> Vec<String> {
    let height = |place: &Place| order.iter().position(|one| *one == place[0]);
    let mut wrong = Vec::new();
    for ((from, to), names) in modules.arrows().iter().filter(|((from, to), _)| !from.is_empty() && !to.is_empty()) {
        let (Some(here), Some(there)) = (height(from), height(to)) else {
            wrong.push(format!("{} or {} is no module that lib.rs declares", from.join("::"), to.join("::")));
            continue;
        };
        let kind = |place| if is_operation(modules, place) { "operation" } else { "facts" };
        let (kind, kind_there) = (kind(from), kind(to));
        if there > here && (kind == "facts" || kind_there == "operation") {
            let names = names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            wrong.push(format!("{} ({kind}) uses {} ({kind_there}) above it: {names}", from.join("::"), to.join("::")));
        }
    }
    wrong
}

/// Every fact that rests on an operation, wherever that stands, in words.
fn upside_down(modules: &Modules) -> Vec<String> {
    let arrows = modules.arrows();
    let inside = arrows.iter().filter(|((from, to), _)| !from.is_empty() && !is_operation(modules, from) && is_operation(modules, to));
    let told = inside.map(|((from, to), names)| {
        let names = names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        format!("{} (facts) uses {} (operation): {names}", from.join("::"), to.join("::"))
    });
    told.collect()
}

fn circles(modules: &Modules, within: impl Fn(&Place) -> bool) -> Vec<String> {
    let arrows = modules.arrows();
    let told = |circle: Vec<Place>| {
        let inside = arrows.iter().filter(|((from, to), _)| circle.contains(from) && circle.contains(to));
        let uses = inside.map(|((from, to), names)| {
            let names = names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            format!("\n    {} uses {}: {names}", from.join("::"), to.join("::"))
        });
        format!("a circle of {} files:{}", circle.len(), uses.collect::<String>())
    };
    modules.circles(within).into_iter().map(told).collect()
}

fn of(files: &[(&str, &str)]) -> Modules {
    Modules::of(files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())))
}

#[test]
fn records_are_in_layers() {
    let folder = root().join("records/src");
    let order = order(&fs::read_to_string(folder.join("lib.rs")).unwrap());
    let wrong = upwards(&Modules::read(&folder), &order);
    assert!(wrong.is_empty(), "{} uses upwards in records:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn facts_of_records_rest_on_no_operation() {
    let wrong = upside_down(&Modules::read(&root().join("records/src")));
    assert!(wrong.is_empty(), "{} facts of records rest on an operation:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_files_of_records_use_one_another_in_a_circle() {
    let wrong = circles(&Modules::read(&root().join("records/src")), |_| true);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_files_of_domain_use_one_another_in_a_circle() {
    let wrong = circles(&Modules::read(&root().join("domain/src")), |_| true);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_files_of_routes_use_one_another_in_a_circle() {
    let wrong = circles(&Modules::read(&root().join("api/src")), |place| place.first().is_some_and(|first| first == "routes"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_capability_of_the_routes_is_one_of_records() {
    let order = order(&fs::read_to_string(root().join("records/src/lib.rs")).unwrap());
    let folders = fs::read_dir(root().join("api/src/routes")).unwrap().map(|entry| entry.unwrap());
    let folders: BTreeSet<_> =
        folders.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().into_string().unwrap()).collect();
    assert!(folders.len() > 10, "these are not the folders of the routes: {folders:?}");
    let unknown: Vec<_> = folders.iter().filter(|folder| !order.contains(folder)).collect();
    assert!(unknown.is_empty(), "records has no capability of these names: {unknown:?}");
}

#[test]
fn a_circle_is_found_through_what_a_folder_hands_on() {
    let sound = [
        ("lib.rs", "pub mod a;\npub mod b;\n"),
        ("a/mod.rs", "pub mod inner;\npub use inner::Thing;\n"),
        ("a/inner.rs", "pub struct Thing;\npub fn one() {}\n"),
        ("b.rs", "use crate::a::Thing;\npub fn two(_: Thing) {}\n"),
    ];
    assert_eq!(circles(&of(&sound), |_| true), Vec::<String>::new());
    // By an import, by a path in the code, by a module's name, by a module above.
    for back in [
        "use crate::b::two;\n",
        "fn three() { crate::b::two(); }\n",
        "use crate::b;\nfn three() { b::two(); }\n",
        "use super::super::b::two;\n",
    ] {
        let mut files = sound;
        let text = format!("{}{back}", sound[2].1);
        files[2].1 = &text;
        let found = circles(&of(&files), |_| true);
        assert_eq!(found, ["a circle of 2 files:\n    a::inner uses b: two\n    b uses a::inner: Thing"], "{back}");
    }
    // What a test, a comment or a string says does not count.
    for no in ["#[cfg(test)]\nmod tests {\n    use crate::b::two;\n}\n", "// use crate::b::two;\n", "const A: &str = \"crate::b::two\";\n"]
    {
        let mut files = sound;
        let text = format!("{}{no}", sound[2].1);
        files[2].1 = &text;
        assert_eq!(circles(&of(&files), |_| true), Vec::<String>::new(), "{no}");
    }
}

#[test]
fn a_circle_of_three_is_found_and_only_within_what_is_asked() {
    let files = [
        ("lib.rs", ""),
        ("a.rs", "use crate::b::B;\nstruct A;\n"),
        ("b.rs", "use crate::c::C;\nstruct B;\n"),
        ("c.rs", "use crate::a::A;\nstruct C;\n"),
    ];
    assert_eq!(of(&files).circles(|_| true).len(), 1);
    assert_eq!(of(&files).circles(|_| true)[0].len(), 3);
    assert!(of(&files).circles(|place| place[0] != "c").is_empty());
}

#[test]
fn an_arrow_upwards_is_found() {
    let order = order("mod error;\npub mod low; // below\npub mod high;\npub use error::Error;\n");
    assert_eq!(order, ["error", "low", "high"]);
    let facts = "pub fn fact() {}\n";
    let operation = "pub fn act(write: &mut Write<'_>) {}\n";
    let uses = |low: &str, high: &str, upwards_to: &str| {
        let low = format!("use crate::high::{upwards_to};\n{low}");
        upwards(&of(&[("lib.rs", ""), ("low.rs", &low), ("high.rs", high)]), &order)
    };
    assert_eq!(uses(facts, facts, "fact"), ["low (facts) uses high (facts) above it: fact"]);
    assert_eq!(uses(facts, operation, "act"), ["low (facts) uses high (operation) above it: act"]);
    assert_eq!(uses(operation, operation, "act"), ["low (operation) uses high (operation) above it: act"]);
    assert_eq!(uses(operation, facts, "fact"), Vec::<String>::new());
    let down = of(&[("lib.rs", ""), ("low.rs", operation), ("high.rs", "use crate::low::act;\n")]);
    assert_eq!(upwards(&down, &order), Vec::<String>::new());
    let stranger = of(&[("lib.rs", ""), ("low.rs", facts), ("other.rs", "use crate::low::fact;\n")]);
    assert_eq!(upwards(&stranger, &order), ["other or low is no module that lib.rs declares"]);
}

#[test]
fn facts_that_rest_on_an_operation_are_found_below_too() {
    let files =
        |high: &'static str| [("lib.rs", ""), ("low.rs", "pub struct Row;\npub fn act(write: &mut Write<'_>) {}\n"), ("high.rs", high)];
    assert_eq!(upside_down(&of(&files("use crate::low::Row;\n"))), ["high (facts) uses low (operation): Row"]);
    assert_eq!(upside_down(&of(&files("use crate::low::Row;\nfn act(write: &mut Write<'_>, row: Row) {}\n"))), Vec::<String>::new());
}
