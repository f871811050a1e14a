//! What health pays of a line: shares, their versions and limits, and gross, income and net wherever a line is costed.

use crate::support::health::{Health, ten_pounds_a_day};
use crate::support::on_both;
use domain::Role;
use serde_json::{Value, json};

const PATH: &str = "/v1/joint-fundings";

#[test]
fn a_share_is_recorded_ended_and_reversed_and_keeps_its_versions() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let finance = &health.finance;
        let made = finance.get(&format!("{PATH}/{}", health.funding)).await.expect(200);
        insta::assert_json_snapshot!("a_joint_funding", made.redacted());
        let (end, reversal) = (format!("{PATH}/{}/end", health.funding), format!("{PATH}/{}/reversal", health.funding));
        let on = |day: &str| json!({ "valid_to": day, "reason": "No longer eligible" });
        let ended = finance.record(&end, &on("2024-04-16")).await;
        assert_eq!((&ended["version"], &ended["state"], &ended["valid_to"]), (&json!(2), &json!("ended"), &json!("2024-04-16")));
        assert_eq!(ended["cost"]["this_year_income_pence"], 7_500);
        finance.post(&end, &on("2024-04-16")).await.expect_problem(409, "state_conflict");
        for day in ["2024-04-01", "2024-03-31", "2099-04-01"] {
            assert_eq!(finance.post(&end, &on(day)).await.expect_problem(422, "invalid_body").pointers(), ["/valid_to"], "{day}");
        }
        let why = json!({ "reason": "Recorded for the wrong line" });
        let reversed = finance.record(&reversal, &why).await;
        assert_eq!((&reversed["state"], &reversed["cost"]), (&json!("reversed"), &Value::Null));
        finance.post(&reversal, &why).await.expect_problem(409, "state_conflict");
        finance.post(&end, &on("2024-05-01")).await.expect_problem(409, "state_conflict");
        let history = finance.get(&format!("{PATH}/{}", health.funding)).await.expect(200).body;
        assert_eq!(history["versions"].as_array().unwrap().len(), 3);
        assert_eq!(finance.get(PATH).await.expect(200).body["items"], json!([]));
        finance.get(&format!("{PATH}/{}", db::new_id())).await.expect_problem(404, "not_found");
    });
}

#[test]
fn what_a_share_cannot_be_is_told_all_at_once() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let company = health.anyone.provider("private").await;
        let bad = health.new_share(&json!({
            "line_id": db::new_id(), "provider_id": company, "budget_line": "home_care", "percentage_ten_thousandths": 1,
            "amount_pence": 1, "valid_to": "2024-04-01"
        }));
        let refused = health.finance.post(PATH, &bad).await.expect_problem(422, "invalid_body");
        insta::assert_json_snapshot!("a_joint_funding_that_breaks_every_rule", refused.redacted());
        for (fields, pointer) in [
            (json!({}), "/percentage_ten_thousandths"),
            (json!({ "percentage_ten_thousandths": 0 }), "/percentage_ten_thousandths"),
            (json!({ "percentage_ten_thousandths": -1 }), "/percentage_ten_thousandths"),
            (json!({ "percentage_ten_thousandths": 1_000_001 }), "/percentage_ten_thousandths"),
            (json!({ "amount_pence": 5 }), "/amount_frequency"),
            (json!({ "amount_frequency": "weekly" }), "/amount_pence"),
            (json!({ "amount_pence": 0, "amount_frequency": "weekly" }), "/amount_pence"),
            (json!({ "amount_pence": i64::MAX, "amount_frequency": "weekly" }), "/amount_pence"),
            (json!({ "amount_pence": 5, "amount_frequency": "fortnightly" }), "/amount_frequency"),
            (json!({ "percentage_ten_thousandths": 5, "valid_from": "1990-03-31" }), "/valid_from"),
        ] {
            let refused = health.finance.post(PATH, &health.new_share(&fields)).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), [pointer], "{fields}");
        }
        health.anyone.record(&format!("/v1/package-lines/{}/reversal", health.line), &json!({ "reason": "Mistake" })).await;
        let share = health.new_share(&json!({ "percentage_ten_thousandths": 5 }));
        assert_eq!(health.finance.post(PATH, &share).await.expect_problem(422, "invalid_body").pointers(), ["/line_id"]);
    });
}

