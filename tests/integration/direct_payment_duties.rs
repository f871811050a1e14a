//! Separate duties around direct payments: nobody alone brings a line to the record, says where its money goes, and sends it.

use crate::support::families::{Family, confirm, go_to, step, weekly};
use crate::support::people::{People, id_of};
use crate::support::varying::variation;
use crate::support::{Client, TestApp, on_both};
use api::auth::CallerKind;
use domain::{Permission, Role};
use serde_json::{Value, json};
use strum::VariantArray;

const SUM: &str = "service_unit_manager";
const FROM: &str = "2024-06-03";

/// Somebody in a post whose token allows everything, as if every permission had been granted.
async fn almighty(app: &TestApp, post: &str) -> Client {
    let person = app.person(Role::Manager);
    app.person(Role::Administrator).client.holding(post, &person.id).await;
    app.with_token(app.keys.sign(&person.id, CallerKind::User, Permission::VARIANTS.to_vec()).unwrap())
}

/// Whether the account is where its page says, in the lists too.
async fn state(family: &Family) -> String {
    let state = family.page().await["state"].as_str().unwrap().to_owned();
    let listed = family.caller.get(&format!("/v1/direct-payment-accounts?state={state}&child_id={}", family.child)).await.expect(200).body;
    assert_eq!(listed["items"][0]["id"], family.account.as_str(), "{state}");
    state
}

/// What is said of a line's confirmations.
async fn confirmations(family: &Family, line: &str) -> Value {
    family.caller.get(&format!("/v1/package-lines/{line}/confirmations")).await.expect(200).body
}

#[test]
fn one_person_alone_pays_nobody_whichever_step_is_missing() {
    on_both(async |app| {
        let family = Family::unconfirmed(app, FROM, None).await;
        family.all_steps().await;
        let page = family.page().await;
        assert_eq!((&page["missing"], &page["may_be_paid"]), (&json!(["support_agreed"]), &json!(false)));
        assert_eq!(page["unconfirmed_lines"], json!([{ "line_id": family.line, "version": 1 }]));
        assert_eq!((state(&family).await, &page["schedule"][0]["state"]), ("setting_up".to_owned(), &json!("withheld")));
        // Everything by one, everything but the pay file, everything but the confirmation.
        assert_eq!(family.paid_by(&family.caller, FROM).await, (0, vec!["support_agreed".into(), "bank_account_by_another".into()]));
        assert_eq!(family.paid_by(&family.payer, FROM).await, (0, vec!["support_agreed".into()]));
        confirm(&family.caller, SUM, &family.line, 1).await.expect_problem(403, "no_authority");
        family.confirm(&family.line, 1).await;
        assert_eq!(state(&family).await, "active");
        assert_eq!(family.paid_by(&family.caller, FROM).await, (0, vec!["bank_account_by_another".into()]));
        let named = json!({ "pay_on": FROM, "account_ids": [family.account] });
        let refused = family.caller.post("/v1/direct-payment-exports", &named).await.expect_problem(409, "not_ready");
        assert_eq!(refused.pointers(), ["/account_ids/0"]);
        assert_eq!((app.count("direct_payments"), app.count("direct_payment_exports")), (0, 0));
        assert_eq!(family.paid_by(&family.payer, FROM).await, (1, vec![]));
    });
}

