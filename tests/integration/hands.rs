//! Nobody agrees what they had a hand in: whoever recorded or changed a part is barred as whoever is named for it is, and to name a colleague
//! who did nothing is of no use.

use crate::support::kirklees::{Kirklees, kirklees, weekly};
use crate::support::panel_day::{PanelDay, Person, approved, approved_above, decision_of, with};
use crate::support::records::new_assessment;
use crate::support::{Answer, TestApp, on_both, on_both_with};
use domain::{Permission, Role};
use serde_json::{Value, json};
use strum::VariantArray;

/// What somebody did, or is named for, and what is then said of them.
const PARTS: [(&str, &str); 8] = [
    ("named assessor", "assessed_it"),
    ("named coster", "costed_it"),
    ("named presenter", "presents_it"),
    ("recorded the assessment", "recorded_part"),
    ("completed the assessment", "recorded_part"),
    ("recorded consent", "recorded_part"),
    ("wrote the paperwork", "recorded_part"),
    ("submitted it", "recorded_part"),
];

/// An assessment of a child in which somebody has that part; answers with its id.
async fn assessment(day: &PanelDay, person: &Person, part: &str, child: &str) -> String {
    let by = |own: &str| if part == own { &person.client } else { &day.presenter.client };
    let assessor = if part == "named assessor" { &person.id } else { &day.presenter.id };
    let new = new_assessment(child, assessor);
    let assessment = by("recorded the assessment").record("/v1/assessments", &new).await["id"].as_str().unwrap().to_owned();
    by("recorded consent").step(&assessment, "consent_given", "2024-05-28").await;
    by("completed the assessment").step(&assessment, "completed", "2024-05-28").await;
    assessment
}

/// A request on today's agenda in which somebody has that part; everybody who is named confirmed theirs. Answers with its id.
async fn booked(day: &PanelDay, manager: &Person, person: &Person, part: &str, pence: i64) -> String {
    let child = day.presenter.client.child().await;
    let mut paperwork = day.paperwork(&day.presenter.client.child().await, pence).await;
    let assessment = assessment(day, person, part, &child).await;
    manager.client.authorise(&assessment, "2024-05-30").await;
    paperwork["assessment_id"] = json!(assessment);
    match part {
        "named coster" => paperwork["coster_id"] = json!(person.id),
        "named presenter" => paperwork["presenter_id"] = json!(person.id),
        _ => {}
    }
    let writer = if part == "wrote the paperwork" { &person.client } else { &day.presenter.client };
    let new = json!({ "reference": crate::support::panel_day::reference(), "child_id": child, "paperwork": paperwork });
    let request = writer.record("/v1/requests", &new).await["id"].as_str().unwrap().to_owned();
    for named in [&day.presenter, &day.coster, person] {
        named.client.own_parts(&request, 1).await;
    }
    let submitter = if part == "submitted it" { &person.client } else { &day.presenter.client };
    submitter.record(&format!("/v1/requests/{request}/submission"), &json!({})).await;
    day.support.booking(&day.panel, &request).await;
    request
}

/// A place at which somebody with a part is turned away.
#[derive(Debug, Clone, Copy)]
enum Place {
    Decision,
    Vote,
    Ratification,
    Authorisation,
    Appeal,
    Variation,
}

const PLACES: [Place; 6] = [Place::Decision, Place::Vote, Place::Ratification, Place::Authorisation, Place::Appeal, Place::Variation];

impl Place {
    /// Whoever would act there, and the pence of a request that comes there.
    fn person(self, day: &PanelDay) -> (&Person, i64) {
        match self {
            Place::Decision => (&day.sum, 100_000),
            Place::Vote => (&day.pm, 100_000),
            Place::Ratification => (&day.hos, 100_000),
            Place::Authorisation => (&day.hos, 1_500_000),
            Place::Appeal => (&day.director, 100_000),
            Place::Variation => (&day.hos, 100_000),
        }
    }

