//! What a post confirms of support that was agreed before requests were kept: which days are paid, which totals are tested, and what
//! variations and rises of rates leave to be confirmed.

use crate::support::families::{Family, confirm, confirm_from, go_to, weekly};
use crate::support::people::{People, id_of, with};
use crate::support::varying::variation;
use crate::support::{TestApp, on_both, on_both_with};
use domain::panel::AssessmentKind;
use domain::profile::{AssessmentDemand, Post, PostLimit};
use domain::{Profile, Role};
use serde_json::{Value, json};

const SUM: &str = "service_unit_manager";
const FROM: &str = "2024-06-03";

async fn state(family: &Family) -> String {
    family.page().await["state"].as_str().unwrap().to_owned()
}

/// The accounts that are listed in a state.
async fn listed(family: &Family, state: &str) -> Vec<String> {
    let accounts = family.caller.all_pages(&format!("/v1/direct-payment-accounts?state={state}"), 10).await.concat();
    accounts.iter().map(id_of).collect()
}

/// The next version of a line, open-ended, as no way through the program leaves it.
fn without_end(app: &TestApp, line: &str) {
    let copied = "package_id, service, budget_line, unit, quantity_thousandths, frequency, unit_rate_ten_thousandths, valid_from, reason, \
                  recorded_by, recorded_at";
    app.sql(&format!(
        "INSERT INTO package_lines (id, line_id, version, {copied}, recorded_seq, state) SELECT '{}', line_id, 2, {copied}, recorded_seq, \
         'recorded' FROM package_lines WHERE line_id = '{line}'",
        db::new_id()
    ))
    .unwrap();
}

#[test]
fn days_before_the_one_that_a_post_names_are_not_paid() {
    on_both(async |app| {
        // Four years of it were paid by another system, and the account was opened from its first day.
        let family = Family::unconfirmed(app, "2020-04-06", None).await;
        family.all_steps().await;
        let manager = &family.manager.client;
        for (from, code) in [(Value::Null, "required"), (json!("2020-04-05"), "before_line"), (json!("2099-04-01"), "out_of_range")] {
            let refused = confirm_from(manager, SUM, &family.line, 1, &from).await.expect_problem(422, "invalid_body");
            assert_eq!((refused.pointers(), &refused.body["errors"][0]["code"]), (vec!["/paid_from".to_owned()], &json!(code)));
        }
        let confirmed = confirm_from(manager, SUM, &family.line, 1, &json!(FROM)).await.expect(201).body;
        assert_eq!(confirmed["paid_from"], FROM);
        let told = family.caller.get(&format!("/v1/package-lines/{}/confirmations", family.line)).await.expect(200).body;
        assert_eq!((&told["paid_from"], &told["agreed_on"], &told["items"][0]), (&json!(FROM), &json!(FROM), &confirmed));
        let export = family.export(FROM).await;
        // The three weeks of the period that are left.
        assert_eq!((&export["payments"], &export["total_pence"]), (&json!(1), &json!(30_000)));
        go_to(app, "2024-06-24");
        assert_eq!(family.export("2024-06-24").await["total_pence"], 40_000);
        assert_eq!(family.page().await["outstanding_adjustments"], json!([]));
        // A line that is not paid to a family has no such day.
        let home_care = family.caller.line(&family.package).await;
        let refused = confirm_from(manager, SUM, &home_care, 1, &json!(FROM)).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.body["errors"][0]["code"], "not_of_this_line");
        let unneeded = confirm_from(manager, SUM, &home_care, 1, &Value::Null).await.expect(201).body;
        assert_eq!(unneeded["paid_from"], Value::Null);
    });
}

