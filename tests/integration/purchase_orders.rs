//! Purchase orders: of one package and provider, with the right coding, and an arrangement on one of them.

use crate::support::families::confirm;
use crate::support::payments::{home_care, pay};
use crate::support::people::{People, id_of, with, yearly};
use crate::support::varying::variation;
use crate::support::{on_both, on_both_with};
use domain::profile::Coding;
use domain::{Permission, Profile, Role};
use serde_json::{Value, json};

/// A package with lines of a provider.
struct Ordered {
    people: People,
    package: String,
    provider: String,
}

impl Ordered {
    async fn of(app: &crate::support::TestApp) -> Self {
        let people = People::of(app).await;
        let package = people.package_of(&people.child().await).await;
        let provider = people.support.client.provider("private").await;
        let finance = app.as_role(Role::FinanceOfficer);
        finance.opened("2024-25").await;
        finance.moved("2024-25", "targeted_outreach", "original", 10_000_000).await;
        Ordered { people, package, provider }
    }

    async fn line(&self) -> String {
        let line = self.people.package_line(&self.package, with(yearly(100), "provider_id", self.provider.clone())).await;
        let post = "service_unit_manager";
        confirm(&self.people.post(post).client, post, &line, 1).await.expect(201);
        line
    }

    fn order(&self, number: &str, lines: &[&str]) -> Value {
        json!({
            "number": number, "package_id": self.package, "provider_id": self.provider, "cost_centre": "CS410", "expense_code": "4310",
            "raised_on": "2024-06-03", "line_ids": lines
        })
    }
}

#[test]
fn an_order_is_recorded_and_found_by_package_and_provider() {
    on_both(async |app| {
        let here = Ordered::of(app).await;
        let (one, two) = (here.line().await, here.line().await);
        let support = &here.people.support.client;
        let made = support.post("/v1/purchase-orders", &here.order("PO-1", &[&one, &two])).await.expect(201);
        let mut lines = [one.as_str(), two.as_str()];
        lines.sort_unstable();
        assert_eq!(made.body["line_ids"], json!(lines));
        assert_eq!(support.get(made.header("location")).await.expect(200).body, made.body);
        let third = here.line().await;
        let next = support.record("/v1/purchase-orders", &here.order("PO-2", &[&third])).await;
        let pages = support.all_pages(&format!("/v1/purchase-orders?package_id={}", here.package), 1).await;
        assert_eq!(pages, [vec![made.body.clone()], vec![next.clone()]]);
        let of_provider = support.get(&format!("/v1/purchase-orders?provider_id={}", here.provider)).await.expect(200).body;
        assert_eq!(of_provider["items"], json!([made.body, next]));
        let other = support.get(&format!("/v1/purchase-orders?package_id={}", db::new_id())).await.expect(200).body;
        assert_eq!(other["items"], json!([]));
        let reads = app.events("packages", "read").await;
        assert!(reads.iter().filter(|event| event["entity_id"] == here.package).count() >= 5, "{reads:?}");
        support.get(&format!("/v1/purchase-orders/{}", db::new_id())).await.expect_problem(404, "not_found");
    });
}