#[test]
fn whoever_has_every_permission_and_the_post_does_not_pay_alone_either() {
    on_both(async |app| {
        let alone = almighty(app, SUM).await;
        let child = alone.child().await;
        let package = id_of(&alone.record("/v1/packages", &json!({ "reference": "PK-ALONE", "child_id": child })).await);
        let line = id_of(&alone.record("/v1/package-lines", &weekly(&package, 100, FROM, None)).await);
        let family = Family::paid_for(app, alone.clone(), (child, package, line)).await;
        family.all_steps().await;
        let refused = confirm(&alone, SUM, &family.line, 1).await.expect_problem(403, "no_authority");
        let said = refused.body["detail"].as_str().unwrap();
        assert!(said.contains("you recorded it") && said.contains("Responsible: service_unit_manager (Panel standard 9"), "{said}");
        // A cheaper rate, which any post with a limit agrees, is no way round it.
        let less = variation(&family.line, "rate", FROM, json!({ "unit_rate_ten_thousandths": 990_000 }));
        let less = id_of(&alone.record("/v1/package-variations", &less).await);
        alone.agree_variation(&less).await.expect_problem(403, "no_authority");
        assert_eq!(family.paid_by(&alone, FROM).await, (0, vec!["support_agreed".into(), "bank_account_by_another".into()]));
        family.manager.client.agree_variation(&less).await.expect(201);
        assert_eq!(family.paid_by(&family.payer, FROM).await, (0, vec!["support_agreed".into()]), "nobody tested the total");
        let line = family.page().await["unconfirmed_lines"][0].clone();
        assert_ne!(line["line_id"], family.line.as_str(), "the line that the variation made");
        confirm(&alone, SUM, line["line_id"].as_str().unwrap(), 1).await.expect_problem(403, "no_authority");
        family.confirm(line["line_id"].as_str().unwrap(), 1).await;
        assert_eq!(family.paid_by(&family.payer, FROM).await, (1, vec![]));
    });
}

#[test]
fn a_line_is_confirmed_in_the_post_that_is_responsible_for_the_childs_total() {
    on_both(async |app| {
        let family = Family::unconfirmed(app, FROM, None).await;
        // With £100 a week it makes £15,600 a year: above the service unit manager's limit.
        let beside = id_of(&family.caller.record("/v1/package-lines", &weekly(&family.package, 200, FROM, None)).await);
        let head = almighty(app, "head_of_service").await;
        let nobody = app.person(Role::Manager).client;
        let try_it = async |client: &Client, post: &str| {
            let refused = confirm(client, post, &family.line, 1).await.expect_problem(403, "no_authority");
            refused.body["detail"].as_str().unwrap().to_owned()
        };
        let above = try_it(&family.manager.client, SUM).await;
        let said =
            "You may not confirm a total of £15,600.00 a year: the total is above your post's limit. Responsible: head_of_service (Panel";
        assert!(above.starts_with(said), "{above}");
        assert!(try_it(&nobody, SUM).await.contains("you do not hold the post `service_unit_manager` today"));
        assert!(try_it(&head, "assistant_director").await.contains("you do not hold the post `assistant_director` today"));
        let told = confirmations(&family, &family.line).await;
        assert_eq!((&told["agreed_on"], &told["version"], &told["items"]), (&Value::Null, &json!(1), &json!([])));
        let authority = &told["authority"];
        assert_eq!((&authority["total_pence"], &authority["tier"][0]["post"]), (&json!(1_560_000), &json!("head_of_service")));
        let confirmed = confirm(&head, "head_of_service", &family.line, 1).await.expect(201).body;
        assert_eq!((&confirmed["total_pence"], &confirmed["post"]), (&json!(1_560_000), &json!("head_of_service")));
        assert_eq!((&confirmed["clause"], &confirmed["explanation"]["total_pence"]), (&authority["tier"][0]["clause"], &json!(1_560_000)));
        let told = confirmations(&family, &family.line).await;
        assert_eq!((&told["agreed_on"], &told["authority"]), (&json!(FROM), &Value::Null));
        assert_eq!(told["items"], json!([confirmed]));
        assert_eq!(app.events("package_lines", "confirm").await.len(), 1);
        // A lower post is responsible once the other line is reversed.
        let small = id_of(&family.caller.record("/v1/package-lines", &weekly(&family.package, 1, FROM, None)).await);
        family.caller.record(&format!("/v1/package-lines/{beside}/reversal"), &json!({ "reason": "By mistake" })).await;
        let lower = confirm(&head, "head_of_service", &small, 1).await.expect_problem(403, "no_authority");
        assert!(lower.text.contains("a lower post is responsible, and somebody there may"), "{}", lower.text);
        family.confirm(&small, 1).await;
    });
}