#[test]
fn an_account_of_what_was_confirmed_starts_on_the_day_that_was_named_or_later() {
    on_both(async |app| {
        let family = Family::ready(app, FROM, None).await;
        let line = id_of(&family.caller.record("/v1/package-lines", &weekly(&family.package, 10, "2020-04-06", None)).await);
        confirm_from(&family.manager.client, SUM, &line, 1, &json!(FROM)).await.expect(201);
        let account = json!({ "reference": "DP-LATER", "line_id": line });
        let early = with(account.clone(), "starts_on", "2024-06-02");
        let refused = family.caller.post("/v1/direct-payment-accounts", &early).await.expect_problem(422, "invalid_body");
        assert_eq!((refused.pointers(), &refused.body["errors"][0]["code"]), (vec!["/starts_on".to_owned()], &json!("paid_before")));
        assert!(refused.text.contains("confirmed as paid here from 2024-06-03"), "{}", refused.text);
        assert_eq!(family.caller.record("/v1/direct-payment-accounts", &account).await["starts_on"], FROM);
        // What was bought before that day was paid for: it is not bought on it instead.
        let once = with(weekly(&family.package, 250, "2024-06-02", None), "frequency", "one_off");
        let once = id_of(&family.caller.record("/v1/package-lines", &once).await);
        confirm_from(&family.manager.client, SUM, &once, 1, &json!(FROM)).await.expect(201);
        family.step(&json!({ "kind": "set_up_payment", "taken_on": FROM, "line_id": once })).await;
        assert_eq!((state(&family).await, family.export(FROM).await["total_pence"].as_i64()), ("active".to_owned(), Some(40_000)));
    });
}

#[test]
fn what_was_paid_here_is_not_said_to_have_been_paid_elsewhere() {
    on_both(async |app| {
        let family = Family::ready(app, FROM, Some("2024-07-29")).await;
        family.export(FROM).await;
        without_end(app, &family.line);
        let later = confirm_from(&family.manager.client, SUM, &family.line, 2, &json!("2024-06-04")).await;
        let refused = later.expect_problem(422, "invalid_body");
        assert_eq!(refused.body["errors"][0]["code"], "paid_already");
        assert!(refused.text.contains("has been paid here since 2024-06-03"), "{}", refused.text);
        confirm_from(&family.manager.client, SUM, &family.line, 2, &json!(FROM)).await.expect(201);
        // A period may begin before the day that was named for it.
        let old = Family::unconfirmed(app, "2024-05-20", Some("2024-09-02")).await;
        old.all_steps().await;
        confirm_from(&old.manager.client, SUM, &old.line, 1, &json!(FROM)).await.expect(201);
        assert_eq!(old.paid_by(&old.payer, FROM).await, (1, vec![]));
        without_end(app, &old.line);
        confirm_from(&old.manager.client, SUM, &old.line, 2, &json!("2024-06-04")).await.expect_problem(422, "invalid_body");
        confirm_from(&old.manager.client, SUM, &old.line, 2, &json!(FROM)).await.expect(201);
        assert_eq!(old.page().await["outstanding_adjustments"], json!([]));
    });
}

#[test]
fn a_store_from_before_lists_accounts_as_they_stand_once_the_program_started() {
    on_both(async |app| {
        let (agreed, unconfirmed) = (Family::ready(app, FROM, None).await, Family::unconfirmed(app, FROM, None).await);
        unconfirmed.all_steps().await;
        let set_up = Family::ready(app, FROM, None).await;
        let once = with(weekly(&set_up.package, 250, FROM, None), "frequency", "one_off");
        let once = id_of(&set_up.caller.record("/v1/package-lines", &once).await);
        let step = json!({ "kind": "set_up_payment", "taken_on": FROM, "line_id": once });
        let taken_back = Family::ready(app, FROM, None).await;
        set_up.step(&step).await;
        let other = with(weekly(&taken_back.package, 250, FROM, None), "frequency", "one_off");
        let other = id_of(&taken_back.caller.record("/v1/package-lines", &other).await);
        let taken = taken_back.step(&json!({ "kind": "set_up_payment", "taken_on": FROM, "line_id": other })).await;
        taken_back.reverse("steps", &taken).await;
        app.sql("UPDATE direct_payment_standings SET support_agreed_on = NULL").unwrap();
        assert_eq!(listed(&agreed, "active").await, Vec::<String>::new());
        drop(app.open_store_again());
        assert_eq!(listed(&agreed, "active").await, [agreed.account.as_str(), &taken_back.account]);
        assert_eq!(listed(&agreed, "setting_up").await, [unconfirmed.account.as_str(), &set_up.account]);
    });
}

