//! The people around a request: who writes, costs and submits it, and somebody in every post; each acts as a person who logged in.

use super::{Answer, Client, TestApp, next_number};
use domain::Role;
use serde_json::{Value, json};

/// The texts of a request's paperwork.
pub const TEXTS: [&str; 9] =
    ["strengths", "worries", "unmet_need", "outcomes", "outcome_measures", "in_place", "impact", "local_offer_used", "local_offer_barrier"];

/// The posts of the core authority, those with the least authority first.
pub const POSTS: [&str; 6] =
    ["service_unit_manager", "head_of_service", "assistant_director", "director", "partnership_manager", "team_manager"];

/// A user, and a client that is theirs.
pub struct Person {
    pub id: String,
    pub client: Client,
}

/// Everybody there is.
pub struct People {
    pub administrator: Person,
    pub worker: Person,
    pub coster: Person,
    pub support: Person,
    /// Authorises assessments, and is in no post.
    pub manager: Person,
    /// Somebody in every post, in the order asked for.
    pub in_post: Vec<(&'static str, Person)>,
    /// What their assessments are.
    pub assessment: &'static str,
}

impl TestApp {
    /// Somebody of that role, with a token.
    pub fn person(&self, role: Role) -> Person {
        let user = self.add_named("person", role);
        Person { client: self.as_user(&user), id: user.id }
    }
}

impl People {
    /// Somebody in every post of the core authority.
    pub async fn of(app: &TestApp) -> Self {
        Self::in_posts(app, &POSTS).await
    }

