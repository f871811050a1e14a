//! Nobody alone pays agreed support a second time, or more of it than was agreed: not by closing, by recording again, nor by other terms.

use crate::confirmations::raise;
use crate::support::families::{Family, go_to, step, weekly};
use crate::support::people::{People, id_of, with};
use crate::support::varying::variation;
use crate::support::{Client, TestApp, on_both};
use serde_json::{Value, json};

const FROM: &str = "2024-06-03";

/// A child with a package, and an agreed request for one line of direct payments.
struct Agreed {
    caller: Client,
    child: String,
    package: String,
    request_line: String,
}

impl Agreed {
    /// What was agreed is asked for as a package line is recorded.
    async fn of(app: &TestApp, (people, panel): (&People, &str), mut asked: Value) -> Self {
        let child = people.child().await;
        for field in ["package_id", "reason"] {
            asked.as_object_mut().unwrap().remove(field);
        }
        let request = people.submitted(&child, &[asked]).await;
        people.decided(panel, &request, &json!({ "kind": "approved" })).await;
        let request_line = id_of(&people.read(&request).await["lines"][0]);
        let package = people.package_of(&child).await;
        Agreed { caller: app.as_anyone().await, child, package, request_line }
    }

    /// A line of the package that carries it out.
    fn line(&self, pounds: i64, frequency: &str, to: Option<&str>) -> Value {
        with(with(weekly(&self.package, pounds, FROM, to), "frequency", frequency), "request_line_id", self.request_line.clone())
    }

    /// Where a line that would carry it out is refused.
    async fn refused(&self, line: &Value) -> Vec<String> {
        self.caller.post("/v1/package-lines", line).await.expect_problem(422, "invalid_body").pointers()
    }

    /// A line that carries it out, with an account that lacks nothing.
    async fn family(&self, app: &TestApp, line: &Value) -> Family {
        let line = id_of(&self.caller.record("/v1/package-lines", line).await);
        let family = Family::paid_for(app, self.caller.clone(), (self.child.clone(), self.package.clone(), line)).await;
        family.all_steps().await;
        family
    }
}

/// A repayment as somebody says it came.
fn repaid(pence: i64) -> Value {
    json!({ "received_on": FROM, "amount_pence": pence, "reference": "RCT-1" })
}

async fn reverse_line(client: &Client, line: &str) {
    client.record(&format!("/v1/package-lines/{line}/reversal"), &json!({ "reason": "By mistake" })).await;
}

async fn reverse_step(client: &Client, step: &Value) {
    client.record(&format!("/v1/direct-payment-steps/{}/reversal", id_of(step)), &json!({ "reason": "By mistake" })).await;
}

#[test]
fn whoever_says_that_money_came_back_does_not_send_it_out_again() {
    on_both(async |app| {
        let family = Family::ready(app, FROM, None).await;
        let other = app.as_anyone().await;
        family.export(FROM).await;
        // All that was paid is asked back, is said to have come back, and is due again.
        let closed = family.payer.record(&family.path("steps"), &step("close", FROM)).await;
        let repayment = family.payer.record(&family.path("repayments"), &repaid(40_000)).await;
        reverse_step(&family.caller, &closed).await;
        assert_eq!(family.page().await["outstanding_adjustments"][0]["amount_pence"], 40_000);
        assert_eq!(family.paid_by(&family.payer, FROM).await, (0, vec!["repayment_by_another".into()]));
        let named = json!({ "pay_on": FROM, "account_ids": [family.account] });
        family.payer.post("/v1/direct-payment-exports", &named).await.expect_problem(409, "not_ready");
        assert_eq!(app.count("direct_payments WHERE kind = 'adjustment'"), 0);
        // It did not come: nothing is due before the next period, which anybody pays.
        family
            .payer
            .record(&format!("/v1/direct-payment-repayments/{}/reversal", id_of(&repayment)), &json!({ "reason": "Not theirs" }))
            .await;
        assert_eq!(family.page().await["outstanding_adjustments"], json!([]));
        go_to(app, "2024-07-01");
        assert_eq!(family.paid_by(&family.payer, "2024-07-01").await, (1, vec![]));
        // What another says came back is paid again by whoever did not say so.
        let closed = family.step(&step("close", FROM)).await;
        let owed = family.page().await["balance"]["to_recover_pence"].as_i64().unwrap();
        other.record(&family.path("repayments"), &repaid(owed)).await;
        reverse_step(&family.caller, &closed).await;
        assert_eq!(family.paid_by(&other, "2024-07-01").await, (0, vec!["repayment_by_another".into()]));
        assert_eq!(family.paid_by(&family.payer, "2024-07-01").await, (1, vec![]));
    });
}

