//! Confirming a line, and reading who has and who may.

use crate::confirmations::around::Around;
use crate::confirmations::asking::Looked;
use crate::confirmations::confirmation::{Confirmation, ConfirmationAuthority, Confirmations, NewConfirmation, Said};
use crate::decisions::{Reasoning, refuse_tools};
use crate::direct_payments::{first_paid_days, write_support_anew};
use crate::error::Error;
use crate::packages as packages_of;
use crate::packages::lines::{PackageLine, history, standing};
use db::schema::package_line_confirmations;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::authority::Candidate;
use domain::packages::support::Agreement;
use domain::{Code, Profile, Refusal};
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
    let first_paid = first_paid_days(write.connection, &[line.arrangement().to_owned()])?;
    let around = Around::at(write.connection, std::slice::from_ref(line), &looked, first_paid)?;
    let said = Said { paid_from: new.paid_from, panel: new.panel };
    Refusal::unless_valid(around.said_mistakes(profile, line, &said))?;
    let (explanation, answer) = looked.explain(profile, line, said.panel.as_ref())?;
    let allowed = explanation.case(&answer).require_in_post("confirm", &write.actor.id, &new.post.0)?;
    around.refuse_unassessed(profile, &looked, line, &explanation)?;
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
