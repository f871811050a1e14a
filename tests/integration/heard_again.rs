//! A request that is heard again after an appeal: what it brought about before is neither lost nor counted twice.

use crate::panel_sheets::{projected, read, standings};
use crate::support::held_panel::carried_out;
use crate::support::panel_day::{PanelDay, decision_of, line as line_of, long_panel};
use crate::support::people::{People, with, yearly};
use crate::support::{Client, instant, on_both};
use domain::Role;
use serde_json::{Value, json};

/// Appeals against a request's decision, and upholds that.
async fn heard_again(worker: &Client, director: &Client, request: &str) {
    let received = json!({ "received_on": "2024-06-03" });
    let appeal = worker.record(&format!("/v1/requests/{request}/appeals"), &received).await;
    let upheld = json!({ "outcome": "upheld", "reason": "The need was not weighed" });
    director.record(&format!("/v1/appeals/{}/outcome", appeal["id"].as_str().unwrap()), &upheld).await;
}

#[test]
fn what_a_request_brought_about_counts_beside_it_when_it_is_heard_again() {
    on_both(async |app| {
        let (people, child) = (People::of(app).await, app.person(Role::Practitioner).client.child().await);
        let panel = people.chaired_panel().await;
        let other = people.submitted(&child, &[yearly(700_000)]).await;
        people.decided(&panel, &other, &json!({ "kind": "approved_in_part", "lines": [yearly(500_000)] })).await;
        let agreed = people.authority(&other).await.lines()[0]["id"].clone();
        let package = people.package_of(&child).await;
        let commissioned = people.package_line(&package, with(yearly(500_000), "request_line_id", agreed)).await;
        let this = people.submitted(&child, &[yearly(1)]).await;
        assert_eq!((people.total(&this).await, people.total(&other).await), (500_001, 500_001));
        heard_again(&people.worker.client, &people.post("director").client, &other).await;
        // It asks for 7,000.00 and does not say that what is in force ends then.
        assert_eq!((people.total(&this).await, people.total(&other).await), (1_200_001, 1_200_001));
        let revise = async |line: Value| {
            let paperwork = people.paperwork(&child, &[line]).await;
            people.worker.client.record(&format!("/v1/requests/{other}/revisions"), &paperwork).await;
        };
        revise(yearly(100)).await;
        people.submit(&other).await;
        assert_eq!((people.total(&this).await, people.total(&other).await), (500_101, 500_101));
        // Replacing what it brought about, it counts in its place; to another request both count until that is agreed.
        let from = |line: Value| with(line, "valid_from", "2024-07-01");
        revise(with(from(yearly(700_000)), "replaces_line_id", commissioned)).await;
        people.submit(&other).await;
        assert_eq!((people.total(&this).await, people.total(&other).await), (1_200_001, 700_001));
    });
}

#[test]
fn what_was_agreed_in_part_and_never_commissioned_does_not_count_when_it_is_heard_again() {
    on_both(async |app| {
        let (people, child) = (People::of(app).await, app.person(Role::Practitioner).client.child().await);
        let panel = people.chaired_panel().await;
        let other = people.submitted(&child, &[yearly(700_000)]).await;
        people.decided(&panel, &other, &json!({ "kind": "approved_in_part", "lines": [yearly(500_000)] })).await;
        let this = people.submitted(&child, &[yearly(1)]).await;
        assert_eq!((people.total(&this).await, people.total(&other).await), (500_001, 500_001));
        heard_again(&people.worker.client, &people.post("director").client, &other).await;
        assert_eq!((people.total(&this).await, people.total(&other).await), (700_001, 700_001));
    });
}

