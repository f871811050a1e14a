//! The terms of grants: conditions, instalments and the returns that groups owe.

use crate::support::records::{Workers, new_grant};
use crate::support::{Client, instant, on_both, on_both_with};
use domain::profile::{GrantHold, HoldPaymentFor};
use domain::{Profile, Role};
use serde_json::{Value, json};

/// Two conditions, two instalments, two returns, of a grant of £24,000 for 2023-24.
fn with_terms(provider_id: &str) -> Value {
    let mut new = new_grant(provider_id);
    new["conditions"] = json!([
        { "code": "safeguarding_policy", "text": "A safeguarding policy approved by the trustees" },
        { "code": "accounts", "text": "Accounts of the year before", "due_on": "2023-09-30" }
    ]);
    new["instalments"] =
        json!([{ "due_on": "2023-04-15", "amount_pence": 1_400_000 }, { "due_on": "2023-10-15", "amount_pence": 1_000_000 }]);
    new["returns_due"] = json!([
        { "period_from": "2023-04-01", "period_to": "2023-10-01", "due_on": "2023-10-14" },
        { "period_from": "2023-10-01", "period_to": "2024-04-01", "due_on": "2024-06-03" }
    ]);
    new
}

fn returned(grant: &str, from: &str, to: &str) -> Value {
    json!({
        "grant_id": grant, "period_from": from, "period_to": to, "children_and_families_reached": 420, "sessions": 36, "reason": "Return"
    })
}

/// A grant with terms; its path.
async fn granted(client: &Client) -> String {
    let group = client.provider("voluntary").await;
    let grant = client.record("/v1/grants", &with_terms(&group)).await;
    format!("/v1/grants/{}", grant["id"].as_str().unwrap())
}

fn id_in(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

fn paid() -> Value {
    json!({ "paid_on": "2024-05-31", "reference": "PAY-77120" })
}

fn met() -> Value {
    json!({ "met_on": "2024-05-30", "evidence": "In the grant's file" })
}

fn why() -> Value {
    json!({ "reason": "Recorded by mistake" })
}

/// A row in every table of terms, for the test that history cannot be changed.
pub async fn in_every_table(client: &Client) {
    let grant = granted(client).await;
    client.record(&format!("{grant}/conditions/1/completion"), &met()).await;
    client.record(&format!("{grant}/instalments/1/payment"), &paid()).await;
    let registration = json!({ "kind": "charity", "number": "1164883", "reason": "-" });
    client.record(&format!("/v1/providers/{}/registrations", client.provider("voluntary").await), &registration).await;
}

/// An authority that holds instalments back.
fn holding(holds: &[GrantHold]) -> Profile {
    let mut profile = Profile::bundled("tameside").unwrap();
    profile.grants.hold_payment_for = Some(HoldPaymentFor { holds: holds.to_vec(), clause: "Grant agreement, 4".to_owned() });
    profile
}

fn states(grant: &Value, list: &str) -> Vec<String> {
    grant[list].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_grant_is_recorded_with_its_terms_and_read_as_they_stand() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let group = finance.provider("voluntary").await;
        let mut new = with_terms(&group);
        new["reference"] = json!("G-2023-05");
        finance
            .record(&format!("/v1/providers/{group}/registrations"), &json!({ "kind": "charity", "number": "1164883", "reason": "-" }))
            .await;
        let made = finance.post("/v1/grants", &new).await.expect(201);
        assert_eq!(finance.get(made.header("location")).await.expect(200).body, made.body);
        let grant = made.header("location").to_owned();
        finance.record(&format!("{grant}/conditions/2/completion"), &met()).await;
        finance.record(&format!("{grant}/instalments/1/payment"), &paid()).await;
        finance.record("/v1/grant-activity-returns", &returned(id_in(&grant), "2023-04-01", "2023-10-01")).await;
        let read = finance.get(&grant).await.expect(200);
        insta::assert_json_snapshot!("a_grant_with_terms", read.redacted());
        // The next day the return of that day is overdue.
        app.clock.set(instant("2024-06-04T00:00:00"));
        assert_eq!(states(&app.as_role(Role::FinanceOfficer).get(&grant).await.body, "returns_due"), ["received", "overdue"]);
    });
}

