//! A panel on the tests' first day, with somebody in every post of the core authority's profile, and what may never be half-written.

use super::records::{Workers, new_assessment};
use super::{Answer, Client, TestApp, next_number};
use domain::Role;
use serde_json::{Value, json};

/// Somebody with an account.
pub struct Person {
    pub client: Client,
    pub id: String,
    pub name: String,
}

impl Person {
    /// Somebody of that role, with a token.
    pub fn of(app: &TestApp, role: Role) -> Self {
        let user = app.add_user(role);
        Person { client: app.as_user(&user), id: user.id, name: user.name }
    }

    /// Somebody with a token who holds a post since 1 April 2024.
    pub async fn in_post(app: &TestApp, administrator: &Client, role: Role, post: &str) -> Self {
        let person = Person::of(app, role);
        administrator.holding(post, &person.id).await;
        person
    }
}

/// The members of the panel.
pub struct Members {
    pub sum: String,
    pub pm: String,
    pub tm: String,
    /// Without an account.
    pub health: String,
}

/// A panel of 100 slots on 3 June 2024: the service unit manager chairs, the partnership manager is there as deputy.
pub struct PanelDay {
    pub administrator: Client,
    pub sum: Person,
    pub hos: Person,
    pub ad: Person,
    pub director: Person,
    pub pm: Person,
    pub tm: Person,
    /// Writes and presents.
    pub presenter: Person,
    /// Costs.
    pub coster: Person,
    pub support: Client,
    pub members: Members,
    pub panel: String,
    workers: Workers,
}

impl PanelDay {
    /// Sets everything up.
    pub async fn of(app: &TestApp) -> Self {
        let administrator = app.as_role(Role::Administrator);
        let in_post = async |role, post| Person::in_post(app, &administrator, role, post).await;
        let (sum, pm) = (in_post(Role::Manager, "service_unit_manager").await, in_post(Role::Manager, "partnership_manager").await);
        let (tm, hos) = (in_post(Role::Manager, "team_manager").await, in_post(Role::HeadOfService, "head_of_service").await);
        let ad = in_post(Role::AssistantDirector, "assistant_director").await;
        let director = in_post(Role::AssistantDirector, "director").await;
        let (presenter, coster) = (Person::of(app, Role::Practitioner), Person::of(app, Role::Practitioner));
        let support = app.as_role(Role::PanelSupport);
        let (practitioner, coster_client) = (presenter.client.clone(), coster.client.clone());
        let workers = Workers { practitioner, manager: tm.client.clone(), support: support.clone(), coster: Some(coster_client) };
        let member = async |role: &str, title: &str, user: Option<&str>| {
            let new = json!({ "role": role, "title": title, "user_id": user });
            support.record("/v1/panel-members", &new).await["id"].as_str().unwrap().to_owned()
        };
        let members = Members {
            sum: member("service_unit_manager", "Service unit manager", Some(&sum.id)).await,
            pm: member("partnership_manager", "Partnership manager", Some(&pm.id)).await,
            tm: member("team_manager", "Team manager", Some(&tm.id)).await,
            health: member("health_representative", "Community children's nurse", None).await,
        };
        for member in [&members.sum, &members.pm, &members.tm, &members.health] {
            support.sign(member, "2024-04-08").await;
        }
        let panel = long_panel(&support, "2024-06-03").await;
        let day = PanelDay { administrator, sum, hos, ad, director, pm, tm, presenter, coster, support, members, panel, workers };
        day.attend(&day.panel).await;
        day
    }

    /// Everybody takes their seat at a panel that has begun.
    pub async fn attend(&self, panel: &str) {
        let Members { sum, pm, tm, health } = &self.members;
        for (member, part) in [(sum, "chair"), (pm, "deputy_chair"), (tm, "member"), (health, "member")] {
            self.support.attend(panel, member, part).await;
        }
    }

