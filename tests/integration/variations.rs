//! Variations: what each kind makes of its line, on past and future days, and what it may not say.

use crate::support::on_both;
use crate::support::people::{People, id_of, in_force, line, with, yearly};
use crate::support::varying::{days, rate, variation};
use serde_json::{Value, json};

const SUM: &str = "service_unit_manager";

#[test]
fn each_kind_leaves_the_days_before_it_and_says_the_days_after() {
    on_both(async |app| {
        let people = People::of(app).await;
        let provider = people.support.client.provider("voluntary").await;
        let volume = |thousandths: i64| json!({ "quantity_thousandths": thousandths });
        let with_end = |mut more: Value, to: &str| {
            more["valid_to"] = json!(to);
            more
        };
        let before = |to: &str| days("2023-04-01", Some(to), 1000);
        for (kind, from, more, after) in [
            ("increase", "2024-05-06", volume(2000), vec![before("2024-05-06"), days("2024-05-06", None, 2000)]),
            ("decrease", "2025-04-01", volume(500), vec![before("2025-04-01"), days("2025-04-01", None, 500)]),
            ("rate", "2024-02-29", rate(1100), vec![before("2024-02-29"), days("2024-02-29", None, 1100)]),
            ("rate", "2023-04-01", rate(1100), vec![days("2023-04-01", None, 1100)]),
            ("provider", "2024-03-31", json!({ "provider_id": provider }), vec![before("2024-03-31"), days("2024-03-31", None, 1000)]),
            ("suspension", "2024-02-28", json!({ "valid_to": "2024-03-01" }), vec![before("2024-02-28"), days("2024-03-01", None, 1000)]),
            ("suspension", "2023-04-01", json!({ "valid_to": "2023-04-15" }), vec![days("2023-04-15", None, 1000)]),
            (
                "increase",
                "2024-07-22",
                with_end(volume(3000), "2024-09-02"),
                vec![before("2024-07-22"), days("2024-07-22", Some("2024-09-02"), 3000), days("2024-09-02", None, 1000)],
            ),
            ("end", "2024-04-01", json!({}), vec![before("2024-04-01")]),
            ("end", "2023-04-01", json!({}), vec![]),
            ("correction", "2023-04-17", json!({}), vec![days("2023-04-17", None, 1000)]),
            ("correction", "2023-03-20", with_end(rate(900), "2024-05-01"), vec![days("2023-03-20", Some("2024-05-01"), 900)]),
        ] {
            let (package, line) = people.line_of(1000).await;
            let agreed = people.varied(SUM, &variation(&line, kind, from, more)).await;
            assert_eq!(people.support.client.line_days(&package).await, after, "{kind} from {from}");
            assert_eq!((&agreed["state"], &agreed["step"]["post"]), (&json!("agreed"), &json!(SUM)), "{kind}");
            for made in agreed["made"].as_array().unwrap() {
                assert_eq!(made["variation_id"], agreed["id"]);
                let is_own = made["line_id"] == line.as_str();
                assert_eq!(made["continues_line_id"], if is_own { json!(null) } else { json!(line) }, "{kind}");
                assert_eq!(
                    made["state"],
                    if !is_own {
                        "recorded"
                    } else if made["valid_from"] == from || kind == "correction" {
                        "reversed"
                    } else {
                        "ended"
                    }
                );
            }
        }
    });
}

