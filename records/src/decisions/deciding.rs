//! Deciding an item at a panel.

use crate::authority::{explain, ruled_out};
use crate::commitments::{BudgetHeld, hold_against_budget};
use crate::decisions::authorisations::AuthorisationInPost;
use crate::decisions::recording::{Deciding, DecisionMade, NewDecision};
use crate::decisions::{actions, recording};
pub use crate::people::persons::refuse_tools;

use crate::error::Error;
use crate::panel;
use crate::panel::Panel;
use crate::people::post_holdings::in_post_on;
use crate::requests;
use crate::requests::support_days::ChildDays;
use crate::requests::{
    NewRequestLine, Request, RequestLine, RequestRevision, add_revision, last_revision, line_mistakes, lines_of, missing_for_agenda,
    refuse_missing, require, revision_of, transition,
};
use chrono::NaiveDate;
use db::{Write, new_id};
use domain::costing::Line;
use domain::decisions::within_asked::{Asked, beyond_asked};
use domain::decisions::{
    Ballot, LineInPart, Seat, chair_with_authority, in_part_mistakes, is_approval, leads_to, more_than_asked, refuse_former_holder,
    refuse_without_quorum, takes_the_chair, vote_mistakes,
};
use domain::packages::agreed::Support;
use domain::panel::{Attendance, AuthorisationKind, DecisionRoute};
use domain::{Code, FieldError, Pence, Profile, Refusal, RequestAction};

/// Records a panel's decision on a request, with the authority of the chair's post where that has it.
pub fn decide(write: &mut Write<'_>, profile: &Profile, id: &str, new: NewDecision) -> Result<DecisionMade, Error> {
    refuse_tools(write.actor)?;
    let request = requests::find(write.connection, id)?;
    require(write.connection, &request, RequestAction::Decide)?;
    let booking = panel::standing_booking(write.connection, &request)?;
    let booking = booking.ok_or_else(|| Error::fault("a booked request without a booking"))?;
    let panel = panel::find(write.connection, &booking.panel_id)?;
    if panel.held_on > write.today() {
        return Err(Error::refused(Code::StateConflict, format!("The panel is on {}: it cannot decide before.", panel.held_on)));
    }
    let (part, mistakes) = sit(write, profile, &request, (&panel, &new))?;
    let asked = lines_of(write.connection, &request.id, request.revision)?;
    refuse_mistakes(write, profile, &request, &new, &panel, &asked, mistakes)?;
    let id = new_id();
    let (revision, lines) = decided_lines(write, profile, &request, (&id, &new), asked)?;
    if is_approval(new.kind) {
        let paperwork = revision_of(write.connection, &request.id, revision)?;
        refuse_missing(missing_for_agenda(write.connection, profile, &paperwork, &lines, panel.held_on)?)?;
    }
    let explanation = explain(write.connection, profile, &request, &lines, panel.held_on)?;
    if is_approval(new.kind) {
        refuse_missing(explanation.lacks.clone())?;
    }
    let chair = chair_with_authority(&profile.panel, &explanation.authority, &write.actor.id);
    let total = (&explanation.authority, explanation.total_pence);
    let leads = leads_to(new.kind, (part, chair), total, new.authority_hearing_on)?;
    let held = if leads.has_authority { hold_against_budget(write, profile, &request, &lines)? } else { BudgetHeld::default() };
    let deciding = Deciding {
        id,
        profile,
        request: &request,
        route: DecisionRoute::Panel,
        panel: Some(&panel),
        decided_as: part.as_str().to_owned(),
        decided_on: panel.held_on,
        authority_hearing_on: leads.hearing_on,
    };
    let decision = recording::insert(write, &deciding, &new, revision, &lines, &explanation)?;
    if leads.has_authority {
        let person = chair.ok_or_else(|| Error::fault("an approval without authority"))?;
        let given = AuthorisationInPost::of(person, AuthorisationKind::Authority, "Decided at the panel");
        recording::put_behind(write, &decision, given, panel.held_on, &explanation)?;
    }
    let moved = Request { state: leads.to, decision_id: Some(decision.id.clone()), ..request.clone() };
    transition(write, &request, RequestAction::Decide, moved, None)?;
    Ok(DecisionMade { decision, held })
}

