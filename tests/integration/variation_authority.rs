//! Who may agree a variation: the child's total with it, tested to the penny, and never whoever proposed it.

use crate::support::families::confirm;
use crate::support::kirklees::kirklees;
use crate::support::people::{People, in_force, with, yearly};
use crate::support::varying::{days, rate, variation};
use crate::support::{on_both, on_both_with};
use api::auth::CallerKind;
use domain::panel::AssessmentKind;
use domain::profile::{AssessmentDemand, Post, PostLimit};
use domain::{Permission, Profile, Role};
use serde_json::json;
use strum::VariantArray;

const SUM: &str = "service_unit_manager";
const HEAD: &str = "head_of_service";

#[test]
fn a_total_with_the_variation_goes_to_the_post_within_whose_limit_it_lies_to_the_penny() {
    on_both(async |app| {
        let people = People::of(app).await;
        let above = vec!["assistant_director", "director"];
        for (pence, who) in [(1_400_000, vec![SUM]), (1_400_001, vec![HEAD]), (2_000_000, vec![HEAD]), (2_000_001, above.clone())] {
            let (package, line) = people.line_of(1_000_000).await;
            let proposed = people.proposed(&variation(&line, "rate", "2024-07-01", rate(pence))).await;
            let authority = people.variation_authority(&proposed).await;
            assert_eq!((authority.total(), authority.tier(), authority.who_may()), (pence, who.clone(), who.clone()));
            assert_eq!(authority.0["total_before_pence"], 1_000_000);
            for (post, person) in &people.in_post {
                if !who.contains(post) {
                    let refused = person.client.agree_variation(&proposed).await.expect_problem(403, "no_authority");
                    assert!(refused.body["detail"].as_str().unwrap().contains(who[0]), "{}", refused.text);
                }
            }
            assert_eq!(people.support.client.line_days(&package).await.len(), 1);
            let agreed = people.post(who[0]).client.agree_variation(&proposed).await.expect(201).body;
            assert_eq!((&agreed["step"]["post"], &agreed["step"]["total_after_pence"]), (&json!(who[0]), &json!(pence)));
            assert_eq!((&agreed["tier_before"], &agreed["tier_after"]), (&json!(SUM), &json!(who.join(","))));
            assert!(agreed["step"]["clause"].as_str().unwrap().len() > 5 && agreed["step"]["explanation"]["people"].is_array());
        }
    });
}

#[test]
fn what_raises_nothing_is_agreed_by_any_post_with_a_limit_and_by_no_other() {
    on_both(async |app| {
        let people = People::of(app).await;
        for (kind, more) in [("rate", rate(2_999_999)), ("end", json!({})), ("suspension", json!({ "valid_to": "2024-08-01" }))] {
            let (_, line) = people.line_of(3_000_000).await;
            let proposed = people.proposed(&variation(&line, kind, "2024-07-01", more)).await;
            let authority = people.variation_authority(&proposed).await;
            let mut who = authority.who_may();
            who.sort_unstable();
            assert_eq!((who, &authority.0["is_tested"]), (vec!["assistant_director", "director", HEAD, SUM], &json!(false)), "{kind}");
            people.post("team_manager").client.agree_variation(&proposed).await.expect_problem(403, "no_authority");
            people.post(SUM).client.agree_variation(&proposed).await.expect(201);
        }
        // The same rate for longer is more.
        let package = people.package_of(&people.child().await).await;
        let line = people.package_line(&package, with(in_force(3_000_000), "valid_to", "2024-07-01")).await;
        let longer = people.proposed(&variation(&line, "extension", "2024-07-01", json!({ "valid_to": "2024-07-02" }))).await;
        people.post(SUM).client.agree_variation(&longer).await.expect_problem(403, "no_authority");
        people.post("director").client.agree_variation(&longer).await.expect(201);
    });
}

#[test]
fn more_in_the_past_or_for_a_time_is_tested_as_more_for_good() {
    on_both(async |app| {
        let people = People::of(app).await;
        for (from, to) in [("2023-05-01", "2023-06-01"), ("2024-07-01", "2024-07-02"), ("2026-07-01", "2026-08-01")] {
            let (_, line) = people.line_of(1_000_000).await;
            let more = with(rate(1_400_001), "valid_to", to);
            let proposed = people.proposed(&variation(&line, "rate", from, more)).await;
            assert_eq!(people.variation_authority(&proposed).await.who_may(), [HEAD], "{from}");
        }
    });
}