#[test]
fn percentages_of_a_line_are_never_more_than_all_of_it() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let finance = &health.finance;
        let percent = |share: i64, from: &str, to: Option<&str>| {
            health.new_share(&json!({ "percentage_ten_thousandths": share, "valid_from": from, "valid_to": to }))
        };
        let refused = finance.post(PATH, &percent(500_001, "2024-06-01", None)).await.expect_problem(409, "state_conflict");
        let told = format!(
            "Together with joint funding {}, the shares of the line would come to 100.0001 % on 2024-06-01. They may not be above 100 %. Lower this share, or end another first.",
            health.funding
        );
        assert_eq!(refused.body["detail"], told);
        finance.post(PATH, &percent(1_000_000, "2023-04-01", Some("2024-04-02"))).await.expect_problem(409, "state_conflict");
        let until_april = finance.record(PATH, &percent(1_000_000, "2023-04-01", Some("2024-04-01"))).await;
        finance.record(PATH, &percent(500_000, "2024-06-01", None)).await;
        finance.post(PATH, &percent(1, "2030-06-01", None)).await.expect_problem(409, "state_conflict");
        // An end that is moved on would reach into the others.
        let end = format!("{PATH}/{}/end", until_april["funding_id"].as_str().unwrap());
        let on = |day: &str| json!({ "valid_to": day, "reason": "Moved" });
        finance.post(&end, &on("2024-05-01")).await.expect_problem(409, "state_conflict");
        finance.record(&end, &on("2024-03-01")).await;
        // A fixed amount beside them is no percentage; what the cost does not leave it is cut off.
        let fixed = finance.record(PATH, &health.new_share(&json!({ "amount_pence": 10_000, "amount_frequency": "weekly" }))).await;
        assert_eq!(fixed["cost"]["full_year_withheld_pence"], 520_000);
        // Reversed, a share leaves room.
        finance.record(&format!("{PATH}/{}/reversal", health.funding), &json!({ "reason": "Mistake" })).await;
        finance.record(PATH, &percent(500_000, "2024-06-01", None)).await;
    });
}

#[test]
fn a_fixed_amount_is_cut_to_the_cost_and_the_answer_says_so() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let fixed = health.new_share(&json!({ "amount_pence": 5_000, "amount_frequency": "weekly" }));
        let made = health.finance.record(PATH, &fixed).await;
        // £3,650 a year, half of it paid by the percentage; £2,600 asked of the rest.
        let cost = &made["cost"];
        assert_eq!(
            [&cost["full_year_gross_pence"], &cost["full_year_income_pence"], &cost["full_year_withheld_pence"]],
            [&json!(365_000), &json!(182_500), &json!(77_500)]
        );
        let package = health.finance.get(&format!("/v1/packages/{}", health.package)).await.expect(200).body;
        let whole = json!({ "gross_pence": 365_000, "income_pence": 365_000, "net_pence": 0, "withheld_pence": 77_500 });
        // 365 days are a day more than 52 weeks.
        let in_force = json!({ "gross_pence": 365_000, "income_pence": 365_000, "net_pence": 0, "withheld_pence": 78_214 });
        assert_eq!(package["lines"][0]["funding"], json!({ "full_year": whole, "year": "2024-25", "this_year": in_force }));
    });
}