#[test]
fn support_that_only_a_panel_agrees_is_confirmed_by_no_post_unless_a_panel_of_before_agreed_it() {
    let mut profile = Profile::bundled("warwickshire").unwrap();
    let clause = "made up".to_owned();
    profile.posts.push(Post { code: "team_manager".to_owned(), name: "Team manager".to_owned(), clause: clause.clone() });
    profile.delegation.limits.push(PostLimit {
        post: "team_manager".to_owned(),
        from: None,
        up_to_pence: Some(10_000_000),
        any_amount: false,
        clause,
    });
    on_both_with(&profile, async |app| {
        let (caller, manager) = (app.as_anyone().await, app.person(Role::Manager));
        app.person(Role::Administrator).client.holding("team_manager", &manager.id).await;
        let package = caller.package().await;
        let line = async |unit: &str, frequency: &str, from: &str, to: Option<&str>| {
            let line = with(weekly(&package, 100, from, to), "budget_line", "community_short_breaks");
            let line = with(with(line, "frequency", frequency), "unit", unit);
            id_of(&caller.record("/v1/package-lines", &line).await)
        };
        for (unit, frequency, from, to) in [
            ("night", "weekly", FROM, None),
            ("night", "weekly", "2024-01-01", Some("2024-06-04")),
            ("night", "one_off", "2024-06-04", None),
            // Nor once it is over: that it went on for a while is no decision.
            ("night", "weekly", "2024-01-01", Some(FROM)),
            ("night", "one_off", FROM, None),
        ] {
            let line = line(unit, frequency, from, to).await;
            let refused = confirm(&manager.client, "team_manager", &line, 1).await.expect_problem(403, "no_authority");
            assert!(refused.text.contains("It is asked for in a request, which goes to panel (7.3.3)."), "{}", refused.text);
            let told = caller.get(&format!("/v1/package-lines/{line}/confirmations")).await.expect(200).body;
            let own = told["authority"]["people"].as_array().unwrap().iter().find(|person| person["user_id"] == manager.id.as_str());
            assert_eq!(own.unwrap()["why_not"], json!(["panel_only"]));
            caller.record(&format!("/v1/package-lines/{line}/reversal"), &json!({ "reason": "-" })).await;
        }
        let hours = line("hour", "weekly", FROM, None).await;
        confirm(&manager.client, "team_manager", &hours, 1).await.expect(201);
        let nights = line("night", "weekly", FROM, None).await;
        let before = |held_on: &str| json!({ "post": "team_manager", "version": 1, "panel": { "held_on": held_on, "minute": "7" } });
        let path = format!("/v1/package-lines/{nights}/confirmations");
        for (held_on, code) in [(FROM, "after_line"), ("2099-01-01", "after_line")] {
            let refused = manager.client.post(&path, &before(held_on)).await.expect_problem(422, "invalid_body");
            assert_eq!((refused.pointers(), &refused.body["errors"][0]["code"]), (vec!["/panel/held_on".to_owned()], &json!(code)));
        }
        // The caller recorded it: the panel's word does not make one person two.
        caller.post(&path, &before("2023-03-14")).await.expect_problem(403, "no_authority");
        // Nor is a panel of years ago invented for what starts tomorrow.
        let to_come = line("night", "weekly", "2024-06-04", None).await;
        let path_to_come = format!("/v1/package-lines/{to_come}/confirmations");
        let refused = manager.client.post(&path_to_come, &before("2023-03-14")).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.body["errors"][0]["code"], "not_begun");
        caller.record(&format!("/v1/package-lines/{to_come}/reversal"), &json!({ "reason": "-" })).await;
        let support = app.as_role(Role::PanelSupport);
        let kept = support.panel("2023-04-11").await;
        let refused = manager.client.post(&path, &before("2023-03-14")).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.body["errors"][0]["code"], "since_panels_are_kept");
        support.record(&format!("/v1/panels/{kept}/cancellation"), &json!({ "reason": "-" })).await;
        support.panel("2024-06-04").await;
        let confirmed = manager.client.record(&path, &before("2023-03-14")).await;
        let explanation = &confirmed["explanation"];
        assert_eq!(explanation["panel"], json!({ "held_on": "2023-03-14", "minute": "7" }));
        assert_eq!((&explanation["needs_panel"], &explanation["demanded_by"][0]), (&json!(true), &json!("7.3.3")));
    });
}

