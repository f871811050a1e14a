//! Purchase orders: whose lines may be on one, and how it is coded.

use super::arrangement::Arrangement;
use crate::profile::Coding;
use crate::{FieldError, FinancialYear};
use chrono::NaiveDate;
use std::collections::{BTreeSet, HashMap};

/// An order, as far as its lines and coding go.
#[derive(Debug, Clone, Copy)]
pub struct OrderTerms<'o> {
    /// The package.
    pub package_id: &'o str,
    /// The provider.
    pub provider_id: &'o str,
    /// The cost centre it is charged to.
    pub cost_centre: &'o str,
    /// The expense code it is charged to.
    pub expense_code: &'o str,
}

/// A day on which an order cannot have been raised.
pub fn day_mistake(raised_on: NaiveDate, today: NaiveDate) -> Option<FieldError> {
    if let Err(error) = FinancialYear::of(raised_on) {
        return Some(FieldError::new("/raised_on", "out_of_range", error.to_string()));
    }
    let detail = "an order is recorded once it was raised, not before";
    (raised_on > today).then(|| FieldError::new("/raised_on", "out_of_range", detail))
}

/// What is wrong with the lines: each is an arrangement's first, that stands, of the order's package and provider, and named once.
pub fn line_mistakes(order: OrderTerms<'_>, line_ids: &[String], arrangements: &HashMap<String, Arrangement>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (place, id) in line_ids.iter().enumerate() {
        let mut refuse = |code: &str, detail: &str| errors.push(FieldError::new(&format!("/line_ids/{place}"), code, detail));
        if line_ids[..place].contains(id) {
            refuse("repeated", "this line is on the order already");
            continue;
        }
        let Some(Arrangement { lines, .. }) = arrangements.get(id) else {
            refuse("unknown_reference", "no package line has this id, or it goes on in the place of another: name the first line");
            continue;
        };
        if lines.is_empty() {
            refuse("reversed", "this package line was reversed");
        }
        if lines.iter().any(|line| line.package_id != order.package_id) {
            refuse("another_package", "this line belongs to another package");
        }
        // A variation may have changed the provider: one of its lines is with the order's.
        if !lines.is_empty() && !lines.iter().any(|line| line.provider_id.as_deref() == Some(order.provider_id)) {
            refuse("another_provider", "this line is with another provider, or with none");
        }
    }
    errors
}

/// The budget lines that pay what is ordered.
pub fn budget_lines(arrangements: &HashMap<String, Arrangement>) -> BTreeSet<&str> {
    arrangements.values().flat_map(|arrangement| &arrangement.lines).map(|line| line.budget_line.as_str()).collect()
}

/// Where the profile gives the coding of a budget line, an order for it has that one.
pub fn coding_mistakes(codings: &[Coding], order: OrderTerms<'_>, budget_lines: &BTreeSet<&str>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for budget_line in budget_lines {
        let Some(coding) = codings.iter().find(|coding| coding.budget_line == *budget_line) else { continue };
        for (field, given, right) in
            [("/cost_centre", order.cost_centre, &coding.cost_centre), ("/expense_code", order.expense_code, &coding.expense_code)]
        {
            if given != right {
                let detail = format!("`{budget_line}` is charged to {right} ({})", coding.clause);
                errors.push(FieldError::new(field, "wrong_coding", detail));
            }
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commissioning::arrangement::StandingLine;
    use crate::commissioning::tests::day;

    const ORDER: OrderTerms<'_> = OrderTerms { package_id: "pk", provider_id: "p1", cost_centre: "C1", expense_code: "4310" };

    fn line(package_id: &str, provider_id: Option<&str>) -> StandingLine {
        StandingLine {
            package_id: package_id.to_owned(),
            budget_line: "home_care".to_owned(),
            provider_id: provider_id.map(str::to_owned),
            valid_from: day("2024-07-01"),
            request_line_id: None,
            recorded_by: "ann".to_owned(),
            recorded_at: day("2024-07-01").and_hms_opt(9, 0, 0).expect("a time"),
        }
    }

    fn arrangements() -> HashMap<String, Arrangement> {
        let of = |id: &str, lines| (id.to_owned(), Arrangement { id: id.to_owned(), lines, first_for: None });
        HashMap::from([
            of("good", vec![line("pk", Some("p1"))]),
            of("varied", vec![line("pk", Some("p2")), line("pk", Some("p1"))]),
            of("reversed", vec![]),
            of("elsewhere", vec![line("other", Some("p1"))]),
            of("with_none", vec![line("pk", None)]),
            of("with_another", vec![line("pk", Some("p2"))]),
        ])
    }

    #[test]
    fn an_order_is_raised_before_it_is_recorded() {
        let today = day("2024-06-10");
        for (on, is_right) in [("2024-06-10", true), ("2024-06-09", true), ("2024-06-11", false), ("1066-10-14", false)] {
            assert_eq!(day_mistake(day(on), today).is_none(), is_right, "{on}");
        }
    }

    #[test]
    fn each_line_of_an_order_is_the_first_of_an_arrangement_of_its_package_and_provider_named_once() {
        let arrangements = arrangements();
        for (ids, codes) in [
            (vec!["good", "varied"], vec![]),
            (vec!["good", "good"], vec!["/line_ids/1 repeated"]),
            (vec!["never"], vec!["/line_ids/0 unknown_reference"]),
            (vec!["good", "reversed"], vec!["/line_ids/1 reversed"]),
            (vec!["elsewhere"], vec!["/line_ids/0 another_package"]),
            (vec!["with_none", "with_another"], vec!["/line_ids/0 another_provider", "/line_ids/1 another_provider"]),
        ] {
            let ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
            let said: Vec<_> = line_mistakes(ORDER, &ids, &arrangements).iter().map(|e| format!("{} {}", e.pointer, e.code)).collect();
            assert_eq!(said, codes, "{ids:?}");
        }
    }

    #[test]
    fn an_order_has_the_coding_of_its_budget_lines_where_the_profile_gives_it() {
        let coding = |budget_line: &str, cost_centre: &str, expense_code: &str| Coding {
            budget_line: budget_line.to_owned(),
            cost_centre: cost_centre.to_owned(),
            expense_code: expense_code.to_owned(),
            clause: "Here".to_owned(),
        };
        let codings = [coding("home_care", "C1", "4310"), coding("overnight", "C2", "4310"), coding("clubs", "C3", "9999")];
        let said = |lines: &[&str]| {
            let lines: BTreeSet<&str> = lines.iter().copied().collect();
            coding_mistakes(&codings, ORDER, &lines).into_iter().map(|error| (error.pointer, error.detail)).collect::<Vec<_>>()
        };
        let wrong = |field: &str, detail: &str| (field.to_owned(), detail.to_owned());
        assert_eq!(said(&["home_care"]), []);
        assert_eq!(said(&["not_coded"]), []);
        assert_eq!(said(&["overnight", "home_care"]), [wrong("/cost_centre", "`overnight` is charged to C2 (Here)")]);
        assert_eq!(
            said(&["clubs"]),
            [wrong("/cost_centre", "`clubs` is charged to C3 (Here)"), wrong("/expense_code", "`clubs` is charged to 9999 (Here)")]
        );
        assert_eq!(budget_lines(&arrangements()), BTreeSet::from(["home_care"]));
    }
}
