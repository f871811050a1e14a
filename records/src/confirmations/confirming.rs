//! Confirming a line, and reading who has and who may.

use crate::confirmations::asking::Looked;
use crate::confirmations::confirmation::{Confirmation, ConfirmationAuthority, Confirmations, NewConfirmation, PanelBefore, Said};
use crate::decisions::{Reasoning, refuse_tools};
use crate::direct_payments::{first_paid_day, write_support_anew};
use crate::error::Error;
use crate::instant::Instant;
use crate::packages as packages_of;
use crate::packages::lines::{PackageLine, history, standing};
use crate::requests::{lacking_for_support, late_updates, refuse_missing};
use chrono::NaiveDate;
use db::schema::{package_line_confirmations, package_lines, panel_cancellations, panels};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::authority::Candidate;
use domain::confirmations::{BroughtOver, PaidHere};
use domain::packages::support::Agreement;
use domain::{Code, FieldError, Profile, Refusal};
use serde_json::json;

/// Confirms a package line in the post that the caller names.
pub fn confirm(write: &mut Write<'_>, profile: &Profile, id: &str, new: NewConfirmation) -> Result<Confirmation, Error> {
    let line = &standing(write.connection, id)?;
    refuse_tools(write.actor)?;
    if new.version != line.version {
        let detail = format!("The line is in version {}, and version {} was looked at. Look again.", line.version, new.version);
        return Err(Error::refused(Code::StateConflict, detail));
    }
    let looked = Looked::at(write.connection, profile, std::slice::from_ref(line), write.today())?;
    if let Some(Agreement { on, .. }) = looked.agreement(line).flatten() {
        return Err(Error::refused(Code::StateConflict, format!("The line is agreed since {on}: there is nothing to confirm.")));
    }
    let first_panel_here = first_panel_here(write.connection)?;
    let said = Said { paid_from: new.paid_from, panel: new.panel };
    Refusal::unless_valid(said_mistakes(write, profile, line, &said, first_panel_here)?)?;
    let (explanation, answer) = looked.explain(profile, line, said.panel.as_ref())?;
    let allowed = explanation.case(&answer).require_in_post("confirm", &write.actor.id, &new.post.0)?;
    refuse_unassessed(write.connection, profile, &looked, line, &explanation)?;
    let reason = new.reason.map(|reason| reason.0);
    let confirmation = add(write, line, (explanation, allowed), said, reason)?;
    write_support_anew(write, line.arrangement())?;
    Ok(confirmation)
}