    /// They try to.
    async fn attempt(self, app: &TestApp, day: &PanelDay, request: &str) -> Answer {
        match self {
            Place::Decision => day.sum.decide(request, &approved()).await,
            Place::Vote => {
                let votes = json!([{ "member_id": day.members.tm, "vote": "for" }, { "member_id": day.members.pm, "vote": "for" }]);
                day.sum.decide(request, &with(approved(), "votes", votes)).await
            }
            Place::Ratification => {
                let interest = json!({ "nature": "colleague" });
                day.sum.client.record(&format!("/v1/requests/{request}/own-interest"), &interest).await;
                let decision = day.decided(&day.pm, request, &approved_above()).await;
                day.hos.ratify(&decision, "given").await
            }
            Place::Authorisation => {
                let decision = day.decided(&day.sum, request, &approved_above()).await;
                day.hos.authorise(&decision, "given").await
            }
            Place::Appeal => {
                day.decided(&day.sum, request, &decision_of("declined", 0)).await;
                let received = json!({ "received_on": "2024-06-03" });
                let appeal = day.presenter.client.record(&format!("/v1/requests/{request}/appeals"), &received).await;
                let path = format!("/v1/appeals/{}/outcome", appeal["id"].as_str().unwrap());
                day.director.client.post(&path, &json!({ "outcome": "upheld", "reason": "-" })).await
            }
            Place::Variation => vary_what_it_brought(app, day, request).await,
        }
    }
}

/// The head of service tries to agree more of what the request brought.
async fn vary_what_it_brought(app: &TestApp, day: &PanelDay, request: &str) -> Answer {
    let support = app.as_anyone().await;
    let decision = day.decided(&day.sum, request, &approved()).await;
    let line = day.decision(&decision).await["lines"][0].clone();
    let child = day.read(request).await["child_id"].clone();
    let package = json!({ "reference": crate::support::panel_day::reference(), "child_id": child });
    let package = support.record("/v1/packages", &package).await["id"].clone();
    let fields = ["service", "budget_line", "unit", "quantity_thousandths", "frequency", "unit_rate_ten_thousandths", "valid_from"];
    let mut new: serde_json::Map<String, Value> = fields.into_iter().map(|field| (field.to_owned(), line[field].clone())).collect();
    new.insert("package_id".to_owned(), package);
    new.insert("request_line_id".to_owned(), line["id"].clone());
    new.insert("reason".to_owned(), json!("Agreed at panel"));
    let line = support.record("/v1/package-lines", &Value::Object(new)).await["line_id"].clone();
    let more = json!({
        "line_id": line, "kind": "rate", "valid_from": "2024-07-01", "unit_rate_ten_thousandths": 150_000_000, "reason": "A review"
    });
    let variation = support.record("/v1/package-variations", &more).await["id"].as_str().unwrap().to_owned();
    day.hos.client.agree_variation(&variation).await
}

#[test]
fn every_place_bars_whoever_is_named_and_whoever_recorded_a_part_alike() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let manager = Person::of(app, Role::Manager);
        for place in PLACES {
            let (person, pence) = place.person(&day);
            for (part, why) in PARTS {
                let request = booked(&day, &manager, person, part, pence).await;
                let ruled_out = day.support.get(&format!("/v1/requests/{request}/authority")).await.expect(200).body["ruled_out"].clone();
                let own = ruled_out[&person.id].as_array().unwrap_or_else(|| panic!("{place:?} {part}: {ruled_out}"));
                assert!(own.contains(&json!(why)), "{place:?} {part}: {ruled_out}");
                let refused = place.attempt(app, &day, &request).await;
                match place {
                    Place::Vote => {
                        let refused = refused.expect_problem(422, "invalid_body");
                        assert_eq!(refused.body["errors"][0]["code"], "stands_down", "{part}");
                    }
                    _ => drop(refused.expect_problem(403, "no_authority")),
                }
            }
            // Whoever only authorised the assessment, or looked at it on the way, is free.
            let (nobody, (person, pence)) = (Person::of(app, Role::Manager), place.person(&day));
            let request = booked(&day, person, &nobody, "no part", pence).await;
            place.attempt(app, &day, &request).await.expect(201);
        }
    });
}

