//! Lines that no decision brought: told apart, listed, shut to everything, and confirmed one by one or in a list.

use crate::support::approved::{Approved, drift};
use crate::support::confirming::{HEAD, LIST, SUM, item, previewed, told_apart};
use crate::support::families::{Family, confirm, confirm_from};
use crate::support::health::Health;
use crate::support::people::{People, id_of, in_force, with, yearly};
use crate::support::varying::variation;
use crate::support::{Answer, TestApp, on_both};
use domain::Role;
use domain::packages::unconfirmed::Door;
use serde_json::{Value, json};
use strum::VariantArray;

/// What is shut, by field.
fn shut(refused: Answer) -> Vec<String> {
    let refused = refused.expect_problem(422, "invalid_body");
    let errors = refused.body["errors"].as_array().unwrap().iter();
    let shut = errors.filter(|error| error["code"] == "unconfirmed");
    shut.map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
}

/// Tries one thing on a line that waits, lets the line be confirmed, and does it.
async fn try_door(app: &TestApp, door: Door) {
    match door {
        Door::Order => {
            let people = People::of(app).await;
            let (package, support) = (people.package_of(&people.child().await).await, &people.support.client);
            let provider = support.provider("private").await;
            let line = people.package_line(&package, with(yearly(100), "provider_id", provider.clone())).await;
            let order = json!({
                "number": "PO-1", "package_id": package, "provider_id": provider, "cost_centre": "C", "expense_code": "E",
                "raised_on": "2024-06-03", "line_ids": [line]
            });
            assert_eq!(shut(support.post("/v1/purchase-orders", &order).await), ["/line_ids/0"]);
            confirm(&people.post(SUM).client, SUM, &line, 1).await.expect(201);
            support.record("/v1/purchase-orders", &order).await;
        }
        Door::Placement => {
            let one = Approved::of(app).await;
            let provider = one.take_all_but(&[]).await;
            let (_, line) = one.package(&provider).await;
            let agreement = one.of_line("placement_agreement");
            let told = |refused: &Value| refused["errors"].as_array().unwrap().iter().any(|error| error["code"] == "unconfirmed");
            assert!(!told(&one.try_step(agreement.clone()).await.body));
            // As a rise of rates into another tier leaves it.
            app.sql(&format!(
                "INSERT INTO unconfirmed_lines (line_id, arrangement_id, package_id, budget_line, valid_from, recorded_by, waits_since, \
                 recorded_seq) SELECT line_id, line_id, package_id, budget_line, valid_from, recorded_by, valid_from, recorded_seq FROM \
                 package_lines WHERE line_id = '{line}'"
            ))
            .unwrap();
            assert!(told(&one.try_step(agreement).await.body));
        }
        Door::Booking => {
            let people = People::of(app).await;
            let (child, support) = (people.child().await, &people.support.client);
            let provider = support.provider("own").await;
            let line = people.package_line(&people.package_of(&child).await, in_force(100)).await;
            let stay = json!({
                "child_id": child, "provider_id": provider, "line_id": line, "first_night": "2024-06-07", "last_night": "2024-06-09",
                "reason": "A weekend"
            });
            assert_eq!(shut(support.post("/v1/stays", &stay).await), ["/line_id"]);
            let stayed = with(with(with(stay.clone(), "state", "stayed"), "first_night", "2024-05-03"), "last_night", "2024-05-04");
            support.post("/v1/stays", &stayed).await.expect(201);
            confirm(&people.post(SUM).client, SUM, &line, 1).await.expect(201);
            support.post("/v1/stays", &stay).await.expect(201);
        }
        Door::HealthInvoice => {
            let health = Health::of(app).await;
            let line = crate::support::health::ten_pounds_a_day(&health.anyone, &health.package, "2024-04-01").await;
            let funding = health.share(&json!({ "line_id": line, "percentage_ten_thousandths": 500_000 })).await;
            let charge = json!({ "funding_id": funding, "period_from": "2024-04-01", "period_to": "2024-05-01", "amount_pence": 15_000 });
            let both = health.new_invoice("CHC-1", "2024-05-02", &[health.charge("2024-04-01", "2024-05-01", 15_000), charge]);
            assert_eq!(shut(health.finance.post("/v1/health-invoices", &both).await), ["/lines/1/funding_id"]);
            let proposed = health.proposal("2024-04-01", "2024-05-01").await;
            assert_eq!((&proposed["total_pence"], &proposed["unconfirmed_pence"]), (&json!(15_000), &json!(15_000)));
            app.confirmed(&line);
            assert_eq!(health.proposal("2024-04-01", "2024-05-01").await["total_pence"], 30_000);
            health.finance.record("/v1/health-invoices", &both).await;
        }
        Door::Payment => {
            let family = Family::unconfirmed(app, "2024-06-03", None).await;
            family.all_steps().await;
            assert_eq!(family.paid_by(&family.payer, "2024-06-03").await, (0, vec!["support_agreed".to_owned()]));
            confirm_from(&family.manager.client, SUM, &family.line, 1, &json!("2024-06-03")).await.expect(201);
            assert_eq!(family.paid_by(&family.payer, "2024-06-03").await.0, 1);
        }
    }
}

