//! Stays: booked, stayed, cancelled, taken back; one bed a child.

use crate::support::people::Person;
use crate::support::records::new_line;
use crate::support::{Answer, Client, TestApp, instant, on_both};
use domain::{Permission, Role};
use serde_json::{Value, json};

/// Somebody who books, a child and two settings.
pub struct Nights {
    pub support: Person,
    pub anyone: Client,
    pub child: String,
    pub settings: [String; 2],
}

impl Nights {
    pub async fn of(app: &TestApp) -> Self {
        let anyone = app.as_anyone().await;
        let (child, settings) = (anyone.child().await, [anyone.provider("own").await, anyone.provider("voluntary").await]);
        Nights { support: app.person(Role::PanelSupport), anyone, child, settings }
    }

    /// Nights of the child at the first setting or the second.
    pub fn stay(&self, setting: usize, first: &str, last: &str) -> Value {
        json!({ "child_id": self.child, "provider_id": self.settings[setting], "first_night": first, "last_night": last, "reason": "A weekend" })
    }

    /// Tries to book.
    pub async fn try_to_book(&self, setting: usize, first: &str, last: &str) -> Answer {
        self.support.client.post("/v1/stays", &self.stay(setting, first, last)).await
    }

    /// Books; answers with the stay's id.
    pub async fn book(&self, setting: usize, first: &str, last: &str) -> String {
        let booked = self.try_to_book(setting, first, last).await.expect(201).body;
        booked["stay_id"].as_str().unwrap().to_owned()
    }

    /// The last version of a stay.
    pub async fn last(&self, stay: &str) -> Value {
        let history = self.support.client.get(&format!("/v1/stays/{stay}")).await.expect(200).body;
        history["versions"].as_array().unwrap().last().unwrap().clone()
    }

    /// Takes a step with a stay.
    pub async fn step(&self, stay: &str, step: &str, body: &Value) -> Answer {
        self.support.client.post(&format!("/v1/stays/{stay}/{step}"), body).await
    }

    /// The child's page on a day.
    pub async fn page(&self, on: &str) -> Value {
        self.support.client.get(&format!("/v1/children/{}/nights?on={on}", self.child)).await.expect(200).body
    }
}

fn reason() -> Value {
    json!({ "reason": "The setting is closed" })
}

fn actual(first: &str, last: &str) -> Value {
    json!({ "first_night": first, "last_night": last, "reason": "As the setting reports" })
}

#[test]
fn a_stay_is_booked_and_then_stayed_and_every_version_is_kept() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let made = nights.try_to_book(0, "2024-05-24", "2024-05-26").await.expect(201);
        let stay = made.body["stay_id"].as_str().unwrap().to_owned();
        assert_eq!(made.header("location"), format!("/v1/stays/{stay}"));
        assert_eq!((&made.body["state"], &made.body["version"], &made.body["passings"]), (&json!("booked"), &json!(1), &json!([])));
        let page = nights.page("2024-06-03").await;
        assert_eq!((&page["to_confirm"][0]["stay_id"], &page["rolling"][0]["counted"]), (&json!(stay), &json!(3)));
        let to_confirm = async || nights.support.client.get("/v1/stays?to_confirm=true").await.expect(200).body["items"].clone();
        assert_eq!(to_confirm().await[0]["stay_id"], json!(stay));
        let stayed = nights.step(&stay, "actual", &actual("2024-05-24", "2024-05-25")).await.expect(201).body;
        assert_eq!((&stayed["state"], &stayed["version"], &stayed["last_night"]), (&json!("stayed"), &json!(2), &json!("2024-05-25")));
        assert_eq!(to_confirm().await, json!([]));
        let history = nights.support.client.get(&format!("/v1/stays/{stay}")).await.expect(200).body;
        let versions: Vec<_> = history["versions"].as_array().unwrap().iter().map(|version| version["last_night"].clone()).collect();
        assert_eq!(versions, ["2024-05-26", "2024-05-25"]);
        let listed = nights.support.client.get(&format!("/v1/stays?child_id={}", nights.child)).await.expect(200).body;
        assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["version"]), (1, &json!(2)));
        let page = nights.page("2024-06-03").await;
        assert_eq!((&page["rolling"][0]["counted"], &page["to_confirm"]), (&json!(2), &json!([])));
        assert_eq!(page["months"], json!([{ "month": "2024-05", "stayed": 2, "booked": 0 }]));
        let reads = app.events("children", "read").await;
        assert!(reads.iter().filter(|event| event["entity_id"] == nights.child).count() == 5, "every read is on the trail");
        let said = app.events("night_bookings", "record").await;
        assert_eq!((said.len(), &said[0]["detail"]), (1, &json!({})), "what is written of a child stays out of the trail");
    });
}