#[test]
fn two_variations_that_each_stay_under_a_limit_pass_it_together() {
    on_both(async |app| {
        let people = People::of(app).await;
        let package = people.package_of(&people.child().await).await;
        let (one, two) = (people.package_line(&package, in_force(600_000)).await, people.package_line(&package, in_force(600_000)).await);
        let first = people.proposed(&variation(&one, "rate", "2024-07-01", rate(800_000))).await;
        assert_eq!(people.variation_authority(&first).await.total(), 1_400_000);
        let second = people.proposed(&variation(&two, "rate", "2024-07-01", rate(600_001))).await;
        // The other counts though it is not agreed, both ways.
        for (variation, origins) in [(&first, ["other_variation", "this_variation"]), (&second, ["other_variation", "this_variation"])] {
            let authority = people.variation_authority(variation).await;
            assert_eq!((authority.total(), authority.origins(), authority.who_may()), (1_400_001, origins.to_vec(), vec![HEAD]));
        }
        people.post(SUM).refuse_variation(&second).await.expect(201);
        people.post(SUM).client.agree_variation(&first).await.expect(201);
        let again = people.proposed(&variation(&two, "rate", "2024-07-01", rate(600_001))).await;
        people.post(SUM).client.agree_variation(&again).await.expect_problem(403, "no_authority");
        people.post(HEAD).client.agree_variation(&again).await.expect(201);
    });
}

#[test]
fn a_proposed_variation_counts_in_the_total_of_a_request_and_a_request_in_its() {
    on_both(async |app| {
        let people = People::of(app).await;
        let child = people.child().await;
        let line = people.package_line(&people.package_of(&child).await, in_force(1_000_000)).await;
        let request = people.submitted(&child, &[yearly(100_000)]).await;
        let more = people.proposed(&variation(&line, "rate", "2024-07-01", rate(1_300_001))).await;
        assert_eq!(people.variation_authority(&more).await.total(), 1_400_001);
        let authority = people.authority(&request).await;
        assert_eq!((authority.total(), authority.origins()), (1_400_001, vec!["other_variation", "this_request"]));
        // What asks for less takes nothing away before it is agreed.
        people.support.client.record(&format!("/v1/package-variations/{more}/withdrawal"), &json!({ "reason": "-" })).await;
        let less = people.proposed(&variation(&line, "rate", "2024-06-01", rate(1))).await;
        assert_eq!(people.total(&request).await, 1_100_000);
        people.post(SUM).client.agree_variation(&less).await.expect(201);
        assert_eq!(people.total(&request).await, 100_001);
    });
}

#[test]
fn nobody_agrees_what_they_proposed_or_whose_request_they_costed() {
    on_both(async |app| {
        let people = People::of(app).await;
        let (_, line) = people.line_of(1000).await;
        let sum = people.post(SUM);
        let mut scope = Role::Manager.permissions().to_vec();
        scope.push(Permission::PackagesWrite);
        let both = app.with_token(app.keys.sign(&sum.id, CallerKind::User, scope).unwrap());
        let own = both.record("/v1/package-variations", &variation(&line, "rate", "2024-07-01", rate(2000))).await;
        let own = own["id"].as_str().unwrap();
        let refused = both.agree_variation(own).await.expect_problem(403, "no_authority");
        assert!(refused.body["detail"].as_str().unwrap().contains("you proposed it"), "{}", refused.text);
        let authority = people.variation_authority(own).await;
        assert_eq!((authority.who_may(), authority.why_not(SUM, &sum.id)), (vec![HEAD], vec!["proposed_it"]));
        people.post(HEAD).client.agree_variation(own).await.expect(201);
        // A tool holds no post.
        let (_, line) = people.line_of(1000).await;
        let proposed = people.proposed(&variation(&line, "end", "2024-07-01", json!({}))).await;
        app.as_client(Permission::VARIANTS).await.agree_variation(&proposed).await.expect_problem(403, "no_authority");
        people.manager.client.agree_variation(&proposed).await.expect_problem(403, "no_authority");
        people.manager.refuse_variation(&proposed).await.expect_problem(403, "no_authority");
        people.worker.client.agree_variation(&proposed).await.expect_problem(403, "not_allowed");
        // The coster of the request that the line carries out.
        let (panel, child) = (people.chaired_panel().await, people.child().await);
        let mut paperwork = people.paperwork(&child, &[yearly(1000)]).await;
        paperwork["coster_id"] = json!(people.post(HEAD).id);
        let request = crate::support::people::new_request(&child, paperwork);
        let request = people.worker.client.record("/v1/requests", &request).await["id"].as_str().unwrap().to_owned();
        people.post(HEAD).client.own_parts(&request, 1).await.expect(201);
        people.submit(&request).await;
        people.decided(&panel, &request, &json!({ "kind": "approved" })).await;
        let agreed = people.read(&request).await["lines"][0]["id"].clone();
        let line = people.package_line(&people.package_of(&child).await, with(yearly(1000), "request_line_id", agreed)).await;
        let more = people.proposed(&variation(&line, "rate", "2024-07-01", rate(1_400_001))).await;
        let authority = people.variation_authority(&more).await;
        assert_eq!(authority.why_not(HEAD, &people.post(HEAD).id), ["costed_it"]);
        assert_eq!(authority.who_may(), ["assistant_director", "director"], "the next post up stands in");
    });
}

