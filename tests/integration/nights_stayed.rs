//! What was stayed above a limit: a fact, with its acknowledgement or with why it took place without.

use crate::night_acknowledgements::{stayed, without};
use crate::night_limits::{acknowledge, book_above, in_post, kinds, waiting};
use crate::nights::Nights;
use crate::support::{Answer, on_both};
use domain::Role;
use serde_json::{Value, json};

#[test]
fn a_booking_that_waits_took_place_with_its_acknowledgement_or_with_a_reason() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let head = in_post(app, Role::HeadOfService, "head_of_service").await;
        let book = async |month: &str| {
            let stay = waiting(nights.stay(0, &format!("2024-{month}-01"), &format!("2024-{month}-18")), &["single_stay"]);
            nights.support.client.record("/v1/stays", &stay).await["stay_id"].as_str().unwrap().to_owned()
        };
        let stayed = |month: &str, last: u32| stayed(&format!("2024-{month}-01"), &format!("2024-{month}-{last:02}"));
        let (march, april, may) = (book("03").await, book("04").await, book("05").await);
        let refused = nights.step(&march, "actual", &stayed("03", 18)).await.expect_problem(409, "not_ready");
        assert_eq!((refused.pointers(), kinds(&refused)), (vec!["/unacknowledged_reason".to_owned()], vec!["single_stay".to_owned()]));
        assert!(refused.text.contains("; today: person") && !refused.text.contains(&nights.child), "{}", refused.text);
        let made = nights.step(&march, "actual", &without(stayed("03", 18))).await.expect(201).body;
        assert_eq!((&made["state"], &made["is_waiting"]), (&json!("stayed"), &json!(true)));
        assert_eq!(made["unacknowledged_reason"], "The ward closed and nobody in the post was there");
        // Put right, it still took place without; the reason holds. A shorter one passes nothing, and has none.
        let again = nights.step(&march, "actual", &stayed("03", 19)).await.expect(201).body;
        assert_eq!((&again["is_waiting"], &again["unacknowledged_reason"]), (&json!(true), &made["unacknowledged_reason"]));
        let listed = nights.support.client.get("/v1/stays?waiting=true&state=stayed").await.expect(200).body;
        assert_eq!((&listed["items"][0]["stay_id"], listed["items"].as_array().unwrap().len()), (&json!(march), 1));
        acknowledge(&nights, &head, &march).await.expect(201);
        let shorter = nights.step(&march, "actual", &stayed("03", 17)).await.expect(201).body;
        assert_eq!((&shorter["is_waiting"], &shorter["unacknowledged_reason"]), (&json!(false), &Value::Null));
        // Acknowledged, it needs no reason and takes none.
        acknowledge(&nights, &head, &april).await.expect(201);
        let idle = nights.step(&april, "actual", &without(stayed("04", 18))).await.expect_problem(422, "invalid_body");
        assert_eq!(idle.pointers(), ["/unacknowledged_reason"]);
        let made_reason = made["unacknowledged_reason"].clone();
        let made = nights.step(&april, "actual", &stayed("04", 18)).await.expect(201).body;
        assert_eq!((&made["is_waiting"], &made["passings"]), (&json!(false), &json!([])));
        // More nights than were acknowledged are a fact again, took place without, and wait.
        nights.step(&april, "actual", &stayed("04", 19)).await.expect_problem(409, "not_ready");
        let longer = nights.step(&april, "actual", &without(stayed("04", 19))).await.expect(201).body;
        assert_eq!((&longer["is_waiting"], &longer["unacknowledged_reason"]), (&json!(true), &made_reason));
        // Who went home in time passed nothing.
        let none = json!({ "reason": "Ill", "unacknowledged_reason": "-" });
        assert_eq!(nights.step(&may, "actual", &none).await.expect_problem(422, "invalid_body").pointers(), ["/unacknowledged_reason"]);
        assert_eq!(nights.step(&may, "actual", &stayed("05", 17)).await.expect(201).body["is_waiting"], false);
        let written = app.events("night_bookings", "confirm").await;
        assert_eq!(written.len(), 6);
        assert!(written.iter().all(|event| event["detail"] == json!({})), "what is written of a child stays out of the trail");
    });
}

