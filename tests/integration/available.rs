//! What a budget line has available bounds every change that takes from it: virements, budgets that get less, grants and orders. What exceeds
//! is stopped or told, as the profile says of each kind.

use crate::support::payments::{Paid, home_care, pay};
use crate::support::records::new_grant;
use crate::support::{Answer, Client, TestApp, on_both, on_both_with};
use domain::Profile;
use domain::profile::{BudgetControlPolicy, WhenExceeded};
use serde_json::{Value, json};

/// Every kind of change is stopped, or every one is told.
fn all(when_exceeded: WhenExceeded) -> Profile {
    let policy = BudgetControlPolicy { when_exceeded, count_pending: false, clause: "Standing order 4".to_owned(), changes: Vec::new() };
    Profile { budget_control: Some(policy), ..Profile::bundled("tameside").unwrap() }
}

fn virement(year: &str, from: &str, to: &str, amount_pence: i64) -> Value {
    json!({
        "year": year, "from_budget_line": from, "to_budget_line": to, "amount_pence": amount_pence,
        "effective_on": format!("{}-04-01", &year[..4]), "reason": "Two placements more than planned"
    })
}

fn movement(year: &str, budget_line: &str, amount_pence: i64) -> Value {
    json!({
        "year": year, "budget_line": budget_line, "kind": "adjustment", "amount_pence": amount_pence,
        "effective_on": format!("{}-04-01", &year[..4]), "reason": "Savings"
    })
}

fn grant(provider: &str, from: &str, to: &str, pence: i64) -> Value {
    let mut new = new_grant(provider);
    for (field, value) in [("awarded_on", json!("2024-06-03")), ("period_from", json!(from)), ("period_to", json!(to))] {
        new[field] = value;
    }
    new["amount_pence"] = json!(pence);
    new
}

fn stopped(answer: Answer) -> String {
    answer.expect_problem(409, "budget_exceeded").body["detail"].as_str().unwrap().to_owned()
}

/// A budget of £1,000.00 for home care, of which £365.00 is committed in the year and £20.00 of that is paid: £635.00 is available.
async fn home_care_in(caller: &Client, app: &TestApp, year: &str) -> String {
    caller.opened(year).await;
    caller.moved(year, "home_care", "original", 100_000).await;
    let provider = caller.provider("private").await;
    let (from, to) = (format!("{}-04-01", &year[..4]), format!("{}-04-01", year[..4].parse::<i32>().unwrap() + 1));
    let (_, line) = caller.daily_between(Some(&provider), 36_500, &from, &to).await;
    pay(app, home_care(&format!("{}-04-20", &year[..4]), 2_000).to(&provider));
    let control = caller.control(year, "home_care").await;
    assert_eq!((&control["actual_pence"], &control["available_pence"]), (&json!(2_000), &json!(63_500)));
    line
}

#[test]
fn a_virement_takes_what_is_available_to_the_penny_and_what_a_release_gives_back() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let line = home_care_in(&caller, app, "2024-25").await;
        let told = stopped(caller.post("/v1/virements", &virement("2024-25", "home_care", "nursery", 63_501)).await);
        let expected = "home_care would give £635.01 in 2024-25 and has £635.00 available, £0.01 short. Take less, or release commitments \
                        first (None in the documents: a working choice).";
        assert_eq!(told, expected);
        assert_eq!(app.count("budget_movements"), 1);
        let made = caller.record("/v1/virements", &virement("2024-25", "home_care", "nursery", 63_500)).await;
        assert_eq!(made["warnings"], json!(null));
        stopped(caller.post("/v1/virements", &virement("2024-25", "home_care", "nursery", 1)).await);
        // What is released is available again.
        let release =
            json!({ "year": "2024-25", "budget_line": "home_care", "line_id": line, "up_to": "2024-06-01", "reason": "All billed" });
        let released = caller.record("/v1/commitment-releases", &release).await["released_pence"].as_i64().unwrap();
        assert_eq!(released, 61 * 100 - 2_000);
        stopped(caller.post("/v1/virements", &virement("2024-25", "home_care", "nursery", released + 1)).await);
        caller.record("/v1/virements", &virement("2024-25", "home_care", "nursery", released)).await;
        assert_eq!(caller.control("2024-25", "home_care").await["available_pence"], 0);
        // What took it back would leave the line that received below what it has spent since.
        pay(app, Paid { budget_line: "nursery", ..home_care("2024-05-20", 4_101) });
        let path = format!("/v1/budget-movements/{}/reversal", made["movements"][0]["id"].as_str().unwrap());
        let told = stopped(caller.post(&path, &json!({ "reason": "-" })).await);
        assert!(told.starts_with("nursery would give £635.00 in 2024-25 and has £634.99 available"), "{told}");
    });
}