    /// Complete paperwork for a child that asks for one line of so many pence a year.
    pub async fn paperwork(&self, child: &str, pence: i64) -> Value {
        let mut paperwork = self.workers.paperwork(child).await;
        paperwork["coster_id"] = json!(self.coster.id);
        paperwork["lines"] = json!([line(pence)]);
        paperwork
    }

    /// A submitted request of a child for so many pence a year; answers with its id.
    pub async fn submitted_for(&self, child: &str, pence: i64) -> String {
        let paperwork = self.paperwork(child, pence).await;
        self.workers.submitted(child, paperwork).await
    }

    /// A request with that paperwork, on today's agenda; answers with its id.
    pub async fn booked_with(&self, child: &str, paperwork: Value) -> String {
        let request = self.workers.submitted(child, paperwork).await;
        self.support.booking(&self.panel, &request).await;
        request
    }

    /// As [`PanelDay::booked_with`], once those whom the paperwork names confirmed their parts.
    pub async fn booked_naming(&self, child: &str, paperwork: Value, named: &[&Person]) -> String {
        let request = self.workers.submitted(child, paperwork).await;
        for person in named {
            person.client.own_parts(&request, 1).await.expect(201);
        }
        self.support.booking(&self.panel, &request).await;
        request
    }

    /// A request of a child for so many pence a year, on today's agenda; answers with its id.
    pub async fn booked_for(&self, child: &str, pence: i64) -> String {
        let paperwork = self.paperwork(child, pence).await;
        self.booked_with(child, paperwork).await
    }

    /// A request of a child of its own for so many pence a year, on today's agenda; answers with its id.
    pub async fn booked(&self, pence: i64) -> String {
        let child = self.presenter.client.child().await;
        self.booked_for(&child, pence).await
    }

    /// As [`PanelDay::booked`]; the chair has declared an interest, so the deputy decides it.
    pub async fn booked_for_deputy(&self, pence: i64) -> String {
        let request = self.booked(pence).await;
        self.sum.client.record(&format!("/v1/requests/{request}/own-interest"), &json!({ "nature": "colleague" })).await;
        request
    }

    /// The request as it is read.
    pub async fn read(&self, request: &str) -> Value {
        self.support.get(&format!("/v1/requests/{request}")).await.expect(200).body
    }

    /// Where the request stands.
    pub async fn state(&self, request: &str) -> String {
        self.read(request).await["state"].as_str().unwrap().to_owned()
    }

    /// The decision in full.
    pub async fn decision(&self, decision: &str) -> Value {
        self.support.get(&format!("/v1/decisions/{decision}")).await.expect(200).body
    }

    /// A decision that counts; answers with its id.
    pub async fn decided(&self, by: &Person, request: &str, body: &Value) -> String {
        by.decide(request, body).await.expect(201).body["id"].as_str().unwrap().to_owned()
    }
}

impl Person {
    /// Decides a request.
    pub async fn decide(&self, request: &str, body: &Value) -> Answer {
        self.client.post(&format!("/v1/requests/{request}/decisions"), body).await
    }

    /// Ratifies a decision, or declines an approval.
    pub async fn ratify(&self, decision: &str, outcome: &str) -> Answer {
        let body = json!({ "outcome": outcome, "reason": "Read with the minutes", "authority_hearing_on": "2024-06-07" });
        self.client.post(&format!("/v1/decisions/{decision}/ratification"), &with_reason(body)).await
    }

    /// Declines to ratify what is no approval.
    pub async fn send_back(&self, decision: &str) -> Answer {
        let body = json!({ "outcome": "declined", "reason": "Read with the minutes" });
        self.client.post(&format!("/v1/decisions/{decision}/ratification"), &body).await
    }

    /// Authorises a decision, or declines to.
    pub async fn authorise(&self, decision: &str, outcome: &str) -> Answer {
        let body = json!({ "outcome": outcome, "reason": "Heard with the worker" });
        self.client.post(&format!("/v1/decisions/{decision}/authorisation"), &with_reason(body)).await
    }
}