#[test]
fn a_line_with_an_end_is_varied_on_its_last_day_and_extended_as_itself() {
    on_both(async |app| {
        let people = People::of(app).await;
        let package = people.package_of(&people.child().await).await;
        let line = people.package_line(&package, with(in_force(1000), "valid_to", "2024-05-01")).await;
        let client = &people.support.client;
        people.varied(SUM, &variation(&line, "rate", "2024-04-30", rate(1100))).await;
        let last = client.line_on(&package, "2024-04-30").await;
        people.varied(SUM, &variation(&last, "extension", "2024-05-01", json!({ "valid_to": "2024-06-01" }))).await;
        let (first, second) = (days("2023-04-01", Some("2024-04-30"), 1000), days("2024-04-30", Some("2024-06-01"), 1100));
        assert_eq!(client.line_days(&package).await, [first.clone(), second.clone()]);
        // With other terms it is carried on by a line of its own.
        people.varied(SUM, &variation(&last, "extension", "2024-06-01", rate(1200))).await;
        assert_eq!(client.line_days(&package).await, [first, second, days("2024-06-01", None, 1200)]);
        // What is ended earlier is no longer set later without agreement.
        let later = json!({ "valid_to": "2024-05-02", "reason": "It goes on" });
        let refused = client.post(&format!("/v1/package-lines/{line}/end"), &later).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.body["errors"][0]["code"], "later_end");
        let overlapping = variation(&last, "extension", "2024-06-01", json!({ "valid_to": "2024-06-02" }));
        let refused = people.try_to_vary(&overlapping).await.expect_problem(422, "invalid_body");
        assert_eq!((refused.pointers(), &refused.body["errors"][0]["code"]), (vec!["/valid_to".to_owned()], &json!("overlaps_line")));
        let open = people.varied(SUM, &variation(&client.line_on(&package, "2024-06-01").await, "end", "2024-09-01", json!({}))).await;
        let ended = open["made"][0]["line_id"].as_str().unwrap();
        let reopened = people.varied(SUM, &variation(ended, "extension", "2024-09-01", json!({}))).await;
        assert_eq!((&reopened["made"][0]["valid_to"], &reopened["made"][0]["state"]), (&json!("2032-06-30"), &json!("recorded")));
    });
}

#[test]
fn a_variation_says_only_what_its_kind_can_and_is_told_all_of_it() {
    on_both(async |app| {
        let people = People::of(app).await;
        let (_, line) = people.line_of(1000).await;
        let ended =
            people.package_line(&people.package_of(&people.child().await).await, with(in_force(1000), "valid_to", "2024-05-01")).await;
        let once = people.package_line(&people.package_of(&people.child().await).await, with(yearly(1), "frequency", "one_off")).await;
        let provider = people.support.client.provider("voluntary").await;
        for (body, pointers) in [
            (variation(&db::new_id(), "end", "2024-05-06", json!({})), vec!["/line_id"]),
            (variation(&line, "increase", "2024-05-06", json!({})), vec!["/quantity_thousandths"]),
            (variation(&line, "increase", "2024-05-06", json!({ "quantity_thousandths": 1000 })), vec!["/quantity_thousandths"]),
            (variation(&line, "decrease", "2024-05-06", json!({ "quantity_thousandths": 1001 })), vec!["/quantity_thousandths"]),
            (variation(&line, "rate", "2024-05-06", rate(1000)), vec!["/unit_rate_ten_thousandths"]),
            (variation(&line, "provider", "2024-05-06", json!({})), vec!["/provider_id"]),
            (variation(&line, "provider", "2024-05-06", json!({ "provider_id": db::new_id() })), vec!["/provider_id"]),
            (
                variation(&line, "rate", "2024-05-06", json!({ "provider_id": provider })),
                vec!["/provider_id", "/unit_rate_ten_thousandths"],
            ),
            (variation(&line, "suspension", "2024-05-06", json!({})), vec!["/valid_to"]),
            (variation(&line, "suspension", "2024-05-06", json!({ "valid_to": "2024-05-06" })), vec!["/valid_to"]),
            (variation(&ended, "suspension", "2024-04-06", json!({ "valid_to": "2024-05-01" })), vec!["/valid_to"]),
            (variation(&line, "end", "2024-05-06", json!({ "valid_to": "2024-06-06" })), vec!["/valid_to"]),
            (variation(&line, "end", "2023-03-31", json!({})), vec!["/valid_from"]),
            (variation(&ended, "end", "2024-05-01", json!({})), vec!["/valid_from"]),
            (variation(&ended, "extension", "2024-04-30", json!({})), vec!["/valid_from"]),
            (variation(&line, "extension", "2024-04-30", json!({})), vec!["/kind"]),
            (variation(&line, "correction", "2023-04-01", json!({})), vec!["/kind"]),
            (variation(&line, "uprating", "2024-05-06", rate(1)), vec!["/kind"]),
            (variation(&line, "correction", "1990-03-31", json!({})), vec!["/valid_from"]),
            (
                variation(&line, "rate", "2024-05-06", json!({ "unit_rate_ten_thousandths": 1, "valid_to": "2099-04-01" })),
                vec!["/valid_to"],
            ),
            (variation(&once, "end", "2024-06-18", json!({})), vec!["/valid_from"]),
            (
                variation(
                    &line,
                    "increase",
                    "2024-05-06",
                    json!({ "quantity_thousandths": 100_000_000, "unit_rate_ten_thousandths": 10_000_000_000_i64 }),
                ),
                vec!["/quantity_thousandths"],
            ),
            (
                variation(&line, "increase", "2024-05-06", json!({ "quantity_thousandths": 2000, "request_line_id": db::new_id() })),
                vec!["/request_line_id"],
            ),
            (with(variation(&line, "end", "2024-05-06", json!({})), "service", "home_care"), vec!["/service"]),
        ] {
            for path in ["/v1/package-variations", "/v1/package-variation-previews"] {
                let refused = people.support.client.post(path, &body).await.expect_problem(422, "invalid_body");
                assert_eq!(refused.pointers(), pointers, "{body}");
            }
        }
        assert_eq!((app.count("package_variations"), app.count("package_lines")), (0, 3));
        let gone = json!({ "reason": "A mistake" });
        people.support.client.record(&format!("/v1/package-lines/{line}/reversal"), &gone).await;
        people.try_to_vary(&variation(&line, "end", "2024-05-06", json!({}))).await.expect_problem(409, "state_conflict");
    });
}