#[test]
fn of_several_who_agree_at_once_one_does_and_a_line_that_changed_meanwhile_is_not_varied() {
    on_both(async |app| {
        let people = People::of(app).await;
        for _ in 0..10 {
            let (package, line) = people.line_of(1000).await;
            let (one, two) = (
                people.proposed(&variation(&line, "rate", "2024-07-01", rate(1100))).await,
                people.proposed(&variation(&line, "rate", "2024-07-01", rate(1200))).await,
            );
            let calls: Vec<_> = [&one, &one, &two, &two]
                .into_iter()
                .map(|id| (people.post(SUM).client.clone(), id.clone()))
                .map(|(client, id)| tokio::spawn(async move { client.agree_variation(&id).await }))
                .collect();
            let mut won = 0;
            for call in calls {
                let answer = call.await.unwrap();
                if answer.status == 201 {
                    won += 1;
                } else {
                    answer.expect_problem(409, "state_conflict");
                }
            }
            assert_eq!((won, people.support.client.line_days(&package).await.len()), (1, 2));
        }
        let (package, line) = people.line_of(1000).await;
        let proposed = people.proposed(&variation(&line, "rate", "2024-07-01", rate(1100))).await;
        let end = json!({ "valid_to": "2024-08-01", "reason": "Moves away" });
        people.support.client.record(&format!("/v1/package-lines/{line}/end"), &end).await;
        let stale = people.post(SUM).client.agree_variation(&proposed).await.expect_problem(409, "state_conflict");
        assert!(stale.body["detail"].as_str().unwrap().contains("changed since"), "{}", stale.text);
        people.support.client.get(&format!("/v1/package-variations/{proposed}/authority")).await.expect_problem(409, "state_conflict");
        people.support.client.record(&format!("/v1/package-variations/{proposed}/withdrawal"), &json!({ "reason": "-" })).await;
        people.post(SUM).refuse_variation(&proposed).await.expect_problem(409, "state_conflict");
        assert_eq!(people.support.client.line_days(&package).await, [days("2023-04-01", Some("2024-08-01"), 1000)]);
        assert_eq!((app.count("open_package_variations"), app.count("package_variation_steps WHERE state = 'agreed'")), (10, 10));
    });
}

#[test]
fn what_only_a_panel_may_agree_is_not_agreed_without_one() {
    let mut profile = Profile::bundled("tameside").unwrap();
    profile.delegation.demands.push(AssessmentDemand {
        budget_lines: vec!["targeted_outreach".to_owned()],
        units: Vec::new(),
        assessments: vec![AssessmentKind::ChildAndFamily],
        panel_only: true,
        clause: "7.3.3".to_owned(),
    });
    on_both_with(&profile, async |app| {
        let people = People::of(app).await;
        let (_, line) = people.line_of(1000).await;
        let more = people.proposed(&variation(&line, "rate", "2024-07-01", rate(1001))).await;
        let authority = people.variation_authority(&more).await;
        assert_eq!((authority.who_may(), &authority.0["needs_panel"]), (vec![], &json!(true)));
        let refused = people.post("director").client.agree_variation(&more).await.expect_problem(403, "no_authority");
        assert!(refused.body["detail"].as_str().unwrap().contains("panel (7.3.3)"), "{}", refused.text);
        let less = people.proposed(&variation(&line, "rate", "2024-07-01", rate(999))).await;
        people.post(SUM).client.agree_variation(&less).await.expect(201);
    });
}