/// An approval that is declined has a reason of the list.
fn with_reason(body: Value) -> Value {
    if body["outcome"] == "declined" { with(body, "decline_reason", json!("disproportionate")) } else { body }
}

/// A panel of 100 slots; answers with its id.
pub async fn long_panel(support: &Client, held_on: &str) -> String {
    let panel = json!({ "held_on": held_on, "starts_at": "00:00", "slots": 100, "slot_minutes": 14 });
    support.record("/v1/panels", &panel).await["id"].as_str().unwrap().to_owned()
}

/// A line of so many pence a year.
pub fn line(pence: i64) -> Value {
    json!({
        "service": "targeted_outreach", "budget_line": "targeted_outreach", "unit": "item", "quantity_thousandths": 1000,
        "frequency": "per_year", "unit_rate_ten_thousandths": pence * 100, "valid_from": "2024-06-17",
        "second_support_reason": "At other times"
    })
}

/// A decision of a kind with what that kind needs. An approval in part agrees half of `pence`.
pub fn decision_of(kind: &str, pence: i64) -> Value {
    let mut decision = json!({ "kind": kind, "rationale": "As the minutes say" });
    let more = match kind {
        "approved_in_part" => json!({ "lines": [line(pence / 2)] }),
        "deferred" => json!({ "deferred_until": "2024-06-04", "deferred_for": "A report from the school" }),
        "declined" => json!({ "decline_reason": "met_by_existing_package" }),
        "signposted" => json!({ "signposted_to": ["Saturday club"] }),
        _ => json!({}),
    };
    more.as_object().unwrap().iter().for_each(|(field, value)| decision[field] = value.clone());
    decision
}

/// An approval.
pub fn approved() -> Value {
    decision_of("approved", 0)
}

/// An approval that says when another post hears it.
pub fn approved_above() -> Value {
    with(approved(), "authority_hearing_on", json!("2024-06-07"))
}

/// A body with another value in a field.
pub fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

/// A reference that no other request has.
pub fn reference() -> String {
    format!("RQ-{:05}", next_number())
}

/// An assessment of a kind, authorised and with consent; answers with its id.
pub async fn assessed(worker: &Client, manager: &Client, child: &str, kind: &str) -> String {
    let new = with(new_assessment(child, &worker.my_id().await), "kind", json!(kind));
    let assessment = worker.record("/v1/assessments", &new).await["id"].as_str().unwrap().to_owned();
    worker.step(&assessment, "consent_given", "2024-05-28").await;
    worker.step(&assessment, "completed", "2024-05-28").await;
    manager.authorise(&assessment, "2024-05-30").await;
    assessment
}

/// What holds of every store, whatever was tried at once: no decision without its step, no approval without its authority, no state
/// that its steps do not lead to.
#[track_caller]
pub fn assert_whole(app: &TestApp) {
    for (what, rows) in of_states_and_decisions().into_iter().chain(of_bookings_and_appeals()) {
        assert_eq!(app.count(&rows), 0, "{what}");
    }
}

