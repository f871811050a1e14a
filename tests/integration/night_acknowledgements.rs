//! Acknowledgements of limits that nights pass: by whom, of which nights, and what waits for them.

use crate::night_limits::{acknowledge, book_above, in_post, kinds, known, seventy_five, waiting};
use crate::nights::Nights;
use crate::support::people::{People, Person, line};
use crate::support::{Answer, instant, on_both};
use domain::{Permission, Role};
use serde_json::{Value, json};

/// The days of what was stayed.
pub fn stayed(first: &str, last: &str) -> Value {
    json!({ "first_night": first, "last_night": last, "reason": "As the setting reports" })
}

/// And why it took place without an acknowledgement.
pub fn without(mut body: Value) -> Value {
    body["unacknowledged_reason"] = json!("The ward closed and nobody in the post was there");
    body
}

#[test]
fn only_the_post_that_the_profile_names_acknowledges() {
    on_both(async |app| {
        let (nights, people) = (Nights::of(app).await, People::of(app).await);
        let long = nights.stay(0, "2024-07-01", "2024-07-18");
        let stay = nights.support.client.record("/v1/stays", &waiting(long.clone(), &["single_stay"])).await;
        let stay = stay["stay_id"].as_str().unwrap();
        let refused = async |person: &Person| {
            let answer = acknowledge(&nights, person, stay).await.expect_problem(403, "no_authority");
            answer.body["detail"].as_str().unwrap().to_owned()
        };
        let posts = "The post of head_of_service or assistant_director or director acknowledges it";
        for person in [&nights.support, people.post("service_unit_manager"), people.post("team_manager"), &app.person(Role::HeadOfService)]
        {
            assert!(refused(person).await.starts_with(posts));
        }
        // Past and future holders, and whoever no longer decides anything.
        let (past, future) = (app.person(Role::HeadOfService), app.person(Role::HeadOfService));
        people.put("head_of_service", &past.id, "holder", "2023-04-01", Some("2024-06-03")).await;
        people.put("head_of_service", &future.id, "holder", "2024-06-04", None).await;
        let clerk = app.person(Role::PanelSupport);
        people.put("head_of_service", &clerk.id, "holder", "2024-04-01", None).await;
        for person in [&past, &future, &clerk] {
            assert!(refused(person).await.starts_with(posts));
        }
        let tool = app.as_client(&[Permission::NightsWrite]).await;
        let answer = tool
            .post(&format!("/v1/stays/{stay}/acknowledgement"), &known(&nights.last(stay).await))
            .await
            .expect_problem(403, "no_authority");
        assert!(answer.text.contains("a tool does not"), "{}", answer.text);
        // Whoever declared an interest in the child's requests stands down.
        let request = people.submitted(&nights.child, &[line("weekly", 1000, 200_000)]).await;
        let (head, director) = (people.post("head_of_service"), people.post("director"));
        let interest = head.client.record(&format!("/v1/requests/{request}/own-interest"), &json!({ "nature": "knows_family" })).await;
        assert_eq!(refused(head).await, "You may not acknowledge it: you declared an interest.");
        let another = Nights { child: nights.anyone.child().await, ..Nights::of(app).await };
        book_above(&another, head, another.stay(0, "2024-07-01", "2024-07-18"), &["single_stay"]).await;
        let path = format!("/v1/interests/{}/reversal", interest["id"].as_str().unwrap());
        people.support.client.record(&path, &json!({ "reason": "Another family" })).await;
        let deputy = app.person(Role::Manager);
        people.put("director", &deputy.id, "deputy", "2024-06-01", None).await;
        let made = acknowledge(&nights, &deputy, stay).await.expect(201).body;
        let given = &made["passings"][0]["acknowledgement"];
        assert_eq!((&given["post"], &given["capacity"]), (&json!("director"), &json!("deputy")));
        book_above(&nights, director, nights.stay(0, "2024-07-19", "2024-07-19"), &["single_stay"]).await;
    });
}