#[test]
fn a_package_shows_gross_income_and_net_of_each_line() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let other = ten_pounds_a_day(&health.anyone, &health.package, "2024-10-01").await;
        health.finance.record(&format!("{PATH}/{}/end", health.funding), &json!({ "valid_to": "2024-07-01", "reason": "Ends" })).await;
        let package = health.finance.get(&format!("/v1/packages/{}", health.package)).await.expect(200).body;
        let of = |line: &str| package["lines"].as_array().unwrap().iter().find(|row| row["line_id"] == line).unwrap()["funding"].clone();
        assert_eq!(
            of(&health.line)["this_year"],
            json!({ "gross_pence": 365_000, "income_pence": 91 * 500, "net_pence": 365_000 - 91 * 500, "withheld_pence": 0 })
        );
        assert_eq!(of(&health.line)["full_year"]["net_pence"], 182_500);
        assert_eq!(
            of(&other)["this_year"],
            json!({ "gross_pence": 182_000, "income_pence": 0, "net_pence": 182_000, "withheld_pence": 0 })
        );
    });
}

#[test]
fn a_share_goes_on_when_a_variation_carries_its_line_on() {
    on_both(async |app| {
        let health = Health::of(app).await;
        // £20 a day from June: the line ends, and another of the same arrangement starts.
        health
            .anyone
            .record(&format!("/v1/package-lines/{}/end", health.line), &json!({ "valid_to": "2024-06-01", "reason": "More" }))
            .await;
        let next = db::new_id();
        let columns = "package_id, service, budget_line, provider_id, statement_category, unit, quantity_thousandths, frequency";
        let copied = format!(
            "INSERT INTO package_lines (id, line_id, version, {columns}, unit_rate_ten_thousandths, valid_from, valid_to, state, reason, \
             recorded_by, recorded_at, recorded_seq, request_line_id, continues_line_id) \
             SELECT '{next}', '{next}', 1, {columns}, 73000000, '2024-06-01', NULL, 'recorded', '-', recorded_by, recorded_at, \
             recorded_seq, NULL, line_id FROM package_lines WHERE line_id = '{}' AND version = 1",
            health.line
        );
        assert_eq!(app.sql(&copied).unwrap(), 1);
        let proposal = health.proposal("2024-05-01", "2024-07-01").await;
        assert_eq!(proposal["total_pence"], 31 * 500 + 30 * 1_000);
        let package = health.finance.get(&format!("/v1/packages/{}", health.package)).await.expect(200).body;
        let incomes: Vec<_> =
            package["lines"].as_array().unwrap().iter().map(|line| line["funding"]["this_year"]["income_pence"].clone()).collect();
        assert_eq!(incomes, [61 * 500, 304 * 1_000]);
        let of_the_next = health.new_share(&json!({ "line_id": next, "percentage_ten_thousandths": 5 }));
        let refused = health.finance.post(PATH, &of_the_next).await.expect_problem(422, "invalid_body");
        assert!(refused.text.contains(&health.line), "it names the first line: {}", refused.text);
    });
}

#[test]
fn a_costing_can_ask_about_healths_share() {
    on_both(async |app| {
        let worker = app.as_role(Role::Practitioner);
        let asked = |funding: Value| {
            json!({
                "year": "2024-25", "quantity_thousandths": 1000, "frequency": "per_year", "unit_rate_ten_thousandths": 36_500_000,
                "valid_from": "2024-10-01", "valid_to": "2025-10-01", "funding": funding
            })
        };
        let costed = worker.post("/v1/costings", &asked(json!({ "percentage_ten_thousandths": 250_000 }))).await.expect(200).body;
        assert_eq!([&costed["full_year_pence"], &costed["this_year_pence"]], [&json!(365_000), &json!(182_000)]);
        assert_eq!(
            costed["funding"]["this_year"],
            json!({ "gross_pence": 182_000, "income_pence": 45_500, "net_pence": 136_500, "withheld_pence": 0 })
        );
        assert_eq!(costed["funding"]["later_years"]["net_pence"], 183_000 * 3 / 4);
        let fixed = json!({ "amount_pence": 1_000, "amount_frequency": "monthly", "valid_from": "2025-04-01" });
        let costed = worker.post("/v1/costings", &asked(fixed)).await.expect(200).body;
        assert_eq!([&costed["funding"]["this_year"]["income_pence"], &costed["funding"]["full_year"]["income_pence"]], [0, 12_000]);
        for wrong in [json!({}), json!({ "amount_pence": 5 }), json!({ "percentage_ten_thousandths": 5, "amount_frequency": "weekly" })] {
            assert_eq!(worker.post("/v1/costings", &asked(wrong)).await.expect_problem(422, "invalid_body").pointers(), ["/funding"]);
        }
        assert!(worker.post("/v1/costings", &asked(Value::Null)).await.expect(200).body.get("funding").is_none());
    });
}

