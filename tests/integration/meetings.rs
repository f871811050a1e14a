//! Where two rules meet: an unconfirmed line and a pause, a grant, a release, a year's end; health's share and a rise or another provider;
//! an order, a closed year and a leap day; a post that is held from a day and agreed after it.

use crate::same_figures::store_and_warehouse_agree;
use crate::support::families::{Family, step};
use crate::support::health::Health;
use crate::support::panel_day::with as with_value;
use crate::support::payments::{Paid, home_care, order, pay};
use crate::support::people::{People, with};
use crate::support::records::{new_grant, new_holding};
use crate::support::varying::variation;
use crate::support::{Client, instant, on_both};
use crate::uprating::Provided;
use crate::year_end::CLOSURE;
use domain::Role;
use serde_json::json;

/// Open and unconfirmed of a budget line in 2024-25.
async fn waiting(caller: &Client, budget_line: &str) -> [i64; 2] {
    let control = caller.control("2024-25", budget_line).await;
    ["open_commitment_pence", "unconfirmed_pence"].map(|field| control[field].as_i64().unwrap())
}

#[test]
fn days_of_a_pause_are_neither_open_nor_unconfirmed() {
    on_both(async |app| {
        let family = Family::unconfirmed(app, "2024-06-03", Some("2025-03-31")).await;
        family.caller.opened("2024-25").await;
        assert_eq!(waiting(&family.caller, "direct_payments").await, [43 * 10_000; 2]);
        let pause = with(step("pause", "2024-07-01"), "until_on", "2024-07-29");
        family.step(&pause).await;
        assert_eq!(waiting(&family.caller, "direct_payments").await, [39 * 10_000; 2]);
        store_and_warehouse_agree(app, "2024-25").await;
        family.confirm(&family.line, 1).await;
        assert_eq!(waiting(&family.caller, "direct_payments").await, [39 * 10_000, 0]);
        store_and_warehouse_agree(app, "2024-25").await;
    });
}

#[test]
fn a_grant_beside_a_line_that_waits_is_held_against_what_both_leave_and_is_itself_agreed() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        caller.opened("2024-25").await;
        caller.moved("2024-25", "voluntary_sector_grants", "original", 1_000_000).await;
        let (package, provider) = (caller.package().await, caller.provider("voluntary").await);
        let line = json!({
            "package_id": package, "service": "befriending", "budget_line": "voluntary_sector_grants", "provider_id": provider, "unit": "item",
            "quantity_thousandths": 1000, "frequency": "per_year", "unit_rate_ten_thousandths": 36_500_000, "valid_from": "2024-04-01",
            "valid_to": "2025-04-01", "reason": "Agreed"
        });
        let line = caller.record("/v1/package-lines", &line).await["line_id"].as_str().unwrap().to_owned();
        assert_eq!(waiting(&caller, "voluntary_sector_grants").await, [365_000; 2]);
        // What waits is spoken for: £6,350.00 is left, and a grant of more is stopped.
        let of_year = with_value(with_value(new_grant(&provider), "period_from", json!("2024-04-01")), "period_to", json!("2025-04-01"));
        let grant = |pence: i64| with_value(of_year.clone(), "amount_pence", json!(pence));
        caller.post("/v1/grants", &grant(635_001)).await.expect_problem(409, "budget_exceeded");
        caller.record("/v1/grants", &grant(635_000)).await;
        assert_eq!(waiting(&caller, "voluntary_sector_grants").await, [1_000_000, 365_000]);
        store_and_warehouse_agree(app, "2024-25").await;
        app.confirmed(&line);
        assert_eq!(waiting(&caller, "voluntary_sector_grants").await, [1_000_000, 0]);
    });
}

