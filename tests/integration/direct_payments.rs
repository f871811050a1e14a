//! Direct payment accounts: what they lack, what is due, pauses, changes of what was paid, and closures.

use crate::support::families::{Family, STEPS, assert_adds_up, go_to, step, weekly};
use crate::support::people::People;
use crate::support::varying::variation;
use crate::support::{TestApp, on_both, on_both_with};
use domain::costing::Line;
use domain::{Frequency, Profile, Quantity, Role, UnitRate};
use serde_json::{Value, json};

fn amounts(page: &Value, list: &str) -> Vec<i64> {
    page[list].as_array().unwrap().iter().map(|row| row["amount_pence"].as_i64().unwrap()).collect()
}

fn states(page: &Value) -> Vec<&str> {
    page["schedule"].as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap()).collect()
}

/// A row in every table of direct payments.
pub async fn in_every_table(app: &TestApp) {
    let family = Family::ready(app, "2024-05-06", None).await;
    let export = family.export("2024-06-03").await;
    let path = format!("/v1/direct-payment-exports/{}/re-exports", export["id"].as_str().unwrap());
    family.caller.record(&path, &json!({ "reason": "-" })).await;
    let returned = json!({
        "period_from": "2024-05-06", "period_to": "2024-06-01", "evidenced_pence": 1, "balance_pence": 1, "received_on": "2024-06-03"
    });
    family.caller.record(&family.path("returns"), &returned).await;
    let audit = json!({ "audited_on": "2024-06-03", "period_to": "2024-06-03", "evidenced_pence": 1 });
    family.caller.record(&family.path("audits"), &audit).await;
    let breach = json!({ "found_on": "2024-06-03", "what": "-", "required_pence": 1 });
    family.caller.record(&family.path("breaches"), &breach).await;
    let repayment = json!({ "received_on": "2024-06-03", "amount_pence": 1, "reference": "RCT-1" });
    let repaid = family.caller.record(&family.path("repayments"), &repayment).await;
    let confirmation = format!("/v1/direct-payment-repayments/{}/confirmation", repaid["id"].as_str().unwrap());
    app.as_anyone().await.record(&confirmation, &json!({})).await;
    let bounce = json!({ "export_id": export["id"], "bounced_on": "2024-06-03", "amount_pence": export["total_pence"], "reason": "-" });
    family.caller.record(&family.path("bounces"), &bounce).await;
}

#[test]
fn nothing_is_paid_before_everything_is_on_record_and_the_refusal_says_what_is_missing() {
    on_both(async |app| {
        let family = Family::without_anything(app, "2024-06-03", None).await;
        let demands = ["agreement_signed", "bank_account_verified", "dbs_seen"];
        for done in 0..3 {
            let page = family.page().await;
            assert_eq!((&page["may_be_paid"], &page["missing"]), (&json!(false), &json!(demands[done..])));
            assert_eq!((&page["state"], states(&page)[0]), (&json!("setting_up"), "withheld"));
            assert_eq!(page["schedule"][0]["withheld_for"], json!(demands[done..]));
            for body in [json!({ "pay_on": "2024-06-03" }), json!({ "pay_on": "2024-06-03", "account_ids": [family.account] })] {
                let refused = family.payer.post("/v1/direct-payment-exports", &body).await.expect_problem(409, "not_ready");
                let said = refused.body["errors"][0]["detail"].as_str().unwrap();
                assert_eq!(said, format!("account {} lacks {}", family.reference, demands[done..].join(", ")));
            }
            family.step(&step(STEPS[done], "2024-06-03")).await;
        }
        let page = family.page().await;
        assert_eq!((&page["may_be_paid"], &page["state"], states(&page)[0]), (&json!(true), &json!("active"), "planned"));
        let export = family.export("2024-06-03").await;
        assert_eq!((&export["payments"], &export["left_out"]), (&json!(1), &json!([])));
        assert_eq!((app.count("direct_payments"), app.count("direct_payment_exports")), (1, 1));
    });
}