#[test]
fn variations_chain_and_one_dated_back_names_the_line_of_its_day() {
    on_both(async |app| {
        let people = People::of(app).await;
        let client = &people.support.client;
        let (package, line) = people.line_of(1000).await;
        people.varied(SUM, &variation(&line, "rate", "2024-05-01", rate(2000))).await;
        let second = client.line_on(&package, "2024-05-01").await;
        people.varied(SUM, &variation(&second, "suspension", "2024-06-10", json!({ "valid_to": "2024-06-24" }))).await;
        let third = client.line_on(&package, "2024-06-24").await;
        // The day is in the first line: the later ones stay, and the answer lists them.
        let misnamed = variation(&third, "rate", "2024-04-15", rate(1500));
        let refused = people.try_to_vary(&misnamed).await.expect_problem(422, "invalid_body");
        let said = refused.body["errors"][0]["detail"].as_str().unwrap();
        assert!(refused.body["errors"][0]["code"] == "outside_line" && said.contains(&line), "{said}");
        let back = people.varied(SUM, &variation(&line, "rate", "2024-04-15", rate(1500))).await;
        let later: Vec<_> = back["later_lines"].as_array().unwrap().iter().map(|line| line["line_id"].as_str().unwrap()).collect();
        assert_eq!(later, [second.as_str(), third.as_str()]);
        let all = [
            days("2023-04-01", Some("2024-04-15"), 1000),
            days("2024-04-15", Some("2024-05-01"), 1500),
            days("2024-05-01", Some("2024-06-10"), 2000),
            days("2024-06-24", None, 2000),
        ];
        assert_eq!(client.line_days(&package).await, all);
        let lines = client.get(&format!("/v1/package-lines?package_id={package}")).await.body;
        let carried_on = lines["items"].as_array().unwrap().iter().filter(|other| other["continues_line_id"] == line.as_str()).count();
        assert_eq!(carried_on, 3, "every line names the arrangement's first");
        assert_eq!(people.total(&people.submitted(&child_of(&people, &package).await, &[yearly(1)]).await).await, 2001);
    });
}

async fn child_of(people: &People, package: &str) -> String {
    people.support.client.get(&format!("/v1/packages/{package}")).await.expect(200).body["child_id"].as_str().unwrap().to_owned()
}

