//! What changes in a closed year: it is carried forward again, once, and held against the budget that pays for it.

use crate::support::panel_day::{PanelDay, approved, line as asked};
use crate::support::payments::{Paid, home_care, pay};
use crate::support::people::{People, in_force, with, yearly};
use crate::support::records::new_grant;
use crate::support::varying::{rate, variation};
use crate::support::{Client, on_both, on_both_with};
use crate::year_end::{CLOSURE, closing, year_before};
use domain::Profile;
use domain::profile::{BudgetControlPolicy, WhenExceeded};
use serde_json::{Value, json};

const OUTREACH: &str = "targeted_outreach";

fn stopping() -> Profile {
    let policy = BudgetControlPolicy {
        when_exceeded: WhenExceeded::Stop,
        count_pending: false,
        clause: "Standing order 4".to_owned(),
        changes: Vec::new(),
    };
    Profile { budget_control: Some(policy), ..Profile::bundled("tameside").unwrap() }
}

async fn both_years(finance: &Client) {
    finance.opened("2023-24").await;
    finance.opened("2024-25").await;
}

/// What was carried out of 2023-24 on a budget line, in the order recorded: how much, and what was changed.
pub async fn carried(caller: &Client, budget_line: &str) -> Vec<(i64, Value)> {
    let rows = caller.all_pages(&format!("/v1/commitment-carry-forwards?from_year=2023-24&budget_line={budget_line}"), 10).await.concat();
    rows.iter().map(|row| (row["amount_pence"].as_i64().unwrap(), row["changed_id"].clone())).collect()
}

#[test]
fn what_changes_in_a_closed_year_is_carried_forward_again() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let (provider, package, line) = year_before(&caller, app).await;
        let closure = caller.record(CLOSURE, &closing(0)).await;
        let open = 366 * 366 - 100_000;
        // Eleven days less.
        let end = json!({ "valid_to": "2024-03-21", "reason": "In hospital" });
        caller.record(&format!("/v1/package-lines/{line}/end"), &end).await;
        let rows = [(open, Value::Null), (-11 * 366, json!(line))];
        assert_eq!(carried(&caller, "home_care").await, rows);
        assert_eq!(caller.control("2024-25", "home_care").await["open_commitment_pence"], open - 11 * 366);
        assert_eq!(caller.commitments(&package, "2024-25").await, [open - 11 * 366, 0, 0, open - 11 * 366]);
        // The closed year spends and commits no more than it did, and its closure says what it said.
        let closed = caller.control("2023-24", "home_care").await;
        assert_eq!((&closed["actual_pence"], &closed["open_commitment_pence"]), (&json!(100_000), &json!(0)));
        assert_eq!(caller.get(CLOSURE).await.expect(200).body, closure);
        // Found late: ten days of the closed year, of which nothing was paid then.
        let (late_package, late) = caller.daily_between(Some(&provider), 365 * 100, "2024-03-22", "2024-04-01").await;
        assert_eq!(caller.commitments(&late_package, "2024-25").await, [1_000, 0, 0, 1_000]);
        // A bill of the open year pays all of it.
        pay(app, home_care("2024-05-10", open - 11 * 366 + 999).to(&provider));
        assert_eq!(caller.control("2024-25", "home_care").await["open_commitment_pence"], 1);
        // Taken back, there is nothing to pay and the bill is more than is planned.
        for (one, reason) in [(&late, "Another child's"), (&line, "Never began")] {
            caller.record(&format!("/v1/package-lines/{one}/reversal"), &json!({ "reason": reason })).await;
        }
        let rows = carried(&caller, "home_care").await;
        assert_eq!(rows[2..].iter().map(|row| row.1.clone()).collect::<Vec<_>>(), [json!(late), json!(late), json!(line)]);
        assert_eq!(rows.iter().map(|row| row.0).sum::<i64>(), 0);
        assert_eq!(caller.control("2024-25", "home_care").await["open_commitment_pence"], 0);
        // Days of open years alone carry nothing.
        caller.daily_between(Some(&provider), 365 * 10, "2024-04-01", "2024-06-01").await;
        assert_eq!(carried(&caller, "home_care").await, rows);
    });
}

