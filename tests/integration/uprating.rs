//! Upratings: the rates of a provider or service raised at once, proposed as they were looked at, and agreed by somebody else.

use crate::support::people::{People, id_of, in_force, with, yearly};
use crate::support::varying::{days, rate, variation};
use crate::support::{Answer, Client, TestApp, instant, on_both};
use domain::Role;
use serde_json::{Value, json};

const SUM: &str = "service_unit_manager";

/// A provider, and everybody there is.
pub struct Provided {
    pub people: People,
    pub provider: String,
}

impl Provided {
    /// A provider of a new authority.
    pub async fn of(app: &TestApp) -> Self {
        let people = People::of(app).await;
        Provided { provider: people.support.client.provider("voluntary").await, people }
    }

    /// A line of that provider in a package; answers with its id.
    pub async fn line(&self, package: &str, line: Value) -> String {
        self.people.package_line(package, with(line, "provider_id", self.provider.clone())).await
    }

    /// A package of a new child; answers with its id.
    pub async fn package(&self) -> String {
        self.people.package_of(&self.people.child().await).await
    }

    /// So much per cent from 1 July 2024 for the provider.
    pub fn rise(&self, percentage_ten_thousandths: i64) -> Value {
        json!({
            "provider_id": self.provider, "from": "2024-07-01", "percentage_ten_thousandths": percentage_ten_thousandths,
            "reason": "Contract, clause 12"
        })
    }

    /// What a rise would do.
    pub async fn preview(&self, body: &Value) -> Value {
        self.people.support.client.post("/v1/uprating-previews", body).await.expect(200).body
    }

    /// Looks at a rise and proposes it; answers with the proposal's id.
    pub async fn proposed(&self, body: &Value) -> String {
        let looked_at = self.preview(body).await["preview_sha256"].clone();
        id_of(&self.people.support.client.record("/v1/uprating-proposals", &with(body.clone(), "preview_sha256", looked_at)).await)
    }

    /// Agrees a proposal in a post, or tries to.
    pub async fn agree(&self, post: &str, proposal: &str) -> Answer {
        self.people.post(post).client.agree_uprating(proposal, post).await
    }

    /// Looks at a rise, proposes it, and somebody else agrees it.
    pub async fn raised(&self, body: &Value) -> Value {
        let proposal = self.proposed(body).await;
        self.agree(SUM, &proposal).await.expect(201).body
    }

    /// How much of the history there is: proposals, upratings, variations.
    pub fn recorded(&self, app: &TestApp) -> (i64, i64, i64) {
        (app.count("uprating_proposals"), app.count("upratings"), app.count("package_variations"))
    }
}

impl Client {
    /// Agrees a proposal in a post, or tries to.
    pub async fn agree_uprating(&self, proposal: &str, post: &str) -> Answer {
        self.post("/v1/upratings", &json!({ "proposal_id": proposal, "post": post })).await
    }

    /// Withdraws a proposal, or tries to.
    pub async fn withdraw_uprating(&self, proposal: &str) -> Answer {
        self.post(&format!("/v1/uprating-proposals/{proposal}/withdrawal"), &json!({ "reason": "Another rate is asked for" })).await
    }
}

