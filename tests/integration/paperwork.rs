//! A request's paperwork: what it may hold, what it must, and what is missing told all at once.

use crate::support::people::{People, TEXTS, id_of, in_force, line, new_request, with, yearly};
use crate::support::{instant, on_both, on_both_with};
use domain::{Profile, Role};
use serde_json::{Value, json};

/// What is missing, its pointers in the order told.
pub fn missing(read: &Value) -> Vec<&str> {
    read["missing"].as_array().unwrap().iter().map(|gap| gap["pointer"].as_str().unwrap()).collect()
}

#[test]
fn a_request_is_recorded_and_read_with_its_paperwork_its_costs_and_what_comes_next() {
    on_both(async |app| {
        let people = People::of(app).await;
        let child = people.child().await;
        let lines = [yearly(600_000), with(line("weekly", 1500, 198_000), "valid_to", "2024-08-12")];
        let new = with(new_request(&child, people.paperwork(&child, &lines).await), "reference", "RQ-2024-0107");
        let made = people.worker.client.post("/v1/requests", &new).await.expect(201);
        insta::assert_json_snapshot!("a_request", made.redacted());
        people.coster.client.own_parts(made.body["id"].as_str().unwrap(), 1).await.expect(201);
        let read = people.worker.client.get(made.header("location")).await.expect(200);
        insta::assert_json_snapshot!("a_request_with_its_paperwork", read.redacted());
        let total: i64 = read.body["lines"].as_array().unwrap().iter().map(|l| l["costing"]["full_year_pence"].as_i64().unwrap()).sum();
        assert_eq!((read.body["full_year_pence"].as_i64().unwrap(), missing(&read.body)), (total, vec![]));
        people.worker.client.post("/v1/requests", &new).await.expect_problem(409, "already_exists");
        assert_eq!((app.count("requests"), app.count("request_revisions"), app.count("request_lines")), (1, 1, 2));
    });
}

#[test]
fn everything_that_is_missing_is_told_at_once_with_its_clause() {
    on_both(async |app| {
        let people = People::of(app).await;
        let request = people.empty_draft(&people.child().await).await;
        let read = people.read(&request).await;
        insta::assert_json_snapshot!("what_an_empty_draft_lacks", read["missing"]);
        let refused = people.try_to_submit(&request).await.expect_problem(409, "not_ready");
        insta::assert_json_snapshot!("an_empty_draft_submitted", refused.redacted());
        let mut told = missing(&read);
        told.sort_unstable();
        assert_eq!(refused.pointers(), told);
        assert_eq!((read["state"].clone(), people.read(&request).await["state"].clone()), (json!("draft"), json!("draft")));
        assert_eq!((app.count("request_transitions"), app.events("requests", "submit").await.len()), (0, 0));
    });
}

#[test]
fn each_part_that_is_left_out_is_missing_and_the_local_offer_is_used_or_has_a_barrier() {
    on_both(async |app| {
        let people = People::of(app).await;
        let child = people.child().await;
        let complete = people.paperwork(&child, &[yearly(1)]).await;
        let request = people.empty_draft(&child).await;
        for (field, is_asked_for) in [
            ("assessment_id", true),
            ("presenter_id", true),
            ("coster_id", true),
            ("strengths", true),
            ("worries", true),
            ("in_place", true),
            ("outcomes", true),
            ("local_offer_used", true),
            // The core authority's papers do not ask for these.
            ("unmet_need", false),
            ("outcome_measures", false),
            ("impact", false),
        ] {
            people.revise(&request, &with(complete.clone(), field, Value::Null)).await.expect(201);
            let expected = if is_asked_for { vec![format!("/{field}")] } else { vec![] };
            assert_eq!(missing(&people.read(&request).await), expected, "{field}");
        }
        people.revise(&request, &with(complete.clone(), "lines", json!([]))).await.expect(201);
        assert_eq!(missing(&people.read(&request).await), ["/lines"]);
        let barrier = with(with(complete, "local_offer_used", Value::Null), "local_offer_barrier", "No transport");
        people.revise(&request, &barrier).await.expect(201);
        people.try_to_submit(&request).await.expect(201);
    });
}