#[test]
fn a_preview_tells_what_would_be_and_records_only_that_it_was_read() {
    on_both(async |app| {
        let people = People::of(app).await;
        // 36,500 pence a year are 100 pence a day in 2024-25.
        let package = people.package_of(&people.child().await).await;
        let since = with(yearly(36_500), "valid_from", "2024-04-01");
        let line = people.package_line(&package, since).await;
        let body = variation(&line, "rate", "2024-04-11", json!({ "unit_rate_ten_thousandths": 7_300_000, "valid_to": "2024-07-01" }));
        let reads = app.events("packages", "read").await.len();
        let preview = people.support.client.post("/v1/package-variation-previews", &body).await.expect(200).body;
        assert_eq!(app.events("packages", "read").await.len(), reads + 1);
        assert_eq!((app.count("package_variations"), app.count("package_lines")), (0, 1));
        let parts: Vec<_> = preview["after"].as_array().unwrap().iter().map(|line| line["part"].as_str().unwrap()).collect();
        assert_eq!((parts, &preview["before"]["part"]), (vec!["shortened", "changed", "resumed"], &json!("as_recorded")));
        assert_eq!(
            (&preview["cost_before"]["full_year_pence"], &preview["cost_after"]["full_year_pence"]),
            (&json!(36_500), &json!(73_000))
        );
        // 81 days at 100 pence more.
        assert_eq!(
            (&preview["cost_before"]["this_year_pence"], &preview["cost_after"]["this_year_pence"]),
            (&json!(36_500), &json!(44_600))
        );
        assert_eq!(preview["cost_after"]["later_years_pence"], json!(null));
        assert_eq!((&preview["year"], &preview["cost_after"]["year"]), (&json!("2024-25"), &json!("2024-25")));
        assert_eq!((&preview["total_before_pence"], &preview["total_after_pence"]), (&json!(36_500), &json!(73_000)));
        assert_eq!((&preview["tier_after"][0]["post"], &preview["is_tested"]), (&json!(SUM), &json!(true)));
        // 20 days of April, 31 of May, 2 of June are over on 3 June.
        let month = |month: &str, before: i64, after: i64| json!({ "month": month, "before_pence": before, "after_pence": after, "difference_pence": after - before });
        let months = json!([month("2024-04-01", 3000, 5000), month("2024-05-01", 3100, 6200), month("2024-06-01", 200, 400)]);
        assert_eq!(preview["adjustment"], json!({ "up_to": "2024-06-03", "months": months, "difference_pence": 5300 }));
        // A change of next year is seen from that year: from this one it would have no effect.
        let later = variation(&line, "rate", "2026-02-01", json!({ "unit_rate_ten_thousandths": 7_300_000 }));
        let later = people.support.client.post("/v1/package-variation-previews", &later).await.expect(200).body;
        assert_eq!((&later["year"], &later["before"]["costing"]["year"]), (&json!("2025-26"), &json!("2025-26")));
        let this_year = |side: &str| later[side]["this_year_pence"].as_i64().unwrap();
        // 59 days at 100 pence more.
        assert_eq!(this_year("cost_after") - this_year("cost_before"), 5_900);
        let proposed = people.proposed(&body).await;
        let read = async || people.support.client.get(&format!("/v1/package-variations/{proposed}")).await.expect(200).body;
        assert_eq!((&read().await["adjustment"], &read().await["state"]), (&preview["adjustment"], &json!("proposed")));
        people.post(SUM).client.agree_variation(&proposed).await.expect(201);
        app.clock.set(crate::support::instant("2024-09-01T09:00:00"));
        assert_eq!(read().await["adjustment"], preview["adjustment"], "as on the day it was agreed");
        assert_eq!(app.count("ledger_entries"), 0);
    });
}

#[test]
fn a_lower_rate_takes_back_and_a_change_to_come_corrects_nothing() {
    on_both(async |app| {
        let people = People::of(app).await;
        for (from, difference) in [("2024-06-02", -100), ("2024-06-03", 0), ("2025-04-01", 0)] {
            let package = people.package_of(&people.child().await).await;
            let line = people.package_line(&package, with(yearly(73_000), "valid_from", "2024-04-01")).await;
            let agreed = people.varied(SUM, &variation(&line, "rate", from, rate(36_500))).await;
            assert_eq!(agreed["adjustment"]["difference_pence"], difference, "{from}");
        }
    });
}