#[test]
fn everything_wrong_with_the_terms_is_said_at_once() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let mut bad = with_terms(&finance.provider("voluntary").await);
        bad["conditions"][1]["code"] = json!("safeguarding_policy");
        bad["conditions"][1]["due_on"] = json!("1931-01-01");
        bad["instalments"] = json!([
            { "due_on": "2023-10-15", "amount_pence": 1_400_000 }, { "due_on": "2023-04-15", "amount_pence": 999_999 },
            { "due_on": "2023-03-19", "amount_pence": 1 }, { "due_on": "2025-04-02", "amount_pence": 1 }
        ]);
        bad["returns_due"] = json!([
            { "period_from": "2023-03-31", "period_to": "2023-07-01", "due_on": "2023-07-01" },
            { "period_from": "2023-07-02", "period_to": "2023-10-01", "due_on": "2023-09-29" },
            { "period_from": "2023-10-01", "period_to": "2023-10-01", "due_on": "2023-10-31" }
        ]);
        let refused = finance.post("/v1/grants", &bad).await.expect_problem(422, "invalid_body");
        insta::assert_json_snapshot!("terms_that_break_every_rule", refused.redacted());
        let mut many = with_terms(&finance.provider("voluntary").await);
        many["instalments"] = (0..61).map(|_| json!({ "due_on": "2023-04-15", "amount_pence": 1 })).collect();
        finance.post("/v1/grants", &many).await.expect_problem(422, "invalid_body");
        let mut nothing = with_terms(&finance.provider("voluntary").await);
        nothing["instalments"][0]["amount_pence"] = json!(0);
        finance.post("/v1/grants", &nothing).await.expect_problem(422, "invalid_body");
        assert_eq!((app.count("grants"), app.count("grant_instalments"), app.count("open_grant_returns")), (0, 0, 0));
    });
}

#[test]
fn a_condition_is_met_once_and_taken_back() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let grant = granted(&finance).await;
        assert_eq!(states(&finance.get(&grant).await.body, "conditions"), ["unmet", "overdue"]);
        let path = format!("{grant}/conditions/1/completion");
        for day in ["2024-06-04", "1931-01-01"] {
            let future = json!({ "met_on": day, "evidence": "-" });
            assert_eq!(finance.post(&path, &future).await.expect_problem(422, "invalid_body").pointers(), ["/met_on"]);
        }
        let reversal = format!("{path}/reversal");
        finance.post(&reversal, &why()).await.expect_problem(409, "state_conflict");
        let done = finance.record(&path, &met()).await;
        assert_eq!((&done["state"], &done["met_on"], &done["number"]), (&json!("met"), &json!("2024-05-30"), &json!(1)));
        let refused = finance.post(&path, &met()).await.expect_problem(409, "state_conflict");
        assert!(refused.text.contains("2024-05-30"));
        assert_eq!(finance.record(&reversal, &why()).await["state"], "unmet");
        finance.post(&reversal, &why()).await.expect_problem(409, "state_conflict");
        assert_eq!(finance.record(&path, &met()).await["state"], "met");
        for missing in [format!("{grant}/conditions/3/completion"), format!("/v1/grants/{}/conditions/1/completion", db::new_id())] {
            finance.post(&missing, &met()).await.expect_problem(404, "not_found");
        }
    });
}

#[test]
fn an_instalment_is_paid_once_and_a_payment_taken_back() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let grant = granted(&finance).await;
        let path = format!("{grant}/instalments/1/payment");
        for day in ["2024-06-04", "2023-03-19"] {
            let wrong = json!({ "paid_on": day, "reference": "PAY-1" });
            assert_eq!(finance.post(&path, &wrong).await.expect_problem(422, "invalid_body").pointers(), ["/paid_on"]);
        }
        let calls: Vec<_> = (0..8)
            .map(|_| {
                let (finance, path) = (finance.clone(), path.clone());
                tokio::spawn(async move { finance.post(&path, &paid()).await.status })
            })
            .collect();
        let mut statuses = Vec::new();
        for call in calls {
            statuses.push(call.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409], "of two at once one pays");
        assert_eq!(finance.get(&grant).await.body["paid_pence"], 1_400_000);
        // Nothing that was paid stands on a grant that does not.
        let refused = finance.post(&format!("{grant}/reversal"), &why()).await.expect_problem(409, "state_conflict");
        assert!(refused.text.contains("instalments first: 1."), "{}", refused.text);
        let reversal = format!("{path}/reversal");
        assert_eq!(finance.record(&reversal, &why()).await["state"], "planned");
        finance.post(&reversal, &why()).await.expect_problem(409, "state_conflict");
        assert_eq!(finance.get(&grant).await.body["paid_pence"], 0);
        assert_eq!(finance.record(&path, &paid()).await["payment_reference"], "PAY-77120");
        finance.record(&reversal, &why()).await;
        finance.record(&format!("{grant}/reversal"), &why()).await;
        finance.post(&path, &paid()).await.expect_problem(409, "state_conflict");
        finance.post(&format!("{grant}/conditions/1/completion"), &met()).await.expect_problem(409, "state_conflict");
        assert_eq!(app.count("open_grant_returns"), 0, "a grant that was taken back asks for nothing");
        finance.post(&format!("{grant}/instalments/9/payment"), &paid()).await.expect(409);
    });
}