#[test]
fn nothing_is_done_on_a_line_that_nobody_has_confirmed() {
    for door in Door::VARIANTS {
        on_both(async |app| try_door(app, *door).await);
    }
}

#[test]
fn what_waits_is_committed_and_told_apart_until_it_is_confirmed_ended_or_reversed() {
    on_both(async |app| {
        let people = People::of(app).await;
        let package = people.package_of(&people.child().await).await;
        let caller = app.as_anyone().await;
        let of_year = |line: Value| with(line, "valid_to", "2025-04-01");
        let one = people.package_line(&package, of_year(with(yearly(36_500), "valid_from", "2024-04-01"))).await;
        let two = people.package_line(&package, of_year(with(yearly(73_000), "valid_from", "2024-04-01"))).await;
        assert_eq!(told_apart(&caller).await, (2, 109_500, 109_500));
        confirm(&people.post(SUM).client, SUM, &one, 1).await.expect(201);
        assert_eq!(told_apart(&caller).await, (1, 109_500, 73_000));
        let weeks = caller.get(&format!("/v1/packages/{package}/commitments?year=2024-25")).await.expect(200).body;
        assert_eq!((&weeks["open_pence"], &weeks["unconfirmed_pence"]), (&json!(109_500), &json!(73_000)));
        // An end by hand agrees nothing, and less of it waits.
        let end = json!({ "valid_to": "2024-04-11", "reason": "A mistake" });
        people.support.client.record(&format!("/v1/package-lines/{two}/end"), &end).await;
        assert_eq!(told_apart(&caller).await, (1, 38_500, 2_000));
        people.support.client.record(&format!("/v1/package-lines/{two}/reversal"), &json!({ "reason": "A mistake" })).await;
        assert_eq!(told_apart(&caller).await, (0, 36_500, 0));
        // A request's line waits for nobody.
        let (panel, child) = (people.chaired_panel().await, people.child().await);
        let request = people.submitted(&child, &[yearly(100)]).await;
        people.decided(&panel, &request, &json!({ "kind": "approved" })).await;
        let agreed = people.read(&request).await["decided_lines"][0]["id"].clone();
        people.package_line(&people.package_of(&child).await, with(yearly(100), "request_line_id", agreed)).await;
        assert_eq!(told_apart(&caller).await.0, 0);
    });
}

