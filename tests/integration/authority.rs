//! Who may authorise a request: the post within whose limit the total lies, its holders and deputies, and whoever is ruled out.

use crate::support::people::{POSTS, People, Person, new_request, with, yearly};
use crate::support::{instant, on_both, on_both_with};
use domain::profile::PostLimit;
use domain::{Profile, Role};
use serde_json::{Value, json};

fn tameside() -> Profile {
    Profile::bundled("tameside").unwrap()
}

/// The profile with another limit of a post from a day on.
fn with_limit(mut profile: Profile, post: &str, from: Option<&str>, up_to_pence: i64) -> Profile {
    let from = from.map(|day| day.parse().unwrap());
    profile.delegation.limits.retain(|limit| limit.post != post || limit.from != from);
    let clause = "Cabinet, 14 March 2024".to_owned();
    profile.delegation.limits.push(PostLimit { post: post.to_owned(), from, up_to_pence: Some(up_to_pence), any_amount: false, clause });
    profile
}

async fn declare(request: &str, person: &Person) {
    person.client.record(&format!("/v1/requests/{request}/own-interest"), &json!({ "nature": "knows_family" })).await;
}

#[test]
fn a_total_goes_to_the_post_within_whose_limit_it_lies_to_the_penny() {
    on_both(async |app| {
        let people = People::of(app).await;
        let (sum, head, above) = (vec!["service_unit_manager"], vec!["head_of_service"], vec!["assistant_director", "director"]);
        for (pence, tier) in [(0, &sum), (1_399_999, &sum), (1_400_000, &sum), (1_400_001, &head), (2_000_000, &head), (2_000_001, &above)]
        {
            let request = people.submitted(&people.child().await, &[yearly(pence)]).await;
            let authority = people.authority(&request).await;
            assert_eq!((authority.total(), authority.0["request_pence"].as_i64().unwrap()), (pence, pence));
            assert_eq!((&authority.tier(), &authority.who_may()), (tier, tier), "{pence}");
            assert!(authority.0["tier"].as_array().unwrap().iter().all(|limit| limit["clause"].as_str().unwrap().len() > 5));
            for post in POSTS {
                let why_not = match post {
                    _ if tier.contains(&post) => vec![],
                    "partnership_manager" | "team_manager" => vec!["limit_not_set"],
                    "service_unit_manager" if pence > 1_400_000 => vec!["above_limit"],
                    "head_of_service" if pence > 2_000_000 => vec!["above_limit"],
                    _ => vec!["lower_post_responsible"],
                };
                assert_eq!(authority.why_not(post, &people.post(post).id), why_not, "{pence} {post}");
            }
            let thresholds = if pence > 700_000 { json!([700_000]) } else { json!([]) };
            assert_eq!((&authority.0["above_reporting_thresholds_pence"], &authority.0["without_panel"]), (&thresholds, &Value::Null));
            assert_eq!((&authority.0["request_id"], &authority.0["on"]), (&json!(request), &json!("2024-06-03")));
        }
    });
}

#[test]
fn the_reporting_threshold_is_passed_by_the_penny_after_it() {
    on_both(async |app| {
        let people = People::of(app).await;
        for (pence, thresholds) in [(700_000, json!([])), (700_001, json!([700_000]))] {
            let request = people.submitted(&people.child().await, &[yearly(pence)]).await;
            assert_eq!(people.authority(&request).await.0["above_reporting_thresholds_pence"], thresholds);
        }
    });
}

#[test]
fn a_post_whose_limit_is_unset_authorises_nothing() {
    on_both(async |app| {
        let people = People::in_posts(app, &["partnership_manager", "team_manager"]).await;
        let request = people.submitted(&people.child().await, &[yearly(0)]).await;
        let authority = people.authority(&request).await;
        assert_eq!((authority.total(), authority.who_may()), (0, vec![]));
        assert_eq!(authority.tier(), ["service_unit_manager"], "responsible, though nobody is there");
        for post in ["partnership_manager", "team_manager"] {
            let person = people.post(post);
            assert_eq!(authority.why_not(post, &person.id), ["limit_not_set"]);
            assert_eq!(authority.capacity(post, &person.id), Some("holder"));
        }
        assert!(authority.0["people"].as_array().unwrap().iter().all(|person| person["limit"].is_null()));
    });
}

#[test]
fn without_limits_nobody_authorises_even_what_costs_nothing() {
    let mut profile = tameside();
    profile.delegation.limits.clear();
    on_both_with(&profile, async |app| {
        let people = People::of(app).await;
        for pence in [0, 1, 2_000_001] {
            let request = people.submitted(&people.child().await, &[yearly(pence)]).await;
            let authority = people.authority(&request).await;
            assert_eq!((authority.tier(), authority.who_may()), (vec![], vec![]));
            for post in POSTS {
                assert_eq!(authority.why_not(post, &people.post(post).id), ["limit_not_set"]);
            }
        }
    });
}