#[test]
fn everything_wrong_with_an_order_is_told_at_once() {
    on_both(async |app| {
        let here = Ordered::of(app).await;
        let support = &here.people.support.client;
        let own = here.line().await;
        let reversed = here.line().await;
        support.record(&format!("/v1/package-lines/{reversed}/reversal"), &json!({ "reason": "A mistake" })).await;
        let without = here.people.package_line(&here.package, yearly(100)).await;
        app.confirmed(&without);
        let elsewhere = here.people.package_of(&here.people.child().await).await;
        let elsewhere = here.people.package_line(&elsewhere, with(yearly(100), "provider_id", here.provider.clone())).await;
        app.confirmed(&elsewhere);
        let nothing = db::new_id();
        let bad = with(here.order("PO-1", &[&own, &own, &reversed, &without, &elsewhere, &nothing]), "raised_on", "2024-06-04");
        let refused = support.post("/v1/purchase-orders", &bad).await.expect_problem(422, "invalid_body");
        let told: Vec<_> = refused.body["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap()))
            .collect();
        assert_eq!(
            told,
            [
                ("/raised_on", "out_of_range"),
                ("/line_ids/1", "repeated"),
                ("/line_ids/2", "reversed"),
                ("/line_ids/3", "another_provider"),
                ("/line_ids/4", "another_package"),
                ("/line_ids/5", "unknown_reference"),
            ]
        );
        let unknown = with(with(here.order("PO-1", &[&own]), "package_id", nothing.clone()), "provider_id", nothing);
        let refused = support.post("/v1/purchase-orders", &unknown).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/line_ids/0", "/package_id", "/provider_id"]);
        for lines in [json!([]), json!(vec![own.clone(); 51])] {
            support
                .post("/v1/purchase-orders", &with(here.order("PO-1", &[]), "line_ids", lines))
                .await
                .expect_problem(422, "invalid_body");
        }
        assert_eq!(app.count("purchase_orders"), 0);
    });
}

#[test]
fn a_line_is_on_one_order_and_a_number_on_one_too() {
    on_both(async |app| {
        let here = Ordered::of(app).await;
        let (one, two) = (here.line().await, here.line().await);
        let support = &here.people.support.client;
        let calls: Vec<_> = (0..5)
            .map(|number| {
                let (client, body) = (support.clone(), here.order(&format!("PO-{number}"), &[&one]));
                tokio::spawn(async move { client.post("/v1/purchase-orders", &body).await })
            })
            .collect();
        let mut answers = Vec::new();
        for call in calls {
            answers.push(call.await.unwrap());
        }
        let won: Vec<_> = answers.iter().filter(|answer| answer.status == 201).map(|answer| answer.body["number"].clone()).collect();
        assert_eq!(won.len(), 1, "{answers:?}");
        let number = won[0].as_str().unwrap();
        for lost in answers.into_iter().filter(|answer| answer.status != 201) {
            let lost = lost.expect_problem(409, "state_conflict");
            let told = format!("Package line {one} is on order {number} already. Cancel or correct order {number} first.");
            assert_eq!(lost.body["detail"], told);
        }
        let taken = support.post("/v1/purchase-orders", &here.order(number, &[&two])).await.expect_problem(409, "already_exists");
        let told = format!("Another purchase order has the number {number}. Cancel or correct that order first.");
        assert_eq!(taken.body["detail"], told);
        assert_eq!((app.count("purchase_orders"), app.count("purchase_order_lines")), (1, 1));
    });
}

#[test]
fn an_order_has_the_coding_of_its_budget_line_where_the_profile_gives_it() {
    let mut profile = Profile::bundled("tameside").unwrap();
    let coding = |budget_line: &str, expense_code: &str| Coding {
        budget_line: budget_line.into(),
        cost_centre: "CS400".into(),
        expense_code: expense_code.into(),
        clause: "Chart of accounts".into(),
    };
    profile.commissioning.coding = vec![coding("targeted_outreach", "4310"), coding("nursery", "4320")];
    on_both_with(&profile, async |app| {
        let here = Ordered::of(app).await;
        let support = &here.people.support.client;
        let line = here.line().await;
        let refused = support.post("/v1/purchase-orders", &here.order("PO-1", &[&line])).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/cost_centre"]);
        assert_eq!(refused.body["errors"][0]["detail"], "`targeted_outreach` is charged to CS400 (Chart of accounts)");
        support.record("/v1/purchase-orders", &with(here.order("PO-1", &[&line]), "cost_centre", "CS400")).await;
        // No coding is given for home care: any will do. What is coded in two ways is on two orders.
        let free = with(with(yearly(100), "provider_id", here.provider.clone()), "budget_line", "home_care");
        let free = here.people.package_line(&here.package, free).await;
        app.confirmed(&free);
        support.record("/v1/purchase-orders", &here.order("PO-2", &[&free])).await;
        let nursery = with(with(yearly(100), "provider_id", here.provider.clone()), "budget_line", "nursery");
        let nursery = with(nursery, "beyond_age_reason", "Back from hospital, a year late");
        let (nursery, outreach) = (here.people.package_line(&here.package, nursery).await, here.line().await);
        app.confirmed(&nursery);
        let both = with(here.order("PO-3", &[&nursery, &outreach]), "cost_centre", "CS400");
        assert_eq!(support.post("/v1/purchase-orders", &both).await.expect_problem(422, "invalid_body").pointers(), ["/expense_code"]);
    });
}

#[test]
fn an_order_that_rests_on_a_step_waits_for_it() {
    use domain::commissioning::CommissioningStep;
    let mut profile = Profile::bundled("tameside").unwrap();
    let order = profile.commissioning.steps.iter_mut().find(|demand| demand.step == CommissioningStep::PurchaseOrder).unwrap();
    order.after = vec![CommissioningStep::ProfileSent];
    on_both_with(&profile, async |app| {
        let people = People::of(app).await;
        let (panel, child) = (people.chaired_panel().await, people.child().await);
        let request = people.submitted(&child, &[yearly(100)]).await;
        people.decided(&panel, &request, &json!({ "kind": "approved" })).await;
        let agreed = people.read(&request).await["decided_lines"][0]["id"].clone();
        let (package, provider) = (people.package_of(&child).await, people.support.client.provider("private").await);
        let here = Ordered { people, package, provider };
        let line = with(with(yearly(100), "provider_id", here.provider.clone()), "request_line_id", agreed.clone());
        let line = here.people.package_line(&here.package, line).await;
        let support = &here.people.support.client;
        let early = support.post("/v1/purchase-orders", &here.order("PO-1", &[&line])).await.expect_problem(409, "not_ready");
        assert_eq!((early.pointers(), &early.body["errors"][0]["code"]), (vec!["/line_ids".to_owned()], &json!("step_missing")));
        let sent = json!({
            "step": "profile_sent", "request_line_id": agreed, "taken_on": "2024-06-03", "taken_by": here.people.worker.id
        });
        let sent = here.people.worker.client.record(&format!("/v1/requests/{request}/commissioning-steps"), &sent).await;
        support.record("/v1/purchase-orders", &here.order("PO-1", &[&line])).await;
        let path = format!("/v1/commissioning-steps/{}/reversal", id_of(&sent));
        let stands = here.people.worker.client.post(&path, &json!({ "reason": "-" })).await.expect_problem(409, "state_conflict");
        assert_eq!(stands.body["detail"], "The later step `purchase_order` depends on this one. Reverse that step first.");
    });
}

/// The order's path, and its answer.
fn path_of(order: &Value, step: &str) -> String {
    format!("/v1/purchase-orders/{}/{step}", id_of(order))
}

#[test]
fn after_a_provider_variation_the_new_provider_has_an_order_of_its_own() {
    on_both(async |app| {
        let here = Ordered::of(app).await;
        let support = &here.people.support.client;
        let line = here.line().await;
        let first = support.record("/v1/purchase-orders", &here.order("PO-1", &[&line])).await;
        let other = support.provider("private").await;
        let varied = here.people.proposed(&variation(&line, "provider", "2024-07-01", json!({ "provider_id": other }))).await;
        let agreed = here.people.post("service_unit_manager").client.agree_variation(&varied).await.expect(201).body;
        let new_line =
            agreed["made"].as_array().unwrap().iter().map(|line| line["line_id"].clone()).find(|made| *made != json!(line)).unwrap();
        let of_other =
            |number: &str, line: &Value| with(with(here.order(number, &[]), "line_ids", json!([line])), "provider_id", json!(other));
        // By the first line or by the one that goes on in its place.
        let second = support.record("/v1/purchase-orders", &of_other("PO-2", &new_line)).await;
        assert_eq!(second["lines"], json!([{ "line_id": line, "covers_from": "2024-07-01" }]));
        for named in [json!(line), new_line.clone()] {
            let again = support.post("/v1/purchase-orders", &of_other("PO-3", &named)).await.expect_problem(409, "state_conflict");
            assert!(again.text.contains("is on order PO-2 already"), "{}", again.text);
        }
        let again = support.post("/v1/purchase-orders", &here.order("PO-3", &[&line])).await.expect_problem(409, "state_conflict");
        assert!(again.text.contains("is on order PO-1 already"), "{}", again.text);
        let wrong = with(here.order("PO-3", &[]), "line_ids", json!([new_line]));
        let wrong = support.post("/v1/purchase-orders", &wrong).await.expect_problem(422, "invalid_body");
        assert_eq!(wrong.body["errors"][0]["code"], "another_provider");
        // The variation goes back to the first provider: its first order is for its first days only.
        let now = support.line_on(&here.package, "2024-09-01").await;
        let back = here.people.proposed(&variation(&now, "provider", "2024-10-01", json!({ "provider_id": here.provider }))).await;
        here.people.post("service_unit_manager").client.agree_variation(&back).await.expect(201);
        let third = support.record("/v1/purchase-orders", &here.order("PO-3", &[&line])).await;
        assert_eq!(third["lines"][0]["covers_from"], "2024-10-01");
        let listed = support.get(&format!("/v1/purchase-orders?package_id={}&state=open", here.package)).await.expect(200).body;
        assert_eq!(listed["items"], json!([first, second, third]));
    });
}

#[test]
fn a_cancelled_order_frees_its_number_and_its_lines_and_says_which_payments_name_it() {
    on_both(async |app| {
        let here = Ordered::of(app).await;
        let support = &here.people.support.client;
        let (line, free) = (here.line().await, here.line().await);
        let order = support.record("/v1/purchase-orders", &here.order("PO-1", &[&line])).await;
        pay(app, home_care("2024-05-02", 1_000).on("PO-1"));
        pay(app, home_care("2024-05-09", -100).on("PO-1"));
        for bad in [json!({}), json!({ "reason": "" })] {
            support.post(&path_of(&order, "cancellation"), &bad).await.expect_problem(422, "invalid_body");
        }
        let cancelled = support.post(&path_of(&order, "cancellation"), &json!({ "reason": "Another child's" })).await.expect(201);
        assert_eq!(cancelled.header("location"), format!("/v1/purchase-orders/{}", id_of(&order)));
        let cancelled = cancelled.body;
        assert_eq!((&cancelled["state"], &cancelled["payments"]), (&json!("cancelled"), &json!({ "count": 2, "amount_pence": 900 })));
        assert_eq!(
            (&cancelled["cancellation"]["reason"], &cancelled["cancellation"]["recorded_by"]),
            (&json!("Another child's"), &json!(here.people.support.id))
        );
        let again = support.post(&path_of(&order, "cancellation"), &json!({ "reason": "-" })).await.expect_problem(409, "state_conflict");
        assert_eq!(again.body["detail"], "Order PO-1 was cancelled on 2024-06-03: record a new one instead.");
        let nothing = format!("/v1/purchase-orders/{}/cancellation", db::new_id());
        support.post(&nothing, &json!({ "reason": "-" })).await.expect_problem(404, "not_found");
        // Its number is free for other lines, its line for another number.
        support.record("/v1/purchase-orders", &here.order("PO-1", &[&free])).await;
        support.record("/v1/purchase-orders", &here.order("PO-2", &[&line])).await;
        for (state, count) in [("open", 2), ("cancelled", 1)] {
            let listed = support.get(&format!("/v1/purchase-orders?state={state}")).await.expect(200).body;
            let states: Vec<_> = listed["items"].as_array().unwrap().iter().map(|order| order["state"].as_str().unwrap()).collect();
            assert_eq!(states, vec![state; count]);
        }
        assert_eq!(app.events("purchase_orders", "cancel").await[0]["detail"]["payments"], 2);
    });
}

#[test]
fn a_mistyped_order_is_put_right_by_one_in_its_place_or_not_at_all() {
    on_both(async |app| {
        let here = Ordered::of(app).await;
        let support = &here.people.support.client;
        let line = here.line().await;
        let order = support.record("/v1/purchase-orders", &here.order("PO-10", &[&line])).await;
        let correction = |order: Value| json!({ "reason": "Digits turned round", "order": order });
        let wrong = correction(with(here.order("PO-01", &[&line]), "raised_on", json!("2024-06-04")));
        let refused = support.post(&path_of(&order, "correction"), &wrong).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.body["errors"][0]["code"], "out_of_range");
        assert_eq!((app.count("purchase_order_cancellations"), app.count("purchase_orders")), (0, 1));
        let made = support.post(&path_of(&order, "correction"), &correction(here.order("PO-01", &[&line]))).await.expect(201).body;
        assert_eq!((&made["number"], &made["corrects_id"], &made["state"]), (&json!("PO-01"), &order["id"], &json!("open")));
        let before = support.get(&format!("/v1/purchase-orders/{}", id_of(&order))).await.expect(200).body;
        assert_eq!((&before["state"], &before["corrected_by_id"]), (&json!("cancelled"), &made["id"]));
        // The coding was wrong, and the number was right.
        let coded = with(here.order("PO-01", &[&line]), "expense_code", json!("4320"));
        let coded = support.post(&path_of(&made, "correction"), &correction(coded)).await.expect(201).body;
        assert_eq!((&coded["number"], &coded["expense_code"]), (&json!("PO-01"), &json!("4320")));
        support.post(&path_of(&made, "correction"), &correction(here.order("PO-9", &[&line]))).await.expect_problem(409, "state_conflict");
        // A line that waits since is on no new order. Its own order can still be put right.
        app.sql(&format!(
            "INSERT INTO unconfirmed_lines (line_id, arrangement_id, package_id, budget_line, valid_from, recorded_by, waits_since, \
             recorded_seq) SELECT line_id, line_id, package_id, budget_line, valid_from, recorded_by, valid_from, recorded_seq FROM \
             package_lines WHERE line_id = '{line}'"
        ))
        .unwrap();
        support.post(&path_of(&coded, "correction"), &correction(here.order("PO-7", &[&line]))).await.expect(201);
    });
}