    /// Somebody in each of these posts, from 1 April 2024.
    pub async fn in_posts(app: &TestApp, posts: &[&'static str]) -> Self {
        let administrator = app.person(Role::Administrator);
        let mut in_post = Vec::new();
        for post in posts {
            let role = match *post {
                "head_of_service" => Role::HeadOfService,
                "assistant_director" | "director" => Role::AssistantDirector,
                _ => Role::Manager,
            };
            let person = app.person(role);
            administrator.client.holding(post, &person.id).await;
            in_post.push((*post, person));
        }
        People {
            administrator,
            worker: app.person(Role::Practitioner),
            coster: app.person(Role::Practitioner),
            support: app.person(Role::PanelSupport),
            manager: app.person(Role::Manager),
            in_post,
            assessment: "child_and_family",
        }
    }

    /// Whoever was put in that post.
    pub fn post(&self, post: &str) -> &Person {
        &self.in_post.iter().find(|(name, _)| *name == post).unwrap().1
    }

    /// A child; answers with its id.
    pub async fn child(&self) -> String {
        self.worker.client.child().await
    }

    /// Puts somebody in a post, with other days or as a deputy; answers with the holding's id.
    pub async fn put(&self, post: &str, user_id: &str, capacity: &str, from: &str, to: Option<&str>) -> String {
        let new = json!({ "post": post, "user_id": user_id, "capacity": capacity, "valid_from": from, "valid_to": to, "reason": "Cover" });
        id_of(&self.administrator.client.put_in_post(&new).await)
    }

    /// An assessment of a child, completed, authorised and with consent; answers with its id.
    pub async fn authorised_assessment(&self, child_id: &str) -> String {
        let new = json!({ "child_id": child_id, "kind": self.assessment, "started_on": "2024-04-29", "assessor_id": self.worker.id });
        let assessment = id_of(&self.worker.client.record("/v1/assessments", &new).await);
        self.worker.client.step(&assessment, "consent_given", "2024-05-28").await;
        self.worker.client.step(&assessment, "completed", "2024-05-28").await;
        self.manager.client.authorise(&assessment, "2024-05-30").await;
        assessment
    }

    /// Complete paperwork with those lines, resting on an assessment of its own.
    pub async fn paperwork(&self, child_id: &str, lines: &[Value]) -> Value {
        json!({
            "assessment_id": self.authorised_assessment(child_id).await, "presenter_id": self.worker.id, "coster_id": self.coster.id,
            "strengths": "Two adults who share the care", "worries": "Broken nights", "unmet_need": "A break at weekends",
            "outcomes": "The family rests one day a week", "outcome_measures": "Asked at each review", "in_place": "None",
            "impact": "None", "local_offer_used": "Saturday club", "lines": lines
        })
    }

    /// A request that is a draft, with complete paperwork; answers with its id.
    pub async fn draft(&self, child_id: &str, lines: &[Value]) -> String {
        let paperwork = self.paperwork(child_id, lines).await;
        let request = id_of(&self.worker.client.record("/v1/requests", &new_request(child_id, paperwork)).await);
        self.coster.client.own_parts(&request, 1).await.expect(201);
        request
    }

    /// A draft with no paperwork at all; answers with its id.
    pub async fn empty_draft(&self, child_id: &str) -> String {
        id_of(&self.worker.client.record("/v1/requests", &new_request(child_id, json!({}))).await)
    }

    /// Writes a request's paperwork anew, or tries to.
    pub async fn revise(&self, request: &str, paperwork: &Value) -> Answer {
        let written = self.worker.client.post(&format!("/v1/requests/{request}/revisions"), paperwork).await;
        if written.status == 201 && paperwork["coster_id"] == self.coster.id.as_str() {
            self.coster.client.own_parts(request, written.body["revision"].as_i64().unwrap()).await.expect(201);
        }
        written
    }

    /// Submits a request, or tries to.
    pub async fn try_to_submit(&self, request: &str) -> Answer {
        self.worker.client.post(&format!("/v1/requests/{request}/submission"), &json!({})).await
    }

    /// Takes a request back, or tries to.
    pub async fn withdraw(&self, request: &str) -> Answer {
        let body = json!({ "reason": "The family moved away" });
        self.worker.client.post(&format!("/v1/requests/{request}/withdrawal"), &body).await
    }

    /// A submitted request; answers with its id.
    pub async fn submitted(&self, child_id: &str, lines: &[Value]) -> String {
        let request = self.draft(child_id, lines).await;
        self.submit(&request).await;
        request
    }

    /// Submits a draft.
    pub async fn submit(&self, request: &str) {
        self.worker.client.record(&format!("/v1/requests/{request}/submission"), &json!({})).await;
    }

    /// A package of a child; answers with its id.
    pub async fn package_of(&self, child_id: &str) -> String {
        let new = json!({ "reference": format!("PK-{:05}", next_number()), "child_id": child_id });
        id_of(&self.support.client.record("/v1/packages", &new).await)
    }

    /// A line of a package, with some fields of its own; answers with the line's id.
    pub async fn package_line(&self, package_id: &str, line: Value) -> String {
        let mut line = line;
        line["package_id"] = json!(package_id);
        line["reason"] = json!("Panel of 14 March 2023");
        id_of(&self.support.client.record("/v1/package-lines", &line).await)
    }

    /// A panel of the day of the tests, chaired by the service unit manager; answers with its id.
    pub async fn chaired_panel(&self) -> String {
        let support = &self.support.client;
        let new = json!({ "held_on": "2024-06-03", "starts_at": "00:00", "slots": 100, "slot_minutes": 14 });
        let panel = id_of(&support.record("/v1/panels", &new).await);
        let chair = support.member("service_unit_manager", Some(&self.post("service_unit_manager").id)).await;
        support.sign(&chair, "2024-05-01").await;
        support.attend(&panel, &chair, "chair").await;
        support.two_members(&panel).await;
        panel
    }

    /// Books a request for a panel, where its chair decides it; answers with the decision.
    pub async fn decided(&self, panel_id: &str, request: &str, decision: &Value) -> Value {
        self.support.client.booking(panel_id, request).await;
        let mut decision = decision.clone();
        decision["rationale"] = json!("The need is shown and nothing open meets it");
        self.post("service_unit_manager").client.record(&format!("/v1/requests/{request}/decisions"), &decision).await
    }

    /// What is explained of the authority over a request.
    pub async fn authority(&self, request: &str) -> Authority {
        Authority(self.worker.client.get(&format!("/v1/requests/{request}/authority")).await.expect(200).body)
    }

    /// The child's total care package with a request, in pence.
    pub async fn total(&self, request: &str) -> i64 {
        self.authority(request).await.total()
    }

    /// A request with its paperwork, as it is read.
    pub async fn read(&self, request: &str) -> Value {
        self.worker.client.get(&format!("/v1/requests/{request}")).await.expect(200).body
    }
}

/// An explanation of authority.
#[derive(Debug)]
pub struct Authority(pub Value);

impl Authority {
    /// The total tested, in pence, which must be what its lines add up to.
    #[track_caller]
    pub fn total(&self) -> i64 {
        let total = self.0["total_pence"].as_i64().unwrap();
        assert_eq!(self.lines().iter().map(|line| line["full_year_pence"].as_i64().unwrap()).sum::<i64>(), total, "{}", self.0);
        total
    }