#[test]
fn an_account_that_lacks_something_is_left_out_and_told_while_others_are_paid() {
    on_both(async |app| {
        let (paid, lacking) = (Family::ready(app, "2024-06-03", None).await, Family::without_anything(app, "2024-06-03", None).await);
        lacking.step(&step("agreement_signed", "2024-06-01")).await;
        lacking.step(&step("bank_account_recorded", "2024-06-01")).await;
        let check = json!({ "kind": "dbs_seen", "taken_on": "2024-06-01", "until_on": "2024-06-10" });
        lacking.step(&check).await;
        // The check runs out before the day of payment.
        let export = paid.export("2024-06-10").await;
        let left = json!([{ "account_id": lacking.account, "reference": lacking.reference, "missing": ["dbs_seen"], "due_pence": 40_000 }]);
        assert_eq!((&export["left_out"], &export["accounts"]), (&left, &json!(1)));
        let path = format!("/v1/direct-payment-exports/{}", export["id"].as_str().unwrap());
        let read = paid.caller.get(&path).await.expect(200).body;
        assert_eq!((&read["left_out"], &read["copies"]), (&left, &json!([])));
        let now = lacking.export("2024-06-07").await;
        assert_eq!((&now["accounts"], &now["left_out"]), (&json!(1), &json!([])));
    });
}

#[test]
fn a_year_of_periods_holds_a_leap_day_and_follows_the_line_to_its_end() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-02-05", Some("2024-05-01")).await;
        let page = family.page().await;
        assert_eq!(amounts(&page, "schedule"), [40_000, 40_000, 40_000, 2_857]);
        assert_eq!((&page["schedule"][0]["period_to"], &page["ends_on"]), (&json!("2024-03-04"), &json!("2024-05-01")));
        let export = family.export("2024-06-03").await;
        assert_eq!((&export["payments"], &export["total_pence"]), (&json!(4), &json!(122_857)));
        assert_eq!(states(&family.page().await), ["paid"; 4]);
        let again = family.payer.post("/v1/direct-payment-exports", &json!({ "pay_on": "2024-06-03" })).await;
        let refused = again.expect_problem(409, "state_conflict");
        assert!(refused.body["detail"].as_str().unwrap().ends_with("Export 1, for 2024-06-03, took the last."), "{}", refused.text);
    });
}

#[test]
fn a_pause_over_the_edge_of_a_period_takes_its_days_from_both_and_a_resumption_gives_them_back() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-06-03", Some("2024-07-29")).await;
        let whole = amounts(&family.page().await, "schedule");
        let pause = json!({ "kind": "pause", "taken_on": "2024-06-24", "until_on": "2024-07-08", "reason": "In hospital" });
        let paused = family.step(&pause).await;
        let page = family.page().await;
        let fortnight = whole.iter().sum::<i64>() - amounts(&page, "schedule").iter().sum::<i64>();
        // Two weeks of £100.00.
        assert_eq!((fortnight, &page["state"]), (20_000, &json!("active")));
        let conflict = json!({ "kind": "resume", "taken_on": "2024-06-23" });
        family.caller.post(&family.path("steps"), &conflict).await.expect_problem(409, "state_conflict");
        family.caller.post(&family.path("steps"), &pause).await.expect_problem(409, "period_overlaps");
        go_to(app, "2024-07-01");
        assert_eq!(family.page().await["state"], "paused");
        family.export("2024-07-01").await;
        let resumed = family.step(&json!({ "kind": "resume", "taken_on": "2024-07-01" })).await;
        let page = family.page().await;
        assert_eq!((&page["state"], page["outstanding_adjustments"].as_array().unwrap().len()), (&json!("active"), 1));
        assert_adds_up(&page, whole.iter().sum::<i64>() - cost(100, "2024-06-24", "2024-07-01"));
        let steps = format!("/v1/direct-payment-steps/{}/reversal", paused["id"].as_str().unwrap());
        family.caller.post(&steps, &json!({ "reason": "-" })).await.expect_problem(409, "state_conflict");
        family.reverse("steps", &resumed).await;
        family.reverse("steps", &paused).await;
        assert_adds_up(&family.page().await, whole.iter().sum());
        go_to(app, "2024-07-29");
        let last = family.export("2024-07-29").await;
        assert_eq!(last["total_pence"], fortnight);
    });
}

/// What a line of so many pounds a week costs between two days, by the costing of packages. £100 from the first day on, anything
/// else from a week later.
fn cost(pounds: i64, from: &str, to: &str) -> i64 {
    let day = |text: &str| text.parse().unwrap();
    let (quantity, unit_rate) = (Quantity(1000), UnitRate(pounds * 10_000));
    let starts = if pounds == 100 { "2024-06-03" } else { "2024-06-10" };
    let line = Line { quantity, frequency: Frequency::Weekly, unit_rate, valid_from: day(starts), valid_to: None };
    Profile::bundled("tameside").unwrap().costing.cost_between(&line, day(from), day(to)).unwrap().0
}