#[test]
fn the_step_that_a_cancelled_order_was_is_missing_again() {
    on_both(async |app| {
        let people = People::of(app).await;
        let (panel, child) = (people.chaired_panel().await, people.child().await);
        let request = people.submitted(&child, &[yearly(100)]).await;
        people.decided(&panel, &request, &json!({ "kind": "approved" })).await;
        let agreed = people.read(&request).await["decided_lines"][0]["id"].clone();
        let (package, provider) = (people.package_of(&child).await, people.support.client.provider("private").await);
        let here = Ordered { people, package, provider };
        let line = with(with(yearly(100), "provider_id", here.provider.clone()), "request_line_id", agreed);
        let line = here.people.package_line(&here.package, line).await;
        let support = &here.people.support.client;
        let missing = async || {
            let read = support.get(&format!("/v1/requests/{request}/commissioning")).await.expect(200).body;
            read.to_string().matches("purchase_order").count()
        };
        let before = missing().await;
        let order = support.record("/v1/purchase-orders", &here.order("PO-1", &[&line])).await;
        let taken = support.get(&format!("/v1/requests/{request}/commissioning")).await.expect(200).body;
        support.record(&path_of(&order, "cancellation"), &json!({ "reason": "-" })).await;
        let again = support.get(&format!("/v1/requests/{request}/commissioning")).await.expect(200).body;
        assert_ne!(taken, again);
        assert_eq!(missing().await, before);
    });
}

