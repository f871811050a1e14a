//! Requests and their histories, written straight into the store.

use super::{Fixture, day};
use db::schema::{assessment_steps, assessments, children, panels, request_lines, request_revisions, request_transitions, requests, users};
use db::{Write, new_id};
use diesel::prelude::*;

/// What nobody outside the store should read, wherever people write freely.
pub const SECRET: &str = "words nobody should read";

/// A line asked for: budget line, pounds a week.
pub type Asked = (&'static str, i64);

impl Fixture {
    pub fn user(&self, username: &str) -> String {
        let id = new_id();
        self.write(|write| {
            diesel::insert_into(users::table)
                .values((
                    users::id.eq(&id),
                    users::username.eq(username),
                    users::role.eq("manager"),
                    users::password_hash.eq("a hash"),
                    users::recorded_at.eq(write.at),
                    users::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
        id
    }

    pub fn panel(&self, held_on: &str) -> String {
        let id = new_id();
        self.write(|write| {
            diesel::insert_into(panels::table)
                .values((
                    panels::id.eq(&id),
                    panels::held_on.eq(day(held_on)),
                    panels::starts_at.eq("10:00"),
                    panels::slots.eq(10),
                    panels::slot_minutes.eq(30),
                    panels::papers_due_on.eq(day(held_on)),
                    panels::recorded_by.eq(&write.actor.id),
                    panels::recorded_at.eq(write.at),
                    panels::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
        id
    }

    /// A request of a new child, in draft, that rests on an assessment authorised on a day. Its lines are weekly, without end,
    /// from 1 July 2024. Returns its id.
    pub fn request(&self, user: &str, authorised_on: Option<&str>, lines: &[Asked]) -> String {
        let (child, assessment, request) = (new_id(), new_id(), new_id());
        self.write(|write| {
            diesel::insert_into(children::table)
                .values((
                    children::id.eq(&child),
                    children::case_reference.eq(format!("CASE-REFERENCE-OF-{child}")),
                    children::date_of_birth.eq(day("2011-11-11")),
                    children::recorded_at.eq(write.at),
                    children::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
            diesel::insert_into(assessments::table)
                .values((
                    assessments::id.eq(&assessment),
                    assessments::child_id.eq(&child),
                    assessments::kind.eq("child_and_family"),
                    assessments::started_on.eq(day("2024-03-01")),
                    assessments::assessor_id.eq(user),
                    assessments::recorded_by.eq(&write.actor.id),
                    assessments::recorded_at.eq(write.at),
                    assessments::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
            for (number, step, on) in [(1, "completed", Some("2024-04-01")), (2, "authorised", authorised_on)] {
                let Some(on) = on else { continue };
                diesel::insert_into(assessment_steps::table)
                    .values((
                        assessment_steps::id.eq(new_id()),
                        assessment_steps::assessment_id.eq(&assessment),
                        assessment_steps::number.eq(number),
                        assessment_steps::step.eq(step),
                        assessment_steps::taken_on.eq(day(on)),
                        assessment_steps::recorded_by.eq(&write.actor.id),
                        assessment_steps::recorded_at.eq(write.at),
                        assessment_steps::recorded_seq.eq(write.seq()),
                    ))
                    .execute(write.connection)
                    .unwrap();
            }
            diesel::insert_into(requests::table)
                .values((
                    requests::id.eq(&request),
                    requests::reference.eq(format!("request reference of {request}")),
                    requests::child_id.eq(&child),
                    requests::state.eq("draft"),
                    requests::revision.eq(1),
                    requests::hearing.eq(0),
                    requests::recorded_by.eq(&write.actor.id),
                    requests::recorded_at.eq(write.at),
                    requests::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
            revision(write, &request, 1, &assessment, user, lines);
        });
        request
    }

    /// The paperwork anew, with other lines.
    pub fn revise(&self, user: &str, request: &str, number: i64, lines: &[Asked]) {
        self.write(|write| {
            let assessment: Option<String> = request_revisions::table
                .find((request, number - 1))
                .select(request_revisions::assessment_id)
                .first(write.connection)
                .unwrap();
            revision(write, request, number, &assessment.unwrap(), user, lines);
        });
    }

    /// A submitted request for £70 a week of direct payments from 1 July 2024, which age ends on a day.
    pub fn asked_until_birthday(&self, user: &str, ends: &str) {
        let request = self.request(user, Some("2024-04-10"), &[]);
        self.write(|write| {
            diesel::insert_into(request_lines::table)
                .values((
                    request_lines::id.eq(new_id()),
                    request_lines::request_id.eq(&request),
                    request_lines::revision.eq(1),
                    request_lines::number.eq(1),
                    request_lines::service.eq("personal_care"),
                    request_lines::budget_line.eq("direct_payments"),
                    request_lines::unit.eq("hour"),
                    request_lines::quantity_thousandths.eq(1000),
                    request_lines::frequency.eq("weekly"),
                    request_lines::unit_rate_ten_thousandths.eq(700_000),
                    request_lines::valid_from.eq(day("2024-07-01")),
                    request_lines::valid_to.eq(day(ends)),
                    request_lines::ends_by_age_on.eq(day(ends)),
                    request_lines::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
        self.step(&request, "submit", "submitted");
    }

    /// One step of a request's history.
    pub fn step(&self, request: &str, action: &str, to: &str) {
        self.write(|write| transition(write, request, action, to));
    }
}

fn revision(write: &mut Write<'_>, request: &str, number: i64, assessment: &str, user: &str, lines: &[Asked]) {
    diesel::insert_into(request_revisions::table)
        .values((
            request_revisions::request_id.eq(request),
            request_revisions::revision.eq(number),
            request_revisions::assessment_id.eq(assessment),
            request_revisions::presenter_id.eq(user),
            request_revisions::coster_id.eq(user),
            request_revisions::strengths.eq(SECRET),
            request_revisions::worries.eq(SECRET),
            request_revisions::unmet_need.eq(SECRET),
            request_revisions::outcomes.eq(SECRET),
            request_revisions::outcome_measures.eq(SECRET),
            request_revisions::in_place.eq(SECRET),
            request_revisions::impact.eq(SECRET),
            request_revisions::local_offer_barrier.eq(SECRET),
            request_revisions::recorded_by.eq(&write.actor.id),
            request_revisions::recorded_at.eq(write.at),
            request_revisions::recorded_seq.eq(write.seq()),
        ))
        .execute(write.connection)
        .unwrap();
    for (line, (budget_line, pounds_a_week)) in (1_i64..).zip(lines) {
        diesel::insert_into(request_lines::table)
            .values((
                request_lines::id.eq(new_id()),
                request_lines::request_id.eq(request),
                request_lines::revision.eq(number),
                request_lines::number.eq(line),
                request_lines::service.eq("personal_care"),
                request_lines::budget_line.eq(budget_line),
                request_lines::unit.eq("hour"),
                request_lines::quantity_thousandths.eq(1000),
                request_lines::frequency.eq("weekly"),
                request_lines::unit_rate_ten_thousandths.eq(pounds_a_week * 10_000),
                request_lines::valid_from.eq(day("2024-07-01")),
                request_lines::recorded_seq.eq(write.seq()),
            ))
            .execute(write.connection)
            .unwrap();
    }
    diesel::update(requests::table.find(request)).set(requests::revision.eq(number)).execute(write.connection).unwrap();
}

/// One step of a request's history.
pub(super) fn transition(write: &mut Write<'_>, request: &str, action: &str, to: &str) {
    let from: String = requests::table.find(request).select(requests::state).first(write.connection).unwrap();
    let before: i64 =
        request_transitions::table.filter(request_transitions::request_id.eq(request)).count().get_result(write.connection).unwrap();
    diesel::insert_into(request_transitions::table)
        .values((
            request_transitions::id.eq(new_id()),
            request_transitions::request_id.eq(request),
            request_transitions::number.eq(before + 1),
            request_transitions::action.eq(action),
            request_transitions::from_state.eq(from),
            request_transitions::to_state.eq(to),
            request_transitions::reason.eq(SECRET),
            request_transitions::recorded_by.eq(&write.actor.id),
            request_transitions::recorded_at.eq(write.at),
            request_transitions::recorded_seq.eq(write.seq()),
        ))
        .execute(write.connection)
        .unwrap();
    diesel::update(requests::table.find(request)).set(requests::state.eq(to)).execute(write.connection).unwrap();
}