#[test]
fn a_booking_waits_for_every_limit_that_it_passes_and_for_no_other() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let refused =
            async |stay: Value, status: u16, code: &str| nights.support.client.post("/v1/stays", &stay).await.expect_problem(status, code);
        let both = waiting(nights.stay(0, "2024-07-01", "2024-07-18"), &["single_stay", "rolling"]);
        assert_eq!(refused(both, 422, "invalid_body").await.pointers(), ["/waits_for"]);
        let year = waiting(nights.stay(0, "2024-07-01", "2024-12-31"), &["single_stay"]);
        assert_eq!(kinds(&refused(year, 409, "not_ready").await), ["rolling"]);
        assert_eq!(app.count("night_bookings"), 0);
        let year = waiting(nights.stay(0, "2024-07-01", "2024-12-31"), &["single_stay", "rolling"]);
        let made = nights.support.client.record("/v1/stays", &year).await;
        assert_eq!((&made["is_waiting"], made["passings"].as_array().unwrap().len()), (&json!(true), 2));
        // What comes after it passes the limit with it, and waits for itself.
        let next = nights.stay(1, "2025-01-10", "2025-01-10");
        assert_eq!(kinds(&refused(next.clone(), 409, "not_ready").await), ["rolling"]);
        nights.support.client.record("/v1/stays", &waiting(next, &["rolling"])).await;
    });
}

#[test]
fn whoever_records_a_booking_does_not_acknowledge_it_even_in_the_post() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let (head, other) = (in_post(app, Role::HeadOfService, "head_of_service").await, app.person(Role::HeadOfService));
        let long = waiting(nights.stay(0, "2024-05-01", "2024-05-18"), &["single_stay"]);
        let made = head.client.record("/v1/stays", &long).await;
        let stay = made["stay_id"].as_str().unwrap();
        let why = "You recorded the stay: somebody else in the post acknowledges what it passes.";
        assert_eq!(acknowledge(&nights, &head, stay).await.expect_problem(403, "no_authority").body["detail"], why);
        // Nor does whoever recorded what was stayed.
        app.person(Role::Administrator).client.holding("director", &other.id).await;
        let stayed =
            json!({ "first_night": "2024-05-01", "last_night": "2024-05-19", "reason": "-", "unacknowledged_reason": "Nobody was there" });
        other.client.record(&format!("/v1/stays/{stay}/actual"), &stayed).await;
        for person in [&head, &other] {
            assert_eq!(acknowledge(&nights, person, stay).await.expect_problem(403, "no_authority").body["detail"], why);
        }
        let third = in_post(app, Role::HeadOfService, "assistant_director").await;
        acknowledge(&nights, &third, stay).await.expect(201);
        assert_eq!(app.count("night_acknowledgements"), 1);
    });
}

#[test]
fn what_waits_is_listed_until_it_is_acknowledged_or_cancelled() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let head = in_post(app, Role::HeadOfService, "head_of_service").await;
        let listed = async |query: &str| {
            let pages = nights.support.client.all_pages(&format!("/v1/stays?{query}"), 2).await;
            let items =
                pages.iter().flatten().map(|stay| (stay["stay_id"].as_str().unwrap().to_owned(), stay["is_waiting"].as_bool().unwrap()));
            items.collect::<Vec<_>>()
        };
        let within = nights.book(0, "2024-06-10", "2024-06-12").await;
        let mut above = Vec::new();
        for month in ["07", "08", "09"] {
            let stay = waiting(nights.stay(0, &format!("2024-{month}-01"), &format!("2024-{month}-18")), &["single_stay"]);
            above.push(nights.support.client.record("/v1/stays", &stay).await["stay_id"].as_str().unwrap().to_owned());
        }
        let of = |stays: &[&String]| stays.iter().map(|stay| ((*stay).clone(), true)).collect::<Vec<_>>();
        assert_eq!(listed("waiting=true").await, of(&[&above[0], &above[1], &above[2]]));
        assert_eq!(listed("").await[0], (within, false));
        assert_eq!((listed("waiting=true&state=booked").await.len(), listed("waiting=true&state=stayed").await.len()), (3, 0));
        let warned = nights.support.client.get("/v1/night-warnings").await.expect(200).body;
        assert_eq!(warned["items"][0]["unacknowledged"], 3);
        acknowledge(&nights, &head, &above[0]).await.expect(201);
        nights.step(&above[1], "cancellation", &json!({ "reason": "The family will be away" })).await.expect(201);
        assert_eq!(listed("waiting=true").await, of(&[&above[2]]));
        // A booking that was cancelled needs no acknowledgement, and takes none.
        acknowledge(&nights, &head, &above[1]).await.expect_problem(409, "state_conflict");
        let read = async |stay: &str| nights.support.client.get(&format!("/v1/stays/{stay}")).await.expect(200).body["is_waiting"].clone();
        assert_eq!([read(&above[0]).await, read(&above[1]).await, read(&above[2]).await], [json!(false), json!(false), json!(true)]);
        nights.step(&above[2], "reversal", &json!({ "reason": "Another child's" })).await.expect(201);
        assert_eq!(listed("waiting=true").await, []);
    });
}