#[test]
fn a_rate_back_dated_eight_weeks_after_two_pay_files_is_adjusted_in_the_next() {
    on_both(async |app| {
        let (more, less) = (Family::ready(app, "2024-06-03", None).await, Family::ready(app, "2024-06-03", None).await);
        let whole = |pounds: i64| cost(100, "2024-06-03", "2024-06-10") + cost(pounds, "2024-06-10", "2025-04-01");
        // The last period begins in the financial year and ends in the next.
        let last = |pounds: i64| cost(pounds, "2025-04-01", "2025-04-07");
        more.export("2024-06-03").await;
        go_to(app, "2024-07-01");
        more.export("2024-07-01").await;
        go_to(app, "2024-08-05");
        more.another_rate(app, 120, "2024-06-10").await;
        less.another_rate(app, 10, "2024-06-10").await;
        let raised = cost(120, "2024-06-10", "2024-07-29") - cost(100, "2024-06-10", "2024-07-29");
        assert_eq!(amounts(&more.page().await, "outstanding_adjustments").iter().sum::<i64>(), raised);
        let third = more.export("2024-08-05").await;
        // Whoever was paid too much is paid nothing this time, and never less.
        assert_eq!(third["total_pence"], cost(120, "2024-07-29", "2024-08-26") + raised);
        for (family, pounds) in [(&more, 120), (&less, 10)] {
            let page = family.page().await;
            assert_adds_up(&page, whole(pounds) + last(pounds));
            let paid: Vec<_> = page["schedule"].as_array().unwrap().iter().filter(|row| row["state"] == "paid").collect();
            assert_eq!((&paid[0]["amount_pence"], &paid[1]["amount_pence"]), (&json!(40_000), &json!(40_000)), "what was paid is frozen");
            assert_eq!(page["adjustments"][0]["corrects_id"], paid[0]["payment_id"]);
        }
        let outstanding = amounts(&less.page().await, "outstanding_adjustments").iter().sum::<i64>();
        let too_much = cost(100, "2024-06-10", "2024-07-29") - cost(10, "2024-06-10", "2024-07-29");
        assert_eq!(outstanding, cost(10, "2024-07-29", "2024-08-26") - too_much);
        // The period starts on a bank holiday, and is paid on the working day before.
        go_to(app, "2024-08-23");
        let fourth = more.export("2024-08-23").await;
        assert_eq!(fourth["total_pence"], cost(120, "2024-08-26", "2024-09-23"));
        assert_eq!(less.page().await["balance"]["owed_pence"], 0, "it is set off against what is still to be paid");
    });
}

#[test]
fn a_set_up_payment_is_a_one_off_line_and_is_made_once() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-06-03", Some("2024-07-01")).await;
        let mut set_up = weekly(&family.package, 250, "2024-06-03", None);
        set_up["frequency"] = json!("one_off");
        let line = family.caller.record("/v1/package-lines", &set_up).await["id"].as_str().unwrap().to_owned();
        family.confirm(&line, 1).await;
        let step = json!({ "kind": "set_up_payment", "taken_on": "2024-06-03", "line_id": line });
        let taken = family.step(&step).await;
        family.caller.post(&family.path("steps"), &step).await.expect_problem(409, "state_conflict");
        let weekly_line = json!({ "kind": "set_up_payment", "taken_on": "2024-06-03", "line_id": family.line });
        let refused = family.caller.post(&family.path("steps"), &weekly_line).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/line_id"]);
        assert_eq!(amounts(&family.page().await, "set_up_payments"), [25_000]);
        let export = family.export("2024-06-03").await;
        assert!(family.file(&export).await.contains(",set_up,2024-06-03,2024-06-04,2024-06-03,250.00\n"));
        assert_adds_up(&family.page().await, 40_000 + 25_000);
        // Taken off the account: it is to be asked back, since nothing is left to set it off against.
        family.reverse("steps", &taken).await;
        let page = family.page().await;
        assert_eq!((&page["balance"]["to_recover_pence"], &page["balance"]["owed_pence"]), (&json!(25_000), &json!(25_000)));
        assert_adds_up(&page, 40_000);
    });
}

