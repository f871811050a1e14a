//! A year of the made-up authority's resource panels: every kind of decision, a deputy in the chair, decisions that wait for a higher
//! post, a chair who stands down, a divided vote, appeals, and an agenda still to be heard.

mod days;
mod items;
mod posts;

pub use items::PEOPLE;
pub use posts::take_posts;

use super::caller::Caller;
use super::instant;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::web::Data;
use anyhow::{Context, anyhow};
use api::App;
use days::{first_of_next_month, shifted};
use db::Clock;
use items::{AGENCIES, CALENDAR, CATEGORIES, CHAIR_AWAY, COMMISSIONED, Course, ITEMS, LAST_HELD, PROVIDERS, SUPPORT};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Those who take part, with their tokens.
struct People<'s, S> {
    /// Everything but accounts: the panel's business support.
    support: &'s Caller<'s, S>,
    by_name: HashMap<&'static str, (String, Caller<'s, S>)>,
    /// Panel members by role.
    members: HashMap<&'static str, String>,
}

/// Records the year of panels, the clock going from one to the next. `users` are the ids of [`PEOPLE`].
pub async fn record<'s, S, B>(
    service: &'s S,
    app: &Data<App>,
    support: &'s Caller<'s, S>,
    clock: &Clock,
    users: &HashMap<String, String>,
) -> anyhow::Result<()>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    clock.set(instant("2024-01-02"));
    let mut by_name = HashMap::new();
    for (name, role, _, _) in PEOPLE {
        let id = users.get(name).with_context(|| format!("the user {name} is missing"))?.clone();
        let caller = Caller::person(service, app, &id, role)?;
        by_name.insert(name, (id, caller));
    }
    let mut people = People { support, by_name, members: HashMap::new() };
    people.take_seats().await?;
    let (first, last) = CALENDAR;
    let calendar = json!({ "first_on": first, "last_on": last, "starts_at": "09:30", "slots": 8, "slot_minutes": 20 });
    support.post("/v1/panel-calendars", calendar).await?;
    let panels = panels_by_day(support).await?;
    let mut days: Vec<&str> = ITEMS.iter().map(|(day, ..)| *day).collect();
    days.dedup();
    let mut carried: Vec<String> = Vec::new();
    for day in days {
        let panel = panels.get(day).with_context(|| format!("there is no panel on {day}"))?;
        let mut booked = Vec::new();
        for (number, (_, child, support, course)) in (1..).zip(ITEMS).filter(|(_, item)| item.0 == day) {
            clock.set(instant(&shifted(day, -9)?));
            let request = people.ask(day, number, child, support).await?;
            if course == Course::Withdrawn {
                people.book(panel, &request).await?;
                let reason = json!({ "reason": "The family has other plans" });
                people.of("social.worker")?.post(&format!("/v1/requests/{request}/withdrawal"), reason).await?;
            } else {
                booked.push((request, child, course));
            }
        }
        // What was deferred or won on appeal comes back first.
        let again = std::mem::take(&mut carried).into_iter().map(|request| (request, 0, Course::Approved));
        let booked: Vec<_> = again.chain(booked).collect();
        clock.set(instant(&shifted(day, -7)?));
        for (request, ..) in &booked {
            people.book(panel, request).await?;
        }
        if day <= LAST_HELD {
            clock.set(instant(day));
            carried = people.hold(clock, day, panel, booked).await?;
        }
    }
    Ok(())
}