/// Warwickshire's profile with a post that may agree any amount.
fn warwickshire() -> Profile {
    let mut profile = Profile::bundled("warwickshire").unwrap();
    let (post, clause) = ("team_manager".to_owned(), "made up".to_owned());
    profile.posts.push(Post { code: post.clone(), name: "Team manager".to_owned(), clause: clause.clone() });
    profile.delegation.limits.push(PostLimit { post, from: None, up_to_pence: None, any_amount: true, clause });
    profile
}

#[test]
fn where_any_increase_goes_to_panel_no_post_agrees_one_however_little_it_is() {
    on_both_with(&warwickshire(), async |app| {
        let people = People::in_posts(app, &["team_manager"]).await;
        let manager = &people.post("team_manager").client;
        let package = people.package_of(&people.child().await).await;
        let line = people.package_line(&package, with(in_force(1000), "budget_line", "community_short_breaks")).await;
        let more = people.proposed(&variation(&line, "rate", "2024-07-01", rate(1001))).await;
        let refused = manager.agree_variation(&more).await.expect_problem(403, "no_authority");
        assert!(refused.text.contains("goes to panel (7.3.3"), "{}", refused.text);
        let less = people.proposed(&variation(&line, "rate", "2024-07-01", rate(999))).await;
        manager.agree_variation(&less).await.expect(201);
        // A second line beside the first is more, too.
        let beside = people.package_line(&package, with(in_force(1), "budget_line", "community_short_breaks")).await;
        confirm(manager, "team_manager", &beside, 1).await.expect_problem(403, "no_authority");
    });
}

#[test]
fn more_without_a_panel_needs_the_assessment_that_the_profile_demands() {
    let mut profile = Profile::bundled("tameside").unwrap();
    profile.delegation.demands.push(AssessmentDemand {
        budget_lines: vec!["targeted_outreach".to_owned()],
        units: Vec::new(),
        assessments: vec![AssessmentKind::ChildAndFamily],
        panel_only: false,
        clause: "made up".to_owned(),
    });
    on_both_with(&profile, async |app| {
        let people = People::of(app).await;
        let child = people.child().await;
        let line = people.package_line(&people.package_of(&child).await, in_force(1000)).await;
        let refused = confirm(&people.post(SUM).client, SUM, &line, 1).await.expect_problem(409, "not_ready");
        assert!(refused.text.contains("the child has no current assessment of kind child_and_family"), "{}", refused.text);
        let more = people.proposed(&variation(&line, "rate", "2024-07-01", rate(1001))).await;
        people.post(SUM).client.agree_variation(&more).await.expect_problem(409, "not_ready");
        people.authorised_assessment(&child).await;
        confirm(&people.post(SUM).client, SUM, &line, 1).await.expect(201);
        people.post(SUM).client.agree_variation(&more).await.expect(201);
    });
}

#[test]
fn where_managers_agree_small_packages_alone_more_than_that_goes_to_panel() {
    on_both_with(&kirklees(), async |app| {
        let people = People::in_posts(app, &["team_leader", "team_manager", "service_manager"]).await;
        let package = people.package_of(&people.child().await).await;
        let hours = |thousandths: i64| {
            json!({
                "service": "social_support", "budget_line": "home_care", "unit": "hour", "quantity_thousandths": thousandths,
                "frequency": "weekly", "unit_rate_ten_thousandths": 200_000, "valid_from": "2023-04-01"
            })
        };
        let line = people.package_line(&package, hours(2000)).await;
        let more = |thousandths: i64| variation(&line, "increase", "2024-07-01", json!({ "quantity_thousandths": thousandths }));
        let too_much = people.proposed(&more(4001)).await;
        for (_, person) in &people.in_post {
            person.client.agree_variation(&too_much).await.expect_problem(403, "no_authority");
        }
        people.support.client.record(&format!("/v1/package-variations/{too_much}/withdrawal"), &json!({ "reason": "-" })).await;
        let small = people.proposed(&more(4000)).await;
        assert_eq!(people.variation_authority(&small).await.who_may(), ["team_leader", "team_manager"]);
        people.post("service_manager").client.agree_variation(&small).await.expect_problem(403, "no_authority");
        let agreed = people.post("team_leader").client.agree_variation(&small).await.expect(201).body;
        assert!(agreed["step"]["clause"].as_str().unwrap().starts_with("18.2"), "{agreed}");
    });
}