#[test]
fn payments_with_a_number_that_nobody_recorded_are_listed_until_an_order_has_it() {
    on_both(async |app| {
        let here = Ordered::of(app).await;
        let support = &here.people.support.client;
        let home = with(with(yearly(36_500), "provider_id", here.provider.clone()), "budget_line", "home_care");
        let line = here.people.package_line(&here.package, home).await;
        app.confirmed(&line);
        pay(app, home_care("2024-05-02", 1_000).on("PO-1").to(&here.provider));
        pay(app, home_care("2024-05-20", 500).on("PO-1").to(&here.provider));
        pay(app, home_care("2024-05-21", 70).on("PO-7").to(&here.provider));
        pay(app, home_care("2024-05-22", 70).to(&here.provider));
        let finance = app.as_role(Role::FinanceOfficer);
        let listed = async |query: &str| finance.get(&format!("/v1/unrecorded-orders?year=2024-25{query}")).await.expect(200).body;
        let both = listed("").await;
        let one = json!({
            "budget_line": "home_care", "purchase_order": "PO-1", "state": "not_recorded", "payments": 2, "amount_pence": 1_500,
            "first_posted_on": "2024-05-02", "last_posted_on": "2024-05-20"
        });
        assert_eq!((&both["items"][0], &both["items"][1]["purchase_order"]), (&one, &json!("PO-7")));
        assert_eq!((&both["orders"], &both["payments"], &both["amount_pence"]), (&json!(2), &json!(3), &json!(1_570)));
        assert_eq!(finance.all_pages("/v1/unrecorded-orders?year=2024-25", 1).await.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1]);
        assert_eq!(listed("&budget_line=nursery").await["items"], json!([]));
        let weekly = finance.get("/v1/commissionings/drift").await.expect(200).body;
        let note =
            "Payments of 2024-25 name orders that do not stand: 3 of £15.70 in all name 2. The list of unrecorded orders shows them.";
        assert!(weekly["notes"].as_array().unwrap().contains(&json!(note)), "{weekly}");
        let by_requests_alone = app.as_client(&[Permission::RequestsRead]).await.get("/v1/commissionings/drift").await.expect(200).body;
        assert!(
            !by_requests_alone["notes"].as_array().unwrap().contains(&json!(note)),
            "who may not read the ledger is told nothing of it"
        );
        // Recorded at last: its payments are for its lines.
        let order = support.record("/v1/purchase-orders", &here.order("PO-1", &[&line])).await;
        assert_eq!(listed("").await["items"].as_array().unwrap().len(), 1);
        support.record(&path_of(&order, "cancellation"), &json!({ "reason": "-" })).await;
        let again = listed("").await;
        assert_eq!((&again["items"][0]["purchase_order"], &again["items"][0]["state"]), (&json!("PO-1"), &json!("cancelled")));
        finance.get("/v1/unrecorded-orders").await.expect_problem(422, "invalid_parameter");
    });
}