#[test]
fn a_closure_asks_back_what_was_paid_ahead_and_an_account_opened_again_is_paid_again() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-06-03", None).await;
        family.export("2024-06-03").await;
        let no_reason = json!({ "kind": "close", "taken_on": "2024-06-17" });
        let refused = family.caller.post(&family.path("steps"), &no_reason).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/reason"]);
        let closed = family.step(&step("close", "2024-06-17")).await;
        let page = family.page().await;
        assert_eq!((&page["closed_on"], &page["audit_due_on"]), (&json!("2024-06-17"), &json!("2024-06-17")));
        assert_eq!((&page["balance"]["owed_pence"], amounts(&page, "outstanding_adjustments")), (&json!(20_000), vec![-20_000]));
        assert_adds_up(&page, 20_000);
        family.caller.post(&family.path("steps"), &step("pause", "2024-06-10")).await.expect_problem(409, "state_conflict");
        go_to(app, "2024-06-20");
        assert_eq!(family.page().await["state"], "closed");
        let refused = family.payer.post("/v1/direct-payment-exports", &json!({ "pay_on": "2024-06-20" })).await;
        refused.expect_problem(409, "state_conflict");
        let repayment = json!({ "received_on": "2024-06-20", "amount_pence": 15_000, "reference": "RCT-1" });
        let repaid = family.caller.record(&family.path("repayments"), &repayment).await;
        let page = family.page().await;
        assert_eq!((&page["balance"]["owed_pence"], &page["adjustments"][0]["kind"]), (&json!(5_000), &json!("recovery")));
        assert_adds_up(&page, 20_000);
        // Opened again, the family is due what it paid back.
        family.reverse("steps", &closed).await;
        let page = family.page().await;
        assert_eq!((&page["balance"]["owed_pence"], amounts(&page, "outstanding_adjustments")), (&json!(0), vec![15_000]));
        family.reverse("repayments", &repaid).await;
        let page = family.page().await;
        assert_eq!((&page["balance"]["owed_pence"], &page["outstanding_adjustments"]), (&json!(0), &json!([])));
        let path = format!("/v1/direct-payment-repayments/{}/reversal", repaid["id"].as_str().unwrap());
        family.caller.post(&path, &json!({ "reason": "-" })).await.expect_problem(409, "state_conflict");
    });
}

#[test]
fn an_account_is_opened_once_for_an_arrangement_on_the_right_budget_line() {
    on_both(async |app| {
        let family = Family::without_anything(app, "2024-06-03", Some("2024-09-02")).await;
        let again = json!({ "reference": "DP-X", "line_id": family.line });
        let path = "/v1/direct-payment-accounts";
        family.caller.post(path, &again).await.expect_problem(409, "already_exists");
        let home_care = family.caller.line(&family.package).await;
        let late = family.caller.record("/v1/package-lines", &weekly(&family.package, 50, "2024-06-03", Some("2024-09-02"))).await;
        let case = family.caller.get(&format!("/v1/children/{}", family.child)).await.expect(200).body["case_reference"].clone();
        let late_line = &late["id"];
        for (body, pointers) in [
            (json!({ "reference": "DP-X", "line_id": home_care }), vec!["/line_id"]),
            (json!({ "reference": "DP-X", "line_id": db::new_id() }), vec!["/line_id"]),
            (json!({ "reference": case, "line_id": late_line }), vec!["/reference"]),
            (json!({ "reference": "12-34-56", "line_id": late_line, "starts_on": "2024-06-02" }), vec!["/reference"]),
            (json!({ "reference": "DP-X", "line_id": late_line, "starts_on": "2024-06-02" }), vec!["/starts_on"]),
            (json!({ "reference": "DP-X", "line_id": late_line, "starts_on": "2024-09-02" }), vec!["/starts_on"]),
        ] {
            let refused = family.caller.post(path, &body).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), pointers, "{body}");
        }
        let reference = json!({ "reference": family.reference, "line_id": late_line });
        family.caller.post(path, &reference).await.expect_problem(409, "already_exists");
        family.caller.record(path, &json!({ "reference": "DP-X", "line_id": late_line, "starts_on": "2024-07-01" })).await;
    });
}

#[test]
fn a_council_that_says_nothing_of_direct_payments_opens_no_account() {
    on_both_with(&Profile::bundled("manchester").unwrap(), async |app| {
        let caller = app.as_anyone().await;
        let line = caller.record("/v1/package-lines", &weekly(&caller.package().await, 100, "2024-06-03", None)).await;
        let refused = caller.post("/v1/direct-payment-accounts", &json!({ "reference": "DP-1", "line_id": line["id"] })).await;
        refused.expect_problem(409, "not_ready");
    });
}