#[test]
fn of_virements_at_once_none_leaves_a_line_below_its_spend_and_commitments() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        home_care_in(&caller, app, "2024-25").await;
        let calls: Vec<_> = (0..10)
            .map(|_| {
                let caller = caller.clone();
                tokio::spawn(async move { caller.post("/v1/virements", &virement("2024-25", "home_care", "nursery", 20_000)).await.status })
            })
            .collect();
        let mut statuses = Vec::new();
        for call in calls {
            statuses.push(call.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [[201; 3].as_slice(), &[409; 7]].concat());
        assert_eq!(caller.control("2024-25", "home_care").await["available_pence"], 3_500);
    });
}

#[test]
fn a_virement_is_held_in_the_year_that_it_names_also_one_that_is_over_or_still_to_come() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        for year in ["2023-24", "2025-26"] {
            caller.opened(year).await;
            caller.moved(year, "home_care", "original", 50_000).await;
        }
        caller.daily_between(None, 36_500, "2025-04-01", "2026-04-01").await;
        pay(app, home_care("2024-02-20", 30_000));
        for (year, available) in [("2023-24", 20_000), ("2025-26", 13_500)] {
            stopped(caller.post("/v1/virements", &virement(year, "home_care", "nursery", available + 1)).await);
            caller.record("/v1/virements", &virement(year, "home_care", "nursery", available)).await;
        }
        // Spent beyond its budget: nothing of it can be given, and more can still be taken in.
        pay(app, home_care("2024-02-21", 500));
        stopped(caller.post("/v1/virements", &virement("2023-24", "home_care", "nursery", 1)).await);
        caller.record("/v1/virements", &virement("2023-24", "nursery", "home_care", 100)).await;
    });
}

#[test]
fn a_budget_that_gets_less_than_is_spoken_for_is_told_or_stopped() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        home_care_in(&caller, app, "2024-25").await;
        assert_eq!(caller.record("/v1/budget-movements", &movement("2024-25", "home_care", -63_500)).await["warnings"], json!(null));
        let made = caller.record("/v1/budget-movements", &movement("2024-25", "home_care", -1)).await;
        let warning = json!([{
            "code": "budget_exceeded", "year": "2024-25", "budget_line": "home_care", "available_pence": 0, "asked_pence": 1,
            "detail": "home_care would give £0.01 in 2024-25 and has £0.00 available, £0.01 short. Take less, or release commitments first \
                       (None in the documents: a working choice)."
        }]);
        assert_eq!(made["warnings"], warning);
        let told = app.events("budget_lines", "exceed").await;
        assert_eq!((&told[0]["detail"]["change"], &told[0]["detail"]["movement_id"]), (&json!("budget_change"), &made["id"]));
        // More budget takes nothing, and neither does what is expected to come in.
        for (line, pence) in [("home_care", 5), ("chc_income", -5), ("chc_income", 5)] {
            assert_eq!(caller.record("/v1/budget-movements", &movement("2024-25", line, pence)).await["warnings"], json!(null));
        }
    });
    on_both_with(&all(WhenExceeded::Stop), async |app| {
        let caller = app.as_anyone().await;
        home_care_in(&caller, app, "2024-25").await;
        assert!(stopped(caller.post("/v1/budget-movements", &movement("2024-25", "home_care", -63_501)).await).contains("£0.01 short"));
        let original = caller.all_pages("/v1/budget-movements?year=2024-25", 10).await[0][0]["id"].as_str().unwrap().to_owned();
        stopped(caller.post(&format!("/v1/budget-movements/{original}/reversal"), &json!({ "reason": "-" })).await);
        assert_eq!(app.count("budget_movements"), 1);
    });
}