#[test]
fn what_was_stayed_is_recorded_and_waits_for_the_acknowledgement() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let head = in_post(app, Role::HeadOfService, "head_of_service").await;
        let actual = |last: &str| json!({ "first_night": "2024-05-10", "last_night": last, "reason": "Could not go home" });
        let stay = nights.book(0, "2024-05-10", "2024-05-20").await;
        nights.step(&stay, "actual", &actual("2024-05-27")).await.expect_problem(409, "not_ready");
        let longer = nights.step(&stay, "actual", &without(actual("2024-05-27"))).await.expect(201).body;
        let passing = &longer["passings"][0];
        assert_eq!(
            (&passing["limit_kind"], &passing["counted"], &passing["acknowledgement"]),
            (&json!("single_stay"), &json!(18), &Value::Null)
        );
        assert_eq!(nights.page("2024-06-03").await["unacknowledged"][0]["stay_id"], json!(stay));
        let warnings = async || nights.support.client.get("/v1/night-warnings").await.expect(200).body;
        assert_eq!((&warnings().await["total"], &warnings().await["items"][0]["unacknowledged"]), (&json!(1), &json!(1)));
        let late = json!({ "booking_id": longer["id"], "reason": "An emergency at home" });
        nights.step(&stay, "acknowledgement", &late).await.expect_problem(403, "no_authority");
        let path = format!("/v1/stays/{stay}/acknowledgement");
        let given = head.client.post(&path, &late).await.expect(201).body;
        assert_eq!(given["passings"][0]["acknowledgement"]["reason"], late["reason"]);
        head.client.post(&path, &late).await.expect_problem(409, "state_conflict");
        assert_eq!(warnings().await["total"], 0);
        // The same count was acknowledged; a larger one was not; a shorter stay passes nothing.
        assert_eq!(nights.step(&stay, "actual", &actual("2024-05-27")).await.expect(201).body["passings"], json!([]));
        nights.step(&stay, "actual", &actual("2024-05-28")).await.expect(201);
        assert_eq!(warnings().await["total"], 1);
        assert_eq!(nights.step(&stay, "actual", &actual("2024-05-25")).await.expect(201).body["passings"], json!([]));
        assert_eq!(warnings().await["total"], 0);
        let history = nights.support.client.get(&format!("/v1/stays/{stay}")).await.expect(200).body;
        assert_eq!((history["versions"].as_array().unwrap().len(), history["passings"].as_array().unwrap().len()), (5, 2));
        // A stay that nobody booked is a fact as well.
        let mut unbooked = nights.stay(1, "2024-04-01", "2024-04-20");
        unbooked["state"] = json!("stayed");
        let made = nights.support.client.post("/v1/stays", &without(unbooked)).await.expect(201).body;
        assert_eq!((&made["state"], &made["passings"][0]["counted"]), (&json!("stayed"), &json!(20)));
    });
}