#[test]
fn everything_wrong_with_a_stay_is_said_at_once() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let unknown = "0199c1f4-0000-7000-8000-000000000000";
        let wrong = json!({ "child_id": unknown, "provider_id": unknown, "line_id": unknown, "first_night": "2024-05-24",
            "last_night": "2024-05-23", "reason": "-", "waits_for": ["rolling"] });
        let refused = nights.support.client.post("/v1/stays", &wrong).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/child_id", "/last_night", "/line_id", "/provider_id"]);
        let refused = async |change: (&str, Value)| {
            let mut stay = nights.stay(0, "2024-05-24", "2024-05-26");
            stay[change.0] = change.1;
            nights.support.client.post("/v1/stays", &stay).await.expect_problem(422, "invalid_body").pointers()
        };
        assert_eq!(refused(("last_night", json!("2025-05-25"))).await, ["/last_night"], "367 nights");
        assert_eq!(refused(("first_night", json!("1980-05-25"))).await, ["/first_night", "/last_night"]);
        assert_eq!(refused(("state", json!("cancelled"))).await, ["/state"]);
        assert_eq!(refused(("waits_for", json!(["rolling"]))).await, ["/waits_for"], "three nights pass no limit");
        assert_eq!(refused(("reason", json!(""))).await, ["/reason"]);
        let mut future = nights.stay(0, "2024-06-01", "2024-06-04");
        future["state"] = json!("stayed");
        let refused = nights.support.client.post("/v1/stays", &future).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/last_night"], "a fact is not in the future");
        assert_eq!(app.count("night_bookings"), 0);
    });
}

#[test]
fn a_stay_is_paid_from_a_line_of_the_childs_own() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let package = json!({ "reference": "PK-1", "child_id": nights.child });
        let package = nights.anyone.record("/v1/packages", &package).await["id"].as_str().unwrap().to_owned();
        let line = nights.anyone.record("/v1/package-lines", &new_line(&package)).await["line_id"].clone();
        app.confirmed(line.as_str().unwrap());
        let mut stay = nights.stay(0, "2024-05-24", "2024-05-26");
        stay["line_id"] = line.clone();
        assert_eq!(nights.support.client.post("/v1/stays", &stay).await.expect(201).body["line_id"], line);
        stay["child_id"] = json!(nights.anyone.child().await);
        let refused = nights.support.client.post("/v1/stays", &stay).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/line_id"]);
    });
}

#[test]
fn a_child_sleeps_in_one_bed() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let stay = nights.book(0, "2024-06-10", "2024-06-14").await;
        for (first, last) in
            [("2024-06-14", "2024-06-16"), ("2024-06-08", "2024-06-10"), ("2024-06-11", "2024-06-12"), ("2024-06-01", "2024-06-17")]
        {
            let refused = nights.try_to_book(1, first, last).await.expect_problem(409, "period_overlaps");
            assert!(refused.text.contains(&stay), "{}", refused.text);
        }
        nights.book(1, "2024-06-15", "2024-06-16").await;
        nights.book(1, "2024-06-08", "2024-06-09").await;
        let another = Nights { child: nights.anyone.child().await, ..Nights::of(app).await };
        another.book(0, "2024-06-10", "2024-06-14").await;
        // Once it is cancelled, or taken back, the bed is free.
        nights.step(&stay, "cancellation", &reason()).await.expect(201);
        let again = nights.book(1, "2024-06-11", "2024-06-12").await;
        nights.step(&again, "reversal", &reason()).await.expect(201);
        let last = nights.book(1, "2024-06-10", "2024-06-14").await;
        // What was stayed may not run into another stay either.
        app.clock.set(instant("2024-06-20T09:00:00"));
        nights.step(&last, "actual", &actual("2024-06-10", "2024-06-15")).await.expect_problem(409, "period_overlaps");
        nights.step(&last, "actual", &actual("2024-06-10", "2024-06-14")).await.expect(201);
    });
}

