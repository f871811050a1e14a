//! The reports of panel decisions, from a store to their JSON, CSV and sheets.

use crate::common::{DecisionRow, Fixture, SECRET, Said};
use domain::FinancialYear;
use reports::{CountedAs, DecisionStanding, Error, Which, panel_decisions, panel_outcomes};
use serde_json::json;

fn year(text: &str) -> FinancialYear {
    text.parse().unwrap()
}

fn filled() -> impl Iterator<Item = Fixture> {
    Fixture::on_each_database().inspect(|fixture| {
        fixture.story();
        fixture.run();
    })
}

#[test]
fn outcomes_are_exactly_this_document() {
    for fixture in filled() {
        let outcomes = panel_outcomes(&fixture.warehouse(), &Which::Current, year("2023-24")).unwrap();
        assert_eq!(
            serde_json::to_value(&outcomes).unwrap(),
            json!({ "snapshot_id": fixture.current().id(), "year": "2023-24", "rows": [
                { "month": "2024-03", "budget_line": "home_care", "decision": "approved", "decisions": 1, "full_year_pence": 1_560_000,
                    "this_year_pence": 0, "median_days_assessment_to_panel": 19, "median_days_panel_to_authority": 13 },
            ] })
        );
    }
}

#[test]
fn outcomes_as_csv_are_in_pounds_and_a_blank_where_there_is_no_median() {
    for fixture in filled() {
        let sheet = panel_outcomes(&fixture.warehouse(), &Which::Current, year("2024-25")).unwrap().to_csv().unwrap();
        assert_eq!(
            sheet,
            "month,budget_line,decision,decisions,full_year_pounds,this_year_pounds,agreed_full_year_pounds,agreed_this_year_pounds,\
             median_days_assessment_to_panel,\
             median_days_panel_to_authority\n\
             2024-05,direct_payments,approved,1,520.00,391.43,520.00,391.43,,\n\
             2024-06,direct_payments,approved,2,1560.00,1174.29,1560.00,1174.29,24,0\n\
             2024-06,direct_payments,approved_in_part,1,1040.00,782.86,1040.00,782.86,14,7\n\
             2024-06,direct_payments,deferred,1,1040.00,782.86,0.00,0.00,13,\n\
             2024-06,direct_payments,withdrawn,1,520.00,391.43,0.00,0.00,25,\n\
             2024-06,home_care,approved_in_part,1,15600.00,11742.86,15600.00,11742.86,14,7\n\
             2024-06,home_care,declined,2,28600.00,21528.57,0.00,0.00,19,\n\
             2024-06,home_care,waiting,1,15600.00,11742.86,0.00,0.00,25,\n\
             2024-06,nursery,signposted,1,520.00,391.43,0.00,0.00,,\n"
        );
    }
}

#[test]
fn the_rows_add_up_to_the_store_and_the_sheets_total_what_is_agreed() {
    for fixture in filled() {
        let stored = fixture.current().manifest().control_totals.requests.decisions.clone();
        let of = |code: &str, pence: fn(&etl::manifest::DecisionTotal) -> i64| -> i64 {
            stored.iter().filter(|total| total.financial_year == code).map(pence).sum()
        };
        for code in ["2023-24", "2024-25"] {
            let decisions = panel_decisions(&fixture.warehouse(), &Which::Current, year(code)).unwrap();
            let is_agreed = |row: &&reports::PanelDecisionRow| matches!(row.decision, CountedAs::Approved | CountedAs::ApprovedInPart);
            let agreed: i64 = decisions.rows.iter().filter(is_agreed).map(|row| row.full_year_pence).sum();
            assert_eq!(decisions.rows.iter().map(|row| row.full_year_pence).sum::<i64>(), of(code, |total| total.full_year_pence));
            assert_eq!(decisions.rows.iter().map(|row| row.this_year_pence).sum::<i64>(), of(code, |total| total.this_year_pence));
            let outcomes = panel_outcomes(&fixture.warehouse(), &Which::Current, year(code)).unwrap();
            assert_eq!(outcomes.rows.iter().map(|row| row.full_year_pence).sum::<i64>(), of(code, |total| total.full_year_pence));
            for sheet in [decisions.to_sheet().unwrap(), outcomes.to_sheet().unwrap()] {
                let total = |header: &str| sheet.total(sheet.columns().iter().position(|column| column.header() == header).unwrap());
                assert_eq!(total("agreed_full_year_pounds"), Some(agreed));
                assert!(total("agreed_this_year_pounds").is_some());
                assert_eq!((total("full_year_pounds"), total("this_year_pounds")), (None, None));
                assert!(!sheet.to_xlsx(crate::common::noon("2024-07-15")).unwrap().is_empty());
            }
        }
    }
}