#[test]
fn what_is_released_of_a_line_that_waits_is_unconfirmed_no_longer() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        caller.opened("2024-25").await;
        let (_, line) = caller.daily(None, 1_000).await;
        assert_eq!(waiting(&caller, "home_care").await, [365_000; 2]);
        let release =
            json!({ "year": "2024-25", "budget_line": "home_care", "line_id": line, "up_to": "2024-05-01", "reason": "Not provided" });
        let released = caller.record("/v1/commitment-releases", &release).await;
        assert_eq!(released["released_pence"], 30_000);
        assert_eq!(waiting(&caller, "home_care").await, [335_000; 2]);
        store_and_warehouse_agree(app, "2024-25").await;
        app.confirmed(&line);
        assert_eq!(waiting(&caller, "home_care").await, [335_000, 0]);
    });
}

#[test]
fn a_line_that_waits_at_a_years_end_is_carried_and_waits_on() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        caller.opened("2023-24").await;
        caller.opened("2024-25").await;
        let provider = caller.provider("private").await;
        let (package, line) = caller.daily_between(Some(&provider), 36_600, "2024-03-01", "2025-03-01").await;
        let before = caller.control("2023-24", "home_care").await;
        // A year of its own from 1 March 2024 has 365 days; 31 of them lie in 2023-24.
        let (carried, of_year) = (3_108, 36_600 - 3_108);
        assert_eq!((&before["open_commitment_pence"], &before["unconfirmed_pence"]), (&json!(carried), &json!(carried)));
        caller.record(CLOSURE, &json!({ "reason": "Accounts closed" })).await;
        // What was carried is told as that; the days of this year wait as before.
        assert_eq!(waiting(&caller, "home_care").await, [carried + of_year, of_year]);
        store_and_warehouse_agree(app, "2024-25").await;
        let list = caller.get("/v1/unconfirmed-package-lines?budget_line=home_care").await.expect(200).body;
        assert_eq!((list["items"].as_array().unwrap().len(), &list["items"][0]["line_id"]), (1, &json!(line)));
        // Nothing is ordered on it, whichever year's days it would be for.
        let order = json!({
            "number": "PO-1", "package_id": package, "provider_id": provider, "cost_centre": "C", "expense_code": "E",
            "raised_on": "2024-06-03", "line_ids": [line]
        });
        let refused = caller.post("/v1/purchase-orders", &order).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.body["errors"][0]["code"], "unconfirmed");
    });
}

#[test]
fn health_pays_its_share_of_a_raised_rate_and_of_another_provider() {
    on_both(async |app| {
        let of = Provided::of(app).await;
        let package = of.package().await;
        let line = of
            .line(
                &package,
                json!({
                    "service": "home_care", "budget_line": "home_care", "unit": "hour", "quantity_thousandths": 1000, "frequency": "per_year",
                    "unit_rate_ten_thousandths": 36_500_000, "valid_from": "2024-04-01", "second_support_reason": "At other times"
                }),
            )
            .await;
        app.confirmed(&line);
        let (finance, anyone) = (app.as_role(Role::FinanceOfficer), app.as_anyone().await);
        anyone.opened("2024-25").await;
        let funder = anyone.provider("other_public").await;
        let health = Health { finance, anyone, funder, package: package.clone(), line: line.clone(), funding: String::new() };
        health.share(&json!({ "percentage_ten_thousandths": 500_000 })).await;
        let expected = async || {
            let control = health.finance.control("2024-25", "chc_income").await;
            -control["open_commitment_pence"].as_i64().unwrap()
        };
        assert_eq!(expected().await, 365 * 500);
        // £10 a day, and from 1 July £11: a year of the new line's own has 365 days too.
        of.raised(&of.rise(100_000)).await;
        let raised = 91 * 500 + 274 * 550;
        assert_eq!(expected().await, raised);
        store_and_warehouse_agree(app, "2024-25").await;
        // Another provider from 1 October at the same rate: health's share stays with the arrangement.
        let other = health.anyone.provider("private").await;
        let now = health.anyone.line_on(&package, "2024-10-01").await;
        let change = variation(&now, "provider", "2024-10-01", json!({ "provider_id": other }));
        of.people.varied("assistant_director", &change).await;
        assert_eq!(expected().await, raised);
        store_and_warehouse_agree(app, "2024-25").await;
        let page = health.anyone.get(&format!("/v1/packages/{package}")).await.expect(200).body;
        let income: i64 =
            page["lines"].as_array().unwrap().iter().map(|one| one["funding"]["this_year"]["income_pence"].as_i64().unwrap()).sum();
        assert_eq!(income, raised, "the package's page says the same");
    });
}