#[test]
fn only_nights_that_have_come_were_stayed_and_none_cancels_the_stay() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let stay = nights.book(0, "2024-06-02", "2024-06-04").await;
        let refused = nights.step(&stay, "actual", &actual("2024-06-02", "2024-06-04")).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/last_night"]);
        let half = json!({ "first_night": "2024-06-02", "reason": "-" });
        assert_eq!(nights.step(&stay, "actual", &half).await.expect_problem(422, "invalid_body").pointers(), ["/last_night"]);
        nights.step(&stay, "actual", &actual("2024-06-02", "2024-06-03")).await.expect(201);
        nights.step(&stay, "cancellation", &reason()).await.expect_problem(409, "state_conflict");
        let cancelled = nights.step(&stay, "actual", &reason()).await.expect(201).body;
        assert_eq!((&cancelled["state"], &cancelled["version"]), (&json!("cancelled"), &json!(3)));
        for step in ["actual", "cancellation"] {
            nights.step(&stay, step, &reason()).await.expect_problem(409, "state_conflict");
        }
        nights.step(&stay, "reversal", &reason()).await.expect(201);
        for step in ["actual", "cancellation", "reversal"] {
            nights.step(&stay, step, &reason()).await.expect_problem(409, "state_conflict");
        }
        let known = json!({ "booking_id": stay, "reason": "-" });
        nights.step(&stay, "acknowledgement", &known).await.expect_problem(409, "state_conflict");
        let coming = nights.book(0, "2024-07-01", "2024-07-02").await;
        let refused = nights.step(&coming, "actual", &reason()).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/first_night"], "it is cancelled instead");
        nights.step(&coming, "cancellation", &reason()).await.expect(201);
        assert_eq!(nights.page("2024-08-01").await["rolling"][0]["counted"], 0);
        assert_eq!(nights.page("2024-08-01").await["months"], json!([]));
        let missing = nights.step("0199c1f4-0000-7000-8000-000000000000", "actual", &reason()).await;
        missing.expect_problem(404, "not_found");
    });
}

#[test]
fn stays_are_listed_a_page_at_a_time_by_what_is_asked() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let mut stays = Vec::new();
        for month in 1..=5 {
            stays.push(nights.book(month % 2, &format!("2024-0{month}-10"), &format!("2024-0{month}-12")).await);
        }
        nights.step(&stays[1], "cancellation", &reason()).await.expect(201);
        let listed = async |query: &str| {
            let pages = nights.support.client.all_pages(&format!("/v1/stays?{query}"), 2).await;
            pages.iter().flatten().map(|stay| stay["stay_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let of = |places: &[usize]| places.iter().map(|place| stays[*place].clone()).collect::<Vec<_>>();
        // The one that was cancelled comes when it was last recorded.
        assert_eq!(listed("").await, of(&[0, 2, 3, 4, 1]));
        assert_eq!(listed("state=cancelled").await, of(&[1]));
        assert_eq!(listed("state=booked").await, of(&[0, 2, 3, 4]));
        assert_eq!(listed(&format!("provider_id={}", nights.settings[0])).await, of(&[3, 1]));
        assert_eq!(listed("from=2024-03-12&to=2024-05-10").await, of(&[2, 3]));
        assert_eq!(listed("from=2024-03-13&to=2024-05-11&state=booked").await, of(&[3, 4]));
        // Far back, lately, and to the end of days.
        assert_eq!((listed("from=2020-01-01").await, listed("from=2024-04-12").await), (of(&[0, 2, 3, 4, 1]), of(&[3, 4])));
        assert_eq!((listed("to=9999-12-31").await, listed("from=9999-12-31").await), (of(&[0, 2, 3, 4, 1]), of(&[])));
        assert_eq!(
            (listed("from=2024-01-01&to=9999-12-31").await, listed("state=cancelled&from=2024-01-01").await),
            (of(&[0, 2, 3, 4, 1]), of(&[1]))
        );
        assert_eq!((listed("state=stayed").await, listed("state=reversed&waiting=true").await), (of(&[]), of(&[])));
        assert_eq!(listed(&format!("child_id={}", nights.anyone.child().await)).await, Vec::<String>::new());
        nights.support.client.get("/v1/stays?state=gone").await.expect_problem(422, "invalid_parameter");
        nights.support.client.get("/v1/stays?from=2024-3-1").await.expect_problem(422, "invalid_parameter");
    });
}

#[test]
fn the_same_key_books_once() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let stay = nights.stay(0, "2024-06-10", "2024-06-14");
        let first = nights.support.client.post_once("k1", "/v1/stays", &stay).await.expect(201).body;
        assert_eq!(nights.support.client.post_once("k1", "/v1/stays", &stay).await.expect(201).body, first);
        assert_eq!(app.count("night_bookings"), 1);
    });
}

#[test]
fn a_childs_page_says_what_there_is_of_a_child_without_nights_and_of_none() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let page = nights.page("2024-02-29").await;
        assert_eq!((&page["counts"], &page["rolling"][0]["window_from"]), (&json!("nights"), &json!("2023-03-01")));
        assert_eq!((&page["rolling"][0]["remaining"], &page["rolling"][0]["passes_on"]), (&json!(75), &Value::Null));
        assert_eq!((&page["single_stay"], &page["by_setting"], &page["months"]), (&json!([]), &json!([]), &json!([])));
        let reader = app.signed_for(vec![Permission::NightsRead]);
        reader.get("/v1/children/0199c1f4-0000-7000-8000-000000000000/nights").await.expect_problem(404, "not_found");
        let path = format!("/v1/children/{}/nights?on=1980-01-01", nights.child);
        reader.get(&path).await.expect_problem(422, "invalid_parameter");
    });
}
