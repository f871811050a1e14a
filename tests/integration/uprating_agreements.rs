//! Who agrees a rise of rates, when, and what it may cost.

use crate::support::people::{id_of, in_force, with};
use crate::support::{Answer, Client, TestApp, on_both, on_both_with};
use crate::uprating::Provided;
use api::auth::CallerKind;
use domain::profile::{BudgetControlPolicy, WhenExceeded};
use domain::{Permission, Profile, Role};
use serde_json::{Value, json};
use strum::VariantArray;

const SUM: &str = "service_unit_manager";
const HEAD: &str = "head_of_service";

#[test]
fn a_proposal_is_agreed_once_also_by_two_at_once() {
    on_both(async |app| {
        let of = Provided::of(app).await;
        of.line(&of.package().await, in_force(1000)).await;
        let (first, second) = (of.proposed(&of.rise(100_000)).await, of.proposed(&of.rise(100_000)).await);
        let calls = [(SUM, first.clone()), (HEAD, first.clone()), ("director", second.clone())].map(|(post, proposal)| {
            let client = of.people.post(post).client.clone();
            tokio::spawn(async move { client.agree_uprating(&proposal, post).await.status })
        });
        let mut statuses = Vec::new();
        for call in calls {
            statuses.push(call.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!((statuses, of.recorded(app)), (vec![201, 409, 409], (2, 1, 1)));
        for proposal in [&first, &second] {
            of.agree(SUM, proposal).await.expect_problem(409, "state_conflict");
        }
        // The same answer to the same call.
        of.line(&of.package().await, in_force(1000)).await;
        let proposal = of.proposed(&with(of.rise(100_000), "from", "2024-08-01")).await;
        let (body, client) = (json!({ "proposal_id": proposal, "post": SUM }), &of.people.post(SUM).client);
        let one = client.post_once("rise", "/v1/upratings", &body).await.expect(201).body;
        assert_eq!(client.post_once("rise", "/v1/upratings", &body).await.expect(201).body, one);
        assert_eq!(app.count("upratings"), 2);
    });
}

#[test]
fn a_rise_is_agreed_in_a_post_with_a_limit_and_never_by_whoever_proposed_it() {
    on_both(async |app| {
        let of = Provided::of(app).await;
        of.line(&of.package().await, in_force(3_000_000)).await;
        let sum = of.people.post(SUM);
        let scope = [Role::Manager.permissions(), &[Permission::PackagesWrite]].concat();
        let both = app.with_token(app.keys.sign(&sum.id, CallerKind::User, scope).unwrap());
        let asked = with(of.rise(10_000), "preview_sha256", of.preview(&of.rise(10_000)).await["preview_sha256"].clone());
        let own = id_of(&both.record("/v1/uprating-proposals", &asked).await);
        let told = |answer: Answer| answer.expect_problem(403, "no_authority").body["detail"].as_str().unwrap().to_owned();
        let refused = told(both.agree_uprating(&own, SUM).await);
        assert!(refused.contains("you proposed it") && refused.contains("Any post with a limit may: service_unit_manager ("), "{refused}");
        assert!(told(of.agree("team_manager", &own).await).contains("your post has no limit"));
        // In the post they name, and in no other.
        let head = &of.people.post(HEAD).client;
        assert!(told(head.agree_uprating(&own, "director").await).contains("you are not in that post today"));
        told(of.people.manager.client.agree_uprating(&own, SUM).await);
        // A tool holds no post, and who may not decide may not agree.
        assert!(told(app.as_client(Permission::VARIANTS).await.agree_uprating(&own, SUM).await).contains("A person decides"));
        of.people.support.client.agree_uprating(&own, SUM).await.expect_problem(403, "not_allowed");
        head.post("/v1/uprating-proposals", &asked).await.expect_problem(403, "not_allowed");
        let nothing = json!({ "proposal_id": db::new_id(), "post": "no_such_post" });
        assert_eq!(head.post("/v1/upratings", &nothing).await.expect_problem(422, "invalid_body").pointers(), ["/post", "/proposal_id"]);
        assert_eq!(of.recorded(app), (1, 0, 0));
        // A post that ended yesterday is none; a deputy's is.
        let (past, deputy) = (app.person(Role::Manager), app.person(Role::Manager));
        of.people.put(SUM, &past.id, "holder", "2024-05-01", Some("2024-06-03")).await;
        of.people.put(HEAD, &deputy.id, "deputy", "2024-06-01", None).await;
        assert!(told(past.client.agree_uprating(&own, SUM).await).contains("you are not in that post today"));
        let agreed = deputy.client.agree_uprating(&own, HEAD).await.expect(201).body;
        assert_eq!(
            (&agreed["capacity"], &agreed["recorded_by"], &agreed["proposal_id"]),
            (&json!("deputy"), &json!(deputy.id), &json!(own))
        );
    });
}

#[test]
fn without_a_limit_nobody_agrees_a_rise() {
    let mut profile = Profile::bundled("tameside").unwrap();
    profile.delegation.limits.clear();
    on_both_with(&profile, async |app| {
        let of = Provided::of(app).await;
        of.line(&of.package().await, in_force(1000)).await;
        let proposal = of.proposed(&of.rise(10_000)).await;
        let refused = of.agree("director", &proposal).await.expect_problem(403, "no_authority");
        assert!(refused.body["detail"].as_str().unwrap().contains("No post has a limit"), "{}", refused.text);
    });
}

#[test]
fn what_waits_is_listed_until_it_is_agreed_or_withdrawn() {
    on_both(async |app| {
        let of = Provided::of(app).await;
        let client = &of.people.support.client;
        of.line(&of.package().await, in_force(1000)).await;
        let mut proposals = Vec::new();
        for percentage in 1..=4 {
            proposals.push(of.proposed(&of.rise(percentage * 10_000)).await);
        }
        let ids = |pages: Vec<Vec<Value>>| pages.concat().iter().map(id_of).collect::<Vec<_>>();
        assert_eq!(ids(client.all_pages("/v1/uprating-proposals", 3).await), proposals);
        assert_eq!(ids(client.all_pages("/v1/uprating-proposals?to_agree=true", 1).await), proposals);
        let withdrawn = client.withdraw_uprating(&proposals[0]).await.expect(201).body;
        assert_eq!((&withdrawn["state"], &withdrawn["withdrawal"]["reason"]), (&json!("withdrawn"), &json!("Another rate is asked for")));
        client.withdraw_uprating(&proposals[0]).await.expect_problem(409, "state_conflict");
        let refused = of.agree(SUM, &proposals[0]).await.expect_problem(409, "state_conflict");
        assert_eq!(refused.body["detail"], "The proposal was withdrawn on 2024-06-03.");
        let uprating = of.agree(SUM, &proposals[2]).await.expect(201).body;
        client.withdraw_uprating(&proposals[2]).await.expect_problem(409, "state_conflict");
        client.get(&format!("/v1/uprating-proposals/{}/preview", proposals[2])).await.expect_problem(409, "state_conflict");
        assert_eq!(ids(client.all_pages("/v1/uprating-proposals?to_agree=true", 1).await), [proposals[1].clone(), proposals[3].clone()]);
        let read = client.get(&format!("/v1/uprating-proposals/{}", proposals[2])).await.expect(200).body;
        assert_eq!((&read["state"], &read["uprating_id"], &read["withdrawal"]), (&json!("agreed"), &uprating["id"], &json!(null)));
        assert_eq!(client.get(&format!("/v1/uprating-proposals/{}", proposals[0])).await.expect(200).body, withdrawn);
        client.get(&format!("/v1/uprating-proposals/{}", db::new_id())).await.expect_problem(404, "not_found");
        client.withdraw_uprating(&db::new_id()).await.expect_problem(404, "not_found");
    });
}

fn with_budget(when_exceeded: WhenExceeded) -> Profile {
    let policy = BudgetControlPolicy { when_exceeded, count_pending: false, clause: "Standing order 4".to_owned(), changes: Vec::new() };
    Profile { budget_control: Some(policy), ..Profile::bundled("tameside").unwrap() }
}

/// Two lines of 365 pounds a year together, ten per cent dearer for 274 of the 365 days from 1 July, and one of home care.
async fn budgeted(app: &TestApp) -> (Provided, Client) {
    let of = Provided::of(app).await;
    let finance = app.as_role(Role::FinanceOfficer);
    finance.opened("2024-25").await;
    for pence in [18_250, 18_250] {
        of.line(&of.package().await, in_force(pence)).await;
    }
    let care = with(with(in_force(36_500), "service", "home_care"), "budget_line", "home_care");
    of.line(&of.package().await, care).await;
    (of, finance)
}

#[test]
fn what_it_adds_this_year_is_held_against_each_budget_line_and_stopped_to_the_penny() {
    on_both_with(&with_budget(WhenExceeded::Stop), async |app| {
        let (of, finance) = budgeted(app).await;
        finance.moved("2024-25", "targeted_outreach", "original", 36_500 + 2_739).await;
        finance.moved("2024-25", "home_care", "original", 36_500 + 2_740).await;
        let proposal = of.proposed(&of.rise(100_000)).await;
        let stopped = of.agree(SUM, &proposal).await.expect_problem(409, "budget_exceeded").body["detail"].as_str().unwrap().to_owned();
        let expected = "targeted_outreach would cost £27.40 in 2024-25 and has £27.39 available, £0.01 short. Move budget to it, or ask for less (Standing order 4).";
        assert_eq!((stopped.as_str(), of.recorded(app)), (expected, (1, 0, 0)), "all lines or none");
        finance.moved("2024-25", "targeted_outreach", "adjustment", 1).await;
        let agreed = of.agree(SUM, &proposal).await.expect(201).body;
        let check = |line: &str| json!({ "year": "2024-25", "budget_line": line, "available_pence": 2_740, "this_year_pence": 2_740, "exceeded": false });
        assert_eq!(agreed["budget"], json!([check("home_care"), check("targeted_outreach")]));
        // What starts next year costs nothing in this one.
        let next = of.raised(&with(of.rise(100_000), "from", "2025-04-01")).await;
        assert_eq!(next["budget"], json!(null));
    });
}

#[test]
fn where_the_profile_warns_the_rise_counts_and_the_trail_says_so() {
    on_both_with(&with_budget(WhenExceeded::Warn), async |app| {
        let (of, finance) = budgeted(app).await;
        finance.moved("2024-25", "home_care", "original", 1_000_000).await;
        let agreed = of.raised(&of.rise(100_000)).await;
        let told: Vec<_> = agreed["budget"].as_array().unwrap().iter().map(|check| check["exceeded"].clone()).collect();
        assert_eq!(told, [json!(false), json!(true)]);
        let trail = app.events("budget_lines", "exceed").await;
        assert_eq!((trail.len(), &trail[0]["entity_id"]), (1, &json!("targeted_outreach")));
        assert_eq!(trail[0]["detail"]["uprating_id"], agreed["id"]);
    });
}

#[test]
fn no_rise_starts_in_a_closed_year() {
    on_both(async |app| {
        let of = Provided::of(app).await;
        of.line(&of.package().await, in_force(1000)).await;
        let finance = app.as_role(Role::FinanceOfficer);
        let before = of.proposed(&with(of.rise(100_000), "from", "2024-03-31")).await;
        let after = of.proposed(&with(of.rise(100_000), "from", "2024-04-01")).await;
        finance.opened("2023-24").await;
        finance.opened("2024-25").await;
        finance.record("/v1/financial-years/2023-24/closure", &json!({ "reason": "Accounts closed" })).await;
        let late = with(of.rise(100_000), "from", "2024-03-31");
        for path in ["/v1/uprating-previews", "/v1/uprating-proposals"] {
            let refused = of.people.support.client.post(path, &late).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), ["/from"]);
            assert_eq!(refused.body["errors"][0]["code"], "closed_year");
            let detail = refused.body["errors"][0]["detail"].as_str().unwrap();
            assert!(detail.contains("the first day possible is 2024-04-01"), "{detail}");
        }
        // What was proposed before the year was closed.
        let refused = of.agree(SUM, &before).await.expect_problem(409, "state_conflict");
        assert_eq!(refused.body["errors"][0]["code"], "closed_year");
        of.people.support.client.get(&format!("/v1/uprating-proposals/{before}/preview")).await.expect_problem(409, "state_conflict");
        of.agree(SUM, &after).await.expect(201);
    });
}

