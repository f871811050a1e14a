//! Purchase orders: whose lines may be on one, for which days of which provider, and how it is coded.

use super::arrangement::{Arrangement, ProviderDays};
use crate::profile::Coding;
use crate::{Code, FieldError, FinancialYear, Refusal};
use chrono::NaiveDate;
use std::collections::BTreeSet;

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

/// An order that stands, as far as one arrangement on it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingOrder {
    /// Its number.
    pub number: String,
    /// The provider it was given to.
    pub provider_id: String,
    /// The first day on which that provider provides it; none, from the first on.
    pub covers_from: Option<NaiveDate>,
}

/// A line that an order names, with what is on record of it.
#[derive(Debug, Clone, Copy)]
pub struct NamedLine<'l> {
    /// The line's id, as the order has it: any line of an arrangement; its first stands for all of it.
    pub line_id: &'l str,
    /// Its arrangement; none, there is no such line.
    pub arrangement: Option<&'l Arrangement>,
    /// The orders that the arrangement is on.
    pub orders: &'l [StandingOrder],
}

/// What an order is for: an arrangement, from the day on which the order's provider provides it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderedDays {
    /// The arrangement's first line.
    pub arrangement: String,
    /// The first of the provider's days.
    pub covers_from: NaiveDate,
}

/// Whether an order of the same provider was for all of these days: `before` has its arrangements, each with the day from which on it was for
/// it; none, from the first on. What takes its place then orders nothing else.
pub fn are_ordered(days: &[OrderedDays], before: &[(&str, Option<NaiveDate>)]) -> bool {
    days.iter().all(|days| {
        let is_same = |(arrangement, from): &(&str, Option<NaiveDate>)| {
            *arrangement == days.arrangement && from.is_none_or(|from| from == days.covers_from)
        };
        before.iter().any(is_same)
    })
}

/// A line that is on another order for the same days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderedAlready {
    /// The line, as the order names it.
    pub line_id: String,
    /// The number of the order that it is on.
    pub number: String,
}

/// What an order's lines come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JudgedLines {
    /// What is wrong with the lines themselves.
    pub mistakes: Vec<FieldError>,
    /// What is on another order.
    pub ordered_already: Vec<OrderedAlready>,
    /// What it is for, of the lines that are right.
    pub ordered: Vec<OrderedDays>,
}

/// Judges an order's lines. Each stands, is of the order's package, is provided by the order's provider on days that no other order is for,
/// and is named once. An arrangement that a variation took to another provider is on an order of each.
pub fn judge_lines(order: OrderTerms<'_>, lines: &[NamedLine<'_>]) -> JudgedLines {
    let mut judged = JudgedLines::default();
    for (place, named) in lines.iter().enumerate() {
        let pointer = format!("/line_ids/{place}");
        let mut refuse = |code: &str, detail: &str| judged.mistakes.push(FieldError::new(&pointer, code, detail));
        let Some(arrangement) = named.arrangement else {
            refuse("unknown_reference", "no package line has this id");
            continue;
        };
        let is_other = |other: &&NamedLine<'_>| other.arrangement.is_some_and(|other| other.id == arrangement.id);
        if lines[..place].iter().any(|other| is_other(&other)) {
            refuse("repeated", "this line, or one that it goes on in the place of, is on the order already");
            continue;
        }
        let is_first = named.line_id == arrangement.id;
        if arrangement.lines.is_empty() || !(is_first || arrangement.lines.iter().any(|line| line.line_id == named.line_id)) {
            refuse("reversed", "this package line was reversed");
            continue;
        }
        if arrangement.lines.iter().any(|line| line.package_id != order.package_id) {
            refuse("another_package", "this line belongs to another package");
            continue;
        }
        let own: Vec<ProviderDays<'_>> =
            arrangement.provider_days().into_iter().filter(|days| days.provider_id == order.provider_id).collect();
        // The first line stands for the whole arrangement, so that its days with any provider can be ordered by it.
        let meant = |days: &&ProviderDays<'_>| is_first || days.line_ids.contains(&named.line_id);
        if !own.iter().any(|days| meant(&days)) {
            refuse("another_provider", "this line is with another provider, or with none: order it of the provider it is with");
            continue;
        }
        let covers = |days: &ProviderDays<'_>| named.orders.iter().find(|standing| covered(standing, &own) == Some(days.from));
        match own.iter().filter(meant).find(|days| covers(days).is_none()) {
            Some(free) => judged.ordered.push(OrderedDays { arrangement: arrangement.id.clone(), covers_from: free.from }),
            None => judged.ordered_already.extend(
                own.iter()
                    .filter(meant)
                    .find_map(covers)
                    .map(|standing| OrderedAlready { line_id: named.line_id.to_owned(), number: standing.number.clone() }),
            ),
        }
    }
    judged
}