#[test]
fn whoever_says_that_a_debt_was_paid_back_does_not_pay_what_it_would_have_been_set_off_against() {
    on_both(async |app| {
        let family = Family::ready(app, FROM, None).await;
        family.export(FROM).await;
        family.another_rate(app, 10, "2024-06-10").await;
        let owed = -family.page().await["outstanding_adjustments"][0]["amount_pence"].as_i64().unwrap();
        let closed = family.payer.record(&family.path("steps"), &step("close", "2024-07-01")).await;
        family.payer.record(&family.path("repayments"), &repaid(owed)).await;
        reverse_step(&family.caller, &closed).await;
        assert_eq!(family.page().await["outstanding_adjustments"], json!([]), "nothing is due again, and nothing is left to set off");
        go_to(app, "2024-07-01");
        assert_eq!(family.paid_by(&family.payer, "2024-07-01").await, (0, vec!["repayment_by_another".into()]));
        assert_eq!(family.paid_by(&app.as_anyone().await, "2024-07-01").await, (1, vec![]));
    });
}

#[test]
fn agreed_support_is_not_recorded_all_at_once_nor_in_dearer_weeks() {
    on_both(async |app| {
        let people = People::of(app).await;
        let panel = people.chaired_panel().await;
        let weeks = Agreed::of(app, (&people, &panel), weekly("", 100, FROM, Some("2024-07-01"))).await;
        let to = Some("2024-07-01");
        for (pounds, frequency, field) in [
            (5_200, "one_off", "/frequency"),
            (1, "one_off", "/frequency"),
            (371, "holiday_weeks", "/frequency"),
            (136, "term_time_weeks", "/frequency"),
            (101, "weekly", "/quantity_thousandths"),
        ] {
            assert_eq!(weeks.refused(&weeks.line(pounds, frequency, to)).await, [field], "{frequency}");
        }
        let line = id_of(&weeks.caller.record("/v1/package-lines", &weeks.line(5_200, "per_year", to)).await);
        // A correction of what carries it out takes effect without a post.
        let own = |more: Value| with(variation(&line, "correction", FROM, more), "request_line_id", weeks.request_line.clone());
        let refused = people.try_to_vary(&own(json!({ "frequency": "one_off" }))).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/frequency"]);
        let holidays = own(json!({ "frequency": "holiday_weeks", "unit_rate_ten_thousandths": 3_710_000 }));
        assert_eq!(people.try_to_vary(&holidays).await.expect_problem(422, "invalid_body").pointers(), ["/frequency"]);
        let less = own(json!({ "frequency": "weekly", "unit_rate_ten_thousandths": 900_000 }));
        assert_eq!(people.try_to_vary(&less).await.expect(201).body["state"], "agreed");
        // What ends by age alone can be ended on any day before.
        let open = Agreed::of(app, (&people, &panel), weekly("", 100, FROM, None)).await;
        assert_eq!(open.refused(&open.line(371, "holiday_weeks", None)).await, ["/frequency"]);
        assert_eq!(open.refused(&open.line(5_200, "one_off", None)).await, ["/frequency", "/valid_to"]);
        open.caller.record("/v1/package-lines", &open.line(100, "term_time_weeks", None)).await;
        let once = Agreed::of(app, (&people, &panel), with(weekly("", 500, FROM, None), "frequency", "one_off")).await;
        assert_eq!(once.refused(&once.line(1, "weekly", None)).await, ["/frequency"]);
        once.caller.record("/v1/package-lines", &with(once.line(500, "one_off", None), "valid_from", "2024-06-10")).await;
    });
}

#[test]
fn support_that_was_paid_is_recorded_again_once_it_is_paid_back_and_paid_by_another() {
    on_both(async |app| {
        let people = People::of(app).await;
        let panel = people.chaired_panel().await;
        let agreed = Agreed::of(app, (&people, &panel), weekly("", 100, FROM, None)).await;
        let again = agreed.line(100, "weekly", None);
        // Recorded by mistake and never paid, it is recorded again as before.
        let mistake = id_of(&agreed.caller.record("/v1/package-lines", &again).await);
        reverse_line(&agreed.caller, &mistake).await;
        let first = agreed.family(app, &again).await;
        first.export(FROM).await;
        assert_eq!(agreed.refused(&again).await, ["/request_line_id"], "it is carried out");
        reverse_line(&agreed.caller, &first.line).await;
        let told =
            async || agreed.caller.post("/v1/package-lines", &again).await.expect_problem(422, "invalid_body").body["errors"].clone();
        let said = told().await;
        assert_eq!((&said[0]["pointer"], &said[0]["code"]), (&json!("/request_line_id"), &json!("paid_already")));
        assert!(said[0]["detail"].as_str().unwrap().contains("£400.00"), "{said}");
        let payer = &first.payer;
        payer.record(&first.path("repayments"), &repaid(39_999)).await;
        assert!(told().await[0]["detail"].as_str().unwrap().contains("£0.01"));
        payer.record(&first.path("repayments"), &repaid(1)).await;
        let second = agreed.family(app, &again).await;
        assert_eq!(second.paid_by(payer, FROM).await, (0, vec!["repayment_by_another".into()]));
        assert_eq!(second.paid_by(&second.payer, FROM).await, (1, vec![]));
    });
}