#[test]
fn an_assessment_must_be_complete_authorised_current_and_consented_to() {
    on_both(async |app| {
        let people = People::of(app).await;
        let worker = &people.worker;
        let child = people.child().await;
        let assessment = worker.client.assessment(&child, &worker.id).await;
        let paperwork = with(people.paperwork(&child, &[yearly(1)]).await, "assessment_id", assessment.clone());
        let request = id_of(&worker.client.record("/v1/requests", &new_request(&child, paperwork)).await);
        people.coster.client.own_parts(&request, 1).await.expect(201);
        let gaps = async || {
            let read = people.read(&request).await;
            let gaps = read["missing"].as_array().unwrap().clone();
            assert!(gaps.iter().all(|gap| gap["pointer"] == "/assessment_id"));
            gaps.iter().map(|gap| gap["detail"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let (unfinished, no_consent) = ("the assessment is not completed and authorised", "the family's consent is not recorded");
        assert_eq!(gaps().await, [unfinished, no_consent]);
        worker.client.step(&assessment, "completed", "2024-05-28").await;
        assert_eq!(gaps().await, ["the assessment is not authorised by a manager", no_consent]);
        worker.client.step(&assessment, "consent_given", "2024-05-28").await;
        people.manager.client.authorise(&assessment, "2024-05-30").await;
        assert_eq!(gaps().await, Vec::<String>::new());
        worker.client.step(&assessment, "consent_withdrawn", "2024-06-03").await;
        assert_eq!(gaps().await, [no_consent]);
        worker.client.step(&assessment, "consent_given", "2024-06-03").await;
        app.clock.set(instant("2025-05-28T22:59:59"));
        assert_eq!(gaps().await, Vec::<String>::new());
        app.clock.set(instant("2025-05-28T23:00:00"));
        assert_eq!(gaps().await, ["the assessment was completed on 2024-05-28 and was current up to and including 2025-05-28"]);
        people.try_to_submit(&request).await.expect_problem(409, "not_ready");
        app.clock.set(instant("2025-05-28T22:59:59"));
        people.try_to_submit(&request).await.expect(201);
    });
}

#[test]
fn an_assessment_is_current_until_the_next() {
    on_both_with(&Profile::bundled("kirklees").unwrap(), async |app| {
        let people = People::in_posts(app, &[]).await;
        let worker = &people.worker;
        let child = people.child().await;
        let own_line = with(yearly(1), "budget_line", "home_care");
        let request = people.draft(&child, &[own_line]).await;
        let gaps = async || {
            let read = people.read(&request).await;
            let gaps = read["missing"].as_array().unwrap().iter().map(|gap| (gap["pointer"].clone(), gap["detail"].clone()));
            gaps.collect::<Vec<_>>()
        };
        // Nothing makes an assessment old here but the next one.
        app.clock.set(instant("2034-06-03T09:00:00"));
        assert_eq!(gaps().await, []);
        let next = async |child: &str, kind: &str, completed: &str, authorised: Option<&str>| {
            let begun = json!({ "child_id": child, "kind": kind, "started_on": "2024-05-01", "assessor_id": worker.id });
            let id = id_of(&worker.client.record("/v1/assessments", &begun).await);
            worker.client.step(&id, "consent_given", completed).await;
            worker.client.step(&id, "completed", completed).await;
            if let Some(day) = authorised {
                people.manager.client.authorise(&id, day).await;
            }
            id
        };
        // Completed on the same day, not authorised, of a kind that the panel does not take, of another child.
        next(&child, "child_and_family", "2024-05-28", Some("2024-06-01")).await;
        next(&child, "child_and_family", "2024-05-29", None).await;
        next(&child, "single", "2024-05-29", Some("2024-06-01")).await;
        next(&people.child().await, "child_and_family", "2024-05-29", Some("2024-06-01")).await;
        assert_eq!(gaps().await, []);
        let later = next(&child, "early_help", "2024-05-29", Some("2024-06-01")).await;
        let superseded = "a later assessment was authorised on 2024-06-01; the request rests on one that was completed on 2024-05-28";
        assert_eq!(gaps().await, [(json!("/assessment_id"), json!(superseded))]);
        assert_eq!(people.try_to_submit(&request).await.expect_problem(409, "not_ready").pointers(), ["/assessment_id"]);
        // A day before it was authorised it was not the next.
        app.clock.set(instant("2024-05-31T09:00:00"));
        assert_eq!(gaps().await, []);
        app.clock.set(instant("2034-06-03T09:00:00"));
        let paperwork = people.read(&request).await["paperwork"].clone();
        let fields = ["presenter_id", "coster_id", "unmet_need", "outcomes", "outcome_measures", "in_place", "impact", "local_offer_used"];
        let mut anew = json!({ "assessment_id": later, "lines": [with(yearly(1), "budget_line", "home_care")] });
        fields.iter().for_each(|field| anew[*field] = paperwork[*field].clone());
        people.revise(&request, &anew).await.expect(201);
        people.try_to_submit(&request).await.expect(201);
    });
}

#[test]
fn an_assessment_of_another_kind_or_another_child_does_not_do() {
    on_both(async |app| {
        let mut people = People::of(app).await;
        let (child, sibling) = (people.child().await, people.child().await);
        let of_sibling = people.authorised_assessment(&sibling).await;
        let paperwork = people.paperwork(&child, &[yearly(1)]).await;
        let stolen = with(paperwork.clone(), "assessment_id", of_sibling);
        let refused = people.worker.client.post("/v1/requests", &new_request(&child, stolen.clone())).await;
        assert_eq!(refused.expect_problem(422, "invalid_body").pointers(), ["/paperwork/assessment_id"]);
        let request = id_of(&people.worker.client.record("/v1/requests", &new_request(&child, paperwork)).await);
        assert_eq!(people.revise(&request, &stolen).await.expect_problem(422, "invalid_body").pointers(), ["/assessment_id"]);
        for (kind, gaps) in [("early_help", 0), ("single", 1)] {
            people.assessment = kind;
            let request = people.draft(&people.child().await, &[yearly(1)]).await;
            assert_eq!(missing(&people.read(&request).await).len(), gaps, "{kind}");
        }
    });
}

#[test]
fn a_request_with_nothing_to_stand_on_is_told_all_of_it() {
    on_both(async |app| {
        let worker = app.person(Role::Practitioner).client;
        let bad_line = json!({
            "service": "outreach", "budget_line": "no_such_line", "provider_id": db::new_id(), "statement_category": "no_such_category",
            "unit": "hour", "quantity_thousandths": 100_000_000, "frequency": "weekly", "unit_rate_ten_thousandths": 10_000_000_000_i64,
            "valid_from": "2024-06-17", "valid_to": "2024-06-17", "replaces_line_id": db::new_id()
        });
        let income = with(with(yearly(1), "budget_line", "chc_income"), "valid_from", "1990-03-31");
        let paperwork = json!({
            "assessment_id": db::new_id(), "presenter_id": db::new_id(), "coster_id": db::new_id(), "lines": [bad_line, yearly(1), income]
        });
        let new = with(new_request(&db::new_id(), paperwork), "reference", "RQ-1");
        let refused = worker.post("/v1/requests", &new).await.expect_problem(422, "invalid_body");
        insta::assert_json_snapshot!("a_request_with_nothing_to_stand_on", refused.redacted());
        assert_eq!((app.count("requests"), app.count("request_revisions"), app.count("request_lines")), (0, 0, 0));
    });
}

#[test]
fn a_request_and_its_lines_have_limits() {
    on_both(async |app| {
        let people = People::of(app).await;
        let child = people.child().await;
        let good = new_request(&child, json!({ "lines": [yearly(1), yearly(2)] }));
        for (field, value) in [
            ("quantity_thousandths", json!(0)),
            ("quantity_thousandths", json!(100_000_001)),
            ("quantity_thousandths", json!(1.5)),
            ("unit_rate_ten_thousandths", json!(-1)),
            ("unit_rate_ten_thousandths", json!(10_000_000_001_i64)),
            ("unit_rate_ten_thousandths", json!(i64::MAX)),
            ("valid_from", json!("2024-02-30")),
            ("valid_from", json!("2099-04-01")),
            ("valid_to", json!("2024-06-16")),
            ("valid_to", json!("2099-04-01")),
            ("unit", json!("fortnight")),
            ("frequency", json!("daily")),
            ("service", json!("Outreach")),
            ("service", json!("x".repeat(61))),
            ("provider_id", json!("meadow_house")),
            ("replaces_line_id", json!("DROP TABLE")),
            ("no_such_field", json!(1)),
        ] {
            let mut bad = good.clone();
            bad["paperwork"]["lines"][1][field] = value.clone();
            let refused = people.worker.client.post("/v1/requests", &bad).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), [format!("/paperwork/lines/1/{field}")], "{value}");
        }
        for (field, value) in [
            ("reference", json!("")),
            ("reference", json!("x".repeat(61))),
            ("reference", json!("RQ\n1")),
            ("child_id", json!("CWD-1")),
            ("child_id", json!(db::new_id().to_uppercase())),
            ("state", json!("approved")),
            ("revision", json!(7)),
            ("decision_id", json!(db::new_id())),
        ] {
            let refused = people.worker.client.post("/v1/requests", &with(good.clone(), field, value.clone())).await;
            assert_eq!(refused.expect_problem(422, "invalid_body").pointers(), [format!("/{field}")], "{value}");
        }
        assert_eq!(app.count("requests"), 0);
    });
}

#[test]
fn fifty_lines_are_taken_and_one_more_is_not() {
    on_both(async |app| {
        let people = People::of(app).await;
        let lines = |count: usize| json!({ "lines": vec![yearly(1_000); count] });
        let (child, path) = (people.child().await, "/v1/requests");
        let refused = people.worker.client.post(path, &new_request(&child, lines(51))).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/paperwork/lines"]);
        let request = id_of(&people.worker.client.record(path, &new_request(&child, lines(50))).await);
        assert_eq!(people.revise(&request, &lines(51)).await.expect_problem(422, "invalid_body").pointers(), ["/lines"]);
        let read = people.read(&request).await;
        let numbers: Vec<_> = read["lines"].as_array().unwrap().iter().map(|line| line["number"].as_i64().unwrap()).collect();
        assert_eq!((numbers, &read["full_year_pence"]), ((1..=50).collect(), &json!(50_000)));
        assert_eq!(people.total(&request).await, 50_000);
    });
}

#[test]
fn the_dearest_lines_there_can_be_are_read_and_explained() {
    on_both(async |app| {
        let people = People::of(app).await;
        let child = people.child().await;
        // £1,000,000,000.00 a year each, for as long as there are years.
        let dear = with(with(line("per_year", 1_000_000, 10_000_000_000), "valid_from", "2024-04-01"), "valid_to", "2099-03-31");
        let request = people.submitted(&child, &vec![dear.clone(); 50]).await;
        assert_eq!(people.read(&request).await["full_year_pence"], 50 * 100_000_000_000_i64);
        people.package_line(&people.package_of(&child).await, dear.clone()).await;
        let authority = people.authority(&request).await;
        assert_eq!((authority.total(), authority.who_may()), (51 * 100_000_000_000, vec!["assistant_director", "director"]));
        let dearer = new_request(&child, json!({ "lines": [with(dear, "quantity_thousandths", 1_000_001)] }));
        let refused = people.worker.client.post("/v1/requests", &dearer).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/paperwork/lines/0/quantity_thousandths"]);
    });
}

#[test]
fn long_texts_keep_their_lines_and_one_character_more_is_refused() {
    on_both(async |app| {
        let people = People::of(app).await;
        let child = people.child().await;
        // Four thousand characters, of several bytes each, in lines.
        let longest: String = "\u{1F3E0}é\n".repeat(1333) + "x";
        assert_eq!(longest.chars().count(), 4000);
        let mut paperwork = json!({});
        for field in TEXTS {
            paperwork[field] = json!(longest);
        }
        let request = id_of(&people.worker.client.record("/v1/requests", &new_request(&child, paperwork.clone())).await);
        let read = people.read(&request).await;
        for field in TEXTS {
            assert_eq!(read["paperwork"][field], longest, "{field}");
            let more = json!({ field: format!("{longest}x") });
            assert_eq!(people.revise(&request, &more).await.expect_problem(422, "invalid_body").pointers(), [format!("/{field}")]);
            let refused = people.worker.client.post("/v1/requests", &new_request(&child, more)).await;
            assert_eq!(refused.expect_problem(422, "invalid_body").pointers(), [format!("/paperwork/{field}")]);
        }
        people.revise(&request, &paperwork).await.expect(201);
    });
}

#[test]
fn control_characters_and_space_at_the_ends_are_refused_and_line_feeds_are_not() {
    on_both(async |app| {
        let people = People::of(app).await;
        let request = people.empty_draft(&people.child().await).await;
        let bad = [
            "",
            " ",
            "\n",
            "a ",
            " a",
            "a\n",
            "\na",
            "a\tb",
            "a\rb",
            "a\r\nb",
            "a\u{0}b",
            "a\u{7}b",
            "a\u{7f}b",
            "a\u{85}b",
            "a\u{202e}b",
            "a\u{2028}b",
            "a\u{2066}b",
            "\u{a0}a",
        ];
        for text in bad {
            let refused = people.revise(&request, &json!({ "strengths": text })).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), ["/strengths"], "{text:?}");
        }
        for value in [json!(1), json!(["a"]), json!({}), json!(true)] {
            let refused = people.revise(&request, &json!({ "worries": value })).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), ["/worries"], "{value}");
        }
        let all = TEXTS.iter().map(|field| ((*field).to_owned(), json!("\u{0}"))).collect::<serde_json::Map<_, _>>();
        let refused = people.revise(&request, &Value::Object(all)).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers().len(), TEXTS.len(), "all at once");
        let path = format!("/v1/requests/{request}/revisions");
        let lone = people.worker.client.post_raw(&path, "application/json", "{\"strengths\":\"\\ud83c\"}").await;
        lone.expect_problem(400, "malformed_json");
        for text in ["a\nb", "a\n\n\n b", "Ünïcode \u{1F3E0}\n\"; DROP TABLE requests; --", "=HYPERLINK(\"x\")", "\u{200d}x"] {
            people.revise(&request, &json!({ "strengths": text })).await.expect(201);
            assert_eq!(people.read(&request).await["paperwork"]["strengths"], text);
        }
    });
}