#[test]
fn where_managers_agree_small_packages_alone_a_larger_one_is_confirmed_by_no_post_over_or_not() {
    on_both_with(&Profile::bundled("kirklees").unwrap(), async |app| {
        let people = People::in_posts(app, &["team_leader", "team_manager", "service_manager"]).await;
        let package = people.package_of(&people.child().await).await;
        let line = async |thousandths: i64, to: Option<&str>| {
            let line = json!({
                "service": "social_support", "budget_line": "home_care", "unit": "hour", "quantity_thousandths": thousandths,
                "frequency": "weekly", "unit_rate_ten_thousandths": 200_000, "valid_from": "2024-01-01", "valid_to": to,
                "second_support_reason": "At other times"
            });
            people.package_line(&package, line).await
        };
        let client = |post: &str| &people.post(post).client;
        let large = line(4001, None).await;
        for post in ["team_leader", "team_manager", "service_manager"] {
            let refused = confirm(client(post), post, &large, 1).await.expect_problem(403, "no_authority");
            assert!(refused.text.contains("It is asked for in a request, which goes to panel."), "{}", refused.text);
        }
        people.support.client.record(&format!("/v1/package-lines/{large}/reversal"), &json!({ "reason": "-" })).await;
        let over = line(4001, Some(FROM)).await;
        for post in ["team_leader", "team_manager", "service_manager"] {
            confirm(client(post), post, &over, 1).await.expect_problem(403, "no_authority");
        }
        let before = json!({ "post": "team_leader", "version": 1, "panel": { "held_on": "2023-12-14", "minute": "7" } });
        let path = format!("/v1/package-lines/{over}/confirmations");
        client("team_leader").post(&path, &before).await.expect_problem(403, "no_authority");
        client("team_manager").record(&path, &with(before, "post", "team_manager")).await;
        let small = line(4000, None).await;
        confirm(client("service_manager"), "service_manager", &small, 1).await.expect_problem(403, "no_authority");
        let confirmed = confirm(client("team_leader"), "team_leader", &small, 1).await.expect(201).body;
        assert!(confirmed["clause"].as_str().unwrap().starts_with("18.2 (social hours)"), "{confirmed}");
    });
}

#[test]
fn a_variation_confirms_neither_the_days_before_it_nor_what_they_cost() {
    on_both(async |app| {
        let people = People::of(app).await;
        let caller = app.as_anyone().await;
        let child = caller.child().await;
        let package = people.package_of(&child).await;
        let line = id_of(&caller.record("/v1/package-lines", &weekly(&package, 900, "2023-04-03", Some("2023-05-01"))).await);
        let family = Family::paid_for(app, caller, (child, package, line)).await;
        family.all_steps().await;
        // What is past is in no total: that with one pound more a week is tested.
        let on = json!({ "unit_rate_ten_thousandths": 10_000 });
        let agreed = people.varied(SUM, &variation(&family.line, "extension", "2023-05-01", on)).await;
        assert_eq!((&agreed["step"]["total_after_pence"], state(&family).await), (&json!(5_200), "setting_up".to_owned()));
        let lines = family.page().await["unconfirmed_lines"].clone();
        assert_eq!(lines.as_array().unwrap().len(), 2, "{lines}");
        let above = confirm(&people.post(SUM).client, SUM, &family.line, 1).await.expect_problem(403, "no_authority");
        assert!(above.text.contains("the total is above your post's limit"), "{}", above.text);
        confirm(&people.post("director").client, "director", &family.line, 1).await.expect(201);
        // What was made of it on the tested total is agreed with it.
        assert_eq!(state(&family).await, "active");
    });
}

/// Raises the rates of personal assistants, proposed by the family's caller and agreed by a post.
pub async fn raise(people: &People, family: &Family, per_cent: i64, from: &str) {
    let rise = json!({
        "service": "personal_assistant", "from": from, "percentage_ten_thousandths": per_cent * 10_000, "reason": "-"
    });
    let seen = family.caller.post("/v1/uprating-previews", &rise).await.expect(200).body["preview_sha256"].clone();
    let proposal = id_of(&family.caller.record("/v1/uprating-proposals", &with(rise, "preview_sha256", seen)).await);
    people.post(SUM).client.record("/v1/upratings", &json!({ "proposal_id": proposal, "post": SUM })).await;
}