/// In what part the caller decides the item, and everything wrong with what the decision says and how members voted; or why it is not
/// the caller's to decide.
fn sit(
    write: &mut Write<'_>,
    profile: &Profile,
    request: &Request,
    (panel, new): (&Panel, &NewDecision),
) -> Result<(Attendance, Vec<FieldError>), Error> {
    let present = panel::present(write.connection, &panel.id)?;
    let hands = panel::hands_of_seats(write.connection, panel)?;
    let barred = ruled_out(write.connection, request)?;
    let seats: Vec<Seat<'_>> = present
        .iter()
        .map(|one| Seat {
            member_id: &one.member.id,
            user_id: one.member.user_id.as_deref(),
            attendance: one.attendance,
            recorded_by: hands.get(&one.member.id).map(Vec::as_slice).unwrap_or_default(),
        })
        .collect();
    let part = takes_the_chair(&write.actor.id, &seats, &barred)?;
    let posts_then = posts_of_caller(write, panel.held_on)?;
    let posts_now = posts_of_caller(write, write.today())?;
    refuse_former_holder(panel.held_on, &posts_then, &posts_now)?;
    refuse_without_quorum(profile.panel.quorum_members.as_ref(), &write.actor.id, &seats, &barred)?;
    let votes: Vec<Ballot<'_>> = new.votes.iter().map(|vote| Ballot { member_id: &vote.member_id.0, vote: vote.vote }).collect();
    let mut mistakes = new.content().mistakes(panel.held_on);
    mistakes.extend(vote_mistakes(&votes, &seats, &barred));
    Ok((part, mistakes))
}

/// The posts in which the caller was on a day.
fn posts_of_caller(write: &mut Write<'_>, day: NaiveDate) -> Result<Vec<String>, Error> {
    let in_post = in_post_on(write.connection, day)?.into_iter();
    Ok(in_post.filter(|person| person.user_id == write.actor.id).map(|person| person.post).collect())
}

/// Refuses what a decision may not say, its actions and the lines agreed in part among it.
fn refuse_mistakes(
    write: &mut Write<'_>,
    profile: &Profile,
    request: &Request,
    new: &NewDecision,
    panel: &Panel,
    asked: &[RequestLine],
    mut errors: Vec<FieldError>,
) -> Result<(), Error> {
    errors.extend(actions::mistakes(write.connection, &new.actions, panel.held_on)?);
    if let Some(lines) = &new.lines {
        let mut wrong = line_mistakes(write.connection, profile, &request.child_id, lines, "/lines")?;
        let replacing: Vec<_> =
            lines.iter().map(|line| LineInPart { replaces: line.replaces_line_id.as_ref().map(|id| id.0.as_str()) }).collect();
        let asked_to: Vec<_> = asked.iter().map(|line| LineInPart { replaces: line.replaces_line_id.as_deref() }).collect();
        let mut unasked = in_part_mistakes(&replacing, &asked_to);
        unasked.retain(|one| wrong.iter().all(|other| other.pointer != one.pointer));
        wrong.extend(unasked);
        if wrong.is_empty() {
            let full_year = |line: Line| profile.costing.full_year(&line).map_err(Error::fault);
            let agreed = total(lines.iter().map(|line| full_year(line.costed())))?;
            let wanted = total(asked.iter().map(|line| full_year(line.costed())))?;
            errors.extend(more_than_asked(agreed, wanted));
            let asked: Vec<Asked> = asked.iter().map(as_asked).collect();
            let days = ChildDays::of(write.connection, &request.child_id)?;
            let agreed_lines: Vec<_> = lines.iter().map(|line| as_agreed(line, days.end_by_age(profile, line).valid_to)).collect();
            errors.extend(beyond_asked(&profile.costing, &agreed_lines, &asked).map_err(Error::fault)?);
        }
        errors.extend(wrong);
    }
    Ok(Refusal::unless_valid(errors)?)
}

fn as_asked(line: &RequestLine) -> Asked {
    let (service, budget_line) = (line.service.clone(), line.budget_line.clone());
    let support = Support { service, budget_line, unit: line.unit, line: line.costed() };
    Asked { support, provider_id: line.provider_id.clone() }
}

fn as_agreed(line: &NewRequestLine, valid_to: Option<NaiveDate>) -> Asked {
    let (service, budget_line) = (line.service.0.clone(), line.budget_line.0.clone());
    let support = Support { service, budget_line, unit: line.unit, line: Line { valid_to, ..line.costed() } };
    Asked { support, provider_id: line.provider_id.as_ref().map(|id| id.0.clone()) }
}

fn total(costs: impl Iterator<Item = Result<Pence, Error>>) -> Result<Pence, Error> {
    let costs: Vec<Pence> = costs.collect::<Result<_, _>>()?;
    Pence::checked_sum(costs).map_err(Error::fault)
}

/// The revision and lines that are decided on: those asked for, or of an approval in part a revision of its own.
fn decided_lines(
    write: &mut Write<'_>,
    profile: &Profile,
    request: &Request,
    (decision_id, new): (&str, &NewDecision),
    asked: Vec<RequestLine>,
) -> Result<(i64, Vec<RequestLine>), Error> {
    let Some(lines) = &new.lines else { return Ok((request.revision, asked)) };
    let revision = last_revision(write.connection, &request.id)? + 1;
    let paperwork = revision_of(write.connection, &request.id, request.revision)?;
    let changed = RequestRevision {
        revision,
        decision_id: Some(decision_id.to_owned()),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..paperwork
    };
    add_revision(write, profile, request, changed, lines)?;
    Ok((revision, lines_of(write.connection, &request.id, revision)?))
}
