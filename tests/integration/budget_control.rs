//! What a budget has available, and what happens when a decision would cost more.

use crate::support::panel_day::{PanelDay, approved, approved_above, line, with};
use crate::support::payments::{home_care, pay};
use crate::support::people::People;
use crate::support::varying::{rate, variation};
use crate::support::{Answer, Client, instant, on_both, on_both_with};
use domain::profile::{BudgetControlPolicy, ForecastStage, WhenExceeded};
use domain::{Profile, RequestState, Role};
use serde_json::{Value, json};

/// A line of this many pence a year costs [`THIS_YEAR`] in 2024-25, from 17 June on: 288 of 365 days.
const A_YEAR: i64 = 36_500;
const THIS_YEAR: i64 = 28_800;

fn profile(when_exceeded: WhenExceeded) -> Profile {
    let policy = BudgetControlPolicy { when_exceeded, count_pending: false, clause: "Standing order 4".to_owned(), changes: Vec::new() };
    Profile { budget_control: Some(policy), ..Profile::bundled("tameside").unwrap() }
}

async fn finance_with(app: &crate::support::TestApp, budget: i64) -> Client {
    let finance = app.as_role(Role::FinanceOfficer);
    finance.opened("2024-25").await;
    if budget > 0 {
        finance.moved("2024-25", "targeted_outreach", "original", budget).await;
    }
    finance
}

fn stopped(answer: Answer) -> String {
    answer.expect_problem(409, "budget_exceeded").body["detail"].as_str().unwrap().to_owned()
}

#[test]
fn to_the_penny_a_decision_beyond_the_budget_is_stopped() {
    on_both_with(&profile(WhenExceeded::Stop), async |app| {
        let (day, finance) = (PanelDay::of(app).await, finance_with(app, THIS_YEAR - 1).await);
        let request = day.booked(A_YEAR).await;
        let told = stopped(day.sum.decide(&request, &approved()).await);
        let expected = "targeted_outreach would cost £288.00 in 2024-25 and has £287.99 available, £0.01 short. Move budget to it, or ask for less (Standing order 4).";
        assert_eq!((told.as_str(), day.state(&request).await.as_str()), (expected, "booked"));
        assert_eq!((app.count("decisions"), app.count("authorisations")), (0, 0));
        finance.moved("2024-25", "targeted_outreach", "adjustment", 1).await;
        let made = day.sum.decide(&request, &approved()).await.expect(201).body;
        let check = json!({
            "year": "2024-25", "budget_line": "targeted_outreach", "available_pence": THIS_YEAR, "this_year_pence": THIS_YEAR,
            "exceeded": false
        });
        assert_eq!(made["budget"], json!([check]));
        // What was agreed is spoken for before anything is commissioned.
        let next = day.booked(1).await;
        assert!(stopped(day.sum.decide(&next, &with(approved(), "rationale", json!("A penny"))).await).contains("has £0.00 available"));
        // Only an approval costs anything.
        let declined = day.sum.decide(&next, &json!({ "kind": "declined", "rationale": "-", "decline_reason": "disproportionate" })).await;
        assert_eq!(declined.expect(201).body["budget"], json!(null));
    });
}

#[test]
fn whoever_authorises_or_ratifies_is_stopped_too() {
    on_both_with(&profile(WhenExceeded::Stop), async |app| {
        let (day, finance) = (PanelDay::of(app).await, finance_with(app, 0).await);
        let high = day.booked(1_825_000).await;
        let decision = day.decided(&day.sum, &high, &approved_above()).await;
        assert_eq!(day.state(&high).await, "awaiting_authority", "it waits, so it costs nothing yet");
        assert!(stopped(day.hos.authorise(&decision, "given").await).contains("£14,400.00 short"));
        let deputy = day.booked_for_deputy(A_YEAR).await;
        let of_deputy = day.decided(&day.pm, &deputy, &approved()).await;
        stopped(day.hos.ratify(&of_deputy, "given").await);
        finance.moved("2024-25", "targeted_outreach", "original", 1_440_000 + THIS_YEAR).await;
        let given = day.hos.authorise(&decision, "given").await.expect(201).body;
        assert_eq!((&given["budget"][0]["this_year_pence"], &given["budget"][0]["exceeded"]), (&json!(1_440_000), &json!(false)));
        let ratified = day.hos.ratify(&of_deputy, "given").await.expect(201).body;
        assert_eq!(ratified["budget"][0]["available_pence"], THIS_YEAR);
        // To refuse needs no budget.
        let other = day.booked_for_deputy(A_YEAR).await;
        let of_other = day.decided(&day.pm, &other, &approved()).await;
        assert_eq!(day.hos.ratify(&of_other, "declined").await.expect(201).body["budget"], json!(null));
    });
}