#[test]
fn a_decision_is_told_with_what_became_of_it_and_nobodys_name() {
    for fixture in filled() {
        let decisions = panel_decisions(&fixture.warehouse(), &Which::Current, year("2024-25")).unwrap();
        assert_eq!(decisions.rows.len(), 10);
        assert!(decisions.rows.windows(2).all(|pair| pair[0].decided_on <= pair[1].decided_on));
        let refused = decisions.rows.iter().find(|row| row.outcome == DecisionStanding::DeclinedAtAuthority).unwrap();
        let mut value = serde_json::to_value(refused).unwrap();
        let key = value.as_object_mut().unwrap().remove("decision_key").unwrap();
        assert_eq!(key.as_str().map(str::len), Some(32));
        assert_eq!(
            value,
            json!({ "number": 1, "is_last": true, "decided_on": "2024-06-12", "panel_on": "2024-06-12", "route": "panel",
                "decided_as": "chair", "kind": "approved", "decision": "declined", "outcome": "declined_at_authority",
                "waits_for": null, "effective_on": null, "decline_reason": null, "deferred_until": null, "needs_ratification": false,
                "needs_authority": true, "tier": ["assistant_director", "director"], "is_above_reporting_threshold": true,
                "total_pence": 2_600_000, "full_year_pence": 2_600_000, "this_year_pence": 1_957_143, "lines": 1,
                "assessment_kind": "child_and_family", "days_assessment_to_panel": 11, "days_panel_to_authority": null, "days_panel_to_start": null,
                "is_appealed": false, "appeal_outcome": null })
        );
        let sheet = decisions.to_csv().unwrap();
        assert_eq!(sheet.lines().count(), 11);
        let line = format!(
            "{},1,yes,2024-06-12,2024-06-12,panel,chair,approved,declined,declined_at_authority,,,,,no,yes,\
             \"assistant_director, director\",yes,26000.00,26000.00,19571.43,0.00,0.00,1,child_and_family,11,,no,,\n",
            refused.decision_key
        );
        assert!(sheet.contains(&line), "{sheet}");
        assert!(!sheet.contains(SECRET) && !sheet.contains("WHO-DECIDED") && !sheet.contains("CASE-REFERENCE"));
    }
}

#[test]
fn no_answer_carries_a_key_of_a_child_or_of_a_request() {
    use polars::prelude::{ParquetReader, SerReader};
    for fixture in filled() {
        let path = fixture.current().directory().join("facts/fact_decisions/part.parquet");
        let fact = ParquetReader::new(std::fs::File::open(path).unwrap()).finish().unwrap();
        let decisions = panel_decisions(&fixture.warehouse(), &Which::Current, year("2024-25")).unwrap();
        let outcomes = panel_outcomes(&fixture.warehouse(), &Which::Current, year("2024-25")).unwrap();
        let answers = serde_json::to_string(&decisions).unwrap() + &serde_json::to_string(&outcomes).unwrap();
        for column in ["child_key", "request_key"] {
            for key in etl::texts(&fact, column).unwrap().into_iter().flatten() {
                assert!(!answers.contains(&key), "a {column} is in an answer");
            }
        }
    }
}