#[test]
fn what_is_confirmed_already_or_has_changed_or_was_reversed_is_not_confirmed() {
    on_both(async |app| {
        let family = Family::unconfirmed(app, FROM, None).await;
        let manager = &family.manager.client;
        confirm(manager, SUM, &db::new_id(), 1).await.expect_problem(404, "not_found");
        confirm(manager, SUM, &family.line, 0).await.expect_problem(422, "invalid_body");
        confirm(manager, "Service Unit Manager", &family.line, 1).await.expect_problem(422, "invalid_body");
        let changed = confirm(manager, SUM, &family.line, 2).await.expect_problem(409, "state_conflict");
        assert!(changed.text.contains("in version 1, and version 2 was looked at"), "{}", changed.text);
        family.confirm(&family.line, 1).await;
        let again = confirm(manager, SUM, &family.line, 1).await.expect_problem(409, "state_conflict");
        assert!(again.text.contains("agreed since 2024-06-03"), "{}", again.text);
        let other = id_of(&family.caller.record("/v1/package-lines", &weekly(&family.package, 1, FROM, None)).await);
        family.caller.record(&format!("/v1/package-lines/{other}/reversal"), &json!({ "reason": "By mistake" })).await;
        confirm(manager, SUM, &other, 2).await.expect_problem(409, "state_conflict");
        let told = confirmations(&family, &other).await;
        assert_eq!((&told["agreed_on"], &told["authority"]), (&Value::Null, &Value::Null));
        // What has ended is tested with its cost all the same.
        let past = weekly(&family.package, 900, "2023-04-03", Some("2023-05-01"));
        let past = id_of(&family.caller.record("/v1/package-lines", &past).await);
        let above = confirm(manager, SUM, &past, 1).await.expect_problem(403, "no_authority");
        assert!(above.text.contains("£52,000.00"), "{}", above.text);
    });
}

#[test]
fn a_longer_end_is_confirmed_anew_and_the_next_pay_file_leaves_it_out() {
    on_both(async |app| {
        let (family, other) = (Family::ready(app, FROM, Some("2024-07-29")).await, Family::ready(app, FROM, None).await);
        assert_eq!(family.paid_by(&family.payer, FROM).await, (2, vec![]));
        // As no way through the program leaves it.
        let copied = "package_id, service, budget_line, unit, quantity_thousandths, frequency, unit_rate_ten_thousandths, valid_from, reason, \
                      recorded_by, recorded_at";
        app.sql(&format!(
            "INSERT INTO package_lines (id, line_id, version, {copied}, recorded_seq, state) SELECT '{}', line_id, 2, {copied}, \
             recorded_seq, 'recorded' FROM package_lines WHERE line_id = '{}'",
            db::new_id(),
            family.line
        ))
        .unwrap();
        go_to(app, "2024-07-01");
        let page = family.page().await;
        assert_eq!((&page["state"], &page["missing"]), (&json!("setting_up"), &json!(["support_agreed"])));
        assert_eq!(page["unconfirmed_lines"], json!([{ "line_id": family.line, "version": 2 }]));
        assert_eq!(family.paid_by(&other.payer, "2024-07-01").await, (1, vec!["support_agreed".into()]));
        family.confirm(&family.line, 2).await;
        assert_eq!((state(&family).await, family.paid_by(&family.payer, "2024-07-01").await), ("active".to_owned(), (1, vec![])));
        // An earlier end needs nobody's word, and what was confirmed stays confirmed.
        family.caller.record(&format!("/v1/package-lines/{}/end", family.line), &json!({ "valid_to": "2024-08-26", "reason": "-" })).await;
        assert_eq!(state(&family).await, "active");
        assert_eq!(confirmations(&family, &family.line).await["agreed_on"], "2024-07-01");
        go_to(app, "2024-07-29");
        assert_eq!(family.paid_by(&family.payer, "2024-07-29").await, (2, vec![]));
    });
}