#[test]
fn a_grant_recorded_or_reversed_after_the_close_is_carried_forward_again() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        caller.opened("2023-24").await;
        caller.opened("2024-25").await;
        caller.record(CLOSURE, &closing(0)).await;
        let grant = caller.grant().await;
        assert_eq!(carried(&caller, "voluntary_sector_grants").await, [(2_400_000, json!(grant))]);
        caller.record(&format!("/v1/grants/{grant}/reversal"), &json!({ "reason": "Withdrawn" })).await;
        assert_eq!(carried(&caller, "voluntary_sector_grants").await, [(2_400_000, json!(grant)), (-2_400_000, json!(grant))]);
    });
}

#[test]
fn a_change_in_the_first_of_two_closed_years_reaches_the_open_one_through_both() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        for year in ["2022-23", "2023-24", "2024-25"] {
            caller.opened(year).await;
        }
        let provider = caller.provider("private").await;
        let (_, line) = caller.daily_between(Some(&provider), 365 * 10, "2022-10-01", "2022-11-01").await;
        pay(app, home_care("2023-06-01", 100).to(&provider));
        for year in ["2022-23", "2023-24"] {
            caller.record(&format!("/v1/financial-years/{year}/closure"), &json!({ "reason": "Accounts closed" })).await;
        }
        assert_eq!(carried(&caller, "home_care").await, [(310 - 100, Value::Null)]);
        caller.record(&format!("/v1/package-lines/{line}/end"), &json!({ "valid_to": "2022-10-21", "reason": "-" })).await;
        assert_eq!(carried(&caller, "home_care").await, [(310 - 100, Value::Null), (-110, json!(line))]);
        assert_eq!(caller.control("2024-25", "home_care").await["open_commitment_pence"], 100);
        // Less than was paid on the way: the second year has nothing left to carry.
        caller.record(&format!("/v1/package-lines/{line}/end"), &json!({ "valid_to": "2022-10-06", "reason": "-" })).await;
        assert_eq!(carried(&caller, "home_care").await.iter().map(|row| row.0).sum::<i64>(), 0);
        assert_eq!(caller.control("2024-25", "home_care").await["open_commitment_pence"], 0);
    });
}

#[test]
fn a_request_carried_out_from_a_day_in_a_closed_year_is_carried_forward_again() {
    on_both(async |app| {
        let (people, finance) = (People::of(app).await, app.as_anyone().await);
        both_years(&finance).await;
        let (panel, child) = (people.chaired_panel().await, people.child().await);
        let package = people.package_of(&child).await;
        let old = people.package_line(&package, in_force(3_660)).await;
        let wanted = with(with(yearly(7_300), "valid_from", "2024-03-01"), "replaces_line_id", old.clone());
        let request = people.submitted(&child, &[wanted]).await;
        people.decided(&panel, &request, &json!({ "kind": "approved" })).await;
        let agreed = people.read(&request).await["lines"][0]["id"].clone();
        finance.record(CLOSURE, &closing(0)).await;
        let body = variation(&old, "rate", "2024-03-01", with(rate(7_300), "request_line_id", agreed));
        people.try_to_vary(&body).await.expect(201);
        assert_eq!(carried(&finance, OUTREACH).await, [(3_660, Value::Null), (31 * 10, json!(old))]);
    });
}

#[test]
fn an_instalment_due_before_its_grants_period_is_carried_forward_too() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        both_years(&caller).await;
        caller.record(CLOSURE, &closing(0)).await;
        let mut grant = new_grant(&caller.provider("voluntary").await);
        for (field, value) in [("awarded_on", "2024-03-15"), ("period_from", "2024-04-01"), ("period_to", "2025-04-01")] {
            grant[field] = json!(value);
        }
        let instalment = |due_on: &str, pence: i64| json!({ "due_on": due_on, "amount_pence": pence });
        grant["instalments"] = json!([instalment("2024-03-20", 400_000), instalment("2024-09-02", 2_000_000)]);
        let grant = caller.record("/v1/grants", &grant).await["id"].clone();
        assert_eq!(carried(&caller, "voluntary_sector_grants").await, [(400_000, grant.clone())]);
        caller.record(&format!("/v1/grants/{}/reversal", grant.as_str().unwrap()), &json!({ "reason": "Withdrawn" })).await;
        assert_eq!(carried(&caller, "voluntary_sector_grants").await, [(400_000, grant.clone()), (-400_000, grant)]);
    });
}