#[test]
fn nothing_is_held_back_where_the_authority_has_no_rule() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let grant = granted(&finance).await;
        finance.record(&format!("{grant}/instalments/2/payment"), &paid()).await;
    });
}

#[test]
fn an_instalment_waits_for_what_the_authority_says() {
    on_both_with(&holding(&[GrantHold::Conditions, GrantHold::Returns]), async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let grant = granted(&finance).await;
        assert_eq!(states(&finance.get(&grant).await.body, "instalments"), ["held", "held"]);
        let second = format!("{grant}/instalments/2/payment");
        let refused = finance.post(&second, &paid()).await.expect_problem(409, "not_ready");
        insta::assert_json_snapshot!("an_instalment_that_waits", refused.redacted());
        // The first waits for the condition without a day alone.
        finance.record(&format!("{grant}/conditions/1/completion"), &met()).await;
        assert_eq!(states(&finance.get(&grant).await.body, "instalments"), ["planned", "held"]);
        finance.record(&format!("{grant}/conditions/2/completion"), &met()).await;
        let back = finance.record("/v1/grant-activity-returns", &returned(id_in(&grant), "2023-04-01", "2023-10-01")).await;
        assert_eq!(states(&finance.get(&grant).await.body, "instalments"), ["planned", "planned"]);
        finance.record(&format!("/v1/grant-activity-returns/{}/reversal", back["id"].as_str().unwrap()), &why()).await;
        let refused = finance.post(&second, &paid()).await.expect_problem(409, "not_ready");
        assert_eq!(refused.body["errors"].as_array().unwrap().len(), 1, "{}", refused.text);
        finance.record("/v1/grant-activity-returns", &returned(id_in(&grant), "2023-04-01", "2023-10-01")).await;
        finance.record(&second, &paid()).await;
        // What is paid stays paid when what it waited for is taken back.
        finance.record(&format!("{grant}/conditions/2/completion/reversal"), &why()).await;
        assert_eq!(states(&finance.get(&grant).await.body, "instalments"), ["planned", "paid"]);
    });
    on_both_with(&holding(&[GrantHold::Returns]), async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        assert_eq!(states(&finance.get(&granted(&finance).await).await.body, "instalments"), ["planned", "held"]);
    });
}

#[test]
fn returns_still_to_come_are_listed_soonest_first_until_they_are_covered() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let (first, second) = (granted(&finance).await, granted(&finance).await);
        let path = "/v1/grant-returns-due";
        let all = finance.all_pages(path, 3).await;
        assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [3, 1]);
        let days: Vec<_> = all.concat().iter().map(|due| due["due_on"].as_str().unwrap().to_owned()).collect();
        assert_eq!(days, ["2023-10-14", "2023-10-14", "2024-06-03", "2024-06-03"]);
        let count = async |query: &str| finance.all_pages(&format!("{path}?{query}"), 10).await.concat().len();
        assert_eq!((count("overdue=true").await, count("overdue=false").await), (2, 2), "one due today is not overdue");
        assert_eq!((count("overdue=true&on=2024-06-04").await, count("overdue=true&on=2023-10-14").await), (4, 0));
        let overdue = finance.get(&format!("{path}?overdue=true")).await.body["items"][0].clone();
        assert_eq!((&overdue["state"], &overdue["days_overdue"], &overdue["number"]), (&json!("overdue"), &json!(233), &json!(1)));
        let group = finance.get(&first).await.body["provider_id"].as_str().unwrap().to_owned();
        assert_eq!(count(&format!("provider_id={group}")).await, 2);
        finance.get(&format!("{path}?on=yesterday")).await.expect_problem(422, "invalid_parameter");
        finance.get(&format!("{path}?cursor=30")).await.expect_problem(422, "invalid_parameter");
        // Two returns cover the first period together.
        finance.record("/v1/grant-activity-returns", &returned(id_in(&first), "2023-04-01", "2023-07-01")).await;
        assert_eq!(count("overdue=true").await, 2);
        let last = finance.record("/v1/grant-activity-returns", &returned(id_in(&first), "2023-07-01", "2023-10-02")).await;
        assert_eq!((count("overdue=true").await, count(&format!("provider_id={group}")).await), (1, 1));
        finance.record(&format!("/v1/grant-activity-returns/{}/reversal", last["id"].as_str().unwrap()), &why()).await;
        assert_eq!((count("overdue=true").await, count(&format!("provider_id={group}")).await), (2, 2));
        finance.record(&format!("{second}/reversal"), &why()).await;
        assert_eq!(count("overdue=true").await, 1);
    });
}