#[test]
fn an_approved_request_is_carried_out_by_a_variation_without_agreement() {
    on_both(async |app| {
        let people = People::of(app).await;
        let (panel, child) = (people.chaired_panel().await, people.child().await);
        let package = people.package_of(&child).await;
        let old = people.package_line(&package, in_force(1000)).await;
        let other = people.package_line(&package, in_force(10)).await;
        let request = people.submitted(&child, &[with(yearly(3000), "replaces_line_id", old.clone()), yearly(500)]).await;
        people.decided(&panel, &request, &json!({ "kind": "approved" })).await;
        let lines = people.read(&request).await["lines"].clone();
        let (more, on_top) = (lines[0]["id"].as_str().unwrap(), lines[1]["id"].as_str().unwrap());
        let by = |line: &str, from: &str, pence: i64, request_line: &str| {
            variation(line, "rate", from, with(rate(pence), "request_line_id", request_line))
        };
        for (body, pointer) in [
            (by(&old, "2024-06-17", 3001, more), "/quantity_thousandths"),
            (by(&old, "2024-06-16", 3000, more), "/valid_from"),
            (by(&old, "2024-06-17", 400, on_top), "/request_line_id"),
            (by(&other, "2024-06-17", 3000, more), "/request_line_id"),
        ] {
            assert!(people.try_to_vary(&body).await.expect_problem(422, "invalid_body").pointers().contains(&pointer.to_owned()), "{body}");
        }
        let done = people.try_to_vary(&by(&old, "2024-06-17", 3000, more)).await.expect(201).body;
        assert_eq!((&done["state"], &done["basis"], &done["step"]["post"]), (&json!("agreed"), &json!("request_line"), &json!(null)));
        let after = [days("2023-04-01", None, 10), days("2023-04-01", Some("2024-06-17"), 1000), days("2024-06-17", None, 3000)];
        assert_eq!(people.support.client.line_days(&package).await, after);
        // It counts once, in place of the line, and nothing else carries it out.
        let this = people.submitted(&child, &[yearly(1)]).await;
        assert_eq!(people.total(&this).await, 3000 + 500 + 10 + 1);
        let again = with(with(with(yearly(3000), "package_id", package.clone()), "request_line_id", more), "reason", "Again");
        let refused = people.support.client.post("/v1/package-lines", &again).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.body["errors"][0]["code"], "carried_out");
        people.withdraw(&request).await.expect_problem(409, "state_conflict");
        // The line on top is a package line of its own, and nothing stands in its way.
        let top = with(with(with(yearly(500), "package_id", package.clone()), "request_line_id", on_top), "reason", "As agreed");
        people.support.client.record("/v1/package-lines", &top).await;
        assert_eq!(people.total(&this).await, 3000 + 500 + 10 + 1);
    });
}

#[test]
fn a_line_that_carries_a_request_out_keeps_its_trace_while_it_stays_within() {
    on_both(async |app| {
        let people = People::of(app).await;
        let (panel, child) = (people.chaired_panel().await, people.child().await);
        let package = people.package_of(&child).await;
        let request = people.submitted(&child, &[yearly(1000)]).await;
        people.decided(&panel, &request, &json!({ "kind": "approved" })).await;
        let agreed = people.read(&request).await["lines"][0]["id"].clone();
        let line = people.package_line(&package, with(yearly(800), "request_line_id", agreed.clone())).await;
        let made = async |body: Value| people.varied(SUM, &body).await["made"].as_array().unwrap().last().unwrap().clone();
        // The coster of the request is ruled out; the service unit manager was not.
        let less = made(variation(&line, "rate", "2024-07-01", rate(600))).await;
        assert_eq!(less["request_line_id"], agreed);
        let beyond = made(variation(less["line_id"].as_str().unwrap(), "rate", "2024-08-01", rate(1500))).await;
        assert_eq!(beyond["request_line_id"], json!(null));
        let this = people.submitted(&child, &[yearly(1)]).await;
        assert_eq!(people.total(&this).await, 1501, "of lines that never run together the dearest counts");
        // From its first day the line would leave nothing that carries the request out.
        let other = people.submitted(&child, &[yearly(2000)]).await;
        people.decided(&panel, &other, &json!({ "kind": "approved" })).await;
        let agreed = people.read(&other).await["lines"][0]["id"].clone();
        let line = people.package_line(&package, with(yearly(2000), "request_line_id", agreed.clone())).await;
        let anew = made(variation(&line, "rate", "2024-06-17", rate(2500))).await;
        assert_eq!((&anew["request_line_id"], &anew["valid_from"]), (&agreed, &json!("2024-06-17")));
        assert_eq!(people.total(&this).await, 1501 + 2500);
    });
}

