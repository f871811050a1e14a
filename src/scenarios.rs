//! Scenarios from files: each one TOML, with the fields that the API takes. All that is wrong with the form of all of them is told at
//! once; then what they say is held against the warehouse.

use anyhow::bail;
use domain::scenarios::Scenario;
use serde_json::Value;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What a file of assumptions may be at most.
const MOST_BYTES: u64 = 256 * 1024;

/// The scenarios of files, in their order.
pub fn read(paths: &[PathBuf]) -> anyhow::Result<Vec<Scenario>> {
    let (mut scenarios, mut problems) = (Vec::with_capacity(paths.len()), Vec::new());
    for path in paths {
        match text_of(path).and_then(|text| parse(&text)) {
            Ok(scenario) => scenarios.push(scenario),
            Err(of_file) => problems.extend(of_file.into_iter().map(|problem| format!("{}: {problem}", path.display()))),
        }
    }
    if !problems.is_empty() {
        bail!("the scenarios cannot be used: {}", problems.join("; "));
    }
    Ok(scenarios)
}

fn text_of(path: &Path) -> Result<String, Vec<String>> {
    let unreadable = |error: std::io::Error| vec![format!("the file cannot be read: {error}")];
    let mut bytes = Vec::new();
    std::fs::File::open(path).map_err(unreadable)?.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(vec!["the file is larger than a scenario can be; was another file given in its place?".to_owned()]);
    }
    String::from_utf8(bytes).map_err(|_| vec!["the file is not UTF-8 text; save it as plain text in UTF-8".to_owned()])
}

/// A scenario, or everything that is wrong with it: what a body of the API would be told.
fn parse(text: &str) -> Result<Scenario, Vec<String>> {
    let text = text.trim_start_matches('\u{feff}');
    let table: toml::Table = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        vec![format!("the file is not TOML: line {}: {}", before.matches('\n').count() + 1, error.message())]
    })?;
    let body = as_json(toml::Value::Table(table)).to_string();
    api::parse(body).map_err(|problem| match problem.errors() {
        [] => vec![problem.to_string()],
        errors => errors.iter().map(domain::FieldError::in_words).collect(),
    })
}

/// As a body of the API has it. A number with a point stays a text, which no field takes: amounts are whole numbers of their units.
fn as_json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::String(number.to_string()),
        toml::Value::Boolean(truth) => Value::Bool(truth),
        toml::Value::Datetime(day) => Value::String(day.to_string()),
        toml::Value::Array(values) => values.into_iter().map(as_json).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, as_json(value))).collect::<serde_json::Map<_, _>>().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        name = "pay_award"
        about = "The living wage rises"

        [[upratings]]
        budget_line = "home_care"
        percentage_ten_thousandths = 67_500
        from = 2025-04-01

        [[new_demand]]
        budget_line = "direct_payments"
        packages = 4
        quantity_thousandths = 3_000
        frequency = "weekly"
        unit_rate_ten_thousandths = 145_000
        from = "2025-07-21"
    "#;

    #[test]
    fn a_file_says_what_a_body_would() {
        let scenario = parse(GOOD).expect("sound");
        assert_eq!((scenario.name.as_str(), scenario.upratings.len(), scenario.new_demand.len()), ("pay_award", 1, 1));
        assert_eq!(scenario.upratings[0].from, "2025-04-01".parse().ok());
        assert_eq!(scenario.new_demand[0].from, "2025-07-21".parse().ok());
        assert_eq!(parse("name = \"nothing\"").map(|scenario| scenario.upratings.len()), Ok(0));
    }

    #[test]
    fn everything_that_is_wrong_is_told_with_its_place() {
        let wrong = GOOD.replace("about", "abuot").replace("67_500", "6.75").replace("\"weekly\"", "\"daily\"").replace("packages = 4", "");
        let told = parse(&wrong).expect_err("wrong");
        for place in ["abuot: ", "upratings 1, percentage_ten_thousandths: ", "new_demand 1, frequency: ", "new_demand 1, packages: "] {
            assert_eq!(told.iter().filter(|problem| problem.starts_with(place)).count(), 1, "{place} in {told:?}");
        }
        assert_eq!(told.len(), 4, "{told:?}");
        assert_eq!(parse("name = ").expect_err("no TOML").len(), 1);
        assert!(parse("\n\nname").expect_err("no TOML")[0].starts_with("the file is not TOML: line 3: "));
    }

    #[test]
    fn the_files_of_the_demonstration_are_sound() {
        for (_, text) in crate::demo::SCENARIOS {
            assert!(parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn all_files_are_told_of_at_once() {
        let missing = [PathBuf::from("no/such/file.toml"), PathBuf::from("nor/this.toml")];
        let told = read(&missing).expect_err("missing").to_string();
        assert!(told.contains("no/such/file.toml: the file cannot be read") && told.contains("nor/this.toml: "), "{told}");
    }
}