#[test]
fn of_two_decisions_at_once_that_fit_one_by_one_one_is_stopped() {
    on_both_with(&profile(WhenExceeded::Stop), async |app| {
        let (day, finance) = (PanelDay::of(app).await, finance_with(app, THIS_YEAR).await);
        for round in 1..=8 {
            let requests = [day.booked(A_YEAR).await, day.booked(A_YEAR).await];
            let calls = requests.clone().map(|request| {
                let chair = day.sum.client.clone();
                tokio::spawn(async move { chair.post(&format!("/v1/requests/{request}/decisions"), &approved()).await })
            });
            let mut statuses = Vec::new();
            for call in calls {
                statuses.push(call.await.unwrap().status);
            }
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 409]);
            let control = finance.control("2024-25", "targeted_outreach").await;
            let available = control["available_pence"].as_i64().unwrap() + control["pending_pence"].as_i64().unwrap();
            assert_eq!((&control["agreed_pence"], available), (&json!(round * THIS_YEAR), 0));
            finance.moved("2024-25", "targeted_outreach", "adjustment", THIS_YEAR).await;
        }
    });
}

#[test]
fn where_the_profile_warns_the_decision_counts_and_the_trail_says_so() {
    on_both(async |app| {
        let (day, finance) = (PanelDay::of(app).await, finance_with(app, 0).await);
        let request = day.booked(A_YEAR).await;
        let made = day.sum.decide(&request, &approved()).await.expect(201).body;
        let check = json!({
            "year": "2024-25", "budget_line": "targeted_outreach", "available_pence": 0, "this_year_pence": THIS_YEAR, "exceeded": true
        });
        assert_eq!((&made["budget"], day.state(&request).await.as_str()), (&json!([check]), "approved"));
        let told = app.events("budget_lines", "exceed").await;
        assert_eq!(
            (told.len(), &told[0]["entity_id"], &told[0]["detail"]["request_id"]),
            (1, &json!("targeted_outreach"), &json!(request))
        );
        finance.moved("2024-25", "targeted_outreach", "original", 2 * THIS_YEAR).await;
        let next = day.booked(A_YEAR).await;
        assert_eq!(day.sum.decide(&next, &approved()).await.expect(201).body["budget"][0]["exceeded"], false);
        assert_eq!(app.events("budget_lines", "exceed").await.len(), 1);
    });
}

#[test]
fn what_is_agreed_becomes_what_is_committed() {
    on_both_with(&profile(WhenExceeded::Stop), async |app| {
        let (day, finance) = (PanelDay::of(app).await, finance_with(app, 100_000).await);
        let child = day.presenter.client.child().await;
        let request = day.booked_for(&child, A_YEAR).await;
        let decision = day.decided(&day.sum, &request, &approved()).await;
        let agreed = day.decision(&decision).await["lines"][0]["id"].as_str().unwrap().to_owned();
        let before = finance.control("2024-25", "targeted_outreach").await;
        let figures =
            |control: &Value| ["agreed_pence", "open_commitment_pence", "available_pence"].map(|field| control[field].as_i64().unwrap());
        assert_eq!(figures(&before), [THIS_YEAR, 0, 100_000 - THIS_YEAR]);
        let package = finance.record("/v1/packages", &json!({ "reference": "PK-1", "child_id": child })).await["id"].clone();
        let mut commissioned = line(A_YEAR);
        commissioned["package_id"] = package;
        commissioned["request_line_id"] = json!(agreed);
        commissioned["reason"] = json!("As agreed");
        let line_id = finance.record("/v1/package-lines", &commissioned).await["line_id"].as_str().unwrap().to_owned();
        assert_eq!(figures(&finance.control("2024-25", "targeted_outreach").await), [0, THIS_YEAR, 100_000 - THIS_YEAR]);
        // A line that replaces it costs what it costs more.
        let mut dearer = line(A_YEAR + 3_650);
        dearer["replaces_line_id"] = json!(line_id);
        dearer["valid_from"] = json!("2024-06-20");
        let paperwork = with(day.paperwork(&child, 1).await, "lines", json!([dearer]));
        let second = day.booked_with(&child, paperwork).await;
        let made = day.sum.decide(&second, &approved()).await.expect(201).body;
        assert_eq!(made["budget"][0]["this_year_pence"], 285 * 10);
        assert_eq!(figures(&finance.control("2024-25", "targeted_outreach").await), [2_850, THIS_YEAR, 100_000 - THIS_YEAR - 2_850]);
    });
}

