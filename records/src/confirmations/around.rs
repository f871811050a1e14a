//! What decides, beside authority, whether lines may be confirmed: read for all of them at once.

use crate::assessments::{AssessmentProgress, authorised_of_children};
use crate::confirmations::asking::Looked;
use crate::confirmations::confirmation::{ConfirmationAuthority, PanelBefore, Said};
use crate::error::Error;
use crate::instant::Instant;
use crate::packages::lines::PackageLine;
use crate::requests::refuse_missing;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{package_line_confirmations, package_lines, panel_cancellations, panels};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::assessments::AssessmentFacts;
use domain::confirmations::{BroughtOver, PaidHere};
use domain::requests::assessed;
use domain::{FieldError, Profile};
use std::collections::{BTreeSet, HashMap};

/// So many are asked for at once.
const CHUNK: usize = 500;

/// When the first line of an arrangement was recorded, and from when it runs.
type Began = (Instant, NaiveDate);

/// What is on record beside lines and who may confirm them.
pub struct Around {
    /// The first panel that is kept here.
    first_panel_here: Option<NaiveDate>,
    /// By arrangement, as the next two.
    began: HashMap<String, Began>,
    /// The earliest day that was said of a line of the arrangement: a period that was paid may begin before it.
    said_before: HashMap<String, NaiveDate>,
    /// The first day for which it was ever paid here.
    first_paid: HashMap<String, NaiveDate>,
    /// The authorised assessments of each child.
    assessments: HashMap<String, Vec<AssessmentFacts>>,
}

impl Around {
    /// Reads it: a few queries for hundreds of lines. `first_paid` has the first day for which each arrangement was ever paid here.
    pub fn at(
        connection: &mut AnyConnection,
        lines: &[PackageLine],
        looked: &Looked,
        first_paid: HashMap<String, NaiveDate>,
    ) -> Result<Self, Error> {
        let firsts = arrangements_of(lines);
        let children: BTreeSet<&str> = lines.iter().map(|line| looked.child(line)).collect::<Result<_, _>>()?;
        let authorised = authorised_of_children(connection, &children.into_iter().collect::<Vec<_>>())?;
        let facts = |of_child: Vec<AssessmentProgress>| of_child.iter().map(AssessmentProgress::facts).collect();
        Ok(Around {
            first_panel_here: first_panel_here(connection)?,
            began: began(connection, &firsts)?,
            said_before: said_before(connection, &firsts)?,
            first_paid,
            assessments: authorised.into_iter().map(|(child, of_child)| (child, facts(of_child))).collect(),
        })
    }

    /// What is wrong with what is said beside the line: the day from which it is paid here, and the panel of before.
    pub fn said_mistakes(&self, profile: &Profile, line: &PackageLine, said: &Said) -> Vec<FieldError> {
        let is_paid = profile.direct_payments.budget_line.as_ref().is_some_and(|paying| paying.code == line.budget_line);
        let of_arrangement = |days: &HashMap<String, NaiveDate>| days.get(line.arrangement()).copied().filter(|_| is_paid);
        let paid = PaidHere {
            is_paid,
            frequency: line.frequency,
            valid_from: line.valid_from,
            valid_to: line.valid_to,
            said_before: of_arrangement(&self.said_before),
            first_paid: of_arrangement(&self.first_paid),
        };
        let mut mistakes: Vec<FieldError> = paid.mistake(said.paid_from).into_iter().collect();
        if let Some(PanelBefore { held_on, .. }) = &said.panel {
            let (recorded_at, began_on) = self.began.get(line.arrangement()).copied().unwrap_or((line.recorded_at, line.valid_from));
            let recorded_on = profile.time_zone.day_of(recorded_at.0);
            mistakes.extend(BroughtOver { recorded_on, began_on, first_panel_here: self.first_panel_here }.mistake(*held_on));
        }
        mistakes
    }

    /// Refuses support whose assessment is not what the profile demands. What a panel agreed, and what rose from what was agreed, rested on
    /// one.
    pub fn refuse_unassessed(
        &self,
        profile: &Profile,
        looked: &Looked,
        line: &PackageLine,
        explanation: &ConfirmationAuthority,
    ) -> Result<(), Error> {
        let authorised = self.assessments.get(looked.child(line)?).map(Vec::as_slice).unwrap_or_default();
        let kinds = [(line.budget_line.as_str(), line.unit)];
        let is_new = explanation.panel.is_none() && !looked.is_risen_from_agreed(line);
        refuse_missing(match is_new {
            true => assessed::lacking_for_support(profile, &kinds, authorised, explanation.on),
            false => assessed::late_updates(profile, &kinds, authorised, explanation.on).refused,
        })
    }
}

/// The arrangements of these lines, each once.
pub fn arrangements_of(lines: &[PackageLine]) -> Vec<String> {
    let firsts: BTreeSet<String> = lines.iter().map(|line| line.arrangement().to_owned()).collect();
    firsts.into_iter().collect()
}

fn first_panel_here(connection: &mut AnyConnection) -> Result<Option<NaiveDate>, Error> {
    Ok(panels::table
        .filter(not(exists(panel_cancellations::table.filter(panel_cancellations::panel_id.eq(panels::id)))))
        .select(diesel::dsl::min(panels::held_on))
        .first(connection)?)
}

fn began(connection: &mut AnyConnection, firsts: &[String]) -> Result<HashMap<String, Began>, Error> {
    let mut began = HashMap::new();
    for some in firsts.chunks(CHUNK) {
        let rows: Vec<(String, Option<Instant>, Option<NaiveDate>)> = package_lines::table
            .filter(package_lines::line_id.eq_any(some))
            .group_by(package_lines::line_id)
            .select((package_lines::line_id, diesel::dsl::min(package_lines::recorded_at), diesel::dsl::min(package_lines::valid_from)))
            .load(connection)?;
        began.extend(rows.into_iter().filter_map(|(line, recorded_at, from)| Some((line, (recorded_at?, from?)))));
    }
    Ok(began)
}

fn said_before(connection: &mut AnyConnection, firsts: &[String]) -> Result<HashMap<String, NaiveDate>, Error> {
    use package_line_confirmations as confirmations;
    let mut said: HashMap<String, NaiveDate> = HashMap::new();
    for some in firsts.chunks(CHUNK) {
        let own = package_lines::line_id.eq_any(some).or(package_lines::continues_line_id.eq_any(some));
        let of_version = confirmations::line_id.eq(package_lines::line_id).and(confirmations::version.eq(package_lines::version));
        let rows: Vec<(String, Option<String>, Option<NaiveDate>)> = package_lines::table
            .inner_join(confirmations::table.on(of_version))
            .filter(own)
            .filter(confirmations::paid_from.is_not_null())
            .select((package_lines::line_id, package_lines::continues_line_id, confirmations::paid_from))
            .load(connection)?;
        for (line, continues, day) in rows {
            let Some(day) = day else { continue };
            let known = said.entry(continues.unwrap_or(line)).or_insert(day);
            *known = day.min(*known);
        }
    }
    Ok(said)
}