    /// The lines that count.
    pub fn lines(&self) -> &Vec<Value> {
        self.0["lines"].as_array().unwrap()
    }

    /// Why the lines count, in order of the alphabet.
    pub fn origins(&self) -> Vec<&str> {
        let mut origins: Vec<_> = self.lines().iter().map(|line| line["origin"].as_str().unwrap()).collect();
        origins.sort_unstable();
        origins
    }

    /// The posts responsible.
    pub fn tier(&self) -> Vec<&str> {
        self.0["tier"].as_array().unwrap().iter().map(|limit| limit["post"].as_str().unwrap()).collect()
    }

    /// The posts in which somebody may authorise.
    pub fn who_may(&self) -> Vec<&str> {
        let people = self.0["people"].as_array().unwrap().iter();
        people.filter(|person| person["may_authorise"] == true).map(|person| person["post"].as_str().unwrap()).collect()
    }

    /// Why a person may not authorise in a post; nothing, they may, or they are not there.
    pub fn why_not(&self, post: &str, user_id: &str) -> Vec<&str> {
        let mut places = self.0["people"].as_array().unwrap().iter();
        let place = places.find(|person| person["post"] == post && person["user_id"] == user_id);
        place.map_or_else(Vec::new, |person| person["why_not"].as_array().unwrap().iter().map(|why| why.as_str().unwrap()).collect())
    }

    /// Whether a person is listed in a post, and as what.
    pub fn capacity(&self, post: &str, user_id: &str) -> Option<&str> {
        let mut places = self.0["people"].as_array().unwrap().iter();
        places.find(|person| person["post"] == post && person["user_id"] == user_id).map(|person| person["capacity"].as_str().unwrap())
    }
}

/// A record's id.
pub fn id_of(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

/// A request to record.
pub fn new_request(child_id: &str, paperwork: Value) -> Value {
    json!({ "reference": format!("RQ-{:05}", next_number()), "child_id": child_id, "paperwork": paperwork })
}

/// A line that costs so much in a full year, to the penny, from 17 June 2024.
pub fn yearly(pence: i64) -> Value {
    line("per_year", 1000, pence * 100)
}

/// A line that costs so much in a full year, in force since 1 April 2023.
pub fn in_force(pence: i64) -> Value {
    with(yearly(pence), "valid_from", "2023-04-01")
}

/// A line of targeted outreach from 17 June 2024.
pub fn line(frequency: &str, quantity_thousandths: i64, unit_rate_ten_thousandths: i64) -> Value {
    json!({
        "service": "targeted_outreach", "budget_line": "targeted_outreach", "unit": "hour", "quantity_thousandths": quantity_thousandths,
        "frequency": frequency, "unit_rate_ten_thousandths": unit_rate_ten_thousandths, "valid_from": "2024-06-17",
        "second_support_reason": "At other times"
    })
}

/// A body with another field.
pub fn with(mut body: Value, field: &str, value: impl Into<Value>) -> Value {
    body[field] = value.into();
    body
}