#[test]
fn a_grant_is_bounded_by_what_its_line_has_in_each_year_that_it_reaches() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let group = caller.provider("voluntary").await;
        let line = "voluntary_sector_grants";
        for year in ["2023-24", "2024-25", "2025-26"] {
            caller.opened(year).await;
            caller.moved(year, line, "original", 11_800_000).await;
        }
        let this_year = |pence| grant(&group, "2024-04-01", "2025-04-01", pence);
        let told = stopped(caller.post("/v1/grants", &this_year(90_000_000)).await);
        assert!(told.starts_with("voluntary_sector_grants would cost £900,000.00 in 2024-25 and has £118,000.00 available"), "{told}");
        stopped(caller.post("/v1/grants", &this_year(11_800_001)).await);
        assert_eq!(app.count("grants"), 0);
        assert_eq!(caller.record("/v1/grants", &this_year(11_800_000)).await["warnings"], json!(null));
        stopped(caller.post("/v1/grants", &this_year(1)).await);
        // The year before is over and not closed; the next has its budget.
        for (from, to) in [("2023-04-01", "2024-04-01"), ("2025-04-01", "2026-04-01")] {
            stopped(caller.post("/v1/grants", &grant(&group, from, to, 11_800_001)).await);
            caller.record("/v1/grants", &grant(&group, from, to, 11_800_000)).await;
        }
        // Income pays for no grant.
        let mut of_income = this_year(1);
        of_income["budget_line"] = json!("chc_income");
        caller.post("/v1/grants", &of_income).await.expect_problem(422, "invalid_body");
    });
}

#[test]
fn a_grant_on_a_line_without_budget_is_told_and_so_is_one_of_a_year_whose_budgets_are_still_to_come() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        caller.opened("2024-25").await;
        caller.opened("2025-26").await;
        let group = caller.provider("voluntary").await;
        for (from, to, year) in [("2024-04-01", "2025-04-01", "2024-25"), ("2025-04-01", "2026-04-01", "2025-26")] {
            let made = caller.record("/v1/grants", &grant(&group, from, to, 90_000_000)).await;
            let warning = &made["warnings"][0];
            assert_eq!((&warning["year"], &warning["asked_pence"]), (&json!(year), &json!(90_000_000)));
            assert!(warning["detail"].as_str().unwrap().contains("with no budget on record"), "{warning}");
        }
        assert_eq!(app.events("budget_lines", "exceed").await.len(), 2);
    });
    on_both_with(&all(WhenExceeded::Stop), async |app| {
        let caller = app.as_anyone().await;
        caller.opened("2024-25").await;
        let group = caller.provider("voluntary").await;
        stopped(caller.post("/v1/grants", &grant(&group, "2024-04-01", "2025-04-01", 1)).await);
        let next = caller.record("/v1/grants", &grant(&group, "2025-04-01", "2026-04-01", 1)).await;
        assert_eq!(next["warnings"][0]["year"], "2025-26", "nobody can say yet");
        // Once other lines have their budgets of that year, this one has none.
        caller.opened("2025-26").await;
        caller.moved("2025-26", "home_care", "original", 1).await;
        stopped(caller.post("/v1/grants", &grant(&group, "2025-04-01", "2026-04-01", 1)).await);
    });
}

#[test]
fn an_order_takes_what_is_open_of_its_lines_from_what_would_be_available_without_them() {
    let order = |package: &str, provider: &str, line: &str| {
        json!({
            "number": "PO-1", "package_id": package, "provider_id": provider, "cost_centre": "CS410", "expense_code": "4310",
            "raised_on": "2024-06-03", "line_ids": [line]
        })
    };
    on_both_with(&all(WhenExceeded::Stop), async |app| {
        let caller = app.as_anyone().await;
        caller.opened("2024-25").await;
        caller.moved("2024-25", "home_care", "original", 36_499).await;
        let provider = caller.provider("private").await;
        let (package, line) = caller.daily(Some(&provider), 100).await;
        app.confirmed(&line);
        let told = stopped(caller.post("/v1/purchase-orders", &order(&package, &provider, &line)).await);
        let expected = "£365.00 is ordered on home_care in 2024-25, which has £364.99 available, £0.01 short. Move budget to it, or ask for \
                        less (Standing order 4).";
        assert_eq!((told.as_str(), app.count("purchase_orders")), (expected, 0));
        caller.moved("2024-25", "home_care", "adjustment", 1).await;
        assert_eq!(caller.record("/v1/purchase-orders", &order(&package, &provider, &line)).await["warnings"], json!(null));
    });
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let provider = caller.provider("private").await;
        let (package, line) = caller.daily(Some(&provider), 100).await;
        app.confirmed(&line);
        let made = caller.record("/v1/purchase-orders", &order(&package, &provider, &line)).await;
        assert_eq!((&made["warnings"][0]["asked_pence"], &made["warnings"][0]["available_pence"]), (&json!(36_500), &json!(0)));
    });
}
