//! Purchase orders: of one package and provider, with the right coding, and an arrangement on one of them.

use crate::support::people::{People, id_of, with, yearly};
use crate::support::{on_both, on_both_with};
use domain::Profile;
use domain::profile::Coding;
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
        Ordered { people, package, provider }
    }

    async fn line(&self) -> String {
        self.people.package_line(&self.package, with(yearly(100), "provider_id", self.provider.clone())).await
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
        let elsewhere = here.people.package_of(&here.people.child().await).await;
        let elsewhere = here.people.package_line(&elsewhere, with(yearly(100), "provider_id", here.provider.clone())).await;
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
            assert_eq!(lost.body["detail"], format!("Package line {one} is on order {number} already."));
        }
        let taken = support.post("/v1/purchase-orders", &here.order(number, &[&two])).await.expect_problem(409, "already_exists");
        assert!(taken.body["detail"].as_str().unwrap().contains("purchase_orders_number"), "{}", taken.text);
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
        support.record("/v1/purchase-orders", &here.order("PO-2", &[&free])).await;
        let nursery = with(with(yearly(100), "provider_id", here.provider.clone()), "budget_line", "nursery");
        let (nursery, outreach) = (here.people.package_line(&here.package, nursery).await, here.line().await);
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