#[test]
fn every_line_in_force_is_raised_from_the_day_and_one_that_starts_later_from_its_start() {
    on_both(async |app| {
        let of = Provided::of(app).await;
        let client = &of.people.support.client;
        let (one, two, three) = (of.package().await, of.package().await, of.package().await);
        let running = of.line(&one, in_force(1000)).await;
        of.line(&two, with(yearly(2000), "valid_from", "2024-09-02")).await;
        of.line(&two, with(in_force(500), "valid_to", "2024-07-01")).await;
        of.line(&two, with(in_force(300), "valid_to", "2024-07-02")).await;
        of.line(&three, with(in_force(70), "frequency", "one_off")).await;
        of.people.package_line(&three, in_force(9)).await;
        let preview = of.preview(&of.rise(100_000)).await;
        assert_eq!(preview["lines"].as_array().unwrap().len(), 3);
        assert_eq!((&preview["full_year_before_pence"], &preview["full_year_after_pence"]), (&json!(3300), &json!(3630)));
        assert_eq!((&preview["skipped"][0]["why"], preview["skipped"].as_array().unwrap().len()), (&json!("bought_once"), 1));
        let line = preview["lines"].as_array().unwrap().iter().find(|line| line["line_id"] == running.as_str()).unwrap();
        assert_eq!((&line["rate_before_ten_thousandths"], &line["rate_after_ten_thousandths"]), (&json!(100_000), &json!(110_000)));
        assert!(line["package_reference"].as_str().unwrap().starts_with("PK-"));
        assert_eq!((of.recorded(app), app.count("package_lines")), ((0, 0, 0), 6));
        let reads = app.events("children", "read").await.len();
        let uprating = of.raised(&of.rise(100_000)).await;
        assert_eq!(app.events("children", "read").await.len(), reads + 3, "the preview reads three packages");
        assert_eq!((&uprating["lines"], &uprating["full_year_after_pence"]), (&json!(3), &json!(3630)));
        assert_eq!(client.line_days(&one).await, [days("2023-04-01", Some("2024-07-01"), 1000), days("2024-07-01", None, 1100)]);
        let after = [
            days("2023-04-01", Some("2024-07-01"), 300),
            days("2023-04-01", Some("2024-07-01"), 500),
            days("2024-07-01", Some("2024-07-02"), 330),
            days("2024-09-02", None, 2200),
        ];
        assert_eq!(client.line_days(&two).await, after);
        assert_eq!(client.line_days(&three).await, [days("2023-04-01", None, 9), days("2023-04-01", None, 70)]);
        let made = client.all_pages(&format!("/v1/package-variations?uprating_id={}", id_of(&uprating)), 2).await.concat();
        assert!(made.len() == 3 && made.iter().all(|one| one["kind"] == "uprating" && one["state"] == "agreed"), "{made:?}");
        assert!(made.iter().all(|one| one["step"]["post"] == SUM && one["step"]["clause"] == uprating["clause"]), "{made:?}");
        assert_eq!(
            (&uprating["post"], &uprating["capacity"], &uprating["reason"]),
            (&json!(SUM), &json!("holder"), &json!("Contract, clause 12"))
        );
        let mut uprating = uprating;
        for told_once in ["budget", "warnings"] {
            assert!(uprating.as_object_mut().unwrap().remove(told_once).is_some(), "told of the agreement alone");
        }
        assert_eq!(client.get(&format!("/v1/upratings/{}", id_of(&uprating))).await.expect(200).body, uprating);
        assert_eq!(client.get("/v1/upratings").await.expect(200).body["items"], json!([uprating]));
    });
}

#[test]
fn a_line_is_raised_once_a_year_however_it_was_varied_since() {
    on_both(async |app| {
        let of = Provided::of(app).await;
        let package = of.package().await;
        of.line(&package, in_force(1000)).await;
        of.raised(&of.rise(100_000)).await;
        let raised = of.people.support.client.line_on(&package, "2024-07-01").await;
        of.people.varied(SUM, &variation(&raised, "rate", "2024-08-01", rate(1500))).await;
        let preview = of.preview(&of.rise(100_000)).await;
        assert_eq!((preview["lines"].as_array().unwrap().len(), preview["skipped"].as_array().unwrap().len()), (0, 2));
        assert!(preview["skipped"].as_array().unwrap().iter().all(|line| line["why"] == "already_uprated"));
        let body = with(of.rise(100_000), "preview_sha256", preview["preview_sha256"].clone());
        of.people.support.client.post("/v1/uprating-proposals", &body).await.expect_problem(409, "state_conflict");
        // A second rise of the year is a variation of its own, which needs agreement.
        let second = of.preview(&with(of.rise(100_000), "from", "2025-03-31")).await;
        assert_eq!((&second["lines"], &second["skipped"][0]["why"]), (&json!([]), &json!("already_uprated")));
        // In another year it is another rise, and a new line of the provider's is raised beside.
        let later = with(of.rise(100_000), "from", "2025-07-01");
        assert_eq!(of.raised(&later).await["lines"], 1);
        of.line(&of.package().await, in_force(1000)).await;
        assert_eq!(of.raised(&of.rise(100_000)).await["lines"], 1);
    });
}

