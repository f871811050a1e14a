//! Confirmations: a post says that support is agreed which no request brought to the record.
//!
//! Packages that were agreed before requests were kept here come in as lines that somebody records. What such a line costs is planned
//! like any other; money is paid to a family on it only once a post that is responsible for the child's total has confirmed it, and
//! from the day on that it says.

use crate::care_package::{CarePackageLine, Changes, ChildRecord, Counting, Origin};
use crate::decisions::{Reasoning, refuse_tools};
use crate::direct_payments::{first_paid_day, write_support_anew};
use crate::error::Error;
use crate::instant::Instant;
use crate::packages as packages_of;
use crate::packages::lines::{PackageLine, history, standing};
use crate::people::owners::behind;
use crate::people::post_holdings::in_post_on;
use crate::requests::{lacking_for_support, late_updates, refuse_missing};
use crate::text::{CodeText, Text};
use chrono::NaiveDate;
use db::schema::{package_line_confirmations, package_lines, package_variations, panel_cancellations, panels};
use db::{AnyConnection, Event, Write, arrangement_versions, new_id};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::authority::{Answer, Authority, Bar, Case, Occasion, Question};
use domain::confirmations::{BroughtOver, PaidHere};
use domain::packages::support::Agreement;
use domain::panel::Capacity;
use domain::{Code, FieldError, Pence, Profile, Refusal, TimeZone, VariationBasis};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A post's word that a line is agreed as it was in a version.
#[derive(Debug, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = package_line_confirmations)]
#[schema(as = PackageLineConfirmation, example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a25", "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "version": 1,
    "confirmed_on": "2024-06-03", "post": "service_unit_manager", "capacity": "holder", "clause": "4.2", "paid_from": "2024-06-17",
    "total_pence": 520000, "explanation": {}, "reason": "Panel of 14 March 2023, minute 7", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "recorded_at": "2024-06-03T09:00:00Z", "recorded_seq": 412
}))]
pub struct Confirmation {
    /// The confirmation's id.
    pub id: String,
    /// The line.
    pub line_id: String,
    /// The version that was looked at. It covers later ones that bring no more.
    pub version: i64,
    /// On which day.
    pub confirmed_on: NaiveDate,
    /// The post that confirmed it.
    pub post: String,
    /// As its holder, or standing in.
    pub capacity: Capacity,
    /// Where the authority of the post is written.
    pub clause: String,
    /// The first day that is paid here: another system paid what came before. Null of a line that is not paid to a family.
    pub paid_from: Option<NaiveDate>,
    /// The child's total care package with the line, as tested that day.
    #[schema(value_type = i64)]
    pub total_pence: Pence,
    /// The whole reasoning on that day.
    pub explanation: Reasoning,
    /// Why, in words.
    pub reason: Option<String>,
    /// Who recorded it: a user's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A confirmation to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPackageLineConfirmation, example = json!({
    "post": "service_unit_manager", "version": 1, "paid_from": "2024-06-17", "reason": "Panel of 14 March 2023, minute 7"
}))]
pub struct NewConfirmation {
    /// The post acted in, which the caller holds today.
    pub post: CodeText,
    /// The version looked at: the line's last.
    #[schema(minimum = 1)]
    pub version: i64,
    /// Of a line on the budget line of direct payments, and needed there: the first day that is paid here. What came before was paid by
    /// another system, and is not paid again. Of a line that is over by then nothing is paid.
    pub paid_from: Option<NaiveDate>,
    /// Of support that only a panel may agree, and needed there: the panel that agreed it before panels were kept here.
    pub panel: Option<PanelBefore>,
    /// Why, in words.
    pub reason: Option<Text<500>>,
}

/// A panel that agreed support before panels were kept here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PanelBeforeThisRecord, example = json!({ "held_on": "2023-03-14", "minute": "7" }))]
pub struct PanelBefore {
    /// Its day: before the line was recorded, and before the first panel that is kept here.
    pub held_on: NaiveDate,
    /// Where its minutes say so.
    pub minute: Text<60>,
}

