//! A panel's projection says what budget control and the forecast say: of what a request replaces, and of what a pause leaves unpaid.

use crate::leaving::leave;
use crate::panel_sheets::{projected, read};
use crate::same_figures::store_and_warehouse_agree;
use crate::support::families::{Family, step};
use crate::support::people::{People, in_force, with, yearly};
use crate::support::varying::{rate, variation};
use crate::support::{Client, TestApp, on_both};
use domain::Role;
use serde_json::{Value, json};

const LINE: &str = "targeted_outreach";

/// Planned, agreed and pending of a budget line in 2024-25.
async fn told(caller: &Client, budget_line: &str) -> [i64; 3] {
    let control = caller.control("2024-25", budget_line).await;
    let pence = |field: &str| control[field].as_i64().unwrap();
    [pence("actual_pence") + pence("open_commitment_pence"), pence("agreed_pence"), pence("pending_pence")]
}

/// Before the panel, agreed by it and undecided, of this year: as the sheet and as budget control say, which are held equal.
async fn both_say(app: &TestApp, reader: &Client, panel: &str, budget_line: &str) -> [i64; 3] {
    let sheet = read(reader, panel, "projection").await.body;
    let [before, agreed, _, undecided] = projected(&sheet, budget_line).map(|money| money.0);
    let control = told(reader, budget_line).await;
    assert_eq!([before, agreed, undecided], control, "{sheet}");
    store_and_warehouse_agree(app, "2024-25").await;
    control
}

async fn reader(app: &TestApp) -> Client {
    let finance = app.as_role(Role::FinanceOfficer);
    finance.opened("2024-25").await;
    finance
}

#[test]
fn of_a_request_that_replaces_what_a_variation_made_of_a_line() {
    on_both(async |app| {
        let (people, finance) = (People::of(app).await, reader(app).await);
        let (child, panel) = (people.child().await, people.chaired_panel().await);
        let package = people.package_of(&child).await;
        // £10 a day, from 10 June £8 a day, and in its place £25 a day from 17 June.
        let old = people.package_line(&package, in_force(365_000)).await;
        people.varied("assistant_director", &variation(&old, "rate", "2024-06-10", rate(292_000))).await;
        let before = 70 * 1_000 + 295 * 800;
        let request = people.submitted(&child, &[with(yearly(912_500), "replaces_line_id", old.as_str())]).await;
        people.support.client.booking(&panel, &request).await;
        let change = 288 * (2_500 - 800);
        assert_eq!(both_say(app, &finance, &panel, LINE).await, [before, 0, change]);
        let chair = &people.post("service_unit_manager").client;
        let decision = json!({ "kind": "approved", "rationale": "The need is shown and nothing open meets it" });
        chair.record(&format!("/v1/requests/{request}/decisions"), &decision).await;
        assert_eq!(both_say(app, &finance, &panel, LINE).await, [before, change, 0]);
    });
}

#[test]
fn of_two_requests_for_one_line_it_saves_once_whichever_is_heard_first() {
    on_both(async |app| {
        let (people, finance) = (People::of(app).await, reader(app).await);
        let (child, panel) = (people.child().await, people.chaired_panel().await);
        let package = people.package_of(&child).await;
        let old = people.package_line(&package, in_force(365_000)).await;
        let replacing = |pence: i64, from: &str| with(with(yearly(pence), "replaces_line_id", old.as_str()), "valid_from", from);
        // The later one is heard first: the line is saved from the first day on which anything takes its place.
        for (pence, from) in [(730_000, "2024-07-01"), (365_000, "2024-06-17")] {
            let request = people.submitted(&child, &[replacing(pence, from)]).await;
            people.decided(&panel, &request, &json!({ "kind": "approved" })).await;
        }
        // The second, from 17 June, costs what the line does that it replaces.
        let agreed = 274 * 2_000;
        assert_eq!(both_say(app, &finance, &panel, LINE).await, [365 * 1_000, agreed, 0]);
    });
}

#[test]
fn of_what_is_agreed_for_a_child_who_leaves() {
    on_both(async |app| {
        let (people, finance) = (People::of(app).await, reader(app).await);
        let (child, panel) = (people.child().await, people.chaired_panel().await);
        let request = people.submitted(&child, &[yearly(365_000)]).await;
        people.decided(&panel, &request, &json!({ "kind": "approved" })).await;
        assert_eq!(both_say(app, &finance, &panel, LINE).await, [0, 288 * 1_000, 0]);
        leave(&app.as_anyone().await, &child, "moved", "2024-06-27").await;
        assert_eq!(both_say(app, &finance, &panel, LINE).await, [0, 10 * 1_000, 0]);
    });
}

#[test]
fn of_days_that_a_family_is_not_paid_for() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-06-03", Some("2025-03-31")).await;
        let finance = reader(app).await;
        let support = app.as_anyone().await;
        let panel = support.panel("2024-06-10").await;
        let weeks = 43;
        assert_eq!(both_say(app, &finance, &panel, "direct_payments").await, [weeks * 10_000, 0, 0]);
        let pause = with(step("pause", "2024-07-01"), "until_on", "2024-07-29");
        family.step(&pause).await;
        assert_eq!(both_say(app, &finance, &panel, "direct_payments").await, [(weeks - 4) * 10_000, 0, 0]);
        family.step(&step("close", "2024-09-02")).await;
        assert_eq!(both_say(app, &finance, &panel, "direct_payments").await, [9 * 10_000, 0, 0]);
        // So says the package's page of the line.
        let lines = family.caller.get(&format!("/v1/package-lines?package_id={}", family.package)).await.expect(200).body;
        let line: &Value = &lines["items"][0];
        let page = family.caller.get(&format!("/v1/packages/{}", family.package)).await.expect(200).body;
        let shown = page["lines"].as_array().unwrap().iter().find(|one| one["line_id"] == line["line_id"]).unwrap();
        assert_eq!(shown["funding"]["this_year"]["gross_pence"], json!(9 * 10_000), "{shown}");
    });
}