#[test]
fn the_same_key_pays_once_and_both_reports_are_answered() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let path = format!("{}/instalments/1/payment", granted(&finance).await);
        let first = finance.post_once("key-1", &path, &paid()).await.expect(201);
        assert_eq!(finance.post_once("key-1", &path, &paid()).await.expect(201).body, first.body);
        assert_eq!(app.count("grant_instalment_payments"), 1);
        finance.get("/v1/reports/grant-activity?year=2023-24").await.expect_problem(404, "nothing_published");
        let (warehouse, keys) = (app.folder.path().join("warehouse"), app.folder.path().join("keys"));
        finance.open_year().await;
        let profile = Profile::bundled("tameside").unwrap();
        etl::run(&app.store, &profile, &warehouse, &keys, &etl::Options::default()).unwrap();
        let report = finance.get("/v1/reports/grant-activity?year=2024-25").await.expect(200).body;
        assert_eq!((&report["rows"][0]["paid_pence"], &report["rows"][0]["returns_due"]), (&json!(1_400_000), &json!(1)));
        let csv = finance.get("/v1/reports/grant-activity?year=2023-24&format=csv").await.expect(200).text;
        assert!(csv.lines().nth(1).unwrap().contains(",24000.00,24000.00,0.00,1,0,1,"), "{csv}");
        assert_eq!(finance.get("/v1/reports/unit-costs?year=2023-24").await.expect(200).body["rows"], json!([]));
        let workbook = finance.get("/v1/reports/unit-costs?year=2023-24&format=xlsx").await.expect(200);
        assert!(workbook.header("content-type").contains("spreadsheet"));
    });
}

#[test]
fn a_panels_projection_counts_instalments_in_the_year_they_are_due() {
    on_both(async |app| {
        let workers = Workers::of(app).await;
        let support = &workers.support;
        let finance = app.as_role(Role::FinanceOfficer);
        let mut new = with_terms(&finance.provider("voluntary").await);
        new["instalments"] =
            json!([{ "due_on": "2024-03-31", "amount_pence": 1_400_000 }, { "due_on": "2024-04-01", "amount_pence": 1_000_000 }]);
        let grant = finance.record("/v1/grants", &new).await;
        let panel = support.panel("2024-06-03").await;
        let before = async || {
            let projection = support.get(&format!("/v1/panels/{panel}/projection")).await.expect(200).body;
            let lines = projection["budget_lines"].as_array().unwrap().clone();
            let line = lines.into_iter().find(|line| line["budget_line"] == "voluntary_sector_grants").unwrap();
            line["before"]["this_year_pence"].clone()
        };
        assert_eq!(before().await, 1_000_000);
        finance.record(&format!("/v1/grants/{}/reversal", grant["id"].as_str().unwrap()), &why()).await;
        assert_eq!(before().await, 0);
    });
}

#[test]
fn the_reference_of_a_paid_instalment_holds_no_bank_details() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let path = format!("{}/instalments/1/payment", granted(&finance).await);
        for reference in ["12-34-56 12345678", "To account 12345678", "20 00 00"] {
            let refused = finance.post(&path, &json!({ "paid_on": "2024-05-31", "reference": reference })).await;
            let refused = refused.expect_problem(422, "invalid_body");
            assert_eq!((refused.pointers(), &refused.body["errors"][0]["code"]), (vec!["/reference".to_owned()], &json!("bank_details")));
            assert!(!refused.text.contains(reference), "it is not repeated");
        }
        assert_eq!(app.count("grant_instalment_payments"), 0);
        finance.record(&path, &paid()).await;
    });
}
