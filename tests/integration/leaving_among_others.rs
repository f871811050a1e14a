//! A child's leaving beside what else may be going on: payments that came back, pauses, variations, rises of rates, orders; and what is there
//! again once it is taken back.

use crate::ages::package_of;
use crate::leaving::{ends, kinds_to_end, leave, take_back, to_end};
use crate::support::families::{Family, go_to, step};
use crate::support::on_both;
use crate::support::people::{People, id_of, in_force, with};
use crate::support::varying::{rate, variation};
use crate::uprating::Provided;
use serde_json::{Value, json};

#[test]
fn what_was_due_is_due_again_and_whoever_says_so_does_not_pay_it() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-06-03", None).await;
        family.export("2024-06-03").await;
        go_to(app, "2024-06-24");
        let made = leave(&family.caller, &family.child, "moved", "2024-06-24").await;
        let schedule = async || -> Vec<(Value, Value)> {
            let page = family.page().await;
            page["schedule"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| (row["period_from"].clone(), row["amount_pence"].clone()))
                .take(4)
                .collect()
        };
        assert_eq!(schedule().await, [(json!("2024-06-03"), json!(40_000))]);
        assert_eq!(family.page().await["balance"]["to_recover_pence"], 10_000);
        // A week too much was paid: it is set off no more once the child stays.
        take_back(&family.payer, &made).await;
        assert_eq!(family.page().await["balance"]["to_recover_pence"], 0);
        assert_eq!(schedule().await[1], (json!("2024-07-01"), json!(40_000)));
        go_to(app, "2024-07-01");
        assert_eq!(family.paid_by(&family.payer, "2024-07-01").await, (0, vec!["resumption_by_another".to_owned()]));
        let other = app.as_anyone().await;
        assert_eq!(family.paid_by(&other, "2024-07-01").await, (1, vec![]));
        // Paid by another since, the account is the payer's again.
        go_to(app, "2024-07-29");
        assert_eq!(family.paid_by(&family.payer, "2024-07-29").await, (1, vec![]));
        assert_eq!(family.page().await["balance"]["paid_pence"], 120_000);
    });
}

#[test]
fn a_payment_that_came_back_is_due_for_the_days_before_alone() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-06-03", None).await;
        let export = family.export("2024-06-03").await;
        go_to(app, "2024-06-10");
        let bounce =
            json!({ "export_id": export["id"], "bounced_on": "2024-06-05", "amount_pence": 40_000, "reason": "The account is closed" });
        family.caller.record(&family.path("bounces"), &bounce).await;
        let made = leave(&family.caller, &family.child, "moved", "2024-06-17").await;
        assert_eq!(kinds_to_end(&made), ["direct_payment_account"], "nothing was received, so nothing is paid back");
        assert_eq!(family.paid_by(&family.payer, "2024-06-10").await, (1, vec![]));
        assert_eq!(family.page().await["balance"]["paid_pence"], 20_000);
        assert_eq!(to_end(&family.caller, &family.child).await, ["direct_payment_account"]);
    });
}

#[test]
fn a_pause_goes_on_and_what_a_leaving_ends_in_it_is_never_due() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-06-03", None).await;
        family.export("2024-06-03").await;
        go_to(app, "2024-07-01");
        family.step(&step("pause", "2024-07-01")).await;
        let made = leave(&family.caller, &family.child, "moved", "2024-07-08").await;
        family.step(&step("resume", "2024-07-08")).await;
        go_to(app, "2024-07-29");
        family.payer.post("/v1/direct-payment-exports", &json!({ "pay_on": "2024-07-29" })).await.expect_problem(409, "state_conflict");
        assert_eq!(family.page().await["balance"]["to_recover_pence"], 0);
        take_back(&family.caller, &made).await;
        let other = app.as_anyone().await;
        assert_eq!(family.paid_by(&other, "2024-07-29").await, (1, vec![]));
    });
}

#[test]
fn a_leaving_before_the_first_line_takes_all_of_them_and_gives_them_back_as_they_were_agreed() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-06-03", None).await;
        let waiting = weekly_care(&family.package, "2024-09-02");
        let waiting = id_of(&family.caller.record("/v1/package-lines", &waiting).await);
        let listed = async || -> Vec<Value> {
            let list = family.caller.get("/v1/unconfirmed-package-lines").await.expect(200).body;
            list["items"].as_array().unwrap().iter().map(|one| one["valid_from"].clone()).collect()
        };
        assert_eq!(listed().await, [json!("2024-09-02")]);
        let made = leave(&family.caller, &family.child, "other", "2024-05-01").await;
        assert_eq!((made["line_ids"].as_array().unwrap().len(), ends(&family.caller, &family.package).await.len()), (2, 0));
        assert!(made["line_ids"].as_array().unwrap().contains(&json!(waiting)) && listed().await.is_empty());
        family.payer.post("/v1/direct-payment-exports", &json!({ "pay_on": "2024-06-03" })).await.expect_problem(409, "state_conflict");
        take_back(&family.caller, &made).await;
        assert_eq!(ends(&family.caller, &family.package).await, [None, None]);
        // What a post had confirmed is agreed as it was, and what nobody had agreed still waits.
        assert_eq!(listed().await, [json!("2024-09-02")]);
        assert_eq!(family.paid_by(&family.payer, "2024-06-03").await, (1, vec![]));
        assert_eq!(family.page().await["balance"]["paid_pence"], 40_000);
        // Again and again.
        let made = leave(&family.caller, &family.child, "other", "2024-05-01").await;
        take_back(&family.caller, &made).await;
        assert_eq!((ends(&family.caller, &family.package).await, listed().await), (vec![None, None], vec![json!("2024-09-02")]));
        assert_eq!(family.page().await["balance"]["to_recover_pence"], 0);
    });
}