/// Whether a line is agreed, and what confirmed it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PackageLineConfirmations)]
pub struct Confirmations {
    /// The line's last version.
    pub version: i64,
    /// Since when that is agreed: by a request or a confirmation, or as what a variation made it of was. Null: it is not, or the line
    /// was reversed.
    pub agreed_on: Option<NaiveDate>,
    /// The first day that is paid here, as it was confirmed; null, every day is.
    pub paid_from: Option<NaiveDate>,
    /// Who may confirm it today, and why; null where nothing is to be confirmed.
    pub authority: Option<ConfirmationAuthority>,
    /// In the order recorded.
    pub items: Vec<Confirmation>,
}

/// Who may confirm a line, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConfirmationAuthority {
    /// The line.
    pub line_id: String,
    /// Its version.
    pub version: i64,
    /// The day it is looked at from.
    pub on: NaiveDate,
    /// Every line of the child's total care package with it.
    pub lines: Vec<CarePackageLine>,
    /// What they cost together, gross, in a full year: this is tested.
    #[schema(value_type = i64)]
    pub total_pence: Pence,
    /// The posts responsible, with their limit and clause, and everybody in a post.
    #[serde(flatten)]
    pub authority: Authority,
    /// Whoever is ruled out whatever their post, by the user's id, and why: who recorded a line of the arrangement, or proposed a variation
    /// of one.
    pub ruled_out: BTreeMap<String, Vec<Bar>>,
    /// The clauses that let only a panel agree such support: it is asked for in a request.
    pub demanded_by: Vec<String>,
    /// Whether no post may agree it alone: it is asked for in a request, or a panel agreed it before panels were kept here.
    pub needs_panel: bool,
    /// The panel that the confirmation rests on; null, none.
    pub panel: Option<PanelBefore>,
}

