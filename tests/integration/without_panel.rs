//! Small packages that a manager agrees without a panel, where the profile lets one.

use crate::support::kirklees::{Kirklees, kirklees, weekly};
use crate::support::panel_day::{PanelDay, Person, assert_whole, assessed, line, reference, with};
use crate::support::{Answer, on_both, on_both_with};
use domain::profile::{Post, PostLimit, WithoutPanel};
use domain::{Permission, Profile, Role, Unit};
use serde_json::{Value, json};

async fn agree(person: &Person, request: &str) -> Answer {
    person.client.post(&format!("/v1/requests/{request}/agreement-without-panel"), &json!({ "rationale": "Company at weekends" })).await
}

async fn refused(person: &Person, request: &str) -> String {
    agree(person, request).await.expect_problem(403, "no_authority").body["detail"].as_str().unwrap().to_owned()
}

#[test]
fn up_to_the_profiles_hours_a_leader_or_manager_agrees_and_a_thousandth_more_goes_to_panel() {
    on_both_with(&kirklees(), async |app| {
        let day = Kirklees::of(app).await;
        for (service, most) in [("social_support", 4_000), ("personal_care", 14_000)] {
            for person in [&day.leader, &day.manager] {
                let child = day.presenter.client.child().await;
                let request = day.submitted(&child, &[weekly(service, most)]).await;
                let made = agree(person, &request).await.expect(201).body;
                let told = (&made["route"], &made["kind"], &made["panel_id"], &made["decided_on"]);
                assert_eq!(told, (&json!("without_panel"), &json!("approved"), &json!(null), &json!("2024-06-03")));
                let full = day.support.get(&format!("/v1/decisions/{}", made["id"].as_str().unwrap())).await.expect(200).body;
                let support = &full["authorisations"][0];
                assert_eq!((&support["kind"], &support["user_id"]), (&json!("authority"), &json!(person.id)));
                assert_eq!(support["post"], made["decided_as"]);
                assert!(support["clause"].as_str().unwrap().starts_with("18.2"), "{support}");
                agree(person, &request).await.expect_problem(409, "state_conflict");
                let child = day.presenter.client.child().await;
                let above = day.submitted(&child, &[weekly(service, most + 1)]).await;
                let detail = refused(person, &above).await;
                assert!(detail.starts_with("This request goes to panel."), "{detail}");
            }
        }
        assert_whole(app);
    });
}

#[test]
fn hours_alone_agree_no_sum_and_the_posts_own_limit_holds() {
    let mut profile = kirklees();
    // A team leader limited to £4,000 beside the rule, whose own ceiling for social hours is £8,320.
    let limit = PostLimit {
        post: "team_leader".to_owned(),
        from: None,
        up_to_pence: Some(400_000),
        any_amount: false,
        clause: "Annex B".to_owned(),
    };
    profile.delegation.limits.push(limit);
    on_both_with(&profile, async |app| {
        let day = Kirklees::of(app).await;
        // Pounds an hour for an hour a week, in ten-thousandths: £52 a year for each pound.
        for (rate, by_leader, by_manager) in
            [(760_000, true, true), (770_000, false, true), (1_600_000, false, true), (1_600_100, false, false), (9_900_000, false, false)]
        {
            let child = day.presenter.client.child().await;
            let line = with(weekly("social_support", 1_000), "unit_rate_ten_thousandths", json!(rate));
            let request = day.submitted(&child, &[line]).await;
            for (person, may) in [(&day.leader, by_leader), (&day.manager, by_manager)] {
                match may {
                    true => drop(agree(person, &request).await.expect(201)),
                    false => drop(refused(person, &request).await),
                }
                if may {
                    break;
                }
            }
        }
        // An item that costs £90,000 is bought once, and goes to panel.
        let child = day.presenter.client.child().await;
        let dear =
            with(with(weekly("social_support", 1_000), "frequency", json!("per_year")), "unit_rate_ten_thousandths", json!(900_000_000));
        let request = day.submitted(&child, &[dear]).await;
        for person in [&day.leader, &day.manager] {
            assert!(refused(person, &request).await.contains("it costs too much"));
        }
    });
}