#[test]
fn an_assessment_is_not_authorised_by_whoever_recorded_a_part_of_it() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let child = day.presenter.client.child().await;
        let authorise = async |person: &Person, assessment: &str| {
            person.client.post(&format!("/v1/assessments/{assessment}/authorisation"), &json!({ "authorised_on": "2024-05-30" })).await
        };
        for (part, _) in PARTS.into_iter().filter(|(part, _)| part.contains("assess") || *part == "recorded consent") {
            let own = assessment(&day, &day.tm, part, &child).await;
            authorise(&day.tm, &own).await.expect_problem(403, "not_allowed");
            authorise(&day.pm, &own).await.expect(201);
        }
        // A manager's look on the way is no part of it.
        let other = assessment(&day, &day.tm, "no part", &child).await;
        day.tm.client.step(&other, "checkpoint", "2024-05-13").await;
        authorise(&day.tm, &other).await.expect(201);
    });
}

#[test]
fn one_person_agrees_no_small_package_by_naming_a_colleague_who_did_nothing() {
    on_both_with(&kirklees(), async |app| {
        let day = Kirklees::of(app).await;
        let colleague = Person::of(app, Role::Practitioner);
        let manager = &day.manager.client;
        let child = day.presenter.client.child().await;
        let assessment = manager.assessment(&child, &colleague.id).await;
        manager.step(&assessment, "consent_given", "2024-05-28").await;
        manager.step(&assessment, "completed", "2024-05-28").await;
        let authorisation = format!("/v1/assessments/{assessment}/authorisation");
        manager.post(&authorisation, &json!({ "authorised_on": "2024-05-30" })).await.expect_problem(403, "not_allowed");
        day.service_manager.client.authorise(&assessment, "2024-05-30").await;
        let mut paperwork = day.paperwork(&day.presenter.client.child().await, &[weekly("social_support", 1_000)]).await;
        for field in ["presenter_id", "coster_id"] {
            paperwork[field] = json!(colleague.id);
        }
        paperwork["assessment_id"] = json!(assessment);
        let new = json!({ "reference": crate::support::panel_day::reference(), "child_id": child, "paperwork": paperwork });
        let request = manager.record("/v1/requests", &new).await["id"].as_str().unwrap().to_owned();
        manager.record(&format!("/v1/requests/{request}/submission"), &json!({})).await;
        let agree = async |person: &Person| {
            person.client.post(&format!("/v1/requests/{request}/agreement-without-panel"), &json!({ "rationale": "-" })).await
        };
        let refused = agree(&day.manager).await.expect_problem(403, "no_authority");
        assert!(refused.text.contains("you recorded a part of it"), "{}", refused.text);
        // Somebody else does not agree it either before the colleague said that it is theirs.
        let named = ["/assessment_id", "/coster_id", "/presenter_id"];
        assert_eq!(agree(&day.leader).await.expect_problem(409, "not_ready").pointers(), named);
        let missing = manager.get(&format!("/v1/requests/{request}")).await.expect(200).body["missing"].clone();
        assert_eq!(missing.as_array().unwrap().len(), 3, "{missing}");
        colleague.client.own_parts(&request, 1).await.expect(201);
        agree(&day.manager).await.expect_problem(403, "no_authority");
        agree(&day.leader).await.expect(201);
    });
}