#[test]
fn a_fall_of_rates_into_a_lower_tier_takes_no_agreement_away() {
    on_both(async |app| {
        let people = People::of(app).await;
        let family = Family::ready(app, FROM, None).await;
        // With £5,200 a year it makes £14,092, and with 5 % less of that £13,832.
        let beside = with(weekly(&family.package, 171, FROM, None), "service", "outings");
        family.caller.record("/v1/package-lines", &beside).await;
        raise(&people, &family, -5, FROM).await;
        let fallen = family.caller.all_pages("/v1/package-variations", 10).await.concat()[0].clone();
        assert_ne!(fallen["tier_before"], fallen["tier_after"]);
        assert_eq!(state(&family).await, "active");
    });
}

#[test]
fn a_rise_of_what_only_a_panel_agrees_is_confirmed_by_the_post_of_its_tier() {
    let mut profile = Profile::bundled("tameside").unwrap();
    profile.delegation.demands.push(AssessmentDemand {
        budget_lines: vec!["direct_payments".to_owned()],
        units: Vec::new(),
        assessments: vec![AssessmentKind::ChildAndFamily],
        panel_only: true,
        clause: "made up".to_owned(),
    });
    on_both_with(&profile, async |app| {
        let people = People::of(app).await;
        let family = Family::unconfirmed(app, FROM, None).await;
        let beside = with(weekly(&family.package, 168, FROM, None), "service", "outings");
        family.caller.record("/v1/package-lines", &with(beside, "budget_line", "home_care")).await;
        let head = &people.post("head_of_service").client;
        confirm(head, "head_of_service", &family.line, 1).await.expect_problem(403, "no_authority");
        // As if the panel's word of before had come in with the line.
        app.sql(&format!(
            "INSERT INTO package_line_confirmations (id, line_id, version, confirmed_on, post, capacity, clause, paid_from, total_pence, \
             explanation, recorded_by, recorded_at, recorded_seq) VALUES ('{}', '{}', 1, '{FROM}', 'director', 'holder', '-', '{FROM}', 1, \
             '{{}}', 'test', '{FROM} 09:00:00', 1)",
            db::new_id(),
            family.line
        ))
        .unwrap();
        raise(&people, &family, 5, "2024-07-01").await;
        let raised = family.page().await["unconfirmed_lines"][0]["line_id"].as_str().unwrap().to_owned();
        assert_ne!(raised, family.line);
        confirm(head, "head_of_service", &raised, 1).await.expect(201);
    });
}

#[test]
fn a_rise_of_rates_into_another_tier_is_confirmed_by_the_post_of_that_tier() {
    on_both(async |app| {
        let people = People::of(app).await;
        let family = Family::ready(app, FROM, None).await;
        family.export(FROM).await;
        // With £5,200 a year it makes £13,936, and with 5 % more of that £14,196.
        let beside = with(weekly(&family.package, 168, FROM, None), "service", "outings");
        family.caller.record("/v1/package-lines", &beside).await;
        raise(&people, &family, 1, "2024-07-01").await;
        assert_eq!(state(&family).await, "active", "the tier is the same");
        raise(&people, &family, 5, "2025-07-01").await;
        let page = family.page().await;
        assert_eq!((&page["state"], &page["missing"]), (&json!("setting_up"), &json!(["support_agreed"])));
        let raised = page["unconfirmed_lines"].as_array().unwrap().clone();
        assert_eq!(raised.len(), 1, "the line as it was is agreed up to the rise");
        let raised = raised[0]["line_id"].as_str().unwrap().to_owned();
        confirm(&people.post(SUM).client, SUM, &raised, 1).await.expect_problem(403, "no_authority");
        confirm(&people.post("head_of_service").client, "head_of_service", &raised, 1).await.expect(201);
        assert_eq!((state(&family).await, listed(&family, "active").await), ("active".to_owned(), vec![family.account.clone()]));
    });
}