#[test]
fn variations_are_listed_by_package_and_state_a_page_at_a_time() {
    on_both(async |app| {
        let people = People::of(app).await;
        let client = &people.support.client;
        let (package, line) = people.line_of(1000).await;
        let (_, elsewhere) = people.line_of(1000).await;
        let mut ids = Vec::new();
        for pence in [1, 2, 3, 4] {
            ids.push(people.proposed(&variation(&line, "rate", "2024-05-06", rate(pence))).await);
        }
        ids.push(people.proposed(&variation(&elsewhere, "end", "2024-05-06", json!({}))).await);
        people.post(SUM).refuse_variation(&ids[1]).await.expect(201);
        let withdrawal = json!({ "reason": "Not wanted any more" });
        client.record(&format!("/v1/package-variations/{}/withdrawal", ids[2]), &withdrawal).await;
        people.post(SUM).client.agree_variation(&ids[4]).await.expect(201);
        let listed = async |question: &str| {
            let pages = client.all_pages(&format!("/v1/package-variations?{question}"), 2).await;
            pages.into_iter().flatten().map(|item| ids.iter().position(|id| *id == id_of(&item)).unwrap()).collect::<Vec<_>>()
        };
        let of_package = format!("package_id={package}");
        assert_eq!(listed("").await, [0, 1, 2, 3, 4]);
        assert_eq!(listed(&of_package).await, [0, 1, 2, 3]);
        assert_eq!(listed("state=proposed").await, [0, 3]);
        assert_eq!(listed("state=refused").await, [1]);
        assert_eq!(listed(&format!("state=withdrawn&{of_package}")).await, [2]);
        assert_eq!(listed("state=agreed").await, [4]);
        assert_eq!(listed(&format!("state=agreed&{of_package}")).await, Vec::<usize>::new());
        assert_eq!(listed(&format!("uprating_id={}", db::new_id())).await, Vec::<usize>::new());
        client.get("/v1/package-variations?state=open").await.expect_problem(422, "invalid_parameter");
        // What somebody wrote about a child is in no detail of the trail.
        let trail = app.events("package_variations", "propose").await;
        assert!(trail.len() == 5 && !serde_json::to_string(&trail).unwrap().contains("review"), "{trail:?}");
    });
}

#[test]
fn a_child_whose_line_was_varied_counts_once_in_the_statement() {
    on_both(async |app| {
        let people = People::of(app).await;
        let package = people.package_of(&people.child().await).await;
        let hours = with(with(line("weekly", 3000, 198_000), "valid_from", "2023-04-01"), "service", "targeted_outreach");
        let line = people.package_line(&package, hours).await;
        app.confirmed(&line);
        let figure = || {
            let profile = domain::Profile::bundled("tameside").unwrap();
            let (warehouse, keys) = (app.folder.path().join("warehouse"), app.folder.path().join("keys"));
            etl::run(&app.store, &profile, &warehouse, &keys, &etl::Options::default()).unwrap();
        };
        let reader = app.as_anyone().await;
        let outreach = async || {
            figure();
            let figures = reader.get("/v1/reports/statement-figures?year=2023-24").await.expect(200).body;
            figures["figures"]
                .as_array()
                .unwrap()
                .iter()
                .find(|figure| figure["code"] == "targeted_outreach_children")
                .map(|figure| figure["value"].clone())
        };
        assert_eq!(outreach().await, Some(json!(1)));
        let more = people
            .varied(SUM, &variation(&line, "increase", "2023-09-01", json!({ "quantity_thousandths": 4000, "valid_to": "2023-12-01" })))
            .await;
        assert_eq!(more["made"].as_array().unwrap().len(), 3);
        assert_eq!(outreach().await, Some(json!(1)));
    });
}