#[test]
fn what_was_agreed_stays_on_its_sheet_when_the_request_is_heard_again() {
    on_both(async |app| {
        let (day, finance) = (PanelDay::of(app).await, app.as_anyone().await);
        let child = day.presenter.client.child().await;
        let request = day.booked_for(&child, 146_000).await;
        let decision = day.decided(&day.sum, &request, &decision_of("approved_in_part", 146_000)).await;
        let agreed = day.decision(&decision).await["lines"][0]["id"].as_str().unwrap().to_owned();
        let package = finance.record("/v1/packages", &json!({ "reference": "PK-1", "child_id": child })).await;
        let new = carried_out(package["id"].as_str().unwrap(), &line_of(73_000), &agreed);
        let made = finance.record("/v1/package-lines", &new).await["line_id"].clone();
        heard_again(&day.presenter.client, &day.director.client, &request).await;
        let outreach = async |panel: &str| projected(&read(&day.support, panel, "projection").await.body, "targeted_outreach");
        // 288 days from 17 June. In force, agreed, and on the sheet of the panel that agreed it.
        let (was, none) = ((57_600, 73_000), (0, 0));
        assert_eq!(standings(&day.support, &day.panel).await, ["agreed"]);
        assert_eq!(outreach(&day.panel).await, [none, was, was, none]);
        // The next panel has it as what is in force, once, and hears what is asked for now.
        let mut line = with(line_of(146_000), "valid_from", json!("2024-07-01"));
        line["replaces_line_id"] = made.clone();
        let mut paperwork = day.paperwork(&child, 146_000).await;
        paperwork["lines"] = json!([line]);
        let written = day.presenter.client.record(&format!("/v1/requests/{request}/revisions"), &paperwork).await;
        day.coster.client.own_parts(&request, written["revision"].as_i64().unwrap()).await.expect(201);
        day.presenter.client.record(&format!("/v1/requests/{request}/submission"), &json!({})).await;
        let next = long_panel(&day.support, "2024-06-10").await;
        day.support.booking(&next, &request).await;
        // 274 days from 1 July: 400 pence a day in place of 200.
        let more = (109_600 - 54_800, 73_000);
        assert_eq!(outreach(&next).await, [was, none, was, more]);
        app.clock.set(instant("2024-06-10T12:00:00"));
        day.attend(&next).await;
        day.decided(&day.sum, &request, &decision_of("approved", 0)).await;
        let both = (was.0 + more.0, was.1 + more.1);
        assert_eq!((outreach(&next).await, outreach(&day.panel).await), ([was, more, both, none], [none, was, was, none]));
        assert_eq!(
            (standings(&day.support, &day.panel).await, standings(&day.support, &next).await),
            (vec![json!("agreed")], vec![json!("agreed")])
        );
    });
}

#[test]
fn what_was_agreed_earlier_and_is_heard_again_is_neither_lost_nor_counted_twice() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(146_000).await;
        day.decided(&day.sum, &request, &decision_of("approved_in_part", 146_000)).await;
        heard_again(&day.presenter.client, &day.director.client, &request).await;
        let (hearing, other) = (long_panel(&day.support, "2024-06-10").await, long_panel(&day.support, "2024-06-11").await);
        day.support.booking(&hearing, &request).await;
        let outreach = async |panel: &str| projected(&read(&day.support, panel, "projection").await.body, "targeted_outreach");
        let (part, whole, none) = ((57_600, 73_000), (115_200, 146_000), (0, 0));
        assert_eq!(outreach(&day.panel).await, [none, part, part, none]);
        assert_eq!((outreach(&hearing).await, outreach(&other).await), ([none, none, none, whole], [part, none, part, none]));
        app.clock.set(instant("2024-06-10T12:00:00"));
        day.attend(&hearing).await;
        day.decided(&day.sum, &request, &decision_of("approved", 0)).await;
        assert_eq!((outreach(&hearing).await, outreach(&other).await), ([none, whole, whole, none], [whole, none, whole, none]));
        day.presenter.client.record(&format!("/v1/requests/{request}/withdrawal"), &json!({ "reason": "Moved away" })).await;
        assert_eq!((outreach(&day.panel).await, outreach(&hearing).await, outreach(&other).await), ([none; 4], [none; 4], [none; 4]));
    });
}

#[test]
fn what_is_agreed_twice_at_a_panel_is_agreed_once() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(146_000).await;
        day.decided(&day.sum, &request, &decision_of("approved_in_part", 146_000)).await;
        heard_again(&day.presenter.client, &day.director.client, &request).await;
        day.support.booking(&day.panel, &request).await;
        day.decided(&day.sum, &request, &decision_of("approved", 0)).await;
        assert_eq!(standings(&day.support, &day.panel).await, ["not_agreed", "agreed"]);
        let projection = read(&day.support, &day.panel, "projection").await.body;
        assert_eq!(projected(&projection, "targeted_outreach")[1], (115_200, 146_000));
    });
}