#[test]
fn an_order_of_a_closed_year_with_a_leap_day_is_paid_in_the_next() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        caller.opened("2023-24").await;
        caller.opened("2024-25").await;
        let provider = caller.provider("private").await;
        // £3.66 a day for the 366 days from 1 September 2023, of which 213 lie in 2023-24: a year of its own costs its amount.
        let (package, line) = caller.daily_between(Some(&provider), 366 * 366, "2023-09-01", "2024-09-01").await;
        app.confirmed(&line);
        order(app, "PO-7", &package, &line, &provider);
        let (old, new) = (213 * 366, 153 * 366);
        assert_eq!((caller.commitments(&package, "2023-24").await[0], caller.commitments(&package, "2024-25").await[0]), (old, new));
        // The leap day itself costs a day.
        let week = |read: &serde_json::Value| {
            let weeks = read["weeks"].as_array().unwrap().iter();
            weeks.filter(|week| week["from"] == "2024-02-26").map(|week| week["planned_pence"].as_i64().unwrap()).sum::<i64>()
        };
        let read = caller.get(&format!("/v1/packages/{package}/commitments?year=2023-24")).await.expect(200).body;
        assert_eq!(week(&read), 4 * 366, "26 to 29 February: {read}");
        let paid = |posted_on, pence| pay(app, Paid { order: Some("PO-7"), ..home_care(posted_on, pence).to(&provider) });
        paid("2024-03-20", old - 29 * 366);
        caller.record(CLOSURE, &json!({ "reason": "Accounts closed" })).await;
        assert_eq!(caller.control("2024-25", "home_care").await["open_commitment_pence"], 29 * 366 + new);
        // Its last bill comes after the close, and settles what was carried before this year's own.
        paid("2024-04-20", 29 * 366 + 1);
        assert_eq!(caller.commitments(&package, "2024-25").await, [29 * 366 + new, 29 * 366 + 1, 0, new - 1]);
        store_and_warehouse_agree(app, "2024-25").await;
    });
}

#[test]
fn a_post_is_held_from_its_own_first_day_once_another_agreed_it_and_not_before() {
    on_both(async |app| {
        let (one, other) = (app.as_role(Role::Administrator), app.as_role(Role::Administrator));
        let people = People::in_posts(app, &[]).await;
        let manager = app.person(Role::Manager);
        let package = people.package_of(&people.child().await).await;
        let line = people.package_line(&package, crate::support::people::in_force(1_000)).await;
        let confirm = async || crate::support::families::confirm(&manager.client, "service_unit_manager", &line, 1).await;
        let new = with_value(new_holding("service_unit_manager", &manager.id), "valid_from", json!("2024-06-10"));
        let holding = one.record("/v1/post-holdings", &new).await["holding_id"].as_str().unwrap().to_owned();
        // Neither before its day nor on it, while nobody agreed.
        confirm().await.expect_problem(403, "no_authority");
        app.clock.set(instant("2024-06-12T12:00:00"));
        confirm().await.expect_problem(403, "no_authority");
        other.record(&format!("/v1/post-holdings/{holding}/agreement"), &json!({})).await;
        // Agreed, it counts from its own first day: not on the day before.
        app.clock.set(instant("2024-06-09T12:00:00"));
        confirm().await.expect_problem(403, "no_authority");
        app.clock.set(instant("2024-06-12T12:00:00"));
        confirm().await.expect(201);
    });
}