#[test]
fn a_limit_of_nought_takes_the_authority_away() {
    on_both_with(&with_limit(tameside(), "service_unit_manager", None, 0), async |app| {
        let people = People::of(app).await;
        for pence in [0, 1] {
            let request = people.submitted(&people.child().await, &[yearly(pence)]).await;
            let authority = people.authority(&request).await;
            assert_eq!((authority.tier(), authority.who_may()), (vec!["head_of_service"], vec!["head_of_service"]), "{pence}");
            let person = people.post("service_unit_manager");
            assert_eq!(authority.why_not("service_unit_manager", &person.id), ["limit_not_set"]);
        }
    });
}

#[test]
fn an_approver_who_is_not_responsible_may_not() {
    on_both(async |app| {
        let people = People::of(app).await;
        let request = people.submitted(&people.child().await, &[yearly(1)]).await;
        let authority = people.authority(&request).await;
        assert_eq!(authority.who_may(), ["service_unit_manager"], "not any approver with a limit");
        for post in ["head_of_service", "assistant_director", "director"] {
            assert_eq!(authority.why_not(post, &people.post(post).id), ["lower_post_responsible"]);
        }
        // A manager in no post is not among them at all.
        assert!(!authority.0["people"].to_string().contains(&people.manager.id));
    });
}

#[test]
fn nobody_authorises_what_they_costed_or_present_whatever_their_post_and_the_next_stands_in() {
    on_both(async |app| {
        let people = People::of(app).await;
        let next = [
            ("service_unit_manager", 1_400_000, vec!["head_of_service"]),
            ("head_of_service", 2_000_000, vec!["assistant_director", "director"]),
            ("assistant_director", 2_000_001, vec!["director"]),
            ("director", 2_000_001, vec!["assistant_director"]),
        ];
        for (post, pence, stand_in) in &next {
            let person = people.post(post);
            for (field, why) in [("coster_id", "costed_it"), ("presenter_id", "presents_it")] {
                let child = people.child().await;
                let paperwork = with(people.paperwork(&child, &[yearly(*pence)]).await, field, person.id.clone());
                let new = new_request(&child, paperwork);
                let request = people.worker.client.record("/v1/requests", &new).await["id"].as_str().unwrap().to_owned();
                people.submit(&request).await;
                let authority = people.authority(&request).await;
                assert_eq!((authority.why_not(post, &person.id), authority.who_may()), (vec![why], stand_in.clone()), "{post} {field}");
                assert_eq!(authority.0["ruled_out"][&person.id], json!([why]));
                assert!(authority.tier().contains(post), "the post is responsible still");
            }
            let request = people.submitted(&people.child().await, &[yearly(*pence)]).await;
            declare(&request, person).await;
            let authority = people.authority(&request).await;
            assert_eq!((authority.why_not(post, &person.id), authority.who_may()), (vec!["declared_interest"], stand_in.clone()));
        }
    });
}

#[test]
fn with_everybody_ruled_out_nobody_may_and_every_reason_is_told() {
    on_both(async |app| {
        let (people, child) = (People::of(app).await, app.person(Role::Practitioner).client.child().await);
        let (assistant, director) = (people.post("assistant_director"), people.post("director"));
        let paperwork = people.paperwork(&child, &[yearly(2_000_001)]).await;
        let paperwork = with(with(paperwork, "coster_id", assistant.id.clone()), "presenter_id", assistant.id.clone());
        let new = new_request(&child, paperwork);
        let request = people.worker.client.record("/v1/requests", &new).await["id"].as_str().unwrap().to_owned();
        declare(&request, assistant).await;
        declare(&request, director).await;
        let authority = people.authority(&request).await;
        assert_eq!((authority.who_may(), authority.tier()), (vec![], vec!["assistant_director", "director"]));
        assert_eq!(authority.why_not("assistant_director", &assistant.id), ["costed_it", "presents_it", "declared_interest"]);
        assert_eq!(authority.why_not("director", &director.id), ["declared_interest"]);
    });
}