#[test]
fn undecided_requests_count_by_their_weight_where_the_profile_says_so() {
    let stage = |state, weight_percent| ForecastStage { state, weight_percent, clause: "Standing order 5".to_owned() };
    let mut counting = profile(WhenExceeded::Stop);
    counting.forecast.stages = vec![stage(RequestState::Submitted, 25), stage(RequestState::Booked, 50)];
    counting.budget_control.as_mut().unwrap().count_pending = true;
    on_both_with(&counting, async |app| {
        let (day, finance) = (PanelDay::of(app).await, finance_with(app, THIS_YEAR + THIS_YEAR / 2 - 1).await);
        let first = day.booked(A_YEAR).await;
        assert_eq!(finance.control("2024-25", "targeted_outreach").await["pending_pence"], THIS_YEAR / 2);
        let child = day.presenter.client.child().await;
        day.submitted_for(&child, A_YEAR).await;
        assert_eq!(finance.control("2024-25", "targeted_outreach").await["pending_pence"], THIS_YEAR / 2 + THIS_YEAR / 4);
        let second = day.booked(A_YEAR).await;
        // The request under decision is not taken off as well; the two others are: three quarters.
        assert!(stopped(day.sum.decide(&first, &approved()).await).contains("£72.01 short"));
        finance.moved("2024-25", "targeted_outreach", "adjustment", 7_201).await;
        let made = day.sum.decide(&first, &approved()).await.expect(201).body;
        assert_eq!(made["budget"][0]["available_pence"], THIS_YEAR);
        let without = finance.get("/v1/budget-control?year=2024-25&budget_line=targeted_outreach").await.expect(200).body;
        assert_eq!(without["items"][0]["pending_pence"], json!(null));
        assert!(!second.is_empty());
    });
}

#[test]
fn budget_control_shows_every_line_and_income_has_nothing_available() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        caller.opened("2024-25").await;
        caller.moved("2024-25", "chc_income", "original", -500).await;
        let all = caller.get("/v1/budget-control?year=2024-25").await.expect(200).body["items"].clone();
        let lines = caller.all_pages("/v1/budget-lines", 100).await.concat();
        assert_eq!(all.as_array().unwrap().len(), lines.len());
        let income = caller.control("2024-25", "chc_income").await;
        assert_eq!((&income["budget_pence"], &income["available_pence"]), (&json!(-500), &json!(null)));
        caller.get("/v1/budget-control").await.expect_problem(422, "invalid_parameter");
        caller.get("/v1/budget-control?year=2024-25&budget_line=no_such_line").await.expect_problem(422, "invalid_parameter");
        // A year that was never opened has commitments and no money.
        caller.daily_between(None, 36_500, "2031-04-01", "2032-04-01").await;
        assert_eq!(caller.control("2031-32", "home_care").await["available_pence"], -36_500);
    });
}