#[test]
fn what_has_changed_since_it_was_looked_at_is_looked_at_again() {
    on_both(async |app| {
        let of = Provided::of(app).await;
        let client = &of.people.support.client;
        let package = of.package().await;
        let line = of.line(&package, in_force(1000)).await;
        let looked_at = of.preview(&of.rise(100_000)).await["preview_sha256"].clone();
        let asked = with(of.rise(100_000), "preview_sha256", looked_at.clone());
        let path = "/v1/uprating-proposals";
        let refused = client.post(path, &of.rise(100_000)).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/preview_sha256"]);
        let other = with(of.rise(100_001), "preview_sha256", looked_at);
        client.post(path, &other).await.expect_problem(409, "state_conflict");
        let proposal = id_of(&client.record(path, &asked).await);
        // A request of the child's moves its total and its tier, and not what is raised.
        let child = client.get(&format!("/v1/packages/{package}")).await.body["child_id"].as_str().unwrap().to_owned();
        of.people.submitted(&child, &[yearly(5_000_000)]).await;
        let still = of.people.post(SUM).client.get(&format!("{path}/{proposal}/preview")).await.expect(200).body;
        assert_eq!((&still["is_as_proposed"], &still["lines"][0]["tier_after"]), (&json!(true), &json!("assistant_director,director")));
        client.record(&format!("/v1/package-lines/{line}/end"), &json!({ "valid_to": "2025-01-01", "reason": "Moves away" })).await;
        client.post(path, &asked).await.expect_problem(409, "state_conflict");
        let now = of.people.post(SUM).client.get(&format!("{path}/{proposal}/preview")).await.expect(200).body;
        assert_eq!((&now["is_as_proposed"], &now["lines"][0]["valid_to"]), (&json!(false), &json!("2025-01-01")));
        let refused = of.agree(SUM, &proposal).await.expect_problem(409, "state_conflict").body["detail"].as_str().unwrap().to_owned();
        assert!(refused.contains("It raised 1 line, from £10.00 to £11.00 a year"), "{refused}");
        assert_eq!(of.recorded(app), (1, 0, 0));
        client.withdraw_uprating(&proposal).await.expect(201);
        of.raised(&of.rise(100_000)).await;
    });
}

#[test]
fn the_tier_is_told_and_not_tested() {
    on_both(async |app| {
        let of = Provided::of(app).await;
        let package = of.package().await;
        let line = of.line(&package, in_force(1_399_999)).await;
        let proposed = of.people.proposed(&variation(&line, "end", "2024-08-01", json!({}))).await;
        let preview = of.preview(&of.rise(10_000)).await;
        let told = &preview["lines"][0];
        assert_eq!((&told["tier_before"], &told["tier_after"]), (&json!(SUM), &json!("head_of_service")));
        assert_eq!((&told["total_before_pence"], &told["total_after_pence"]), (&json!(1_399_999), &json!(1_413_999)));
        assert_eq!(preview["children_in_another_tier"], 1);
        of.raised(&of.rise(10_000)).await;
        let child = of.people.support.client.get(&format!("/v1/packages/{package}")).await.body["child_id"].as_str().unwrap().to_owned();
        let request = of.people.submitted(&child, &[yearly(1)]).await;
        assert_eq!(of.people.total(&request).await, 1_414_000);
        let director = &of.people.post("director").client;
        director.agree_variation(&proposed).await.expect_problem(409, "state_conflict");
    });
}