impl<'s, S, B> People<'s, S>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    fn of(&self, name: &str) -> anyhow::Result<&Caller<'s, S>> {
        self.by_name.get(name).map(|(_, caller)| caller).ok_or_else(|| anyhow!("nobody is called {name}"))
    }

    fn id_of(&self, name: &str) -> anyhow::Result<&str> {
        self.by_name.get(name).map(|(id, _)| id.as_str()).ok_or_else(|| anyhow!("nobody is called {name}"))
    }

    /// Records the panel's members and what they signed.
    async fn take_seats(&mut self) -> anyhow::Result<()> {
        let own = PEOPLE.iter().filter_map(|(name, _, _, role)| role.map(|role| (role, name.replace('.', " "), Some(*name))));
        let others = AGENCIES.iter().map(|(role, title)| (*role, (*title).to_owned(), None));
        for (role, title, name) in own.chain(others).collect::<Vec<_>>() {
            let user_id = name.map(|name| self.id_of(name)).transpose()?;
            let member = self.support.post("/v1/panel-members", json!({ "role": role, "title": title, "user_id": user_id })).await?;
            self.sign(&member, "2024-01-02").await?;
            self.members.insert(role, member);
        }
        Ok(())
    }

    async fn sign(&self, member: &str, day: &str) -> anyhow::Result<()> {
        for document in ["terms_of_reference", "confidentiality"] {
            let signature = json!({ "document": document, "signed_on": day });
            self.support.post(&format!("/v1/panel-members/{member}/signatures"), signature).await?;
        }
        Ok(())
    }

    /// A request that is ready for a panel: an authorised assessment with consent, its paperwork, one line.
    async fn ask(&self, day: &str, number: usize, child: usize, support: usize) -> anyhow::Result<String> {
        let worker = if child.is_multiple_of(2) { "social.worker" } else { "intervention.worker" };
        let (worker_id, caller) = (self.id_of(worker)?, self.of(worker)?);
        let child_id = caller.post("/v1/child-lookups", json!({ "case_reference": format!("DEMO-{child:04}") })).await?;
        let kind = if child.is_multiple_of(5) { "early_help" } else { "child_and_family" };
        let started = json!({ "child_id": child_id, "kind": kind, "started_on": shifted(day, -45)?, "assessor_id": worker_id });
        let assessment = caller.post("/v1/assessments", started).await?;
        for (step, before) in [("consent_given", -44), ("checkpoint", -35), ("completed", -14)] {
            let by = if step == "checkpoint" { self.of("team.manager")? } else { caller };
            let taken = json!({ "step": step, "taken_on": shifted(day, before)? });
            by.post(&format!("/v1/assessments/{assessment}/steps"), taken).await?;
        }
        let authorised = json!({ "authorised_on": shifted(day, -12)? });
        self.of("team.manager")?.post(&format!("/v1/assessments/{assessment}/authorisation"), authorised).await?;
        let (service, budget_line, unit, frequency, quantity, rate) = SUPPORT[support];
        let category = CATEGORIES.iter().find(|(of, _)| *of == service).map(|(_, category)| *category);
        let replaced = if service == "home_care" { self.replaced(&child_id, service).await? } else { Value::Null };
        let request = json!({
            "reference": format!("RQ-{}-{number:03}", &day[..4]), "child_id": child_id, "paperwork": {
                "assessment_id": assessment, "presenter_id": worker_id, "coster_id": worker_id,
                "strengths": "The family knows what helps and asks early.", "worries": "Tiredness at home; few breaks at weekends.",
                "unmet_need": "A regular break that the family can plan for.", "outcomes": "Rested carers, and time with friends.",
                "outcome_measures": "Asked at the review after six weeks.", "in_place": "What the current package gives.",
                "impact": "It helps on the days on which it is there.", "local_offer_used": "A weekly open club.", "lines": [{
                    "service": service, "budget_line": budget_line, "statement_category": category, "unit": unit, "frequency": frequency,
                    "quantity_thousandths": quantity,
                    "unit_rate_ten_thousandths": rate, "valid_from": first_of_next_month(day)?, "replaces_line_id": replaced,
                    "second_support_reason": "More of it beside what the child has, at other times"
                }]
            }
        });
        let id = caller.post("/v1/requests", request).await?;
        caller.post(&format!("/v1/requests/{id}/submission"), json!({})).await?;
        Ok(id)
    }

    async fn book(&self, panel: &str, request: &str) -> anyhow::Result<()> {
        self.support.post(&format!("/v1/panels/{panel}/bookings"), json!({ "request_id": request })).await.map(drop)
    }

    /// Holds a panel; answers with the requests that come back to the next.
    async fn hold(&self, clock: &Clock, day: &str, panel: &str, booked: Vec<(String, usize, Course)>) -> anyhow::Result<Vec<String>> {
        if day == LAST_HELD {
            // A year has gone: the signatures are renewed.
            for member in self.members.values() {
                self.sign(member, &shifted(day, -8)?).await?;
            }
        }
        let is_away = CHAIR_AWAY.contains(&day);
        let chair = if is_away { "partnership.manager" } else { "service.unit.manager" };
        for (role, member) in &self.members {
            let attendance = match *role {
                "service_unit_manager" if is_away => "absent",
                "service_unit_manager" => "chair",
                "partnership_manager" => "deputy_chair",
                _ => "member",
            };
            let attended = json!({ "member_id": member, "attendance": attendance });
            self.support.post(&format!("/v1/panels/{panel}/attendances"), attended).await?;
        }
        let notes = json!({ "notes": "Minutes of the last panel agreed. Business support will send the outcomes by Monday." });
        self.support.post(&format!("/v1/panels/{panel}/notes"), notes).await?;
        let mut again = Vec::new();
        for (request, child, course) in booked {
            clock.set(instant(day));
            let decision = self.decide(day, &request, child, course, chair).await?;
            if course == Course::Deferred {
                again.push(request.clone());
            }
            if course != Course::LeftWaiting {
                self.settle(clock, day, &request, &decision, course).await?;
            }
            match course {
                Course::DeclinedAndDismissedOnAppeal => self.appeal(clock, day, &request, "dismissed").await?,
                Course::DeclinedAndUpheldOnAppeal => {
                    self.appeal(clock, day, &request, "upheld").await?;
                    again.push(request);
                }
                _ => {}
            }
        }
        Ok(again)
    }

    /// The decision of whoever chairs the item; answers with its id.
    async fn decide(&self, day: &str, request: &str, child: usize, course: Course, mut chair: &str) -> anyhow::Result<String> {
        if course == Course::ChairStandsDown {
            let interest = json!({ "nature": "knows_family" });
            self.of(chair)?.post(&format!("/v1/requests/{request}/own-interest"), interest).await?;
            chair = "partnership.manager";
        }
        let caller = self.of(chair)?;
        let owner = if child.is_multiple_of(2) { "social.worker" } else { "intervention.worker" };
        let mut decision = json!({
            "kind": "approved", "rationale": "The assessment shows the need, and nothing that is open to all meets it.",
            "actions": [{ "action": "Send the profile to the framework of providers", "owner_id": self.id_of(owner)?, "due_on": shifted(day, 14)? }]
        });
        let more = match course {
            Course::InPart => {
                let asked = caller.get(&format!("/v1/requests/{request}")).await?;
                let mut line = asked["lines"][0].clone();
                let halved = line["quantity_thousandths"].as_i64().unwrap_or_default() / 2;
                line["quantity_thousandths"] = json!(halved.max(500));
                let fields = [
                    "service",
                    "budget_line",
                    "statement_category",
                    "unit",
                    "frequency",
                    "quantity_thousandths",
                    "unit_rate_ten_thousandths",
                    "valid_from",
                    "second_support_reason",
                ];
                let line: serde_json::Map<_, _> = fields.into_iter().map(|field| (field.to_owned(), line[field].clone())).collect();
                json!({ "kind": "approved_in_part", "rationale": "Half of it now; looked at again at the review.", "lines": [line] })
            }
            Course::Deferred => json!({
                "kind": "deferred", "rationale": "The school's view is missing.", "deferred_until": shifted(day, 10)?,
                "deferred_for": "A report from the school"
            }),
            Course::Declined | Course::DeclinedAndUpheldOnAppeal | Course::DeclinedAndDismissedOnAppeal => json!({
                "kind": "declined", "rationale": "What is in place meets the need that the assessment shows.",
                "decline_reason": "met_by_existing_package"
            }),
            Course::Signposted => json!({
                "kind": "signposted", "rationale": "Open services meet it.", "signposted_to": ["Saturday Stars", "Family information service"]
            }),
            Course::Divided => {
                let votes = [("team_manager", "for"), ("health_representative", "for"), ("send_education_manager", "against")];
                let votes = votes.map(|(role, vote)| json!({ "member_id": self.members.get(role), "vote": vote }));
                json!({ "votes": votes })
            }
            _ => json!({}),
        };
        let fields = more.as_object().into_iter().flatten();
        fields.for_each(|(field, value)| decision[field] = value.clone());
        let is_approval = decision["kind"] == "approved" || decision["kind"] == "approved_in_part";
        if is_approval {
            decision["authority_hearing_on"] = json!(shifted(day, 5)?);
        }
        caller.post(&format!("/v1/requests/{request}/decisions"), decision).await
    }

    /// What follows a decision: ratification, authority, the manager's case note, the worker's action.
    async fn settle(&self, clock: &Clock, day: &str, request: &str, decision: &str, course: Course) -> anyhow::Result<()> {
        let given = |reason: &str| json!({ "outcome": "given", "reason": reason, "authority_hearing_on": shifted(day, 5).ok() });
        if self.state_of(request).await? == "awaiting_ratification" {
            clock.set(instant(&shifted(day, 1)?));
            let ratified = given("Read with the minutes");
            self.of("head.of.service")?.post(&format!("/v1/decisions/{decision}/ratification"), ratified).await?;
        }
        if self.state_of(request).await? == "awaiting_authority" {
            clock.set(instant(&shifted(day, 5)?));
            let authority = self.support.get(&format!("/v1/requests/{request}/authority")).await?;
            let people = authority["people"].as_array().cloned().unwrap_or_default();
            let may = people.iter().find(|person| person["may_authorise"] == true).context("nobody has the authority")?;
            let answer = match course {
                Course::DeclinedAbove => json!({
                    "outcome": "declined", "decline_reason": "met_by_existing_package", "reason": "Asked to look at shared care first"
                }),
                _ => given("Heard with the worker"),
            };
            let name = may["username"].as_str().unwrap_or_default();
            self.of(name)?.post(&format!("/v1/decisions/{decision}/authorisation"), answer).await?;
        }
        if day < LAST_HELD {
            clock.set(instant(&shifted(day, 6)?));
            self.commission(day, request, decision).await?;
            let note = json!({ "made_on": shifted(day, 6)?, "reference": format!("CN-{}", &decision[24..32]) });
            self.of("team.manager")?.post(&format!("/v1/decisions/{decision}/case-management-decision"), note).await?;
            let full = self.support.get(&format!("/v1/decisions/{decision}")).await?;
            for action in full["actions"].as_array().into_iter().flatten().filter(|_| course != Course::Divided) {
                let id = action["id"].as_str().unwrap_or_default();
                let done = json!({ "completed_on": shifted(day, 6)? });
                self.of("social.worker")?.post(&format!("/v1/decision-actions/{id}/completion"), done).await?;
            }
        }
        Ok(())
    }

    /// The worker hands the family's appeal in; somebody who had no part in the decision decides it.
    async fn appeal(&self, clock: &Clock, day: &str, request: &str, outcome: &str) -> anyhow::Result<()> {
        clock.set(instant(&shifted(day, 7)?));
        let received = json!({ "received_on": shifted(day, 7)? });
        let appeal = self.of("social.worker")?.post(&format!("/v1/requests/{request}/appeals"), received).await?;
        clock.set(instant(&shifted(day, 12)?));
        let outcome = json!({ "outcome": outcome, "reason": "Read with the family's letter" });
        self.of("director")?.post(&format!("/v1/appeals/{appeal}/outcome"), outcome).await.map(drop)
    }

    /// Records the package lines that carry an approval out, and ends what they replace.
    async fn commission(&self, day: &str, request: &str, decision: &str) -> anyhow::Result<()> {
        let (from, before) = COMMISSIONED;
        let asked = self.support.get(&format!("/v1/requests/{request}")).await?;
        let is_agreed = asked["state"] == "approved" || asked["state"] == "approved_in_part";
        if !is_agreed || day >= before {
            return Ok(());
        }
        let child = asked["child_id"].as_str().unwrap_or_default();
        let package = self.support.get(&format!("/v1/packages?child_id={child}")).await?["items"][0]["id"].clone();
        let decided = self.support.get(&format!("/v1/decisions/{decision}")).await?;
        let providers = self.support.get("/v1/providers?limit=500").await?;
        let mut lines = decided["lines"].as_array().cloned().unwrap_or_default();
        for line in lines.iter_mut().filter(|line| line["valid_from"].as_str() < Some(from)) {
            line["valid_from"] = json!(from);
        }
        // Everything that the decision replaces has its end before any of it is commissioned.
        for line in &lines {
            if let Some(replaced) = line["replaces_line_id"].as_str() {
                let end = json!({ "valid_to": line["valid_from"], "reason": "Replaced, as the panel decided" });
                self.support.post(&format!("/v1/package-lines/{replaced}/end"), end).await?;
            }
        }
        for line in &lines {
            let code = PROVIDERS.iter().find(|(service, _)| line["service"] == *service).map(|(_, code)| *code);
            let provider = providers["items"].as_array().into_iter().flatten().find(|provider| provider["code"].as_str() == code);
            let fields = [
                "service",
                "budget_line",
                "unit",
                "frequency",
                "quantity_thousandths",
                "unit_rate_ten_thousandths",
                "valid_from",
                "valid_to",
            ];
            let mut new: serde_json::Map<_, _> = fields.into_iter().map(|field| (field.to_owned(), line[field].clone())).collect();
            new.insert("package_id".to_owned(), package.clone());
            new.insert("provider_id".to_owned(), provider.map_or(Value::Null, |provider| provider["id"].clone()));
            new.insert("request_line_id".to_owned(), line["id"].clone());
            new.insert("reason".to_owned(), json!("As the panel decided"));
            self.support.post("/v1/package-lines", Value::Object(new)).await?;
        }
        Ok(())
    }

    /// The line of a service that the child's package has, for a request that asks for more of it.
    async fn replaced(&self, child: &str, service: &str) -> anyhow::Result<Value> {
        let packages = self.support.get(&format!("/v1/packages?child_id={child}")).await?;
        let package = packages["items"][0]["id"].as_str().context("the child has no package")?;
        let lines = self.support.get(&format!("/v1/package-lines?package_id={package}")).await?;
        let line = lines["items"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|line| line["service"] == service && line["valid_to"] == line["ends_by_age_on"]);
        Ok(line.map_or(Value::Null, |line| line["line_id"].clone()))
    }

    async fn state_of(&self, request: &str) -> anyhow::Result<String> {
        let answer: Value = self.support.get(&format!("/v1/requests/{request}")).await?;
        Ok(answer["state"].as_str().unwrap_or_default().to_owned())
    }
}

async fn panels_by_day<S, B>(caller: &Caller<'_, S>) -> anyhow::Result<HashMap<String, String>>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let page = caller.get("/v1/panels?limit=500").await?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(page["items"].as_array().into_iter().flatten().map(|panel| (text(&panel["held_on"]), text(&panel["id"]))).collect())
}
