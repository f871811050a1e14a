//! Mapping files: what is accepted, and that everything wrong is said at once.

use crate::support::{MAPPING, desks, example_mapping};
use ledger::{BadMapping, Mapping};

fn problems(text: &str) -> Vec<String> {
    match Mapping::parse(text) {
        Ok(_) => Vec::new(),
        Err(BadMapping(problems)) => problems,
    }
}

#[test]
fn the_examples_can_be_used() {
    for name in ["devon.toml", "sheffield.toml", "example.toml"] {
        assert_eq!(problems(&example_mapping(name)), [] as [&str; 0], "{name}");
    }
    let mapping = Mapping::parse(MAPPING).expect("a mapping");
    assert_eq!(mapping.source(), "test ledger");
    assert_eq!(mapping.budget_lines().into_iter().collect::<Vec<_>>(), ["direct_payments", "overnight_respite"]);
}

#[test]
fn everything_wrong_is_said_at_once() {
    let text = r#"
encoding = "latin"
delimiter = "ab"
quotes = "single"
amount_sign = "up"
header_row = 0
date_formats = ["DD/MM", "YYYY-MM-DD"]
identity = []
colums = "x"
[columns]
date = []
ammount = "Amount"
sheet = "April"
[[rules]]
budget_line = "Direct Payments"
when = []
[[rules]]
budget_line = "nursery"
when = [{ column = "A", equal = "x" }]
[[rules]]
budget_line = "home_care"
when = [{ column = "A" }, { column = "B", equals = "x", matches = "y" }, { column = "C", matches = "(" }, { column = "D", contains = " " }]
[[rules]]
when = [{ column = "A", equals = "x" }]
"#;
    let found = problems(text);
    for expected in [
        "`colums` is not a key",
        "`source` must name",
        "`date` names no header",
        "`columns.amount` is missing",
        "`encoding` is \"latin\"",
        "`delimiter` is \"ab\"",
        "`quotes` is \"single\"",
        "`amount_sign` is \"up\"",
        "date format `DD/MM`",
        "rule 1: `Direct Payments` is no budget line's code",
        "rule 1 (Direct Payments): `when` is empty",
        "rule 2: unknown field `equal`",
        "rule 3 (home_care), `when` on A: write exactly one of",
        "rule 3 (home_care), `when` on B: write exactly one of",
        "rule 3 (home_care), `when` on C: `matches` is no pattern",
        "rule 3 (home_care), `when` on D: an empty text",
        "rule 4: missing field `budget_line`",
        "`identity` names no column",
        "`header_row` counts from 1",
        "`columns.ammount` is used by no rule",
        "`sheet` stands below [columns]",
    ] {
        assert!(found.iter().any(|problem| problem.contains(expected)), "{expected} is not among {found:#?}");
    }
    assert_eq!(found.len(), 21, "{found:#?}");
}

#[test]
fn what_is_not_toml_is_said_with_its_place() {
    let found = problems("source = \"x\n");
    assert!(found.len() == 1 && found[0].contains("line 1"), "{found:?}");
    assert!(!problems("").is_empty());
}

#[test]
fn no_ledger_is_called_as_corrections_are() {
    let found = problems(&MAPPING.replace("test ledger", " Correction"));
    assert!(found.len() == 1 && found[0].contains("another name"), "{found:?}");
}

#[test]
fn a_mapping_may_begin_with_a_byte_order_mark() {
    assert_eq!(problems(&format!("\u{feff}{MAPPING}")), [] as [&str; 0]);
}

#[test]
fn words_are_compared_without_regard_to_case_and_spaces() {
    let rule = |condition: &str| {
        format!(
            "source = \"x\"\n[columns]\ndate = \"Date\"\namount = \"Amount\"\n[[rules]]\nbudget_line = \"nursery\"\nwhen = [{{ column = [\"Dept\", \"Department\"], {condition} }}]\n"
        )
    };
    for desk in desks() {
        let text = "DATE,amount, Department \n2024-04-01,1,  Children\u{2019}s   Services \n";
        for (place, (condition, picked)) in [
            ("equals = \"children's services\"", 1),
            ("equals = 6401", 0),
            ("equals = \"children's\"", 0),
            ("one_of = [\"adults\", \"CHILDREN'S SERVICES\"]", 1),
            ("starts_with = \"Children\"", 1),
            ("starts_with = [\"Adults\", \"Children\"]", 1),
            ("ends_with = \"services\"", 1),
            ("contains = \"s S\"", 1),
            ("matches = '^CHILDREN.s\\s'", 1),
            ("matches = '^services'", 0),
        ]
        .into_iter()
        .enumerate()
        {
            let mapping = rule(condition).replace("\"x\"", &format!("\"ledger {place}\""));
            assert_eq!(desk.take_with(&mapping, text).counts.matched, picked, "{condition}");
        }
        // A code is found however a spreadsheet wrote it as a number.
        let codes = "date,amount,department\n2024-04-01,1,6401\n2024-04-01,1,6401.0\n2024-04-01,1,6401.00\n2024-04-01,1,6401.5\n";
        assert_eq!(desk.take_with(&rule("equals = 6401"), codes).counts.matched, 3);
        assert_eq!(desk.take_with(&rule("equals = \"6401\"").replace("\"x\"", "\"y\""), codes).counts.matched, 3);
    }
}