/// Confirms a package line in the post that the caller names.
pub fn confirm(write: &mut Write<'_>, profile: &Profile, id: &str, new: NewConfirmation) -> Result<Confirmation, Error> {
    let line = &standing(write.connection, id)?;
    refuse_tools(write.actor)?;
    if new.version != line.version {
        let detail = format!("The line is in version {}, and version {} was looked at. Look again.", line.version, new.version);
        return Err(Error::refused(Code::StateConflict, detail));
    }
    if let Some(Agreement { on, .. }) = agreement(write.connection, line, write.zone)?.flatten() {
        return Err(Error::refused(Code::StateConflict, format!("The line is agreed since {on}: there is nothing to confirm.")));
    }
    let mut mistakes: Vec<FieldError> = paid_facts(write.connection, profile, line)?.mistake(new.paid_from).into_iter().collect();
    if let Some(panel) = &new.panel {
        mistakes.extend(brought_over(write.connection, line, write.zone)?.mistake(panel.held_on));
    }
    Refusal::unless_valid(mistakes)?;
    let (explanation, answer) = explain(write.connection, profile, line, write.today(), new.panel.as_ref())?;
    let (person, clause) = case(&explanation, &answer).require_in_post("confirm", &write.actor.id, &new.post.0)?;
    refuse_unassessed(write.connection, profile, line, &explanation)?;
    let confirmation = Confirmation {
        id: new_id(),
        line_id: line.line_id.clone(),
        version: line.version,
        confirmed_on: explanation.on,
        post: person.post,
        capacity: person.capacity,
        clause,
        paid_from: new.paid_from,
        total_pence: explanation.total_pence,
        explanation: Reasoning::of(&explanation)?,
        reason: new.reason.map(|reason| reason.0),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(package_line_confirmations::table).values(&confirmation).execute(write.connection)?;
    write_support_anew(write, line.arrangement())?;
    let detail = json!({ "version": confirmation.version, "post": confirmation.post });
    write.record(Event::new("confirm", "package_lines", &line.line_id).with(detail))?;
    Ok(confirmation)
}

/// Refuses support whose assessment is not what the profile demands. What a panel agreed, and what rose from what was agreed, rested on one.
fn refuse_unassessed(
    connection: &mut AnyConnection,
    profile: &Profile,
    line: &PackageLine,
    explanation: &ConfirmationAuthority,
) -> Result<(), Error> {
    let child = packages_of::find(connection, &line.package_id)?.child_id;
    let kinds = [(line.budget_line.as_str(), line.unit)];
    let is_new = explanation.panel.is_none() && !is_risen_from_agreed(connection, line, profile.time_zone)?;
    refuse_missing(match is_new {
        true => lacking_for_support(connection, profile, &child, &kinds, explanation.on)?,
        false => late_updates(connection, profile, &child, &kinds, explanation.on)?.refused,
    })
}

/// What decides whether a panel of before can be what a confirmation rests on.
fn brought_over(connection: &mut AnyConnection, line: &PackageLine, zone: TimeZone) -> Result<BroughtOver, Error> {
    let recorded_at: Option<Instant> = package_lines::table
        .filter(package_lines::line_id.eq(line.arrangement()))
        .select(diesel::dsl::min(package_lines::recorded_at))
        .first(connection)?;
    let first_panel_here: Option<NaiveDate> = panels::table
        .filter(not(exists(panel_cancellations::table.filter(panel_cancellations::panel_id.eq(panels::id)))))
        .select(diesel::dsl::min(panels::held_on))
        .first(connection)?;
    let recorded_on = zone.day_of(recorded_at.map_or(line.recorded_at.0, |at| at.0));
    Ok(BroughtOver { recorded_on, first_panel_here })
}

/// What agreed a line's last version, if anything did; none, the line does not stand.
fn agreement(connection: &mut AnyConnection, line: &PackageLine, zone: TimeZone) -> Result<Option<Option<Agreement>>, Error> {
    let versions = arrangement_versions(connection, &[line.arrangement().to_owned()], None, zone)?;
    let standing = versions.standing(line.arrangement());
    Ok(standing.iter().find(|standing| standing.version.line_id == line.line_id).map(|standing| standing.agreed))
}

/// What decides from which day a line may be paid here.
fn paid_facts(connection: &mut AnyConnection, profile: &Profile, line: &PackageLine) -> Result<PaidHere, Error> {
    let said_before = said_before(connection, line)?;
    let first_paid = first_paid_day(connection, line.arrangement())?;
    Ok(PaidHere {
        is_paid: profile.direct_payments.budget_line.as_ref().is_some_and(|paying| paying.code == line.budget_line),
        valid_from: line.valid_from,
        valid_to: line.valid_to,
        said_before,
        first_paid,
    })
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

/// The reasoning for a line that stands, on a day, and its answer. It counts whatever its dates, as what is asked for does. Where only a
/// panel may agree it, `panel` is the one that did.
fn explain(
    connection: &mut AnyConnection,
    profile: &Profile,
    line: &PackageLine,
    on: NaiveDate,
    panel: Option<&PanelBefore>,
) -> Result<(ConfirmationAuthority, Answer), Error> {
    let child = packages_of::find(connection, &line.package_id)?.child_id;
    let mut records = ChildRecord::load_each(connection, profile, &[&child], on)?;
    let record = records.remove(&child).ok_or_else(|| Error::fault("a child's record was read and is not there"))?;
    let counting = Counting { line: line.clone(), origin: Origin::ThisLine, whatever_its_dates: true };
    let package = record.with(profile, &[], &Changes { gone: [line.line_id.clone()].into(), lines: vec![counting] })?;
    let ruled_out = bars(connection, line)?;
    let in_post = in_post_on(connection, on)?;
    let (asked, others) = (package.asked(Origin::is_asked), package.asked(|origin| !origin.is_asked()));
    // A line beside others gives the child more, as a variation of one of them would.
    let occasion = match (is_risen_from_agreed(connection, line, profile.time_zone)?, others.is_empty()) {
        (true, _) => Occasion::Decided,
        (false, true) => Occasion::Support,
        (false, false) => Occasion::More,
    };
    let question = Question {
        occasion,
        total: package.total,
        on,
        in_post: &in_post,
        barred: &ruled_out,
        kinds: &[(&line.budget_line, line.unit)],
        asked: &asked,
        others: &others,
    };
    let mut answer = profile.who_may(&question);
    let needs_panel = answer.needs_panel;
    let panel = panel.filter(|_| needs_panel).cloned();
    if panel.is_some() {
        let demanded_by = std::mem::take(&mut answer.demanded_by);
        answer = Answer { demanded_by, ..profile.who_may(&Question { occasion: Occasion::Decided, ..question }) };
    }
    let authority = ConfirmationAuthority {
        line_id: line.line_id.clone(),
        version: line.version,
        on,
        lines: package.lines,
        total_pence: package.total,
        authority: answer.authority.clone(),
        ruled_out,
        demanded_by: answer.demanded_by.clone(),
        needs_panel,
        panel,
    };
    Ok((authority, answer))
}

/// What was answered, for whoever may not confirm it.
fn case<'c>(explanation: &'c ConfirmationAuthority, answer: &'c Answer) -> Case<'c> {
    Case {
        total: explanation.total_pence,
        authority: &answer.authority,
        barred: &explanation.ruled_out,
        needs_panel: answer.needs_panel,
        demanded_by: &answer.demanded_by,
        without_panel: answer.without_panel.as_ref(),
    }
}

/// Whether a rise of rates made it of a line that is agreed: the support was decided, and only its tier is open.
fn is_risen_from_agreed(connection: &mut AnyConnection, line: &PackageLine, zone: TimeZone) -> Result<bool, Error> {
    let Some(variation) = &line.variation_id else { return Ok(false) };
    let (basis, varied): (VariationBasis, String) =
        package_variations::table.find(variation).select((package_variations::basis, package_variations::line_id)).first(connection)?;
    let versions = arrangement_versions(connection, &[line.arrangement().to_owned()], None, zone)?;
    let is_agreed = versions.standing(line.arrangement()).iter().any(|one| one.version.line_id == varied && one.agreed.is_some());
    Ok(basis == VariationBasis::Uprating && is_agreed)
}

/// Whoever brought the arrangement to the record: a line that goes on has the terms of the one before. What a variation made was
/// recorded with its agreement, and comes from whoever proposed it; rates that rise for many lines bring no line.
fn bars(connection: &mut AnyConnection, line: &PackageLine) -> Result<BTreeMap<String, Vec<Bar>>, Error> {
    let own = package_lines::line_id.eq(line.arrangement()).or(package_lines::continues_line_id.eq(line.arrangement()));
    let recorded: Vec<String> = package_lines::table
        .filter(own)
        .filter(package_lines::variation_id.is_null())
        .select(package_lines::recorded_by)
        .distinct()
        .load(connection)?;
    let proposed: Vec<String> = package_variations::table
        .filter(package_variations::arrangement_id.eq(line.arrangement()))
        .filter(package_variations::basis.ne(VariationBasis::Uprating))
        .select(package_variations::recorded_by)
        .distinct()
        .load(connection)?;
    let mut bars: BTreeMap<String, Vec<Bar>> = BTreeMap::new();
    for (people, bar) in [(proposed, Bar::ProposedIt), (recorded, Bar::RecordedIt)] {
        for person in behind(connection, people.into_iter().collect())? {
            bars.entry(person).or_default().push(bar);
        }
    }
    Ok(bars)
}

/// A package line's confirmations, and who may confirm it today; that its package was read is recorded.
pub fn list(write: &mut Write<'_>, profile: &Profile, id: &str) -> Result<Confirmations, Error> {
    let line = history(write.connection, id)?.pop().ok_or_else(|| Error::not_found("package line"))?;
    let package = packages_of::find(write.connection, &line.package_id)?;
    packages_of::record_read(write, &package)?;
    let (agreed, authority) = match agreement(write.connection, &line, write.zone)? {
        None => (None, None),
        Some(None) => (None, Some(explain(write.connection, profile, &line, write.today(), None)?.0)),
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