#[test]
fn a_bank_account_that_the_payer_changed_is_left_out() {
    on_both(async |app| {
        let (family, other) = (Family::ready(app, FROM, None).await, Family::ready(app, FROM, None).await);
        let bank = step("bank_account_recorded", FROM);
        let steps = family.path("steps");
        family.payer.record(&steps, &bank).await;
        assert_eq!(state(&family).await, "active", "it is the payer who may not");
        assert_eq!(family.paid_by(&family.payer, FROM).await, (1, vec!["bank_account_by_another".into()]));
        // The file's record keeps why.
        let exports = family.payer.all_pages("/v1/direct-payment-exports", 5).await.concat();
        let read = family.payer.get(&format!("/v1/direct-payment-exports/{}", id_of(&exports[0]))).await.expect(200).body;
        assert_eq!(read["left_out"][0]["missing"], json!(["bank_account_by_another"]));
        assert_eq!(family.paid_by(&family.caller, FROM).await, (1, vec![]));
        // Taking back another's later account is a change too.
        go_to(app, "2024-07-01");
        let later = other.caller.record(&other.path("steps"), &bank).await;
        let reversal = format!("/v1/direct-payment-steps/{}/reversal", id_of(&later));
        other.payer.record(&reversal, &json!({ "reason": "Not theirs" })).await;
        assert_eq!(other.paid_by(&other.payer, "2024-07-01").await, (1, vec!["bank_account_by_another".into()]));
        assert_eq!(other.paid_by(&family.caller, "2024-07-01").await, (1, vec![]));
    });
}

#[test]
fn a_set_up_line_that_nobody_agreed_keeps_the_account_from_being_paid() {
    on_both(async |app| {
        let family = Family::ready(app, FROM, None).await;
        let mut set_up = weekly(&family.package, 250, FROM, None);
        set_up["frequency"] = json!("one_off");
        let line = id_of(&family.caller.record("/v1/package-lines", &set_up).await);
        assert_eq!(state(&family).await, "active", "it pays nothing of it yet");
        let taken = family.step(&json!({ "kind": "set_up_payment", "taken_on": FROM, "line_id": line })).await;
        assert_eq!(state(&family).await, "setting_up");
        family.confirm(&line, 1).await;
        assert_eq!(state(&family).await, "active");
        let second = id_of(&family.caller.record("/v1/package-lines", &set_up).await);
        let wrong = family.step(&json!({ "kind": "set_up_payment", "taken_on": FROM, "line_id": second })).await;
        assert_eq!(state(&family).await, "setting_up");
        family.caller.record(&format!("/v1/package-lines/{second}/reversal"), &json!({ "reason": "By mistake" })).await;
        assert_eq!(state(&family).await, "active");
        for taken in [&wrong, &taken] {
            family.reverse("steps", taken).await;
            assert_eq!(state(&family).await, "active");
        }
    });
}

