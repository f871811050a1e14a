//! What a request asks for in place of a package line is forecast by what it changes, exactly as once it is approved and carried out.

use crate::same_figures::store_and_warehouse_agree;
use crate::support::people::{People, in_force, with, yearly};
use crate::support::varying::{rate, variation};
use crate::support::{Client, TestApp, on_both};
use domain::Role;
use serde_json::{Value, json};

const LINE: &str = "targeted_outreach";

/// Committed, agreed and pending of the budget line in 2024-25.
async fn told(caller: &Client) -> [i64; 3] {
    let control = caller.control("2024-25", LINE).await;
    ["open_commitment_pence", "agreed_pence", "pending_pence"].map(|field| control[field].as_i64().unwrap())
}

async fn open_year(app: &TestApp) -> Client {
    let finance = app.as_role(Role::FinanceOfficer);
    finance.opened("2024-25").await;
    finance
}

fn replacing(pence: i64, old: &str) -> Value {
    with(yearly(pence), "replaces_line_id", old)
}

#[test]
fn a_replacement_is_pending_by_what_it_changes_and_the_forecast_stays_when_it_is_approved_and_carried_out() {
    on_both(async |app| {
        let (people, finance) = (People::of(app).await, open_year(app).await);
        let (child, panel) = (people.child().await, people.chaired_panel().await);
        let package = people.package_of(&child).await;
        // £10 a day, and in its place £25 a day from 17 June 2024.
        let old = people.package_line(&package, in_force(365_000)).await;
        let (before, days) = (365 * 1_000, 288);
        assert_eq!(told(&finance).await, [before, 0, 0]);
        let request = people.submitted(&child, &[replacing(912_500, &old)]).await;
        let change = days * 1_500;
        assert_eq!(told(&finance).await, [before, 0, change], "not {} beside what is in force", days * 2_500);
        store_and_warehouse_agree(app, "2024-25").await;
        people.decided(&panel, &request, &json!({ "kind": "approved" })).await;
        assert_eq!(told(&finance).await, [before, change, 0]);
        store_and_warehouse_agree(app, "2024-25").await;
        let agreed = people.read(&request).await["lines"][0]["id"].clone();
        let by_the_request = variation(&old, "rate", "2024-06-17", with(rate(912_500), "request_line_id", agreed));
        people.support.client.record("/v1/package-variations", &by_the_request).await;
        // The panel agreed it: carrying it out asks nobody again.
        let carried_out = told(&finance).await;
        assert_eq!((carried_out[0], carried_out[1]), (before + change, 0));
        store_and_warehouse_agree(app, "2024-25").await;
    });
}

#[test]
fn only_what_is_still_asked_for_counts_and_what_two_replace_is_saved_once() {
    on_both(async |app| {
        let (people, finance) = (People::of(app).await, open_year(app).await);
        let (child, panel) = (people.child().await, people.chaired_panel().await);
        let package = people.package_of(&child).await;
        let old = people.package_line(&package, in_force(365_000)).await;
        let (before, days) = (365 * 1_000, 288);
        let one = people.submitted(&child, &[replacing(730_000, &old)]).await;
        let other = people.submitted(&child, &[replacing(1_095_000, &old)]).await;
        assert_eq!(told(&finance).await, [before, 0, days * (2_000 + 3_000 - 1_000)]);
        store_and_warehouse_agree(app, "2024-25").await;
        people.withdraw(&one).await.expect(201);
        assert_eq!(told(&finance).await, [before, 0, days * 2_000]);
        // Agreed in part: half of it, and the rest is asked for no longer.
        people.decided(&panel, &other, &json!({ "kind": "approved_in_part", "lines": [replacing(547_500, &old)] })).await;
        assert_eq!(told(&finance).await, [before, days * 500, 0]);
        store_and_warehouse_agree(app, "2024-25").await;
        // Another for the same line: what is agreed saves it.
        let third = people.submitted(&child, &[replacing(365_000, &old)]).await;
        assert_eq!(told(&finance).await, [before, days * 500, days * 1_000]);
        store_and_warehouse_agree(app, "2024-25").await;
        people.withdraw(&third).await.expect(201);
        assert_eq!(told(&finance).await, [before, days * 500, 0]);
    });
}

#[test]
fn what_a_variation_made_of_the_line_and_a_short_replacement_count_too() {
    on_both(async |app| {
        let (people, finance) = (People::of(app).await, open_year(app).await);
        let child = people.child().await;
        let package = people.package_of(&child).await;
        let old = people.package_line(&package, in_force(365_000)).await;
        let less = variation(&old, "rate", "2024-06-10", rate(292_000));
        people.varied("assistant_director", &less).await;
        let before = 70 * 1_000 + 295 * 800;
        assert_eq!(told(&finance).await, [before, 0, 0]);
        // One week of £20 a day; what it replaces does not come back.
        let week = with(replacing(730_000, &old), "valid_to", "2024-06-24");
        people.submitted(&child, &[week]).await;
        assert_eq!(told(&finance).await, [before, 0, 7 * 2_000 - 288 * 800]);
        store_and_warehouse_agree(app, "2024-25").await;
    });
}
