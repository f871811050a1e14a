//! What charts say, for those who do not see them, and how their labels are written.

use documents::Value;

/// What a chart says, for those who do not see it: the most and the least of what is shown, and what is not.
pub(crate) fn described(categories: &[String], values: &[Value], what: &str) -> String {
    let shown: Vec<_> = categories.iter().zip(values).filter_map(|(name, value)| Some((name, value, value.magnitude()?))).collect();
    let (most, least) = (shown.iter().max_by_key(|(_, _, size)| *size), shown.iter().min_by_key(|(_, _, size)| *size));
    let end = |word: &str, (name, value, _): &(&String, &Value, i64)| format!("{word} {what}: {name}, {value}.");
    let mut said: Vec<_> = most.map(|most| end("Most", most)).into_iter().collect();
    said.extend(least.filter(|_| shown.len() > 1).map(|least| end("Least", least)));
    let hidden = values.iter().filter(|value| **value == Value::Withheld).count();
    let unknown = values.iter().filter(|value| **value == Value::NotYetKnown).count();
    let rest = |number: usize, words: &str| (number > 0).then(|| format!("Figures {words}: {number}."));
    said.extend(rest(hidden, "withheld").into_iter().chain(rest(unknown, "not yet known")));
    if said.is_empty() { "There is no figure to show.".to_owned() } else { said.join(" ") }
}

/// An amount to whole pounds, for a label.
pub(crate) fn in_pounds(value: Value) -> Value {
    match value {
        Value::Money(pence) => Value::Pounds(pence),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_names_only_what_is_shown() {
        let categories = ["a", "b", "c"].map(str::to_owned);
        for (values, expected) in [
            ([Value::Count(9), Value::Withheld, Value::Count(7)], "Most children: a, 9. Least children: c, 7. Figures withheld: 1."),
            ([Value::Withheld, Value::Withheld, Value::NotYetKnown], "Figures withheld: 2. Figures not yet known: 1."),
            ([Value::Count(9), Value::NotApplicable, Value::NotApplicable], "Most children: a, 9."),
        ] {
            assert_eq!(described(&categories, &values, "children"), expected);
        }
    }
}
