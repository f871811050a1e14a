//! Registration numbers of providers.

use crate::support::on_both;
use domain::Role;
use serde_json::{Value, json};

fn charity(number: &str) -> Value {
    json!({ "kind": "charity", "number": number, "reason": "Register looked up" })
}

#[test]
fn a_number_is_recorded_in_its_full_form_and_the_newest_of_a_kind_counts() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let group = finance.provider("voluntary").await;
        let path = format!("/v1/providers/{group}/registrations");
        let company = json!({ "kind": "company", "number": "966 8396", "reason": "Register looked up" });
        let made = finance.post(&path, &company).await.expect(201);
        insta::assert_json_snapshot!("a_new_registration", made.redacted());
        assert_eq!(finance.get(made.header("location")).await.expect(200).body, made.body);
        let first = finance.record(&path, &charity("1164883")).await;
        finance.post(&path, &charity("1164883")).await.expect_problem(409, "already_exists");
        let second = finance.record(&path, &charity("1164884-1")).await;
        assert_eq!(second["org_id"], "GB-CHC-1164884-1");
        assert_eq!(finance.all_pages(&path, 2).await.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        let current = finance.all_pages(&format!("{path}?current=true"), 1).await.concat();
        assert_eq!(current, [made.body.clone(), second.clone()]);
        // Taken back, the one before it counts again.
        let (reversal, why) =
            (format!("/v1/provider-registrations/{}/reversal", second["id"].as_str().unwrap()), json!({ "reason": "Another charity's" }));
        let reversed = finance.record(&reversal, &why).await;
        assert_eq!(reversed["reverses_id"], second["id"]);
        finance.post(&reversal, &why).await.expect_problem(409, "state_conflict");
        let again = format!("/v1/provider-registrations/{}/reversal", reversed["id"].as_str().unwrap());
        finance.post(&again, &why).await.expect_problem(409, "state_conflict");
        assert_eq!(finance.get(&format!("{path}?current=true")).await.body["items"], json!([made.body, first]));
    });
}

#[test]
fn what_no_register_writes_is_refused() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        let path = format!("/v1/providers/{}/registrations", finance.provider("voluntary").await);
        for number in ["12345", "0123456", "1164883-0", "GB-CHC-1164883", "１１６４８８３"] {
            assert_eq!(finance.post(&path, &charity(number)).await.expect_problem(422, "invalid_body").pointers(), ["/number"], "{number}");
        }
        for number in ["QQ123456", "00000000", "123456789", "SC12345"] {
            let company = json!({ "kind": "company", "number": number, "reason": "-" });
            finance.post(&path, &company).await.expect_problem(422, "invalid_body");
        }
        finance.post(&path, &json!({ "kind": "guild", "number": "1", "reason": "-" })).await.expect_problem(422, "invalid_body");
        let nowhere = format!("/v1/providers/{}/registrations", db::new_id());
        finance.post(&nowhere, &charity("1164883")).await.expect_problem(404, "not_found");
        finance.get(&nowhere).await.expect_problem(404, "not_found");
        assert_eq!(app.count("provider_registrations"), 0);
    });
}