#[test]
fn what_waits_is_listed_with_how_long_by_budget_line_and_by_worker() {
    on_both(async |app| {
        let people = People::of(app).await;
        let package = people.package_of(&people.child().await).await;
        let first = people.package_line(&package, yearly(100)).await;
        app.clock.set(crate::support::instant("2024-06-13T09:00:00"));
        let care = with(with(yearly(100), "budget_line", "home_care"), "service", "home_care");
        let second = people.package_line(&package, care.clone()).await;
        let finance = app.person(Role::FinanceOfficer);
        let mut line = with(care, "package_id", package.clone());
        line["reason"] = json!("On the list of finance");
        let third = id_of(&finance.client.record("/v1/package-lines", &line).await);
        let client = &people.support.client;
        let pages = client.all_pages("/v1/unconfirmed-package-lines", 1).await;
        let ids: Vec<&str> = pages.iter().map(|page| page[0]["line_id"].as_str().unwrap()).collect();
        assert_eq!(ids, [first.as_str(), &second, &third]);
        let item = &pages[0][0];
        assert_eq!(
            (&item["waits_since"], &item["days_waiting"], &item["full_year_pence"]),
            (&json!("2024-06-03"), &json!(10), &json!(100))
        );
        assert_eq!(item["waiting_recorded_by"], json!(people.support.id));
        let list = client.get("/v1/unconfirmed-package-lines?budget_line=home_care").await.expect(200).body;
        assert_eq!(list["items"].as_array().unwrap().len(), 2);
        let by_line = json!([
            { "budget_line": "home_care", "lines": 2, "waits_since": "2024-06-13" },
            { "budget_line": "targeted_outreach", "lines": 1, "waits_since": "2024-06-03" }
        ]);
        assert_eq!(list["by_budget_line"], by_line);
        let of_finance = client.get(&format!("/v1/unconfirmed-package-lines?recorded_by={}", finance.id)).await.expect(200).body;
        assert_eq!((of_finance["items"].as_array().unwrap().len(), &of_finance["items"][0]["line_id"]), (1, &json!(third)));
        assert_eq!(of_finance["by_worker"].as_array().unwrap().len(), 2);
        // The weekly list has them beside what lacks a step.
        let listed = drift(&people, "").await;
        let waiting: Vec<_> = listed["unconfirmed"].as_array().unwrap().iter().map(|row| row["working_days"].as_i64().unwrap()).collect();
        assert_eq!(waiting, [8, 0, 0]);
        let of_worker = drift(&people, &format!("?worker_id={}", finance.id)).await;
        assert_eq!(of_worker["unconfirmed"].as_array().unwrap().len(), 1);
        assert_eq!(drift(&people, "?on=2024-06-12").await["unconfirmed"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn a_rise_into_another_tier_waits_from_its_day_and_a_variation_agrees_nothing() {
    on_both(async |app| {
        let people = People::of(app).await;
        let (child, support) = (people.child().await, &people.support.client);
        let package = people.package_of(&child).await;
        let line = people.package_line(&package, in_force(1_390_000)).await;
        confirm(&people.post(SUM).client, SUM, &line, 1).await.expect(201);
        let finance = app.as_role(Role::FinanceOfficer);
        let rise = json!({ "service": "targeted_outreach", "from": "2024-07-01", "percentage_ten_thousandths": 20_000, "reason": "-" });
        let seen = finance.post("/v1/uprating-previews", &rise).await.expect(200).body["preview_sha256"].clone();
        let proposal = id_of(&finance.record("/v1/uprating-proposals", &with(rise, "preview_sha256", seen)).await);
        people.post(HEAD).client.record("/v1/upratings", &json!({ "proposal_id": proposal, "post": HEAD })).await;
        let waiting = support.get("/v1/unconfirmed-package-lines").await.expect(200).body["items"].clone();
        let raised = waiting[0]["line_id"].as_str().unwrap().to_owned();
        assert_eq!((waiting.as_array().unwrap().len(), &waiting[0]["continues_line_id"]), (1, &json!(line)));
        let provider = support.provider("own").await;
        let stay = |line: &str, first: &str, last: &str| {
            json!({
                "child_id": child, "provider_id": provider, "line_id": line, "first_night": first, "last_night": last, "reason": "-"
            })
        };
        support.post("/v1/stays", &stay(&line, "2024-06-28", "2024-06-30")).await.expect(201);
        assert_eq!(shut(support.post("/v1/stays", &stay(&line, "2024-07-01", "2024-07-02")).await), ["/line_id"]);
        let (_, signed) = previewed(&people.post(SUM).client, SUM, &[item(&raised, 1)]).await;
        people.post(SUM).client.post(LIST, &signed).await.expect_problem(403, "no_authority");
        let (_, signed) = previewed(&people.post(HEAD).client, HEAD, &[item(&raised, 1)]).await;
        people.post(HEAD).client.record(LIST, &signed).await;
        support.post("/v1/stays", &stay(&raised, "2024-07-01", "2024-07-02")).await.expect(201);
        // Another provider of what nobody agreed: both lines wait.
        let other = people.package_line(&people.package_of(&people.child().await).await, in_force(100)).await;
        let change = variation(&other, "provider", "2024-06-17", json!({ "provider_id": provider }));
        people.varied(SUM, &change).await;
        let waiting = support.get("/v1/unconfirmed-package-lines").await.expect(200).body["items"].clone();
        assert_eq!(waiting.as_array().unwrap().len(), 2, "{waiting}");
    });
}

#[test]
fn the_same_support_twice_over_the_same_days_wants_a_replacement_or_a_reason() {
    on_both(async |app| {
        let people = People::of(app).await;
        let child = people.child().await;
        let (package, support) = (people.package_of(&child).await, &people.support.client);
        let plain = |mut line: Value| {
            line.as_object_mut().unwrap().remove("second_support_reason");
            line
        };
        let twice = |refused: Answer| {
            let refused = refused.expect_problem(422, "invalid_body");
            assert_eq!(refused.body["errors"][0]["code"], "same_support_twice", "{}", refused.text);
            refused.pointers()
        };
        let old = people.package_line(&package, plain(in_force(1_000))).await;
        let mut again = with(with(plain(yearly(1_000)), "package_id", package.clone()), "reason", "On another list");
        assert_eq!(twice(support.post("/v1/package-lines", &again).await), ["/second_support_reason"]);
        // With another provider, in another package of the child's, it is the same support.
        again["provider_id"] = json!(support.provider("private").await);
        again["package_id"] = json!(people.package_of(&child).await);
        assert_eq!(twice(support.post("/v1/package-lines", &again).await), ["/second_support_reason"]);
        let said = support.record("/v1/package-lines", &with(again.clone(), "second_support_reason", "Term time alone")).await;
        assert_eq!(said["second_support_reason"], "Term time alone");
        support.record(&format!("/v1/package-lines/{}/reversal", id_of(&said)), &json!({ "reason": "-" })).await;
        let end = |on: &str| json!({ "valid_to": on, "reason": "Another provider" });
        // A request says that it replaces it, or why it comes beside it.
        let draft = |lines: &[Value]| json!({ "lines": lines });
        let asked = async |lines: &[Value]| people.revise(&people.empty_draft(&child).await, &draft(lines)).await;
        assert_eq!(twice(asked(&[plain(yearly(1_000))]).await), ["/lines/0/second_support_reason"]);
        asked(&[with(plain(yearly(1_000)), "replaces_line_id", old.clone())]).await.expect(201);
        asked(&[yearly(1_000)]).await.expect(201);
        let replacing = with(plain(yearly(1_000)), "replaces_line_id", old.clone());
        assert_eq!(twice(asked(&[replacing.clone(), plain(yearly(2_000))]).await), ["/lines/1/second_support_reason"]);
        // Carried out once the old line has its end; a reason of the request's is the line's.
        let panel = people.chaired_panel().await;
        let request = people.submitted(&child, &[replacing, yearly(2_000)]).await;
        people.decided(&panel, &request, &json!({ "kind": "approved" })).await;
        let lines = people.read(&request).await["decided_lines"].clone();
        support.record(&format!("/v1/package-lines/{old}/end"), &end("2024-06-17")).await;
        people.package_line(&package, with(plain(yearly(1_000)), "request_line_id", lines[0]["id"].clone())).await;
        let beside = people.package_line(&package, with(plain(yearly(2_000)), "request_line_id", lines[1]["id"].clone())).await;
        let read = support.get(&format!("/v1/package-lines/{beside}")).await.expect(200).body;
        assert_eq!(read["versions"][0]["second_support_reason"], "At other times");
    });
}

#[test]
fn a_store_from_before_lists_what_nothing_agreed_once_the_program_started() {
    on_both(async |app| {
        let people = People::of(app).await;
        let (panel, child) = (people.chaired_panel().await, people.child().await);
        let request = people.submitted(&child, &[yearly(100)]).await;
        people.decided(&panel, &request, &json!({ "kind": "approved" })).await;
        let agreed = people.read(&request).await["decided_lines"][0]["id"].clone();
        let package = people.package_of(&child).await;
        people.package_line(&package, with(yearly(100), "request_line_id", agreed)).await;
        let (waits, confirmed) = (people.package_line(&package, in_force(7)).await, people.package_line(&package, in_force(5)).await);
        confirm(&people.post(SUM).client, SUM, &confirmed, 1).await.expect(201);
        let client = &people.support.client;
        let before = client.get("/v1/unconfirmed-package-lines").await.expect(200).body;
        assert_eq!((before["items"].as_array().unwrap().len(), &before["items"][0]["line_id"]), (1, &json!(waits)));
        // As the migration leaves it.
        app.sql("DELETE FROM unconfirmed_lines").unwrap();
        app.sql(
            "INSERT INTO unconfirmed_lines (line_id, arrangement_id, package_id, budget_line, valid_from, valid_to, recorded_by, waits_since, \
             recorded_seq) SELECT l.line_id, COALESCE(l.continues_line_id, l.line_id), l.package_id, l.budget_line, l.valid_from, l.valid_to, \
             l.recorded_by, NULL, l.recorded_seq FROM package_lines l WHERE l.state <> 'reversed' AND NOT EXISTS (SELECT 1 FROM \
             package_lines n WHERE n.line_id = l.line_id AND n.version > l.version)",
        )
        .unwrap();
        drop(app.open_store_again());
        assert_eq!(client.get("/v1/unconfirmed-package-lines").await.expect(200).body, before);
    });
}