#[test]
fn shares_are_listed_by_line_package_and_funder_and_every_read_is_on_the_trail() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let other = Health::of(app).await;
        let listed = async |query: &str| health.finance.all_pages(&format!("{PATH}{query}"), 1).await.concat();
        assert_eq!(listed("").await.len(), 2);
        for query in
            [format!("?line_id={}", other.line), format!("?package_id={}", other.package), format!("?provider_id={}", other.funder)]
        {
            let rows = listed(&query).await;
            assert_eq!(rows.iter().map(|row| &row["funding_id"]).collect::<Vec<_>>(), [&json!(other.funding)], "{query}");
        }
        let before = app.events("children", "read").await.len();
        health.finance.get(&format!("{PATH}/{}", health.funding)).await.expect(200);
        health.proposal("2024-04-01", "2024-05-01").await;
        let read = app.events("children", "read").await;
        assert_eq!(read.len(), before + 2);
        assert_eq!(read.last().unwrap()["detail"], json!({ "package_id": health.package }));
        app.as_role(Role::PanelSupport).get(PATH).await.expect_problem(403, "not_allowed");
        app.as_role(Role::Auditor).post(PATH, &json!({})).await.expect_problem(403, "not_allowed");
    });
}

#[test]
fn the_report_has_what_the_store_has_month_by_month() {
    on_both(async |app| {
        let health = Health::of(app).await;
        let path = "/v1/reports/joint-funding?year=2024-25";
        health.finance.get(path).await.expect_problem(404, "nothing_published");
        let invoice = health.april().await;
        health.receive(&invoice, 9_000, "2024-06-03").await.expect(201);
        let profile = domain::Profile::bundled("tameside").unwrap();
        let (warehouse, keys) = (app.folder.path().join("warehouse"), app.folder.path().join("keys"));
        etl::run(&app.store, &profile, &warehouse, &keys, &etl::Options::default()).unwrap();
        let report = health.finance.get(path).await.expect(200).body;
        let row = |place: usize| {
            let row = &report["rows"][place];
            let names = ["expected_pence", "invoiced_pence", "credited_pence", "received_pence", "outstanding_pence"];
            (row["month"].as_str().unwrap().to_owned(), names.map(|name| row[name].as_i64().unwrap()))
        };
        assert_eq!(row(0), ("2024-04".to_owned(), [15_000, 0, 0, 0, 0]));
        assert_eq!(row(1), ("2024-05".to_owned(), [15_500, 15_000, 0, 0, 15_000]));
        assert_eq!(row(2), ("2024-06".to_owned(), [15_000, 0, 0, 9_000, 6_000]));
        assert_eq!((&report["totals"]["expected_pence"], &report["totals"]["outstanding_pence"]), (&json!(182_500), &json!(6_000)));
        let csv = health.finance.get(&format!("{path}&format=csv")).await.expect(200);
        let header = "month,budget_line,provider_code,provider_name,expected_pounds,invoiced_pounds,credited_pounds,received_pounds,outstanding_pounds";
        assert_eq!((csv.text.lines().next(), csv.text.lines().count()), (Some(header), 13));
        assert!(!csv.text.contains("CHC-0001") && !csv.text.contains("JF-2024-017"), "{}", csv.text);
        health.finance.get(&format!("{path}&format=xlsx")).await.expect(200);
    });
}