#[test]
fn no_way_round_leads_past_the_reason() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let booked =
            nights.support.client.record("/v1/stays", &waiting(nights.stay(0, "2024-05-01", "2024-05-18"), &["single_stay"])).await;
        let stay = booked["stay_id"].as_str().unwrap();
        let refused = async |answer: Answer| {
            let answer = answer.expect_problem(409, "not_ready");
            assert_eq!((answer.pointers(), kinds(&answer)), (vec!["/unacknowledged_reason".to_owned()], vec!["single_stay".to_owned()]));
        };
        // Fewer nights first, and then the others.
        assert_eq!(nights.step(stay, "actual", &stayed("2024-05-01", "2024-05-10")).await.expect(201).body["is_waiting"], false);
        refused(nights.step(stay, "actual", &stayed("2024-05-01", "2024-05-18")).await).await;
        // Taken back, and recorded as if nobody had booked it.
        nights.step(stay, "reversal", &json!({ "reason": "Recorded again" })).await.expect(201);
        let mut fact = nights.stay(0, "2024-05-01", "2024-05-18");
        fact["state"] = json!("stayed");
        refused(nights.support.client.post("/v1/stays", &fact).await).await;
        let made = nights.support.client.record("/v1/stays", &without(fact)).await;
        assert_eq!((&made["is_waiting"], &made["unacknowledged_reason"]), (&json!(true), &without(json!({}))["unacknowledged_reason"]));
        // Booked for fewer nights than were stayed.
        let short = nights.book(0, "2024-04-01", "2024-04-17").await;
        refused(nights.step(&short, "actual", &stayed("2024-04-01", "2024-04-18")).await).await;
        // Where there is nothing to say it for, it is a slip.
        let mut within = without(nights.stay(1, "2024-03-01", "2024-03-17"));
        let idle = nights.support.client.post("/v1/stays", &within).await.expect_problem(422, "invalid_body");
        assert_eq!((idle.pointers(), kinds(&idle)), (vec!["/unacknowledged_reason".to_owned()], vec!["not_stayed".to_owned()]));
        within["state"] = json!("stayed");
        let idle = nights.support.client.post("/v1/stays", &within).await.expect_problem(422, "invalid_body");
        assert_eq!((idle.pointers(), kinds(&idle)), (vec!["/unacknowledged_reason".to_owned()], vec!["not_passed".to_owned()]));
    });
}

#[test]
fn what_took_place_without_an_acknowledgement_is_found_also_after_a_late_one() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let head = in_post(app, Role::HeadOfService, "head_of_service").await;
        let listed = async |query: &str| {
            let pages = nights.support.client.all_pages(&format!("/v1/stays?{query}"), 2).await;
            pages.iter().flatten().map(|stay| stay["stay_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let fact = async |month: &str, last: u32| {
            let mut stay = without(nights.stay(0, &format!("2024-{month}-01"), &format!("2024-{month}-{last}")));
            stay["state"] = json!("stayed");
            nights.support.client.record("/v1/stays", &stay).await["stay_id"].as_str().unwrap().to_owned()
        };
        let (march, april, may) = (fact("03", 20).await, fact("04", 18).await, fact("05", 18).await);
        let known = book_above(&nights, &head, nights.stay(0, "2024-02-01", "2024-02-18"), &["single_stay"]).await.body;
        let known = known["stay_id"].as_str().unwrap();
        nights.step(known, "actual", &stayed("2024-02-01", "2024-02-18")).await.expect(201);
        // With it the twelve months that the others are in have too many nights as well: that is of its own doing.
        let ahead = waiting(nights.stay(1, "2024-07-01", "2024-07-18"), &["single_stay", "rolling"]);
        nights.support.client.record("/v1/stays", &ahead).await;
        assert_eq!(listed("unacknowledged=true").await, [march.clone(), april.clone(), may.clone()]);
        acknowledge(&nights, &head, &march).await.expect(201);
        assert_eq!(listed("waiting=true&state=stayed").await, [april.clone(), may.clone()]);
        assert_eq!(listed("unacknowledged=true").await, [march.clone(), april.clone(), may.clone()]);
        // Put right, and still above the limit: it took place without. No longer above it: there is nothing to say.
        let fewer = nights.step(&march, "actual", &stayed("2024-03-01", "2024-03-19")).await.expect(201).body;
        assert_eq!((&fewer["is_waiting"], &fewer["unacknowledged_reason"]), (&json!(false), &without(json!({}))["unacknowledged_reason"]));
        nights.step(&april, "actual", &stayed("2024-04-01", "2024-04-17")).await.expect(201);
        assert_eq!(listed("unacknowledged=true").await, [may.clone(), march.clone()]);
        let both = format!("unacknowledged=true&state=stayed&provider_id={}&child_id={}", nights.settings[0], nights.child);
        assert_eq!(listed(&both).await, [may.clone(), march]);
        assert_eq!(listed("unacknowledged=true&from=2024-05-01&waiting=true").await, [may]);
        assert_eq!(listed(&format!("unacknowledged=true&provider_id={}", nights.settings[1])).await, Vec::<String>::new());
        assert_eq!(listed("unacknowledged=true&state=booked").await, Vec::<String>::new());
    });
}
