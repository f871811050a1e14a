//! The day is the authority's: in summer it begins an hour before UTC's.

use crate::support::people::{People, yearly};
use crate::support::records::new_holding;
use crate::support::{instant, on_both};
use domain::Role;
use serde_json::{Value, json};

#[test]
fn late_in_the_evening_of_31_march_the_new_year_has_begun() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        for year in ["2024-25", "2025-26"] {
            caller.record("/v1/financial-years", &json!({ "year": year })).await;
        }
        let manager = app.as_role(Role::Manager).my_id().await;
        let begins = json!({
            "post": "head_of_service", "user_id": manager, "capacity": "holder", "valid_from": "2025-04-01", "valid_to": null, "reason": "Appointed"
        });
        app.as_role(Role::Administrator).put_in_post(&begins).await;
        let in_post = async || {
            let people = caller.get("/v1/people?limit=500").await.expect(200).body;
            let holds = |person: &&Value| person["id"] == manager.as_str();
            people["items"].as_array().unwrap().iter().find(holds).map(|person| person["posts"].as_array().unwrap().len())
        };
        app.clock.set(instant("2025-03-31T22:30:00"));
        caller.post("/v1/financial-years/2024-25/closure", &json!({ "reason": "-" })).await.expect_problem(409, "not_ready");
        assert_eq!(in_post().await, Some(0));
        app.clock.set(instant("2025-03-31T23:30:00"));
        assert_eq!(in_post().await, Some(1));
        let closed = caller.record("/v1/financial-years/2024-25/closure", &json!({ "reason": "Accounts closed" })).await;
        assert_eq!(closed["closed_on"], "2025-04-01");
    });
}

#[test]
fn late_in_the_evening_of_30_june_it_is_july_for_whoever_decides_and_records() {
    on_both(async |app| {
        let people = People::of(app).await;
        let stays = people.put("head_of_service", &people.manager.id, "deputy", "2024-07-01", None).await;
        let request = people.submitted(&people.child().await, &[yearly(1_500_000)]).await;
        let may = async || people.authority(&request).await.capacity("head_of_service", &people.manager.id).map(str::to_owned);
        app.clock.set(instant("2024-06-30T22:30:00"));
        assert_eq!(may().await, None);
        app.clock.set(instant("2024-06-30T23:30:00"));
        assert_eq!(may().await.as_deref(), Some("deputy"), "{stays}");
        // What is recorded now is known on 1 July, and not by the end of June.
        let child = people.child().await;
        let package = people.package_of(&child).await;
        people.package_line(&package, yearly(36_500)).await;
        let known = async |day: &str| {
            let lines = people.support.client.get(&format!("/v1/package-lines?package_id={package}&as_known_on={day}")).await;
            lines.expect(200).body["items"].as_array().unwrap().len()
        };
        assert_eq!((known("2024-06-30").await, known("2024-07-01").await), (0, 1));
    });
}

#[test]
fn late_in_the_evening_a_pay_file_of_the_day_that_is_over_is_past() {
    on_both(async |app| {
        let finance = app.as_role(Role::FinanceOfficer);
        app.clock.set(instant("2024-06-27T23:30:00"));
        let file = |pay_on: &str| json!({ "pay_on": pay_on });
        let refused = finance.post("/v1/direct-payment-exports", &file("2024-06-27")).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.body["errors"][0]["code"], "past");
        let nothing = finance.post("/v1/direct-payment-exports", &file("2024-06-28")).await;
        assert_ne!(nothing.body["errors"][0]["code"], "past", "{}", nothing.body);
    });
}

#[test]
fn a_snapshot_as_known_on_a_day_holds_what_was_recorded_by_its_end_in_britain() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let profile = domain::Profile::bundled("tameside").unwrap();
        let (warehouse, keys) = (app.folder.path().join("warehouse"), app.folder.path().join("keys"));
        let run = |day: &str| {
            let options = etl::Options { as_known_on: Some(day.parse().unwrap()), ..etl::Options::default() };
            etl::run(&app.store, &profile, &warehouse, &keys, &options).map(|outcome| outcome.package_lines)
        };
        let package = caller.package().await;
        app.clock.set(instant("2024-06-30T23:30:00"));
        caller.line(&package).await;
        assert_eq!((run("2024-06-30").unwrap(), run("2024-07-01").unwrap()), (0, 1), "1 July has begun");
        assert!(run("2024-07-02").is_err());
    });
}

#[test]
fn a_holding_counts_from_its_first_day_on() {
    on_both(async |app| {
        let administrator = app.as_role(Role::Administrator);
        let user = app.as_role(Role::Manager).my_id().await;
        app.clock.set(instant("2024-03-31T23:30:00"));
        administrator.put_in_post(&new_holding("team_manager", &user)).await;
        let page = administrator.get("/v1/post-holdings?post=team_manager&on=2024-04-01").await.expect(200).body;
        assert_eq!(page["items"].as_array().unwrap().len(), 1);
    });
}