#[test]
fn an_order_that_takes_a_closed_years_payment_elsewhere_leaves_what_it_paid_open() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        both_years(&caller).await;
        let provider = caller.provider("private").await;
        caller.daily_between(Some(&provider), 366 * 10, "2023-04-01", "2024-04-01").await;
        pay(app, home_care("2024-01-10", 500).to(&provider).on("PO-9"));
        caller.record(CLOSURE, &closing(0)).await;
        assert_eq!(carried(&caller, "home_care").await, [(3_660 - 500, Value::Null)]);
        // Until the number is known the payment is the provider's; then it is for an order of which nothing was planned in that year.
        let (package, line) = caller.daily_between(Some(&provider), 365 * 10, "2024-04-01", "2025-04-01").await;
        app.confirmed(&line);
        let order = json!({
            "number": "PO-9", "package_id": package, "provider_id": provider, "cost_centre": "CS410", "expense_code": "4310",
            "raised_on": "2024-04-02", "line_ids": [line]
        });
        let made = caller.record("/v1/purchase-orders", &order).await["id"].clone();
        let both = [(3_660 - 500, Value::Null), (500, made.clone())];
        assert_eq!(carried(&caller, "home_care").await, both);
        // Put right in its coding alone, it takes and leaves the same: nothing is carried back and forth.
        let correction = json!({ "reason": "Another code", "order": with(order, "expense_code", "4320") });
        caller.record(&format!("/v1/purchase-orders/{}/correction", made.as_str().unwrap()), &correction).await;
        assert_eq!(carried(&caller, "home_care").await, both);
    });
}

#[test]
fn an_order_for_the_next_provider_reopens_what_the_old_order_paid_of_its_days_in_a_closed_year() {
    on_both(async |app| {
        let people = People::of(app).await;
        let caller = app.as_anyone().await;
        both_years(&caller).await;
        let (first, next) = (caller.provider("private").await, caller.provider("private").await);
        let (package, line) = caller.daily_between(Some(&first), 366 * 10, "2023-04-01", "2024-04-01").await;
        app.confirmed(&line);
        let order = |number: &str, provider: &str| {
            json!({
                "number": number, "package_id": package, "provider_id": provider, "cost_centre": "CS410", "expense_code": "4310",
                "raised_on": "2024-04-02", "line_ids": [line]
            })
        };
        caller.record("/v1/purchase-orders", &order("PO-1", &first)).await;
        people.varied("service_unit_manager", &variation(&line, "provider", "2024-03-01", json!({ "provider_id": next }))).await;
        // All of the year is paid under the first provider's order, the only one that there is. The next one's line has a year of its own, of
        // 365 days.
        pay(app, home_care("2024-03-20", 3_661).to(&first).on("PO-1"));
        caller.record(CLOSURE, &closing(0)).await;
        assert_eq!(carried(&caller, "home_care").await, []);
        // From now on that order is for its own provider's days.
        let made = caller.record("/v1/purchase-orders", &order("PO-2", &next)).await["id"].clone();
        let days = 311;
        assert_eq!(carried(&caller, "home_care").await, [(days, made.clone())]);
        let back = format!("/v1/purchase-orders/{}/cancellation", made.as_str().unwrap());
        caller.record(&back, &json!({ "reason": "-" })).await;
        assert_eq!(carried(&caller, "home_care").await, [(days, made.clone()), (-days, made)]);
    });
}

#[test]
fn what_another_cause_made_of_a_closed_year_is_not_carried_with_a_change() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let (provider, _, line) = year_before(&caller, app).await;
        caller.record(CLOSURE, &closing(0)).await;
        // As a payment of the closed year that came in beside the rules.
        pay(app, home_care("2024-02-01", 7_000).to(&provider));
        caller.record(&format!("/v1/package-lines/{line}/end"), &json!({ "valid_to": "2024-03-31", "reason": "-" })).await;
        assert_eq!(carried(&caller, "home_care").await[1..], [(-366, json!(line))]);
    });
}

