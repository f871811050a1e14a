//! Grants, what they achieved, and the sessions of commissioned services.

use crate::support::on_both;
use crate::support::records::new_grant;
use domain::Role;
use serde_json::{Value, json};

fn grant_return(grant_id: &str, from: &str, to: &str) -> Value {
    json!({
        "grant_id": grant_id, "period_from": from, "period_to": to, "children_and_families_reached": 420, "sessions": 36, "reason": "Return"
    })
}

fn activity_return(provider_id: &str, service: &str, from: &str, to: &str) -> Value {
    json!({ "provider_id": provider_id, "service": service, "period_from": from, "period_to": to, "sessions": 11_657, "reason": "Return" })
}

#[test]
fn a_grant_is_recorded_read_and_reversed_once() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let group = finance.provider("voluntary").await;
        let mut new = new_grant(&group);
        new["reference"] = json!("G-2023-04");
        let made = finance.post("/v1/grants", &new).await.expect(201);
        insta::assert_json_snapshot!("a_new_grant", made.redacted());
        assert_eq!(finance.get(made.header("location")).await.expect(200).body, made.body);
        finance.post("/v1/grants", &new).await.expect_problem(409, "already_exists");
        let reversal = format!("{}/reversal", made.header("location"));
        let why = json!({ "reason": "Withdrawn before payment" });
        let reversed = finance.record(&reversal, &why).await;
        assert_eq!((&reversed["amount_pence"], &reversed["reverses_id"]), (&json!(-2_400_000), &made.body["id"]));
        finance.post(&reversal, &why).await.expect_problem(409, "state_conflict");
        let of_reversal = format!("/v1/grants/{}/reversal", reversed["id"].as_str().unwrap());
        finance.post(&of_reversal, &why).await.expect_problem(409, "state_conflict");
        finance.grant().await;
        assert_eq!(finance.all_pages("/v1/grants", 2).await.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(finance.get(&format!("/v1/grants?provider_id={group}")).await.body["items"].as_array().unwrap().len(), 2);
    });
}

#[test]
fn a_grant_goes_to_the_voluntary_sector_from_a_line_of_expenditure() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let company = finance.provider("private").await;
        let mut bad = new_grant(&company);
        bad["budget_line"] = json!("chc_income");
        bad["period_to"] = bad["period_from"].clone();
        let refused = finance.post("/v1/grants", &bad).await.expect_problem(422, "invalid_body");
        insta::assert_json_snapshot!("a_grant_that_breaks_every_rule", refused.redacted());
        for amount in [json!(0), json!(-1), json!(100_000_000_001_i64), json!(1.5)] {
            let mut bad = new_grant(&company);
            bad["amount_pence"] = amount;
            assert_eq!(finance.post("/v1/grants", &bad).await.expect_problem(422, "invalid_body").pointers(), ["/amount_pence"]);
        }
    });
}

#[test]
fn returns_of_a_grant_lie_in_it_and_do_not_overlap() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let grant = finance.grant().await;
        let path = "/v1/grant-activity-returns";
        let first = finance.post(path, &grant_return(&grant, "2023-04-01", "2023-07-01")).await.expect(201);
        assert_eq!(finance.get(first.header("location")).await.expect(200).body, first.body);
        // The end is the first day after: the next return starts there.
        finance.record(path, &grant_return(&grant, "2023-07-01", "2023-07-02")).await;
        let overlapping =
            finance.post(path, &grant_return(&grant, "2023-06-30", "2023-07-01")).await.expect_problem(409, "period_overlaps");
        assert!(overlapping.text.contains(first.body["id"].as_str().unwrap()));
        for (from, to, pointer) in [
            ("2023-03-31", "2023-04-02", "/period_from"),
            ("2024-03-31", "2024-04-02", "/period_from"),
            ("2023-09-01", "2023-09-01", "/period_to"),
        ] {
            let refused = finance.post(path, &grant_return(&grant, from, to)).await.expect_problem(422, "invalid_body");
            assert!(refused.pointers().contains(&pointer.to_owned()), "{}", refused.text);
        }
        finance.post(path, &grant_return(&db::new_id(), "2023-09-01", "2023-10-01")).await.expect_problem(422, "invalid_body");
        let (reversal, why) = (format!("{}/reversal", first.header("location")), json!({ "reason": "Counted twice" }));
        let reversed = finance.record(&reversal, &why).await;
        assert_eq!((&reversed["children_and_families_reached"], &reversed["sessions"]), (&json!(-420), &json!(-36)));
        finance.post(&reversal, &why).await.expect_problem(409, "state_conflict");
        finance.post(&format!("{path}/{}/reversal", reversed["id"].as_str().unwrap()), &why).await.expect_problem(409, "state_conflict");
        finance.record(path, &grant_return(&grant, "2023-04-01", "2023-07-01")).await;
        assert_eq!(finance.all_pages(&format!("{path}?grant_id={grant}"), 3).await.iter().map(Vec::len).collect::<Vec<_>>(), [3, 1]);
        assert_eq!(finance.all_pages(&format!("{path}?grant_id={}", db::new_id()), 3).await.concat().len(), 0);
    });
}