#[test]
fn whoever_costed_an_earlier_revision_is_ruled_out_and_whoever_no_longer_presents_is_not() {
    on_both(async |app| {
        let (people, child) = (People::of(app).await, app.person(Role::Practitioner).client.child().await);
        let (sum, head) = (people.post("service_unit_manager"), people.post("head_of_service"));
        let paperwork = people.paperwork(&child, &[yearly(1)]).await;
        let first = with(with(paperwork.clone(), "coster_id", sum.id.clone()), "presenter_id", head.id.clone());
        let new = new_request(&child, first);
        let request = people.worker.client.record("/v1/requests", &new).await["id"].as_str().unwrap().to_owned();
        assert_eq!(people.authority(&request).await.who_may(), ["assistant_director", "director"]);
        people.worker.client.record(&format!("/v1/requests/{request}/revisions"), &paperwork).await;
        let authority = people.authority(&request).await;
        assert_eq!(authority.why_not("service_unit_manager", &sum.id), ["costed_it"]);
        assert_eq!(authority.who_may(), ["head_of_service"]);
        let ruled_out: Vec<_> = authority.0["ruled_out"].as_object().unwrap().keys().cloned().collect();
        let mut expected = vec![sum.id.clone(), people.coster.id.clone(), people.worker.id.clone()];
        expected.sort();
        assert_eq!(ruled_out, expected);
    });
}

#[test]
fn an_interest_of_a_panel_member_rules_out_the_members_account() {
    on_both(async |app| {
        let people = People::of(app).await;
        let (sum, support) = (people.post("service_unit_manager"), &people.support.client);
        let seats = [support.member("service_unit_manager", Some(&sum.id)).await, support.member("commissioner", None).await];
        let request = people.submitted(&people.child().await, &[yearly(1)]).await;
        for member in &seats {
            let interest = json!({ "member_id": member, "nature": "provider" });
            support.record(&format!("/v1/requests/{request}/interests"), &interest).await;
        }
        let authority = people.authority(&request).await;
        assert_eq!(
            (authority.why_not("service_unit_manager", &sum.id), authority.who_may()),
            (vec!["declared_interest"], vec!["head_of_service"])
        );
        let ruled_out = authority.0["ruled_out"].as_object().unwrap();
        assert_eq!((&ruled_out[&sum.id], &ruled_out[&seats[1]]), (&json!(["declared_interest"]), &json!(["declared_interest"])));
        assert!(!ruled_out.contains_key(&seats[0]));
    });
}

#[test]
fn a_limit_changed_from_a_day_applies_from_that_day() {
    let profile = with_limit(tameside(), "service_unit_manager", Some("2024-06-04"), 1_500_000);
    let profile = with_limit(profile, "service_unit_manager", Some("2024-07-01"), 1_400_000);
    on_both_with(&profile, async |app| {
        let people = People::of(app).await;
        let request = people.submitted(&people.child().await, &[yearly(1_500_000)]).await;
        for (now, who, limit) in [
            ("2024-06-03T22:59:59.999999", "head_of_service", 1_400_000),
            ("2024-06-03T23:00:00", "service_unit_manager", 1_500_000),
            ("2024-06-30T22:59:59", "service_unit_manager", 1_500_000),
            ("2024-06-30T23:00:00", "head_of_service", 1_400_000),
        ] {
            app.clock.set(instant(now));
            let authority = people.authority(&request).await;
            assert_eq!((authority.tier(), authority.who_may()), (vec![who], vec![who]), "{now}");
            let places = authority.0["people"].as_array().unwrap();
            let sum = places.iter().find(|person| person["post"] == "service_unit_manager").unwrap();
            assert_eq!((&sum["limit"]["up_to_pence"], &sum["limit"]["any_amount"]), (&json!(limit), &json!(false)), "{now}");
            if limit == 1_500_000 {
                assert_eq!(sum["limit"]["clause"], "Cabinet, 14 March 2024");
            }
        }
    });
}