#[test]
fn a_rate_or_a_percentage_for_a_provider_or_a_service() {
    on_both(async |app| {
        let of = Provided::of(app).await;
        let package = of.package().await;
        of.line(&package, in_force(1000)).await;
        let client = &of.people.support.client;
        let without = |field: &str| {
            let mut body = of.rise(100_000);
            body.as_object_mut().unwrap().remove(field);
            body
        };
        for (body, pointer) in [
            (without("provider_id"), "/provider_id"),
            (without("percentage_ten_thousandths"), "/percentage_ten_thousandths"),
            (of.rise(0), "/percentage_ten_thousandths"),
            (of.rise(1_000_001), "/percentage_ten_thousandths"),
            (of.rise(-1_000_001), "/percentage_ten_thousandths"),
            (with(of.rise(1), "unit_rate_ten_thousandths", 1), "/unit_rate_ten_thousandths"),
            (with(of.rise(1), "from", "1990-03-31"), "/from"),
            (with(of.rise(1), "from", "2023-02-29"), "/from"),
            (with(of.rise(1), "provider_id", db::new_id()), "/provider_id"),
            (with(of.rise(1), "preview_sha256", "0"), "/preview_sha256"),
        ] {
            for path in ["/v1/uprating-proposals", "/v1/uprating-previews"] {
                assert_eq!(client.post(path, &body).await.expect_problem(422, "invalid_body").pointers(), [pointer], "{body}");
            }
        }
        let service = json!({ "service": "targeted_outreach", "from": "2024-02-29", "unit_rate_ten_thousandths": 100_000, "reason": "-" });
        let same = of.preview(&service).await;
        assert_eq!((same["lines"].as_array().unwrap().len(), &same["skipped"][0]["why"]), (0, &json!("rate_unchanged")));
        of.raised(&with(service, "unit_rate_ten_thousandths", 123_400)).await;
        assert_eq!(client.line_days(&package).await, [days("2023-04-01", Some("2024-02-29"), 1000), days("2024-02-29", None, 1234)]);
        let nobody = json!({ "service": "no_such_service", "from": "2024-07-01", "unit_rate_ten_thousandths": 1, "reason": "-" });
        assert_eq!(of.preview(&nobody).await["lines"], json!([]));
        // A rate beyond what a record may carry names the line.
        app.clock.set(instant("2024-06-04T09:00:00"));
        let dear = with(with(in_force(1), "unit_rate_ten_thousandths", 9_999_999_999_i64), "quantity_thousandths", 1);
        let dear = of.line(&of.package().await, dear).await;
        let refused = client.post("/v1/uprating-previews", &of.rise(1_000_000)).await.expect_problem(422, "invalid_body");
        assert!(refused.body["errors"][0]["detail"].as_str().unwrap().contains(&dear), "{}", refused.text);
    });
}

#[test]
fn one_uprating_has_its_most_lines() {
    on_both(async |app| {
        let of = Provided::of(app).await;
        of.line(&of.package().await, in_force(1000)).await;
        let terms = "package_id, service, budget_line, provider_id, unit, quantity_thousandths, frequency, unit_rate_ten_thousandths, \
                     valid_from, state, reason, recorded_by, recorded_at, recorded_seq";
        let copies = |first: i64, last: i64| {
            format!(
                "INSERT INTO package_lines (id, line_id, version, {terms}) \
                 WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) \
                 SELECT 'copy' || i, 'copy' || i, 1, {terms} FROM package_lines, n WHERE line_id NOT LIKE 'copy%'"
            )
        };
        app.sql(&copies(2, 5000)).unwrap();
        let preview = of.preview(&of.rise(100_000)).await;
        assert_eq!((preview["lines"].as_array().unwrap().len(), &preview["full_year_after_pence"]), (5000, &json!(5_500_000)));
        app.sql(&copies(5001, 5001)).unwrap();
        let client = &of.people.support.client;
        let refused = client.post("/v1/uprating-previews", &of.rise(100_000)).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.body["errors"][0]["code"], "too_many_lines");
    });
}

/// A row in every table of variations.
pub async fn in_every_table(app: &TestApp, caller: &Client) {
    let line = caller.line(&caller.package().await).await;
    let proposed = id_of(&caller.record("/v1/package-variations", &variation(&line, "end", "2024-07-01", json!({}))).await);
    caller.record(&format!("/v1/package-variations/{proposed}/withdrawal"), &json!({ "reason": "-" })).await;
    let mut rise = json!({ "service": "home_care", "from": "2030-04-01", "unit_rate_ten_thousandths": 1, "reason": "-" });
    rise["preview_sha256"] = caller.post("/v1/uprating-previews", &rise).await.expect(200).body["preview_sha256"].clone();
    let (withdrawn, agreed) = (caller.record("/v1/uprating-proposals", &rise).await, caller.record("/v1/uprating-proposals", &rise).await);
    caller.withdraw_uprating(&id_of(&withdrawn)).await.expect(201);
    let manager = app.person(Role::Manager);
    caller.holding(SUM, &manager.id).await;
    manager.client.agree_uprating(&id_of(&agreed), SUM).await.expect(201);
}