#[test]
fn what_is_over_and_will_not_be_billed_is_released() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        caller.opened("2024-25").await;
        caller.moved("2024-25", "home_care", "original", 100_000).await;
        let provider = caller.provider("private").await;
        let (package, line) = caller.daily(Some(&provider), 100).await;
        pay(app, home_care("2024-04-20", 1_000).to(&provider));
        let new = |up_to: &str| json!({ "year": "2024-25", "budget_line": "home_care", "provider_id": provider, "up_to": up_to, "reason": "All billed" });
        for (body, pointer) in [
            (new("2024-06-05"), "/up_to"),
            (new("2024-04-01"), "/up_to"),
            (new("2025-04-02"), "/up_to"),
            (with(new("2024-05-01"), "year", json!("2031-32")), "/up_to"),
            (with(new("2024-05-01"), "provider_id", json!(db::new_id())), "/provider_id"),
            (with(new("2024-05-01"), "line_id", json!(line)), "/line_id"),
        ] {
            let refused = caller.post("/v1/commitment-releases", &body).await.expect_problem(422, "invalid_body");
            assert!(refused.pointers().contains(&pointer.to_owned()), "{pointer}: {}", refused.text);
        }
        let made = caller.post("/v1/commitment-releases", &new("2024-05-01")).await.expect(201);
        assert_eq!(made.body["released_pence"], 2_000, "thirty days less what was paid");
        let mut read = caller.get(made.header("location")).await.expect(200).body;
        read["released_pence"] = json!(2_000);
        assert_eq!(read, made.body);
        assert_eq!(caller.commitments(&package, "2024-25").await, [36_500, 1_000, 2_000, 33_500]);
        assert_eq!(caller.control("2024-25", "home_care").await["available_pence"], 100_000 - 1_000 - 33_500);
        // A payment posted before the release pays April first; a later one pays what is still open.
        pay(app, home_care("2024-04-25", 500).to(&provider));
        pay(app, home_care("2024-05-25", 700).to(&provider));
        assert_eq!(caller.commitments(&package, "2024-25").await, [36_500, 2_200, 1_500, 32_800]);
        let reversal = format!("/v1/commitment-releases/{}/reversal", made.body["id"].as_str().unwrap());
        let back = caller.post(&reversal, &json!({ "reason": "A late invoice" })).await.expect(201).body;
        assert_eq!(back["released_pence"], -1_500);
        assert_eq!(caller.commitments(&package, "2024-25").await, [36_500, 2_200, 0, 34_300]);
        caller.post(&reversal, &json!({ "reason": "-" })).await.expect_problem(409, "state_conflict");
        let of_reversal = format!("/v1/commitment-releases/{}/reversal", back["id"].as_str().unwrap());
        caller.post(&of_reversal, &json!({ "reason": "-" })).await.expect_problem(409, "state_conflict");
        let of_line = json!({ "year": "2024-25", "budget_line": "home_care", "line_id": line, "up_to": "2024-06-04", "reason": "-" });
        app.clock.set(instant("2024-06-03T22:59:00"));
        assert_eq!(caller.record("/v1/commitment-releases", &of_line).await["released_pence"], 64 * 100 - 2_200);
        let nothing = caller.post("/v1/commitment-releases", &of_line).await.expect_problem(409, "state_conflict");
        assert!(nothing.text.contains("there is nothing to release"), "{}", nothing.text);
        assert_eq!(caller.all_pages("/v1/commitment-releases?year=2024-25&budget_line=home_care", 1).await.len(), 3);
    });
}

#[test]
fn a_variation_that_adds_more_than_the_budget_has_is_stopped_to_the_penny() {
    on_both_with(&profile(WhenExceeded::Stop), async |app| {
        let (people, finance) = (People::of(app).await, finance_with(app, A_YEAR + THIS_YEAR - 1).await);
        let (package, line) = people.line_of(A_YEAR).await;
        let dearer = people.proposed(&variation(&line, "rate", "2024-06-17", rate(2 * A_YEAR))).await;
        let chair = &people.post("service_unit_manager").client;
        assert!(stopped(chair.agree_variation(&dearer).await).contains("would cost £288.00 in 2024-25 and has £287.99 available"));
        assert_eq!(people.support.client.line_days(&package).await.len(), 1);
        finance.moved("2024-25", "targeted_outreach", "adjustment", 1).await;
        let agreed = chair.agree_variation(&dearer).await.expect(201).body;
        assert_eq!((&agreed["budget"][0]["available_pence"], &agreed["budget"][0]["exceeded"]), (&json!(THIS_YEAR), &json!(false)));
        // What takes nothing more needs nothing.
        let line = people.support.client.line_on(&package, "2024-07-01").await;
        let ended = people.proposed(&variation(&line, "end", "2024-07-01", json!({}))).await;
        assert_eq!(chair.agree_variation(&ended).await.expect(201).body["budget"], json!(null));
    });
}