#[test]
fn a_limit_belongs_to_the_post_and_not_to_whoever_held_it() {
    on_both(async |app| {
        let people = People::in_posts(app, &["head_of_service"]).await;
        let (starts, ended, sits) = (app.person(Role::Manager), app.person(Role::Manager), app.person(Role::Manager));
        let post = "service_unit_manager";
        people.put(post, &starts.id, "holder", "2024-06-04", None).await;
        people.put(post, &ended.id, "holder", "2024-04-01", Some("2024-06-03")).await;
        let request = people.submitted(&people.child().await, &[yearly(1)]).await;
        let authority = people.authority(&request).await;
        assert_eq!((authority.tier(), authority.who_may()), (vec![post], vec!["head_of_service"]), "nobody is in the post today");
        assert_eq!((authority.capacity(post, &starts.id), authority.capacity(post, &ended.id)), (None, None));
        people.put(post, &sits.id, "holder", "2024-06-03", Some("2024-06-04")).await;
        let may = async |now: &str| {
            app.clock.set(instant(now));
            let authority = people.authority(&request).await;
            let people = authority.0["people"].as_array().unwrap().iter();
            let may = people.filter(|person| person["may_authorise"] == true);
            may.map(|person| person["user_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(may("2024-06-02T22:59:59").await, [&*ended.id]);
        assert_eq!(may("2024-06-02T23:00:00").await, [&*sits.id]);
        assert_eq!(may("2024-06-03T23:00:00").await, [&*starts.id]);
    });
}

#[test]
fn a_deputy_acts_with_the_posts_limit_within_the_deputys_days() {
    on_both(async |app| {
        let people = People::of(app).await;
        let (deputy, sum) = (app.person(Role::Manager), people.post("service_unit_manager"));
        people.put("service_unit_manager", &deputy.id, "deputy", "2024-06-03", Some("2024-06-10")).await;
        for (pence, why_not) in [(1_400_000, vec![]), (1_400_001, vec!["above_limit"])] {
            let request = people.submitted(&people.child().await, &[yearly(pence)]).await;
            let authority = people.authority(&request).await;
            assert_eq!(authority.capacity("service_unit_manager", &deputy.id), Some("deputy"));
            assert_eq!(authority.why_not("service_unit_manager", &deputy.id), why_not);
            assert_eq!(authority.why_not("service_unit_manager", &sum.id), why_not);
        }
        // Where the holder is ruled out the deputy is of the responsible post still, and no other stands in.
        let request = people.submitted(&people.child().await, &[yearly(1)]).await;
        declare(&request, sum).await;
        assert_eq!(people.authority(&request).await.who_may(), ["service_unit_manager"]);
        app.clock.set(instant("2024-06-09T23:00:00"));
        let authority = people.authority(&request).await;
        assert_eq!((authority.capacity("service_unit_manager", &deputy.id), authority.who_may()), (None, vec!["head_of_service"]));
    });
}

#[test]
fn a_person_in_two_posts_is_listed_in_both_and_ruled_out_in_both() {
    on_both(async |app| {
        let people = People::of(app).await;
        let head = people.post("head_of_service");
        people.put("service_unit_manager", &head.id, "deputy", "2024-04-01", None).await;
        let request = people.submitted(&people.child().await, &[yearly(1_400_001)]).await;
        let authority = people.authority(&request).await;
        assert_eq!(authority.why_not("service_unit_manager", &head.id), ["above_limit"]);
        assert_eq!(authority.who_may(), ["head_of_service"]);
        declare(&request, head).await;
        let authority = people.authority(&request).await;
        assert_eq!(authority.why_not("service_unit_manager", &head.id), ["declared_interest", "above_limit"]);
        assert_eq!(authority.why_not("head_of_service", &head.id), ["declared_interest"]);
        assert_eq!(authority.who_may(), ["assistant_director", "director"]);
    });
}

#[test]
fn somebody_whose_account_is_disabled_is_not_listed_and_the_next_post_stands_in() {
    on_both(async |app| {
        let people = People::of(app).await;
        let sum = people.post("service_unit_manager");
        let request = people.submitted(&people.child().await, &[yearly(1)]).await;
        people.administrator.client.post(&format!("/v1/users/{}/disabling", sum.id), &json!({})).await.expect(200);
        let authority = people.authority(&request).await;
        assert_eq!((authority.capacity("service_unit_manager", &sum.id), authority.who_may()), (None, vec!["head_of_service"]));
    });
}

#[test]
fn somebody_whose_role_decides_nothing_does_not_keep_the_next_post_from_standing_in() {
    on_both(async |app| {
        let people = People::in_posts(app, &["head_of_service"]).await;
        for role in [Role::Practitioner, Role::FinanceOfficer, Role::Auditor, Role::PanelSupport] {
            people.put("service_unit_manager", &app.person(role).id, "holder", "2024-04-01", None).await;
        }
        let request = people.submitted(&people.child().await, &[yearly(1)]).await;
        let authority = people.authority(&request).await;
        assert_eq!((authority.who_may(), authority.0["people"].as_array().unwrap().len()), (vec!["head_of_service"], 1));
    });
}

#[test]
fn reading_the_authority_is_on_the_trail_of_request_and_child() {
    on_both(async |app| {
        let (people, child) = (People::of(app).await, app.person(Role::Practitioner).client.child().await);
        let request = people.submitted(&child, &[yearly(1)]).await;
        let reads = async || (app.events("requests", "read").await.len(), app.events("children", "read").await.len());
        let before = reads().await;
        people.authority(&request).await;
        assert_eq!(reads().await, (before.0 + 1, before.1 + 1));
        people.worker.client.get(&format!("/v1/requests/{}/authority", db::new_id())).await.expect_problem(404, "not_found");
        app.person(Role::Administrator).client.get(&format!("/v1/requests/{request}/authority")).await.expect_problem(403, "not_allowed");
    });
}
