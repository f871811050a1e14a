//! What a panel agrees of a request that it approves in part.

use crate::decisions::error_codes;
use crate::support::on_both;
use crate::support::panel_day::{PanelDay, assert_whole, decision_of, line, with};
use serde_json::{Value, json};

#[test]
fn an_approval_in_part_keeps_what_was_asked_and_what_was_agreed() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(100_000).await;
        let in_part = |lines: Value| with(decision_of("approved_in_part", 2), "lines", lines);
        let above = day.sum.decide(&request, &in_part(json!([line(60_000), line(40_001)]))).await.expect_problem(422, "invalid_body");
        assert_eq!(
            (above.pointers(), error_codes(&above.body)),
            (vec!["/lines".to_owned(), "/lines/1".to_owned()], vec!["more_than_asked", "not_asked_for"])
        );
        assert!(above.body["errors"][0]["detail"].as_str().unwrap().contains("£1,000.01"), "{}", above.text);
        for (field, value, pointer) in [
            ("budget_line", json!("no_such_line"), "/lines/0/budget_line"),
            ("budget_line", json!("chc_income"), "/lines/0/budget_line"),
            ("provider_id", json!(db::new_id()), "/lines/0/provider_id"),
            ("valid_to", json!("2024-06-17"), "/lines/0/valid_to"),
            ("replaces_line_id", json!(db::new_id()), "/lines/0/replaces_line_id"),
        ] {
            let refused = day.sum.decide(&request, &in_part(json!([with(line(1), field, value)]))).await;
            assert_eq!(refused.expect_problem(422, "invalid_body").pointers(), [pointer]);
        }
        assert_eq!(app.count("request_revisions"), 1);
        let decision = day.decided(&day.sum, &request, &in_part(json!([line(30_000), line(6_500)]))).await;
        let full = day.decision(&decision).await;
        assert_eq!((&full["revision"], &full["full_year_pence"], &full["total_pence"]), (&json!(2), &json!(36_500), &json!(36_500)));
        let agreed: Vec<_> = full["lines"].as_array().unwrap().iter().map(|line| line["costing"]["full_year_pence"].clone()).collect();
        assert_eq!(agreed, [30_000, 6_500]);
        let asked = day.read(&request).await;
        assert_eq!((&asked["revision"], &asked["full_year_pence"]), (&json!(1), &json!(100_000)));
        let kept = format!("request_revisions WHERE request_id = '{request}' AND revision = 2 AND decision_id = '{decision}'");
        assert_eq!(app.count(&kept), 1, "the revision names the decision that made it");
        // As much as was asked for, divided otherwise, is not more.
        let request = day.booked(100_000).await;
        day.decided(&day.sum, &request, &in_part(json!([line(60_000), line(40_000)]))).await;
        assert_whole(app);
    });
}

#[test]
fn an_approval_in_part_agrees_a_part_of_what_was_asked_for_and_nothing_else() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(1_000_000).await;
        let provider = day.support.provider("private").await;
        let half = line(500_000);
        let decide = async |lines: Value| {
            let body = json!({ "kind": "approved_in_part", "rationale": "As the minutes say", "lines": lines });
            day.sum.decide(&request, &body).await
        };
        for (field, value, pointer) in [
            ("service", json!("home_care"), "/lines/0"),
            ("budget_line", json!("home_care"), "/lines/0"),
            ("unit", json!("night"), "/lines/0"),
            ("provider_id", json!(provider), "/lines/0/provider_id"),
            ("valid_from", json!("2024-06-16"), "/lines/0/valid_from"),
            ("quantity_thousandths", json!(2000), "/lines/0/quantity_thousandths"),
            ("unit_rate_ten_thousandths", json!(100_000_100), "/lines/0/unit_rate_ten_thousandths"),
        ] {
            let mut other = with(half.clone(), field, value);
            if field == "unit_rate_ten_thousandths" {
                other["quantity_thousandths"] = json!(100);
            }
            let refused = decide(json!([other])).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), [pointer], "{field}: {}", refused.text);
        }
        assert_eq!(app.count("decisions"), 0);
        decide(json!([half])).await.expect(201);
    });
}