#[test]
fn what_a_request_agreed_needs_no_confirmation_nor_what_a_variation_makes_of_it() {
    on_both(async |app| {
        let people = People::of(app).await;
        let panel = people.chaired_panel().await;
        let child = people.child().await;
        let asked = json!({
            "service": "personal_assistant", "budget_line": "direct_payments", "unit": "week", "quantity_thousandths": 1000,
            "frequency": "weekly", "unit_rate_ten_thousandths": 1_000_000, "valid_from": "2024-06-03"
        });
        let request = people.submitted(&child, std::slice::from_ref(&asked)).await;
        people.decided(&panel, &request, &json!({ "kind": "approved" })).await;
        let package = people.package_of(&child).await;
        let caller = app.as_anyone().await;
        let mut line = weekly(&package, 100, FROM, None);
        line["request_line_id"] = people.read(&request).await["lines"][0]["id"].clone();
        let line = id_of(&caller.record("/v1/package-lines", &line).await);
        let family = Family::paid_for(app, caller, (child, package, line)).await;
        family.all_steps().await;
        assert_eq!(state(&family).await, "active");
        assert_eq!(confirmations(&family, &family.line).await["agreed_on"], FROM);
        confirm(&family.manager.client, SUM, &family.line, 1).await.expect_problem(409, "state_conflict");
        // More, agreed on the total; then less, which any post agrees: both leave it agreed.
        let rate = |pounds: i64| json!({ "unit_rate_ten_thousandths": pounds * 10_000 });
        people.varied(SUM, &variation(&family.line, "rate", "2024-06-17", rate(120))).await;
        assert_eq!(state(&family).await, "active");
        let varied = people.support.client.line_on(&family.package, "2024-06-17").await;
        people.varied(SUM, &variation(&varied, "rate", "2024-07-01", rate(90))).await;
        assert_eq!((state(&family).await, &family.page().await["unconfirmed_lines"]), ("active".to_owned(), &json!([])));
        // A line that nobody agreed is not agreed by a variation, whether that brings more or no more.
        for (kind, from, more) in [("suspension", "2024-07-01", json!({ "valid_to": "2024-07-15" })), ("rate", "2024-06-17", rate(120))] {
            let old = Family::unconfirmed(app, FROM, None).await;
            old.all_steps().await;
            people.varied(SUM, &variation(&old.line, kind, from, more)).await;
            assert_eq!(state(&old).await, "setting_up");
            assert_eq!(old.page().await["unconfirmed_lines"].as_array().unwrap().len(), 2, "{kind}");
            assert_eq!(old.paid_by(&old.payer, FROM).await.1, ["support_agreed"]);
        }
    });
}

#[test]
fn a_rise_of_rates_for_many_lines_confirms_none_of_them() {
    on_both(async |app| {
        let (agreed, old) = (Family::ready(app, FROM, None).await, Family::unconfirmed(app, FROM, None).await);
        old.all_steps().await;
        let mut rise =
            json!({ "service": "personal_assistant", "from": "2024-06-17", "percentage_ten_thousandths": 10_000, "reason": "-" });
        rise["preview_sha256"] = old.caller.post("/v1/uprating-previews", &rise).await.expect(200).body["preview_sha256"].clone();
        let proposal = id_of(&old.caller.record("/v1/uprating-proposals", &rise).await);
        old.manager.client.record("/v1/upratings", &json!({ "proposal_id": proposal, "post": SUM })).await;
        assert_eq!((state(&agreed).await, state(&old).await), ("active".to_owned(), "setting_up".to_owned()));
        // The line as it was, up to the rise, and the one that carries it on: each is confirmed, by whoever raised the rates too.
        let waiting = old.page().await["unconfirmed_lines"].as_array().unwrap().clone();
        assert_eq!(waiting.len(), 2);
        for line in waiting {
            assert_eq!(state(&old).await, "setting_up");
            old.confirm(line["line_id"].as_str().unwrap(), line["version"].as_i64().unwrap()).await;
        }
        assert_eq!(state(&old).await, "active");
    });
}

#[test]
fn of_two_confirmations_at_once_one_stands() {
    const ROUNDS: i64 = 10;
    on_both(async |app| {
        let family = Family::unconfirmed(app, FROM, None).await;
        let managers = [family.manager.client.clone(), almighty(app, SUM).await];
        for round in 1..=ROUNDS {
            let line = id_of(&family.caller.record("/v1/package-lines", &weekly(&family.package, 1, FROM, None)).await);
            let calls: Vec<_> = managers
                .iter()
                .map(|manager| {
                    let (manager, line) = (manager.clone(), line.clone());
                    tokio::spawn(async move { confirm(&manager, SUM, &line, 1).await })
                })
                .collect();
            let mut statuses = Vec::new();
            for call in calls {
                statuses.push(call.await.unwrap().status);
            }
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 409]);
            assert_eq!(app.count("package_line_confirmations"), round);
        }
    });
}