/// What holds, and the rows for which it would not.
fn of_states_and_decisions() -> Vec<(&'static str, String)> {
    let last = "(SELECT t.to_state FROM request_transitions t WHERE t.request_id = r.id ORDER BY t.number DESC LIMIT 1)";
    let given = "SELECT 1 FROM authorisations a WHERE a.decision_id = d.id AND a.outcome = 'given' AND a.kind = 'authority'";
    vec![
        ("a state is that of the last step", format!("requests r WHERE r.state <> COALESCE({last}, 'draft')")),
        (
            "steps follow one another",
            "request_transitions t WHERE t.from_state <> COALESCE((SELECT p.to_state FROM request_transitions p \
             WHERE p.request_id = t.request_id AND p.number = t.number - 1), 'draft')"
                .to_owned(),
        ),
        (
            "a decision has its step, in the same write",
            "decisions d WHERE (SELECT COUNT(*) FROM request_transitions t WHERE t.request_id = d.request_id \
             AND t.recorded_seq = d.recorded_seq AND t.action IN ('decide', 'agree_without_panel')) <> 1"
                .to_owned(),
        ),
        (
            "a step that decides has its decision",
            "request_transitions t WHERE t.action IN ('decide', 'agree_without_panel') AND NOT EXISTS \
             (SELECT 1 FROM decisions d WHERE d.request_id = t.request_id AND d.recorded_seq = t.recorded_seq)"
                .to_owned(),
        ),
        (
            "a request names its last decision",
            "requests r WHERE COALESCE(r.decision_id, '') <> COALESCE((SELECT d.id FROM decisions d WHERE d.request_id = r.id \
             ORDER BY d.number DESC LIMIT 1), '')"
                .to_owned(),
        ),
        (
            "what is agreed has authority",
            format!(
                "requests r JOIN decisions d ON d.id = r.decision_id WHERE r.state IN ('approved', 'approved_in_part') AND NOT EXISTS ({given})"
            ),
        ),
        (
            // Of each profile that these tests use a step is asked for of every approval.
            "what is agreed and has no step on record waits for one",
            "requests r WHERE r.state IN ('approved', 'approved_in_part') AND NOT EXISTS \
             (SELECT 1 FROM outstanding_commissionings o WHERE o.request_id = r.id AND o.decision_id = r.decision_id) AND NOT EXISTS \
             (SELECT 1 FROM commissioning_steps s WHERE s.decision_id = r.decision_id)"
                .to_owned(),
        ),
        (
            "what is not agreed waits for no step",
            "outstanding_commissionings o JOIN requests r ON r.id = o.request_id WHERE r.state NOT IN ('approved', 'approved_in_part')"
                .to_owned(),
        ),
        (
            "what waits has none yet",
            format!("requests r JOIN decisions d ON d.id = r.decision_id WHERE r.state LIKE 'awaiting%' AND EXISTS ({given})"),
        ),
        (
            "a support has its step",
            "authorisations a JOIN decisions d ON d.id = a.decision_id WHERE NOT EXISTS (SELECT 1 FROM request_transitions t \
             WHERE t.request_id = d.request_id AND t.recorded_seq = a.recorded_seq)"
                .to_owned(),
        ),
    ]
}

/// What holds, and the rows for which it would not.
fn of_bookings_and_appeals() -> Vec<(&'static str, String)> {
    let released = "EXISTS (SELECT 1 FROM panel_booking_releases x WHERE x.booking_id = b.id)";
    vec![
        (
            "a booked request has one booking",
            format!(
                "requests r WHERE r.state = 'booked' AND (SELECT COUNT(*) FROM panel_bookings b WHERE b.request_id = r.id \
                 AND b.hearing = r.hearing AND NOT {released}) <> 1"
            ),
        ),
        (
            "a submitted request has none that stands undecided",
            format!(
                "requests r JOIN panel_bookings b ON b.request_id = r.id AND b.hearing = r.hearing WHERE r.state = 'submitted' \
                 AND NOT {released} AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.request_id = r.id AND d.panel_id = b.panel_id)"
            ),
        ),
        ("a cancelled panel decided nothing", "panel_cancellations c JOIN decisions d ON d.panel_id = c.panel_id".to_owned()),
        (
            "an appeal is open while the request is under appeal, and then only",
            "requests r WHERE (r.state = 'under_appeal') <> EXISTS (SELECT 1 FROM appeals a WHERE a.request_id = r.id \
             AND NOT EXISTS (SELECT 1 FROM appeal_outcomes o WHERE o.appeal_id = a.id))"
                .to_owned(),
        ),
    ]
}