/// Ten pounds a day of home care.
fn weekly_care(package: &str, from: &str) -> Value {
    json!({
        "package_id": package, "service": "home_care", "budget_line": "home_care", "unit": "hour", "quantity_thousandths": 1000,
        "frequency": "weekly", "unit_rate_ten_thousandths": 700_000, "valid_from": from, "reason": "-"
    })
}

#[test]
fn what_was_varied_since_goes_on_after_all_with_its_new_terms() {
    on_both(async |app| {
        let people = People::of(app).await;
        let support = app.as_anyone().await;
        let (package, line) = people.line_of(1000).await;
        let child = support.get(&format!("/v1/packages/{package}")).await.expect(200).body["child_id"].as_str().unwrap().to_owned();
        app.confirmed(&line);
        let made = leave(&support, &child, "moved", "2024-09-02").await;
        // Nothing is varied after the day. Before it, another rate holds to the day.
        let late = variation(&line, "rate", "2024-09-02", rate(1100));
        people.try_to_vary(&late).await.expect_problem(422, "invalid_body");
        let longer = variation(&line, "extension", "2024-09-02", json!({}));
        let refused = people.try_to_vary(&longer).await.expect_problem(422, "invalid_body");
        assert_eq!((refused.pointers(), &refused.body["errors"][0]["code"]), (vec!["/valid_to".to_owned()], &json!("child_left")));
        people.varied("service_unit_manager", &variation(&line, "rate", "2024-07-01", rate(1100))).await;
        let days = async || support.line_days(&package).await;
        let of = |from: &str, to: Option<&str>, pence: i64| (from.to_owned(), to.map(str::to_owned), pence);
        assert_eq!(days().await, [of("2023-04-01", Some("2024-07-01"), 1000), of("2024-07-01", Some("2024-09-02"), 1100)]);
        take_back(&support, &made).await;
        assert_eq!(days().await, [of("2023-04-01", Some("2024-07-01"), 1000), of("2024-07-01", None, 1100)]);
        let list = support.get("/v1/unconfirmed-package-lines").await.expect(200).body;
        assert_eq!(list["items"], json!([]), "the post agreed both");
    });
}

#[test]
fn rates_rise_no_further_than_the_day() {
    on_both(async |app| {
        let of = Provided::of(app).await;
        let support = app.as_anyone().await;
        let (before, after) = (of.package().await, of.package().await);
        for (package, day) in [(&before, "2024-06-17"), (&after, "2024-08-01")] {
            of.line(package, in_force(1000)).await;
            let child = support.get(&format!("/v1/packages/{package}")).await.expect(200).body["child_id"].as_str().unwrap().to_owned();
            leave(&support, &child, "moved", day).await;
        }
        let preview = of.preview(&of.rise(100_000)).await;
        assert_eq!(preview["lines"].as_array().unwrap().len(), 1, "from 1 July the first child is gone: {preview:#}");
        of.raised(&of.rise(100_000)).await;
        let days = |from: &str, to: &str, pence: i64| (from.to_owned(), Some(to.to_owned()), pence);
        assert_eq!(support.line_days(&before).await, [days("2023-04-01", "2024-06-17", 1000)]);
        assert_eq!(support.line_days(&after).await, [days("2023-04-01", "2024-07-01", 1000), days("2024-07-01", "2024-08-01", 1100)]);
    });
}

#[test]
fn a_cancelled_order_is_no_longer_to_be_ended() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let provider = caller.provider("private").await;
        let (child, package) = package_of(&caller, "2014-06-30").await;
        let line = with(with(crate::support::records::new_line(&package), "provider_id", provider.clone()), "valid_from", "2024-07-01");
        let line = id_of(&caller.record("/v1/package-lines", &line).await);
        app.confirmed(&line);
        let order = json!({
            "number": "PO-1", "package_id": package, "provider_id": provider, "cost_centre": "CS410", "expense_code": "4310",
            "raised_on": "2024-06-03", "line_ids": [line]
        });
        let order = id_of(&caller.record("/v1/purchase-orders", &order).await);
        leave(&caller, &child, "moved", "2024-06-10").await;
        assert_eq!(to_end(&caller, &child).await, ["purchase_order"]);
        caller.record(&format!("/v1/purchase-orders/{order}/cancellation"), &json!({ "reason": "The family moves" })).await;
        assert_eq!(to_end(&caller, &child).await, [""; 0]);
    });
}