#[test]
fn a_set_up_line_that_was_paid_is_not_paid_through_another_account() {
    on_both(async |app| {
        let people = People::of(app).await;
        let panel = people.chaired_panel().await;
        let family = Family::ready(app, FROM, Some("2024-07-01")).await;
        let line = id_of(&family.caller.record("/v1/package-lines", &weekly(&family.package, 1, FROM, None)).await);
        let beside = (family.child.clone(), family.package.clone(), line);
        let other = Family::paid_for(app, family.caller.clone(), beside).await;
        let set_up = with(weekly(&family.package, 250, FROM, None), "frequency", "one_off");
        let line = id_of(&family.caller.record("/v1/package-lines", &set_up).await);
        family.confirm(&line, 1).await;
        let bought = json!({ "kind": "set_up_payment", "taken_on": FROM, "line_id": line });
        let taken = family.step(&bought).await;
        family.export(FROM).await;
        family.reverse("steps", &taken).await;
        let refused = other.caller.post(&other.path("steps"), &bought).await.expect_problem(409, "state_conflict");
        assert!(refused.text.contains("Another account was paid £250.00 for this line"), "{}", refused.text);
        // Through the account that paid it, it may be taken up again: it is paid already.
        let again = family.step(&bought).await;
        assert_eq!(family.page().await["outstanding_adjustments"], json!([]));
        family.reverse("steps", &again).await;
        family.payer.record(&family.path("repayments"), &repaid(25_000)).await;
        other.step(&bought).await;
        // A one-off line that carries out a request is not recorded again either while its money is with the family.
        let once = Agreed::of(app, (&people, &panel), with(weekly("", 250, FROM, None), "frequency", "one_off")).await;
        let recorded = once.line(250, "one_off", None);
        let line = id_of(&once.caller.record("/v1/package-lines", &recorded).await);
        let running = id_of(&once.caller.record("/v1/package-lines", &weekly(&once.package, 1, FROM, None)).await);
        let family = Family::paid_for(app, once.caller.clone(), (once.child.clone(), once.package.clone(), running)).await;
        family.confirm(&family.line, 1).await;
        family.all_steps().await;
        family.step(&json!({ "kind": "set_up_payment", "taken_on": FROM, "line_id": line })).await;
        family.export(FROM).await;
        reverse_line(&once.caller, &line).await;
        assert_eq!(once.refused(&recorded).await, ["/request_line_id"]);
    });
}

#[test]
fn what_a_rise_made_dearer_than_agreed_is_not_agreed_by_ending_or_varying_it() {
    on_both(async |app| {
        let people = People::of(app).await;
        let panel = people.chaired_panel().await;
        let agreed = Agreed::of(app, (&people, &panel), weekly("", 100, FROM, None)).await;
        let family = agreed.family(app, &agreed.line(100, "weekly", None)).await;
        // With £5,200 a year it makes £13,936, and with 5 % more of that £14,196: another tier, from the line's own first day.
        family.caller.record("/v1/package-lines", &with(weekly(&family.package, 168, FROM, None), "service", "outings")).await;
        raise(&people, &family, 5, FROM).await;
        let unconfirmed = async || {
            let page = family.page().await;
            assert_eq!(page["missing"], json!(["support_agreed"]), "{page:#}");
            page["unconfirmed_lines"][0]["line_id"].as_str().unwrap().to_owned()
        };
        let raised = unconfirmed().await;
        assert_ne!(raised, family.line);
        let end = |day: &str| json!({ "valid_to": day, "reason": "-" });
        for day in ["2031-12-31", "2026-04-06"] {
            family.caller.record(&format!("/v1/package-lines/{raised}/end"), &end(day)).await;
            assert_eq!(unconfirmed().await, raised, "{day}");
            assert_eq!(family.paid_by(&family.payer, FROM).await, (0, vec!["support_agreed".into()]));
        }
        // A penny less, from its first day, puts another line in its place.
        let less = json!({ "unit_rate_ten_thousandths": 1_049_900 });
        people.varied("service_unit_manager", &variation(&raised, "correction", FROM, less)).await;
        let other = unconfirmed().await;
        assert_ne!(other, raised);
        // Within what was agreed, it is agreed.
        let within = with(
            variation(&other, "correction", FROM, json!({ "unit_rate_ten_thousandths": 1_000_000 })),
            "request_line_id",
            agreed.request_line.clone(),
        );
        people.try_to_vary(&within).await.expect(201);
        assert_eq!(family.page().await["state"], "active");
    });
}