#[test]
fn one_need_divided_over_requests_or_lines_goes_to_panel() {
    on_both_with(&kirklees(), async |app| {
        let day = Kirklees::of(app).await;
        let child = day.presenter.client.child().await;
        let both = day.submitted(&child, &[weekly("social_support", 2_500), weekly("social_support", 2_000)]).await;
        refused(&day.leader, &both).await;
        day.presenter.client.record(&format!("/v1/requests/{both}/withdrawal"), &json!({ "reason": "-" })).await;
        let one = day.submitted(&child, &[weekly("social_support", 2_500)]).await;
        let two = day.submitted(&child, &[weekly("social_support", 2_000)]).await;
        for request in [&one, &two] {
            refused(&day.leader, request).await;
        }
        day.presenter.client.record(&format!("/v1/requests/{two}/withdrawal"), &json!({ "reason": "-" })).await;
        agree(&day.leader, &one).await.expect(201);
        let (more, as_much) = (
            day.submitted(&child, &[weekly("social_support", 1_501)]).await,
            day.submitted(&child, &[weekly("personal_care", 14_000)]).await,
        );
        refused(&day.leader, &more).await;
        // Personal care is counted apart.
        agree(&day.leader, &as_much).await.expect(201);
        assert_whole(app);
    });
}

#[test]
fn whoever_costed_presents_or_has_an_interest_or_no_such_post_does_not_agree() {
    on_both_with(&kirklees(), async |app| {
        let day = Kirklees::of(app).await;
        let child = day.presenter.client.child().await;
        let mut paperwork = day.paperwork(&child, &[weekly("social_support", 1_000)]).await;
        paperwork["coster_id"] = json!(day.leader.id);
        paperwork["presenter_id"] = json!(day.manager.id);
        let request = day.submitted_with(&child, paperwork).await;
        assert!(refused(&day.leader, &request).await.ends_with("you costed it."));
        assert!(refused(&day.manager, &request).await.ends_with("you present it."));
        assert!(refused(&day.service_manager, &request).await.contains("it is for somebody in the post of team_leader or team_manager"));
        let other = Person::in_post(app, &day.administrator, Role::Manager, "team_leader").await;
        other.client.record(&format!("/v1/requests/{request}/own-interest"), &json!({ "nature": "knows_family" })).await;
        assert!(refused(&other, &request).await.ends_with("you declared an interest."));
        let tool = app.as_client(&[Permission::DecisionsWrite]).await;
        let path = format!("/v1/requests/{request}/agreement-without-panel");
        tool.post(&path, &json!({ "rationale": "-" })).await.expect_problem(403, "no_authority");
        day.presenter.client.post(&path, &json!({ "rationale": "-" })).await.expect_problem(403, "not_allowed");
        assert_eq!((app.count("decisions"), app.count("authorisations")), (0, 0));
        for named in [&day.leader, &day.manager] {
            named.client.own_parts(&request, 1).await.expect(201);
        }
        let independent = Person::in_post(app, &day.administrator, Role::Manager, "team_manager").await;
        agree(&independent, &request).await.expect(201);
    });
}

#[test]
fn what_the_panel_deferred_is_not_agreed_without_it_before_that_day() {
    on_both_with(&kirklees(), async |app| {
        let day = Kirklees::of(app).await;
        let child = day.presenter.client.child().await;
        let paperwork = day.paperwork(&child, &[weekly("social_support", 1_000)]).await;
        let request = day.submitted_with(&child, paperwork.clone()).await;
        day.panel_with(app, &[&request]).await;
        let deferred = json!({
            "kind": "deferred", "rationale": "-", "deferred_until": "2024-06-24", "deferred_for": "A report from the school"
        });
        day.manager.client.record(&format!("/v1/requests/{request}/decisions"), &deferred).await;
        day.presenter.client.record(&format!("/v1/requests/{request}/revisions"), &paperwork).await;
        day.presenter.client.record(&format!("/v1/requests/{request}/submission"), &json!({})).await;
        let early = agree(&day.leader, &request).await.expect_problem(409, "state_conflict");
        assert_eq!(early.body["detail"], "The panel deferred the request until 2024-06-24.");
    });
}