#[test]
fn a_rise_beyond_what_goes_untested_is_no_blank_cheque_of_the_lowest_post() {
    on_both(async |app| {
        let of = Provided::of(app).await;
        let client = &of.people.support.client;
        let (dear, cheap) = (of.package().await, of.package().await);
        let line = of.line(&dear, in_force(1_300_000)).await;
        of.line(&cheap, in_force(1000)).await;
        confirmed(&of, SUM, &line).await.expect(201);
        // A new rate of the provider's, a penny a year above the service unit manager's limit.
        let rise = json!({ "provider_id": of.provider, "from": "2024-07-01", "unit_rate_ten_thousandths": 140_000_100, "reason": "-" });
        // The preview says which of them goes beyond the bound, before anybody proposes or agrees.
        let beyond = async |rise: &Value| {
            let preview = client.post("/v1/uprating-previews", rise).await.expect(200).body;
            let lines = preview["lines"].as_array().unwrap().iter();
            lines
                .map(|line| (line["package_id"].as_str().unwrap().to_owned(), line["rises_beyond"].clone()))
                .collect::<std::collections::BTreeMap<_, _>>()
        };
        let told = beyond(&rise).await;
        assert_eq!((&told[&dear], &told[&cheap]), (&json!(false), &json!(true)));
        let risen = of.raised(&rise).await;
        assert_eq!(risen["lines"], 2);
        let made = client.all_pages(&format!("/v1/package-variations?uprating_id={}", id_of(&risen)), 5).await.concat();
        let of_package = |package: &str| made.iter().find(|one| one["package_id"] == package).unwrap().clone();
        assert_eq!(of_package(&dear)["beyond_percent"], json!(null), "7.7 per cent goes untested");
        assert_eq!(of_package(&cheap)["beyond_percent"], json!(10), "£14,000 and a penny is not for that post");
        // Several rises of a year are one.
        let again = with(of.rise(90_000), "from", "2025-07-01");
        assert!(beyond(&again).await.values().all(|told| told == true));
        let made = client.all_pages(&format!("/v1/package-variations?uprating_id={}", id_of(&of.raised(&again).await)), 5).await.concat();
        assert!(made.iter().all(|one| one["beyond_percent"] == 10), "{made:?}");
    });
}