#[test]
fn of_two_acknowledgements_at_once_one_is_kept() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let people = [in_post(app, Role::HeadOfService, "head_of_service").await, in_post(app, Role::HeadOfService, "director").await];
        let stay = waiting(nights.stay(0, "2024-07-01", "2024-07-18"), &["single_stay"]);
        let made = nights.support.client.record("/v1/stays", &stay).await;
        let stay = made["stay_id"].as_str().unwrap();
        let calls: Vec<_> = (0..6)
            .map(|call: usize| {
                let (client, path) = (people[call % 2].client.clone(), format!("/v1/stays/{stay}/acknowledgement"));
                let known = known(&made);
                tokio::spawn(async move { client.post(&path, &known).await })
            })
            .collect();
        let mut won = 0;
        for call in calls {
            let answer = call.await.unwrap();
            won += usize::from(answer.status == 201);
            if answer.status != 201 {
                answer.expect_problem(409, "state_conflict");
            }
        }
        assert_eq!((won, app.count("night_acknowledgements"), app.count("open_night_passings")), (1, 1, 0));
    });
}

#[test]
fn who_acknowledges_says_which_version_they_read() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let head = in_post(app, Role::HeadOfService, "head_of_service").await;
        let first = nights.support.client.record("/v1/stays", &waiting(nights.stay(0, "2024-05-01", "2024-05-18"), &["single_stay"])).await;
        let stay = first["stay_id"].as_str().unwrap();
        let second = nights.step(stay, "actual", &without(stayed("2024-05-01", "2024-05-30"))).await.expect(201).body;
        let path = format!("/v1/stays/{stay}/acknowledgement");
        let blind = head.client.post(&path, &json!({ "reason": "-" })).await.expect_problem(422, "invalid_body");
        assert_eq!(blind.pointers(), ["/booking_id"]);
        let other = nights.book(0, "2024-02-01", "2024-02-02").await;
        let wrong = head.client.post(&path, &json!({ "booking_id": other, "reason": "-" })).await.expect_problem(422, "invalid_body");
        assert_eq!(wrong.pointers(), ["/booking_id"]);
        // Eighteen nights were read, and thirty are on record.
        let late = head.client.post(&path, &known(&first)).await.expect_problem(409, "state_conflict");
        assert!(late.text.contains(second["id"].as_str().unwrap()), "{}", late.text);
        assert_eq!(app.count("night_acknowledgements"), 0);
        head.client.post(&path, &known(&second)).await.expect(201);
    });
}

#[test]
fn an_acknowledgement_is_for_its_nights_and_no_others() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let head = in_post(app, Role::HeadOfService, "head_of_service").await;
        let made = book_above(&nights, &head, nights.stay(0, "2024-05-01", "2024-05-18"), &["single_stay"]).await.body;
        let stay = made["stay_id"].as_str().unwrap();
        // As many nights, a day later.
        let other = stayed("2024-05-02", "2024-05-19");
        assert_eq!(kinds(&nights.step(stay, "actual", &other).await.expect_problem(409, "not_ready")), ["single_stay"]);
        nights.step(stay, "actual", &stayed("2024-05-02", "2024-05-18")).await.expect(201);
        // Those that were acknowledged need no other word, whatever was recorded between.
        let again = nights.step(stay, "actual", &stayed("2024-05-01", "2024-05-18")).await.expect(201).body;
        assert_eq!((&again["is_waiting"], &again["passings"]), (&json!(false), &json!([])));
        assert_eq!(nights.step(stay, "actual", &without(other)).await.expect(201).body["is_waiting"], true);
    });
}