/// The first of the provider's days that an order is for: the last that start no later than it says, or the first.
fn covered(order: &StandingOrder, own: &[ProviderDays<'_>]) -> Option<NaiveDate> {
    let own = || own.iter().filter(|days| days.provider_id == order.provider_id);
    let started = own().rfind(|days| order.covers_from.is_some_and(|from| days.from <= from));
    started.or_else(|| own().next()).map(|days| days.from)
}

/// Refuses what is on another order for the same days.
pub fn refuse_ordered(already: &[OrderedAlready]) -> Result<(), Refusal> {
    let Some(first) = already.first() else { return Ok(()) };
    let each: Vec<String> = already.iter().map(|one| format!("package line {} is on order {}", one.line_id, one.number)).collect();
    let (said, number) = (each.join("; "), &first.number);
    let said = format!("{}{}", said[..1].to_uppercase(), &said[1..]);
    Err(Refusal::new(Code::StateConflict, format!("{said} already. Cancel or correct order {number} first.")))
}

/// Refuses a number that an order has which stands.
pub fn refuse_taken_number(number: &str, is_taken: bool) -> Result<(), Refusal> {
    if !is_taken {
        return Ok(());
    }
    let detail = format!("Another purchase order has the number {number}. Cancel or correct that order first.");
    Err(Refusal::new(Code::AlreadyExists, detail))
}

/// Refuses to cancel or correct an order that does not stand.
pub fn refuse_cancelled(number: &str, cancelled_on: Option<NaiveDate>) -> Result<(), Refusal> {
    let Some(on) = cancelled_on else { return Ok(()) };
    Err(Refusal::new(Code::StateConflict, format!("Order {number} was cancelled on {on}: record a new one instead.")))
}

/// The budget lines that pay what is ordered.
pub fn budget_lines<'a>(arrangements: impl IntoIterator<Item = &'a Arrangement>) -> BTreeSet<&'a str> {
    arrangements.into_iter().flat_map(|arrangement| &arrangement.lines).map(|line| line.budget_line.as_str()).collect()
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
    use std::collections::HashMap;

    const ORDER: OrderTerms<'_> = OrderTerms { package_id: "pk", provider_id: "p1", cost_centre: "C1", expense_code: "4310" };

    fn line(line_id: &str, package_id: &str, provider_id: Option<&str>, from: &str) -> StandingLine {
        StandingLine {
            line_id: line_id.to_owned(),
            package_id: package_id.to_owned(),
            budget_line: "home_care".to_owned(),
            provider_id: provider_id.map(str::to_owned),
            valid_from: day(from),
            request_line_id: None,
            recorded_by: "ann".to_owned(),
            recorded_at: day("2024-07-01").and_hms_opt(9, 0, 0).expect("a time"),
        }
    }

    fn arrangements() -> HashMap<String, Arrangement> {
        let of = |id: &str, lines| (id.to_owned(), Arrangement { id: id.to_owned(), lines, first_for: None });
        let one = |id: &str, package, provider| of(id, vec![line(id, package, provider, "2024-07-01")]);
        HashMap::from([
            one("good", "pk", Some("p1")),
            // To p2 in August, at another rate from September on, and back to p1 in October.
            of(
                "varied",
                vec![
                    line("varied", "pk", Some("p1"), "2024-07-01"),
                    line("v2", "pk", Some("p2"), "2024-08-01"),
                    line("v3", "pk", Some("p2"), "2024-09-01"),
                    line("v4", "pk", Some("p1"), "2024-10-01"),
                ],
            ),
            of("reversed", vec![]),
            one("elsewhere", "other", Some("p1")),
            one("with_none", "pk", None),
            one("with_another", "pk", Some("p2")),
        ])
    }

    #[test]
    fn an_order_in_the_place_of_another_orders_more_where_it_is_for_other_days_or_lines() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let days = |arrangement: &str, from: &str| OrderedDays { arrangement: arrangement.to_owned(), covers_from: day(from) };
        let before = [("a", Some(day("2024-07-01"))), ("b", None)];
        for (ordered, expected) in [
            (vec![days("a", "2024-07-01")], true),
            (vec![days("a", "2024-07-01"), days("b", "2024-04-01")], true),
            (vec![days("a", "2024-10-01")], false),
            (vec![days("a", "2024-07-01"), days("c", "2024-07-01")], false),
        ] {
            assert_eq!(are_ordered(&ordered, &before), expected, "{ordered:?}");
        }
    }

    #[test]
    fn an_order_is_raised_before_it_is_recorded() {
        let today = day("2024-06-10");
        for (on, is_right) in [("2024-06-10", true), ("2024-06-09", true), ("2024-06-11", false), ("1066-10-14", false)] {
            assert_eq!(day_mistake(day(on), today).is_none(), is_right, "{on}");
        }
    }

    /// Lines by their ids; those of the arrangement `varied` start with a v.
    fn judged(provider_id: &str, ids: &[&str], orders: &[StandingOrder]) -> JudgedLines {
        let arrangements = arrangements();
        let named: Vec<NamedLine<'_>> = ids
            .iter()
            .map(|id| {
                let arrangement = arrangements.get(if id.starts_with('v') { "varied" } else { *id });
                NamedLine { line_id: id, arrangement, orders }
            })
            .collect();
        judge_lines(OrderTerms { provider_id, ..ORDER }, &named)
    }

    #[test]
    fn each_line_of_an_order_stands_is_of_its_package_and_provider_and_is_named_once() {
        for (ids, codes) in [
            (vec!["good", "varied"], vec![]),
            (vec!["good", "good"], vec!["/line_ids/1 repeated"]),
            (vec!["varied", "v4"], vec!["/line_ids/1 repeated"]),
            (vec!["never"], vec!["/line_ids/0 unknown_reference"]),
            (vec!["good", "reversed"], vec!["/line_ids/1 reversed"]),
            (vec!["v_gone"], vec!["/line_ids/0 reversed"]),
            (vec!["elsewhere"], vec!["/line_ids/0 another_package"]),
            (vec!["with_none", "with_another"], vec!["/line_ids/0 another_provider", "/line_ids/1 another_provider"]),
            (vec!["v2"], vec!["/line_ids/0 another_provider"]),
        ] {
            let said: Vec<_> = judged("p1", &ids, &[]).mistakes.iter().map(|e| format!("{} {}", e.pointer, e.code)).collect();
            assert_eq!(said, codes, "{ids:?}");
        }
    }

    #[test]
    fn an_arrangement_is_on_one_order_for_each_stretch_of_days_with_a_provider() {
        let order = |number: &str, provider: &str, covers_from: Option<&str>| StandingOrder {
            number: number.to_owned(),
            provider_id: provider.to_owned(),
            covers_from: covers_from.map(day),
        };
        let (first, second) = (order("1", "p1", None), order("2", "p2", Some("2024-08-01")));
        let last = order("3", "p1", Some("2024-10-01"));
        for (provider, id, orders, expected) in [
            ("p1", "varied", vec![], Ok("2024-07-01")),
            ("p2", "varied", vec![], Ok("2024-08-01")),
            // After the variation: of the new provider, by the first line or its own.
            ("p2", "varied", vec![first.clone()], Ok("2024-08-01")),
            ("p2", "v3", vec![first.clone()], Ok("2024-08-01")),
            ("p1", "varied", vec![first.clone()], Ok("2024-10-01")),
            ("p1", "v4", vec![first.clone(), second.clone()], Ok("2024-10-01")),
            ("p1", "v4", vec![first.clone(), last.clone()], Err("3")),
            ("p1", "varied", vec![first.clone(), last.clone()], Err("1")),
            ("p2", "varied", vec![first.clone(), second.clone()], Err("2")),
            ("p2", "v2", vec![second], Err("2")),
            // A line that was put right since and starts later is on its order all the same.
            ("p1", "v4", vec![order("3", "p1", Some("2024-10-09")), first.clone()], Err("3")),
            ("p1", "good", vec![first], Err("1")),
        ] {
            let judged = judged(provider, &[id], &orders);
            let said = match (judged.ordered.first(), judged.ordered_already.first()) {
                (Some(ordered), None) => Ok(ordered.covers_from.to_string()),
                (None, Some(already)) => Err(already.number.clone()),
                other => panic!("{other:?}"),
            };
            assert_eq!(said, expected.map(str::to_owned).map_err(str::to_owned), "{provider} {id} {orders:?}");
            assert_eq!(judged.mistakes, []);
        }
    }

    #[test]
    fn what_is_ordered_already_a_number_that_is_taken_and_a_cancelled_order_are_refused() {
        let already = [("l1", "PO-1"), ("l2", "PO-2")].map(|(line, number)| OrderedAlready { line_id: line.into(), number: number.into() });
        let detail = |refused: Result<(), Refusal>| refused.err().map(|refusal| (refusal.code, refusal.detail));
        assert_eq!(detail(refuse_ordered(&[])), None);
        let told = "Package line l1 is on order PO-1; package line l2 is on order PO-2 already. Cancel or correct order PO-1 first.";
        assert_eq!(detail(refuse_ordered(&already)), Some((Code::StateConflict, told.to_owned())));
        assert_eq!(detail(refuse_taken_number("PO-1", false)), None);
        let told = "Another purchase order has the number PO-1. Cancel or correct that order first.";
        assert_eq!(detail(refuse_taken_number("PO-1", true)), Some((Code::AlreadyExists, told.to_owned())));
        assert_eq!(detail(refuse_cancelled("PO-1", None)), None);
        let told = "Order PO-1 was cancelled on 2024-06-03: record a new one instead.";
        assert_eq!(detail(refuse_cancelled("PO-1", Some(day("2024-06-03")))), Some((Code::StateConflict, told.to_owned())));
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
        assert_eq!(budget_lines(arrangements().values()), BTreeSet::from(["home_care"]));
    }
}