#[test]
fn what_rises_beyond_the_bound_waits_for_the_post_of_its_total() {
    on_both(async |app| {
        let of = Provided::of(app).await;
        let package = of.package().await;
        let line = of.line(&package, in_force(1_000_000)).await;
        confirmed(&of, SUM, &line).await.expect(201);
        // Within the post's limit it is agreed with the rise, as any increase of that post's.
        of.raised(&of.rise(200_000)).await;
        let client = &of.people.support.client;
        let within = client.line_on(&package, "2024-07-01").await;
        assert_ne!(agreed_on(client, &within).await, json!(null));
        of.raised(&with(of.rise(400_000), "from", "2025-07-01")).await;
        let beyond = client.line_on(&package, "2025-07-01").await;
        assert_eq!(agreed_on(client, &beyond).await, json!(null));
        confirmed(&of, SUM, &beyond).await.expect_problem(403, "no_authority");
        confirmed(&of, HEAD, &beyond).await.expect(201);
        assert_ne!(agreed_on(client, &beyond).await, json!(null));
    });
}

/// Since when a line is agreed.
async fn agreed_on(client: &Client, line: &str) -> Value {
    client.get(&format!("/v1/package-lines/{line}/confirmations")).await.expect(200).body["agreed_on"].clone()
}

/// Confirms a line in a post, or tries to.
async fn confirmed(of: &Provided, post: &str, line: &str) -> Answer {
    let body = json!({ "post": post, "version": 1 });
    of.people.post(post).client.post(&format!("/v1/package-lines/{line}/confirmations"), &body).await
}