#[test]
fn bank_details_are_refused_wherever_they_may_be_written_and_never_repeated() {
    on_both(async |app| {
        let family = Family::ready(app, "2024-06-03", None).await;
        let steps = family.path("steps");
        for (field, value) in [
            ("bank_reference", "12345678"),
            ("bank_reference", "20-00-00"),
            ("bank_reference", "20-00-00 12345678"),
            ("bank_reference", "****54321"),
            ("bank_reference", "5****4321"),
            ("bank_reference", ""),
            ("payee_reference", "12345678"),
            ("payee_reference", "20-00-00"),
            ("payee_reference", "=HYPERLINK"),
            ("reason", "Sort code 20-00-00"),
            ("reason", "Moved to 1234 5678"),
        ] {
            let mut bank = step("bank_account_recorded", "2024-06-03");
            bank[field] = json!(value);
            let refused = family.caller.post(&steps, &bank).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), [format!("/{field}")], "{value}");
            assert!(value.is_empty() || !refused.text.contains(value), "{}", refused.text);
        }
        for kind in STEPS {
            let mut wrong = step(kind, "2024-06-04");
            wrong["line_id"] = json!(db::new_id());
            let refused = family.caller.post(&steps, &wrong).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), ["/line_id", "/taken_on"], "tomorrow has not come");
        }
        let events = app.events("direct_payment_steps", "record").await;
        assert!(events.len() == 3 && !format!("{events:?}").contains("4321"), "{events:?}");
    });
}

#[test]
fn lists_tell_accounts_by_where_they_stand() {
    on_both(async |app| {
        let (active, setting_up) = (Family::ready(app, "2024-06-03", None).await, Family::without_anything(app, "2024-06-03", None).await);
        let (paused, closed) = (Family::ready(app, "2024-06-03", None).await, Family::ready(app, "2024-06-03", None).await);
        paused.step(&step("pause", "2024-06-03")).await;
        closed.step(&step("close", "2024-06-03")).await;
        let listed = async |filter: &str| {
            let pages = active.caller.all_pages(&format!("/v1/direct-payment-accounts?{filter}"), 3).await.concat();
            pages.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        for (state, family) in [("active", &active), ("setting_up", &setting_up), ("paused", &paused), ("closed", &closed)] {
            assert_eq!(listed(&format!("state={state}")).await, std::slice::from_ref(&family.account), "{state}");
            assert_eq!(listed(&format!("child_id={}", family.child)).await, std::slice::from_ref(&family.account));
        }
        assert_eq!(listed("returns_overdue=true").await, Vec::<String>::new());
        assert_eq!(listed("set_up_overdue=true").await, Vec::<String>::new());
        assert_eq!(listed("audit_due=true").await, std::slice::from_ref(&closed.account));
        // A day and a second on, and then the twelve weeks to the first return.
        go_to(app, "2024-06-05");
        assert_eq!(listed("set_up_overdue=true").await, std::slice::from_ref(&setting_up.account));
        go_to(app, "2024-08-26");
        assert_eq!(listed("returns_overdue=true").await, Vec::<String>::new());
        go_to(app, "2024-08-27");
        assert_eq!(listed("returns_overdue=true").await.len(), 3);
        go_to(app, "2025-06-03");
        assert_eq!(listed("audit_due=true&state=active").await, std::slice::from_ref(&active.account));
        assert_eq!(listed("").await.len(), 4);
        assert!(!app.events("direct_payment_accounts", "read").await.is_empty());
    });
}

#[test]
fn who_may_only_read_records_nothing() {
    on_both(async |app| {
        let family = Family::without_anything(app, "2024-06-03", None).await;
        let practitioner = app.as_role(Role::Practitioner);
        practitioner.get(&format!("/v1/direct-payment-accounts/{}", family.account)).await.expect(200);
        practitioner.post(&family.path("steps"), &step("agreement_signed", "2024-06-03")).await.expect_problem(403, "not_allowed");
        let finance = app.as_role(Role::FinanceOfficer);
        finance.record(&family.path("steps"), &step("agreement_signed", "2024-06-03")).await;
    });
}

#[test]
fn an_arrangement_whose_first_line_was_put_right_can_be_paid() {
    on_both(async |app| {
        let people = People::of(app).await;
        let caller = app.as_anyone().await;
        let package = people.package_of(&people.child().await).await;
        let line = caller.record("/v1/package-lines", &weekly(&package, 100, "2024-06-03", None)).await;
        let line = line["line_id"].as_str().unwrap();
        people.varied("service_unit_manager", &variation(line, "correction", "2024-06-10", json!({}))).await;
        let account = json!({ "reference": "DP-RIGHT", "line_id": line });
        let account = caller.record("/v1/direct-payment-accounts", &account).await;
        assert_eq!((&account["line_id"], &account["starts_on"]), (&json!(line), &json!("2024-06-10")));
    });
}