#[test]
fn what_was_paid_in_a_closed_year_does_not_make_room_in_the_budget() {
    on_both_with(&stopping(), async |app| {
        let (people, finance) = (People::of(app).await, app.as_anyone().await);
        both_years(&finance).await;
        finance.moved("2024-25", OUTREACH, "original", 73_200 - 1).await;
        let package = people.package_of(&people.child().await).await;
        let line = people.package_line(&package, with(yearly(36_600), "valid_from", "2023-10-01")).await;
        let paid = Paid { budget_line: OUTREACH, ..home_care("2024-03-20", 18_300) };
        pay(app, paid);
        finance.record(CLOSURE, &closing(0)).await;
        // Half of 2024-25 lies in a year of its own with a leap day, half in one without.
        // The line really started in April and costs twice as much: what the closed year did not need is spent all the same.
        let corrected = people.proposed(&variation(&line, "correction", "2024-04-01", rate(73_200))).await;
        let chair = &people.post("service_unit_manager").client;
        let refused = chair.agree_variation(&corrected).await.expect_problem(409, "budget_exceeded");
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.contains("would cost £366.50 in 2024-25 and has £366.49 available, £0.01 short"), "{detail}");
        assert_eq!(people.support.client.line_days(&package).await.len(), 1);
        finance.moved("2024-25", OUTREACH, "adjustment", 1).await;
        chair.agree_variation(&corrected).await.expect(201);
        assert_eq!(carried(&finance, OUTREACH).await, []);
    });
}

#[test]
fn days_of_years_that_are_over_are_held_against_the_budget_that_pays_them() {
    for is_closed in [true, false] {
        on_both(async |app| {
            let (people, finance) = (People::of(app).await, app.as_anyone().await);
            both_years(&finance).await;
            let package = people.package_of(&people.child().await).await;
            let line = people.package_line(&package, in_force(36_600)).await;
            if is_closed {
                finance.record(CLOSURE, &closing(0)).await;
            }
            // £2.00 a day since the first of March instead of £1.00: 31 days of the year before, which had a leap day.
            let dearer = people.proposed(&variation(&line, "rate", "2024-03-01", rate(73_000))).await;
            let agreed = people.post("service_unit_manager").client.agree_variation(&dearer).await.expect(201).body;
            let taken = |check: &Value| (check["year"].clone(), check["this_year_pence"].as_i64().unwrap());
            let taken: Vec<_> = agreed["budget"].as_array().unwrap().iter().map(taken).collect();
            match is_closed {
                true => assert_eq!(taken, [(json!("2024-25"), 36_400 + 3_100)]),
                false => assert_eq!(taken, [(json!("2023-24"), 3_100), (json!("2024-25"), 36_400)]),
            }
        });
    }
}

#[test]
fn an_approval_dated_back_into_a_closed_year_is_held_with_all_its_days() {
    on_both_with(&stopping(), async |app| {
        let (day, finance) = (PanelDay::of(app).await, app.as_anyone().await);
        both_years(&finance).await;
        finance.moved("2024-25", OUTREACH, "original", 36_500 + 3_100 - 1).await;
        finance.record(CLOSURE, &closing(0)).await;
        let child = day.presenter.client.child().await;
        let since_march = with(asked(36_500), "valid_from", "2024-03-01");
        let paperwork = with(day.paperwork(&child, 1).await, "lines", json!([since_march]));
        let request = day.booked_with(&child, paperwork).await;
        day.sum.decide(&request, &approved()).await.expect_problem(409, "budget_exceeded");
        finance.moved("2024-25", OUTREACH, "adjustment", 1).await;
        let made = day.sum.decide(&request, &approved()).await.expect(201).body;
        assert_eq!(made["budget"][0]["this_year_pence"], 36_500 + 3_100);
        // Until it is carried out, what it costs from here on is spoken for.
        let control = finance.control("2024-25", OUTREACH).await;
        assert_eq!((&control["agreed_pence"], &control["available_pence"]), (&json!(36_500), &json!(3_100)));
    });
}