#[test]
fn a_reversed_grant_takes_no_returns() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let grant = finance.grant().await;
        finance.record(&format!("/v1/grants/{grant}/reversal"), &json!({ "reason": "Withdrawn" })).await;
        let refused = finance.post("/v1/grant-activity-returns", &grant_return(&grant, "2023-04-01", "2023-07-01")).await;
        refused.expect_problem(409, "state_conflict");
    });
}

#[test]
fn commissioned_sessions_are_returned_once_for_a_day() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let (own, other) = (finance.provider("own").await, finance.provider("own").await);
        let path = "/v1/activity-returns";
        let first = finance.post(path, &activity_return(&own, "everybody_can", "2023-04-01", "2023-07-01")).await.expect(201);
        assert_eq!(finance.get(first.header("location")).await.expect(200).body, first.body);
        let overlapping = activity_return(&own, "everybody_can", "2023-04-01", "2024-04-01");
        let refused = finance.post(path, &overlapping).await.expect_problem(409, "period_overlaps");
        insta::assert_json_snapshot!("a_return_of_the_same_days", refused.redacted());
        finance.record(path, &activity_return(&own, "swimming", "2023-04-01", "2023-07-01")).await;
        finance.record(path, &activity_return(&other, "everybody_can", "2024-01-01", "2024-04-01")).await;
        let two_years = activity_return(&own, "everybody_can", "2024-03-31", "2024-04-02");
        let refused = finance.post(path, &two_years).await.expect_problem(422, "invalid_body");
        insta::assert_json_snapshot!("a_return_over_the_end_of_a_year", refused.redacted());
        finance.record(path, &activity_return(&own, "everybody_can", "2024-02-29", "2024-04-01")).await;
        let (reversal, why) = (format!("{}/reversal", first.header("location")), json!({ "reason": "Counted twice" }));
        let reversed = finance.record(&reversal, &why).await;
        assert_eq!(reversed["sessions"], -11_657);
        finance.post(&reversal, &why).await.expect_problem(409, "state_conflict");
        finance.post(&format!("{path}/{}/reversal", reversed["id"].as_str().unwrap()), &why).await.expect_problem(409, "state_conflict");
        finance.record(path, &activity_return(&own, "everybody_can", "2023-04-01", "2023-07-01")).await;
        assert_eq!(finance.all_pages(&format!("{path}?provider_id={own}"), 2).await.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    });
}

#[test]
fn a_grant_whose_returns_stand_is_not_reversed_and_its_reference_is_free_after() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let group = finance.provider("voluntary").await;
        let grant = finance.record("/v1/grants", &new_grant(&group)).await;
        let id = grant["id"].as_str().unwrap();
        let standing = finance.record("/v1/grant-activity-returns", &grant_return(id, "2023-04-01", "2023-07-01")).await;
        let (reversal, why) = (format!("/v1/grants/{id}/reversal"), json!({ "reason": "Withdrawn" }));
        let refused = finance.post(&reversal, &why).await.expect_problem(409, "state_conflict");
        assert!(refused.body["detail"].as_str().unwrap().contains(standing["id"].as_str().unwrap()), "{}", refused.text);
        let of_return = format!("/v1/grant-activity-returns/{}/reversal", standing["id"].as_str().unwrap());
        finance.record(&of_return, &why).await;
        finance.record(&reversal, &why).await;
        let mut again = new_grant(&group);
        again["reference"] = grant["reference"].clone();
        finance.record("/v1/grants", &again).await;
    });
}