#[test]
fn an_agreement_says_what_is_missing_and_what_is_wrong_with_its_actions() {
    on_both_with(&kirklees(), async |app| {
        let day = Kirklees::of(app).await;
        let child = day.presenter.client.child().await;
        let paperwork = day.paperwork(&child, &[weekly("social_support", 1_000)]).await;
        let assessment = paperwork["assessment_id"].as_str().unwrap().to_owned();
        let request = day.submitted_with(&child, paperwork).await;
        let path = format!("/v1/requests/{request}/agreement-without-panel");
        let actions = json!([{ "action": "-", "owner_id": db::new_id(), "due_on": "2024-06-02" }]);
        let wrong = json!({ "rationale": "-", "actions": actions });
        let told = day.leader.client.post(&path, &wrong).await.expect_problem(422, "invalid_body");
        assert_eq!(told.pointers(), ["/actions/0/due_on", "/actions/0/owner_id"]);
        day.presenter.client.step(&assessment, "consent_withdrawn", "2024-06-03").await;
        agree(&day.leader, &request).await.expect_problem(409, "not_ready");
        assert_eq!(app.count("decisions"), 0);
    });
}

#[test]
fn where_the_profile_gives_no_manager_a_package_everything_goes_to_panel() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let child = day.presenter.client.child().await;
        let request = day.submitted_for(&child, 1).await;
        for person in [&day.tm, &day.sum, &day.director] {
            refused(person, &request).await;
        }
    });
}

/// Warwickshire's profile as a council would complete it: a post that agrees any night it is asked for, if only the rule let it.
fn nights_for_a_manager() -> Profile {
    let mut profile = Profile::bundled("warwickshire").unwrap();
    profile.posts.push(Post { code: "team_manager".to_owned(), name: "Team manager".to_owned(), clause: "-".to_owned() });
    for (unit, service) in [(Unit::Night, "overnight_stay"), (Unit::Hour, "short_break")] {
        profile.delegation.without_panel.push(WithoutPanel {
            posts: vec!["team_manager".to_owned()],
            services: vec![service.to_owned()],
            budget_lines: ["overnight_respite", "direct_payments", "community_short_breaks"].map(str::to_owned).to_vec(),
            unit,
            up_to_thousandths_per_week: 7_000,
            up_to_pence_per_year: Some(1_000_000),
            clause: "A clause".to_owned(),
        });
    }
    profile
}

#[test]
fn overnight_support_that_only_a_panel_may_agree_is_not_agreed_without_one() {
    on_both_with(&nights_for_a_manager(), async |app| {
        let administrator = app.as_role(Role::Administrator);
        let manager = Person::in_post(app, &administrator, Role::Manager, "team_manager").await;
        let presenter = Person::of(app, Role::Practitioner);
        let submit = async |kind: &str, line: Value| {
            let child = presenter.client.child().await;
            let assessment = assessed(&presenter.client, &manager.client, &child, kind).await;
            let paperwork = json!({
                "assessment_id": assessment, "presenter_id": presenter.id, "coster_id": presenter.id, "local_offer_used": "-", "lines": [line]
            });
            let new = json!({ "reference": reference(), "child_id": child, "paperwork": paperwork });
            let request = presenter.client.record("/v1/requests", &new).await["id"].as_str().unwrap().to_owned();
            (presenter.client.post(&format!("/v1/requests/{request}/submission"), &json!({})).await, request)
        };
        let of = |budget_line: &str, service: &str, unit: &str| {
            let line = with(with(line(10_000), "budget_line", json!(budget_line)), "service", json!(service));
            with(with(line, "unit", json!(unit)), "frequency", json!("weekly"))
        };
        for line in [
            of("overnight_respite", "overnight_stay", "night"),
            of("direct_payments", "overnight_stay", "night"),
            of("overnight_respite", "short_break", "hour"),
        ] {
            let (submitted, request) = submit("single", line.clone()).await;
            submitted.expect(201);
            let detail = refused(&manager, &request).await;
            assert_eq!(detail, "This request goes to panel. It is demanded by 7.3.3.", "{line}");
            // Nor does another kind of assessment lead to it.
            submit("child_and_family", line).await.0.expect_problem(409, "not_ready");
        }
        let (submitted, request) = submit("single", of("community_short_breaks", "short_break", "hour")).await;
        submitted.expect(201);
        agree(&manager, &request).await.expect(201);
    });
}