/// Adds a confirmation that may be, and its event.
pub(super) fn add(
    write: &mut Write<'_>,
    line: &PackageLine,
    (explanation, (person, clause)): (ConfirmationAuthority, (Candidate, String)),
    said: Said,
    reason: Option<String>,
) -> Result<Confirmation, Error> {
    let confirmation = Confirmation {
        id: new_id(),
        line_id: line.line_id.clone(),
        version: line.version,
        confirmed_on: explanation.on,
        post: person.post,
        capacity: person.capacity,
        clause,
        paid_from: said.paid_from,
        total_pence: explanation.total_pence,
        explanation: Reasoning::of(&explanation)?,
        reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(package_line_confirmations::table).values(&confirmation).execute(write.connection)?;
    let detail = json!({ "version": confirmation.version, "post": confirmation.post });
    write.record(Event::new("confirm", "package_lines", &line.line_id).with(detail))?;
    Ok(confirmation)
}

/// What is wrong with what is said beside the line: the day from which it is paid here, and the panel of before.
pub(super) fn said_mistakes(
    write: &mut Write<'_>,
    profile: &Profile,
    line: &PackageLine,
    said: &Said,
    first_panel_here: Option<NaiveDate>,
) -> Result<Vec<FieldError>, Error> {
    let mut mistakes: Vec<FieldError> = paid_facts(write.connection, profile, line)?.mistake(said.paid_from).into_iter().collect();
    if let Some(PanelBefore { held_on, .. }) = &said.panel {
        let (recorded_at, began_on) = first_recorded(write.connection, line)?;
        let recorded_on = profile.time_zone.day_of(recorded_at.0);
        mistakes.extend(BroughtOver { recorded_on, began_on, first_panel_here }.mistake(*held_on));
    }
    Ok(mistakes)
}

/// Refuses support whose assessment is not what the profile demands. What a panel agreed, and what rose from what was agreed, rested on one.
pub(super) fn refuse_unassessed(
    connection: &mut AnyConnection,
    profile: &Profile,
    looked: &Looked,
    line: &PackageLine,
    explanation: &ConfirmationAuthority,
) -> Result<(), Error> {
    let child = looked.child(line)?;
    let kinds = [(line.budget_line.as_str(), line.unit)];
    let is_new = explanation.panel.is_none() && !looked.is_risen_from_agreed(line);
    refuse_missing(match is_new {
        true => lacking_for_support(connection, profile, child, &kinds, explanation.on)?,
        false => late_updates(connection, profile, child, &kinds, explanation.on)?.refused,
    })
}

/// When the first line of an arrangement was recorded, and from when it runs.
fn first_recorded(connection: &mut AnyConnection, line: &PackageLine) -> Result<(Instant, NaiveDate), Error> {
    let (recorded_at, began_on): (Option<Instant>, Option<NaiveDate>) = package_lines::table
        .filter(package_lines::line_id.eq(line.arrangement()))
        .select((diesel::dsl::min(package_lines::recorded_at), diesel::dsl::min(package_lines::valid_from)))
        .first(connection)?;
    Ok((recorded_at.unwrap_or(line.recorded_at), began_on.unwrap_or(line.valid_from)))
}

/// The first panel that is kept here.
pub(super) fn first_panel_here(connection: &mut AnyConnection) -> Result<Option<NaiveDate>, Error> {
    Ok(panels::table
        .filter(not(exists(panel_cancellations::table.filter(panel_cancellations::panel_id.eq(panels::id)))))
        .select(diesel::dsl::min(panels::held_on))
        .first(connection)?)
}

/// What decides from which day a line may be paid here.
fn paid_facts(connection: &mut AnyConnection, profile: &Profile, line: &PackageLine) -> Result<PaidHere, Error> {
    let is_paid = profile.direct_payments.budget_line.as_ref().is_some_and(|paying| paying.code == line.budget_line);
    let (valid_from, valid_to) = (line.valid_from, line.valid_to);
    if !is_paid {
        return Ok(PaidHere { is_paid, valid_from, valid_to, said_before: None, first_paid: None });
    }
    let said_before = said_before(connection, line)?;
    let first_paid = first_paid_day(connection, line.arrangement())?;
    Ok(PaidHere { is_paid, valid_from, valid_to, said_before, first_paid })
}

/// The earliest day that was said of a line of its arrangement: a period that was paid may begin before it.
fn said_before(connection: &mut AnyConnection, line: &PackageLine) -> Result<Option<NaiveDate>, Error> {
    use package_line_confirmations as confirmations;
    let own = package_lines::line_id.eq(line.arrangement()).or(package_lines::continues_line_id.eq(line.arrangement()));
    Ok(package_lines::table
        .inner_join(
            confirmations::table
                .on(confirmations::line_id.eq(package_lines::line_id).and(confirmations::version.eq(package_lines::version))),
        )
        .filter(own)
        .select(diesel::dsl::min(confirmations::paid_from))
        .first(connection)?)
}

/// A package line's confirmations, and who may confirm it today; that its package was read is recorded.
pub fn list(write: &mut Write<'_>, profile: &Profile, id: &str) -> Result<Confirmations, Error> {
    let line = history(write.connection, id)?.pop().ok_or_else(|| Error::not_found("package line"))?;
    let package = packages_of::find(write.connection, &line.package_id)?;
    packages_of::record_read(write, &package)?;
    let looked = Looked::at(write.connection, profile, std::slice::from_ref(&line), write.today())?;
    let (agreed, authority) = match looked.agreement(&line) {
        None => (None, None),
        Some(None) => (None, Some(looked.explain(profile, &line, None)?.0)),
        Some(agreed) => (agreed, None),
    };
    let (agreed_on, paid_from) = (agreed.map(|agreed| agreed.on), agreed.and_then(|agreed| agreed.paid_from));
    let items = package_line_confirmations::table
        .filter(package_line_confirmations::line_id.eq(&line.line_id))
        .select(Confirmation::as_select())
        .order(package_line_confirmations::version)
        .load(write.connection)?;
    Ok(Confirmations { version: line.version, agreed_on, paid_from, authority, items })
}