#[test]
fn more_nights_are_not_acknowledged_where_others_have_left_the_count() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let head = in_post(app, Role::HeadOfService, "head_of_service").await;
        seventy_five(&nights).await;
        app.clock.set(instant("2024-06-10T10:00:00"));
        let made = book_above(&nights, &head, nights.stay(1, "2024-06-03", "2024-06-03"), &["rolling"]).await.body;
        let stay = made["stay_id"].as_str().unwrap();
        assert_eq!(made["passings"][0]["counted"], 76);
        // A night leaves the count with each night that is added: it stays at 76.
        let refused = nights.step(stay, "actual", &stayed("2024-06-03", "2024-06-06")).await.expect_problem(409, "not_ready");
        assert!(refused.text.contains("comes to 76 nights"), "{}", refused.text);
        assert_eq!(nights.step(stay, "actual", &stayed("2024-06-03", "2024-06-03")).await.expect(201).body["is_waiting"], false);
    });
}

#[test]
fn what_is_confirmed_as_it_was_booked_waits_for_nothing_that_others_brought_about() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let head = in_post(app, Role::HeadOfService, "head_of_service").await;
        seventy_five(&nights).await;
        book_above(&nights, &head, nights.stay(0, "2024-06-03", "2024-06-03"), &["rolling"]).await;
        // The night of 3 June is the 76th of a count that this stay is in too.
        let listed = nights.support.client.get(&format!("/v1/stays?child_id={}&from=2024-05-15", nights.child)).await.expect(200).body;
        let before = listed["items"][0]["stay_id"].as_str().unwrap();
        for last in ["2024-05-30", "2024-05-29"] {
            let made = nights.step(before, "actual", &stayed("2024-05-15", last)).await.expect(201).body;
            assert_eq!((&made["last_night"], &made["is_waiting"], &made["passings"]), (&json!(last), &json!(false), &json!([])));
        }
        assert_eq!(app.count("open_night_passings"), 0);
        // A night more is its own.
        let refused = nights.step(before, "actual", &stayed("2024-05-15", "2024-05-31")).await.expect_problem(409, "not_ready");
        assert!(refused.text.contains("comes to 77 nights"), "{}", refused.text);
    });
}

#[test]
fn a_refusal_names_nobody_who_may_not_acknowledge() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let people = People::of(app).await;
        let (recorder, interested, free) = (people.post("head_of_service"), people.post("assistant_director"), people.post("director"));
        let request = people.submitted(&nights.child, &[line("weekly", 1000, 200_000)]).await;
        interested.client.record(&format!("/v1/requests/{request}/own-interest"), &json!({ "nature": "knows_family" })).await;
        let name = async |person: &Person| {
            let user = people.administrator.client.get(&format!("/v1/users/{}", person.id)).await.expect(200).body;
            user["username"].as_str().unwrap().to_owned()
        };
        let names = [name(recorder).await, name(interested).await, name(free).await];
        let told = |refused: &Answer| {
            let detail = refused.body["detail"].as_str().unwrap();
            let today = detail.split("; today: ").nth(1).unwrap().split('.').next().unwrap();
            today.split(", ").map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
        };
        let of = |places: &[usize]| places.iter().map(|place| names[*place].clone()).collect::<std::collections::BTreeSet<_>>();
        let refused = nights.try_to_book(0, "2024-05-01", "2024-05-18").await.expect_problem(409, "not_ready");
        assert_eq!(told(&refused), of(&[0, 2]));
        let booked = recorder.client.record("/v1/stays", &waiting(nights.stay(0, "2024-05-01", "2024-05-18"), &["single_stay"])).await;
        let stay = booked["stay_id"].as_str().unwrap();
        let refused = nights.step(stay, "actual", &stayed("2024-05-01", "2024-05-18")).await.expect_problem(409, "not_ready");
        assert_eq!(told(&refused), of(&[2]));
        let path = format!("/v1/stays/{stay}/actual");
        let refused = free.client.post(&path, &stayed("2024-05-01", "2024-05-18")).await.expect_problem(409, "not_ready");
        assert!(refused.text.contains("; today: nobody."), "{}", refused.text);
    });
}