#[test]
fn every_word_of_an_outcome_and_of_an_appeal_can_be_read() {
    for fixture in Fixture::on_each_database() {
        let story = fixture.story();
        let panel = fixture.panel("2024-07-10");
        let row = DecisionRow {
            request: "",
            number: 1,
            panel: Some(&panel),
            kind: "approved",
            decided_as: "deputy_chair",
            on: "2024-07-10",
            revision: 1,
            pence: [52_000, 52_000, 39_143],
            tier: None,
            to: "awaiting_ratification",
        };
        let request = fixture.request(&story.user, None, &[("nursery", 10)]);
        let decision = fixture.decide(&story.user, &DecisionRow { request: &request, ..row.clone() });
        fixture.authorise(&story.user, &decision, &Said::ratified("declined", "2024-07-11", "declined"));
        let unratified = fixture.request(&story.user, None, &[("nursery", 10)]);
        fixture.decide(&story.user, &DecisionRow { request: &unratified, ..row });
        let (signposted, decision) = &story.signposted;
        let answer = |appeal: (bool, &str)| {
            fixture.run();
            let decisions = panel_decisions(&fixture.warehouse(), &Which::Current, year("2024-25")).unwrap();
            let value = serde_json::to_value(&decisions.rows).unwrap();
            let appealed = value.as_array().unwrap().iter().find(|row| row["kind"] == "signposted").unwrap();
            assert_eq!(
                (appealed["is_appealed"].as_bool(), appealed["appeal_outcome"].as_str()),
                (Some(appeal.0), Some(appeal.1).filter(|word| !word.is_empty()))
            );
            decisions
        };
        answer((false, ""));
        let appeal = fixture.appeal(signposted, decision, "signposted");
        answer((true, ""));
        fixture.appeal_outcome(signposted, &appeal, "dismissed", "signposted");
        let decisions = answer((true, "dismissed"));
        let unratified = decisions.rows.iter().find(|row| row.outcome == DecisionStanding::DeclinedAtRatification).unwrap();
        assert_eq!((unratified.decision, unratified.tier.len(), unratified.effective_on), (CountedAs::Declined, 0, None));
        let waiting = decisions.rows.iter().filter(|row| row.outcome == DecisionStanding::Waiting);
        let mut waits: Vec<_> = waiting.map(|row| row.waits_for.unwrap().as_str()).collect();
        waits.sort_unstable();
        assert_eq!(waits, ["authority", "ratification"]);
    }
}

#[test]
fn a_year_without_decisions_is_answered_and_one_the_warehouse_lacks_is_refused() {
    for fixture in Fixture::on_each_database() {
        fixture.run();
        assert!(panel_decisions(&fixture.warehouse(), &Which::Current, year("2024-25")).unwrap().rows.is_empty());
        assert!(panel_outcomes(&fixture.warehouse(), &Which::Current, year("2024-25")).unwrap().rows.is_empty());
        assert!(matches!(panel_outcomes(&fixture.warehouse(), &Which::Current, year("2031-32")), Err(Error::UnknownYear { .. })));
        assert!(matches!(panel_decisions(&fixture.warehouse(), &Which::Current, year("2031-32")), Err(Error::UnknownYear { .. })));
    }
}

#[test]
fn a_snapshot_made_before_there_were_decisions_says_what_to_run() {
    for fixture in filled() {
        let path = fixture.current().directory().join("manifest.json");
        let mut manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let is_old = |table: &serde_json::Value| !table["name"].as_str().unwrap().starts_with("panel_");
        manifest["tables"].as_array_mut().unwrap().retain(is_old);
        manifest["control_totals"].as_object_mut().unwrap().remove("requests");
        std::fs::write(&path, manifest.to_string()).unwrap();
        let error = panel_outcomes(&fixture.warehouse(), &Which::Current, year("2024-25")).unwrap_err();
        assert!(matches!(error, Error::NothingPublished) && error.is_refusal());
        assert!(reports::budget_position(&fixture.warehouse(), &Which::Current, year("2024-25")).is_ok());
    }
}