#[test]
fn whoever_is_named_confirms_by_their_own_log_in_before_it_goes_on_an_agenda() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let child = day.presenter.client.child().await;
        let paperwork = with(day.paperwork(&child, 100_000).await, "coster_id", json!(day.tm.id));
        let new = json!({ "reference": crate::support::panel_day::reference(), "child_id": child, "paperwork": paperwork });
        let request = day.presenter.client.record("/v1/requests", &new).await["id"].as_str().unwrap().to_owned();
        day.presenter.client.record(&format!("/v1/requests/{request}/submission"), &json!({})).await;
        let book = async || {
            let body = json!({ "request_id": request });
            day.support.post(&format!("/v1/panels/{}/bookings", day.panel), &body).await
        };
        let refused = book().await.expect_problem(409, "not_ready");
        assert_eq!(refused.pointers(), ["/coster_id"]);
        assert!(!refused.text.contains(&day.tm.id), "nobody is named: {}", refused.text);
        day.coster.client.own_parts(&request, 1).await.expect_problem(403, "not_allowed");
        let tool = app.as_client(Permission::VARIANTS).await;
        tool.own_parts(&request, 1).await.expect_problem(403, "not_allowed");
        day.tm.client.own_parts(&request, 2).await.expect_problem(422, "invalid_body");
        let said = day.tm.client.own_parts(&request, 1).await.expect(201).body;
        assert_eq!((&said["recorded_by"], &said["revision"]), (&json!(day.tm.id), &json!(1)));
        day.tm.client.own_parts(&request, 1).await.expect_problem(409, "state_conflict");
        assert_eq!(app.events("requests", "confirm_own_parts").await.len(), 1);
        // What the costing says is confirmed of the revision that says it.
        let dearer = with(paperwork.clone(), "lines", json!([crate::support::panel_day::line(200_000)]));
        day.presenter.client.record(&format!("/v1/requests/{request}/revisions"), &dearer).await;
        day.presenter.client.record(&format!("/v1/requests/{request}/submission"), &json!({})).await;
        assert_eq!(book().await.expect_problem(409, "not_ready").pointers(), ["/coster_id"]);
        day.tm.client.own_parts(&request, 2).await.expect(201);
        book().await.expect(201);
        day.decided(&day.sum, &request, &decision_of("approved_in_part", 200_000)).await;
        day.tm.client.own_parts(&request, 2).await.expect_problem(409, "state_conflict");
    });
}

#[test]
fn what_a_tool_recorded_counts_as_its_owners() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let tool = app.tool_of(&day.sum.id, vec![Permission::RequestsWrite]);
        let child = day.presenter.client.child().await;
        let paperwork = day.paperwork(&child, 100_000).await;
        let new = json!({ "reference": crate::support::panel_day::reference(), "child_id": child, "paperwork": paperwork });
        let request = tool.record("/v1/requests", &new).await["id"].as_str().unwrap().to_owned();
        for named in [&day.presenter, &day.coster] {
            named.client.own_parts(&request, 1).await.expect(201);
        }
        day.presenter.client.record(&format!("/v1/requests/{request}/submission"), &json!({})).await;
        day.support.booking(&day.panel, &request).await;
        let refused = day.sum.decide(&request, &approved()).await.expect_problem(403, "no_authority");
        assert!(refused.text.contains("you recorded a part of it"), "{}", refused.text);
    });
}

#[test]
fn an_assessment_is_not_authorised_by_the_owner_of_the_tool_that_made_it() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let tool = app.tool_of(&day.tm.id, vec![Permission::AssessmentsWrite]);
        let child = day.presenter.client.child().await;
        let assessment =
            tool.record("/v1/assessments", &new_assessment(&child, &day.presenter.id)).await["id"].as_str().unwrap().to_owned();
        tool.step(&assessment, "consent_given", "2024-05-28").await;
        tool.step(&assessment, "completed", "2024-05-28").await;
        let authorise = async |person: &Person| {
            let body = json!({ "authorised_on": "2024-05-30" });
            person.client.post(&format!("/v1/assessments/{assessment}/authorisation"), &body).await
        };
        authorise(&day.tm).await.expect_problem(403, "not_allowed");
        authorise(&day.pm).await.expect(201);
    });
}