#[test]
fn a_line_replaces_a_line_of_the_same_child_that_started_before_it_and_only_once() {
    on_both(async |app| {
        let people = People::of(app).await;
        let (child, sibling) = (people.child().await, people.child().await);
        let package = people.package_of(&child).await;
        let old = people.package_line(&package, in_force(1)).await;
        let reversed = people.package_line(&package, in_force(1)).await;
        people.support.client.record(&format!("/v1/package-lines/{reversed}/reversal"), &json!({ "reason": "Mistake" })).await;
        let of_sibling = people.package_line(&people.package_of(&sibling).await, in_force(1)).await;
        let replacing = |line: &str| with(yearly(2), "replaces_line_id", line);
        let refuse = async |lines: Value| {
            let refused = people.worker.client.post("/v1/requests", &new_request(&child, json!({ "lines": lines }))).await;
            let errors = refused.expect_problem(422, "invalid_body").body["errors"].as_array().unwrap().clone();
            errors.iter().map(|e| (e["pointer"].as_str().unwrap().to_owned(), e["code"].as_str().unwrap().to_owned())).collect::<Vec<_>>()
        };
        let at = |place: usize, code: &str| (format!("/paperwork/lines/{place}/replaces_line_id"), code.to_owned());
        for unknown in [&reversed, &of_sibling, &db::new_id()] {
            assert_eq!(refuse(json!([replacing(unknown)])).await, [at(0, "unknown_reference")]);
        }
        let twice = json!([replacing(&old), yearly(1), replacing(&old)]);
        assert_eq!(refuse(twice).await, [at(0, "repeated"), at(2, "repeated")]);
        for from in ["2023-04-01", "2023-03-31"] {
            assert_eq!(refuse(json!([with(replacing(&old), "valid_from", from)])).await, [at(0, "before_start")]);
        }
        let good = json!({ "lines": [with(replacing(&old), "valid_from", "2023-04-02")] });
        people.worker.client.record("/v1/requests", &new_request(&child, good)).await;
    });
}
