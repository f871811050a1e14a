//! Issuing an invoice: what each line must be, and what keeps days from being asked for twice.

use super::billed::{Billed, billed_without};
use super::bounds::{beyond_gross, refuse_beyond_cost, refuse_replaced};
use super::proposal::correction_of;
use super::{HealthInvoice, HealthInvoiceLine, NewHealthInvoice, NewHealthInvoiceLine, record_event, year_mistake};
use crate::problem::{Code, FieldError, Problem};
use crate::routes::joint_fundings::{FundedArrangements, JointFunding, Of, last_versions};
use chrono::{Days, NaiveDate};
use db::schema::{health_invoice_lines, health_invoices, providers};
use db::{AnyConnection, Write, new_id};
use diesel::prelude::*;
use domain::joint_funding::FundingState;
use domain::{FinancialYear, Pence, Profile};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Everything that the lines of an invoice are held against.
pub(super) struct Known<'p> {
    /// Every share of the package lines that are invoiced, also those that the invoice is not about.
    pub(super) fundings: HashMap<String, JointFunding>,
    /// The package lines with their shares.
    pub(super) arrangements: FundedArrangements<'p>,
    billed: HashMap<String, Vec<Billed>>,
}

/// A line that fits, and what is expected of it.
pub(super) struct Expected {
    pence: Pence,
    /// The line.
    pub(super) line: NewHealthInvoiceLine,
}

/// Records an invoice.
pub(super) fn issue(write: &mut Write<'_>, profile: &Profile, new: NewHealthInvoice) -> Result<HealthInvoice, Problem> {
    let NewHealthInvoice { number, provider_id, issued_on, due_on, lines } = new;
    let mut errors = Vec::new();
    let due_on = heading(write, profile, &provider_id.0, (issued_on, due_on), &mut errors)?;
    let known = Known::of(write.connection, profile, &lines)?;
    let budget_line = known.budget_line(&lines, &mut errors);
    let mut expected = Vec::with_capacity(lines.len());
    for (place, line) in lines.into_iter().enumerate() {
        if let Some(line) = known.expected(&provider_id.0, place, line, &mut errors)? {
            expected.push(line);
        }
    }
    asked_twice(&expected, &mut errors);
    let total = Pence::checked_sum(expected.iter().map(|line| line.line.amount_pence)).map_err(Problem::internal)?;
    if errors.is_empty() && total <= Pence::ZERO {
        let detail = format!("the lines come to {}; what is not owed goes on a credit note", total.to_pounds());
        errors.push(FieldError::new("/lines", "not_positive", detail));
    }
    let days = expected.iter().map(|line| (line.line.period_from, line.line.period_to));
    let period = days.reduce(|(from, to), (other_from, other_to)| (from.min(other_from), to.max(other_to)));
    let (Some((period_from, period_to)), Some(due_on), true) = (period, due_on, errors.is_empty()) else {
        return Err(Problem::invalid(errors));
    };
    known.refuse_billed(&expected)?;
    refuse_replaced(&known, &expected)?;
    refuse_beyond_cost(&known, &expected)?;
    let invoice = HealthInvoice {
        id: new_id(),
        number: number.0,
        provider_id: provider_id.0,
        budget_line,
        issued_on,
        due_on,
        period_from,
        period_to,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    insert(write, &invoice, expected)?;
    Ok(invoice)
}

/// Looks at all but the lines; answers with the day it is due.
fn heading(
    write: &mut Write<'_>,
    profile: &Profile,
    provider_id: &str,
    (issued_on, due_on): (NaiveDate, Option<NaiveDate>),
    errors: &mut Vec<FieldError>,
) -> Result<Option<NaiveDate>, Problem> {
    let exists: bool = diesel::select(diesel::dsl::exists(providers::table.find(provider_id))).get_result(write.connection)?;
    if !exists {
        errors.push(FieldError::new("/provider_id", "unknown_reference", "no provider has this id"));
    }
    let today = write.at.date();
    if issued_on > today {
        errors.push(FieldError::new("/issued_on", "future", format!("today is {today}")));
    }
    errors.extend(year_mistake("/issued_on", issued_on));
    let by_terms = || {
        let terms = profile.joint_funding.payment_terms_days.as_ref()?;
        issued_on.checked_add_days(Days::new(u64::from(terms.value)))
    };
    let due_on = due_on.or_else(by_terms);
    match due_on {
        None => errors.push(FieldError::new("/due_on", "required", "the profile has no terms of payment: say when it is due")),
        Some(due_on) if due_on < issued_on => {
            errors.push(FieldError::new("/due_on", "before_issue", "it is due on the day it is dated at the earliest"));
        }
        Some(due_on) => errors.extend(year_mistake("/due_on", due_on)),
    }
    Ok(due_on)
}

impl<'p> Known<'p> {
    fn of(connection: &mut AnyConnection, profile: &'p Profile, lines: &[NewHealthInvoiceLine]) -> Result<Self, Problem> {
        let ids: BTreeSet<String> = lines.iter().map(|line| line.funding_id.0.clone()).collect();
        Known::of_shares(connection, profile, ids, None)
    }

    /// Everything about these shares' package lines, as it would stand without one of the invoices.
    pub(super) fn of_shares(
        connection: &mut AnyConnection,
        profile: &'p Profile,
        ids: BTreeSet<String>,
        invoice_id: Option<&str>,
    ) -> Result<Self, Problem> {
        let ids: Vec<String> = ids.into_iter().collect();
        let first_lines: BTreeSet<String> = last_versions(connection, Of::Ids(&ids))?.into_iter().map(|funding| funding.line_id).collect();
        let first_lines: Vec<String> = first_lines.into_iter().collect();
        let fundings: HashMap<String, JointFunding> =
            last_versions(connection, Of::Lines(&first_lines))?.into_iter().map(|funding| (funding.funding_id.clone(), funding)).collect();
        let ids: Vec<String> = fundings.keys().cloned().collect();
        let arrangements = FundedArrangements::of(connection, &profile.costing, &first_lines)?;
        Ok(Known { fundings, arrangements, billed: billed_without(connection, &ids, invoice_id)? })
    }

    /// The shares of a package line, by its first line: in the same order whenever it is asked.
    pub(super) fn of_line(&self, first_line: &str) -> impl Iterator<Item = &JointFunding> {
        let mut fundings: Vec<_> = self.fundings.values().filter(|funding| funding.line_id == first_line).collect();
        fundings.sort_by_key(|funding| &funding.funding_id);
        fundings.into_iter()
    }

    /// What is billed of a share.
    pub(super) fn billed_of(&self, funding_id: &str) -> &[Billed] {
        self.billed.get(funding_id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The budget line of the fundings, of which an invoice has one.
    fn budget_line(&self, lines: &[NewHealthInvoiceLine], errors: &mut Vec<FieldError>) -> String {
        let codes: BTreeSet<&str> =
            lines.iter().filter_map(|line| self.fundings.get(&line.funding_id.0)).map(|funding| funding.budget_line.as_str()).collect();
        if codes.len() > 1 {
            let codes: Vec<_> = codes.iter().copied().collect();
            let detail = format!("the lines are of {}: give an invoice for each budget line", codes.join(", "));
            errors.push(FieldError::new("/lines", "two_budget_lines", detail));
        }
        codes.first().map(|code| (*code).to_owned()).unwrap_or_default()
    }

    /// A line with what is expected of it; none when it does not fit, and then the errors say why.
    fn expected(
        &self,
        provider_id: &str,
        place: usize,
        line: NewHealthInvoiceLine,
        errors: &mut Vec<FieldError>,
    ) -> Result<Option<Expected>, Problem> {
        let before = errors.len();
        let mut refuse =
            |field: &str, code: &str, detail: String| errors.push(FieldError::new(&format!("/lines/{place}{field}"), code, detail));
        let Some(funding) = self.fundings.get(&line.funding_id.0) else {
            refuse("/funding_id", "unknown_reference", "no joint funding has this id".to_owned());
            return Ok(None);
        };
        if funding.provider_id != provider_id {
            refuse("/funding_id", "other_funder", format!("provider {} pays it", funding.provider_id));
        }
        if line.period_to <= line.period_from {
            refuse("/period_to", "before_start", "the end is the first day after the period, so it is after the start".to_owned());
            return Ok(None);
        }
        if let Err(error) = FinancialYear::of(line.period_from).and(FinancialYear::of(line.period_to)) {
            refuse("/period_to", "out_of_range", error.to_string());
            return Ok(None);
        }
        let expected = match &line.adjusts_line_id {
            Some(first) => match self.billed_of(&funding.funding_id).iter().find(|billed| billed.line.id == first.0) {
                None => {
                    let detail = "the joint funding has no line of this id that stands and asks for days first";
                    refuse("/adjusts_line_id", "unknown_reference", detail.to_owned());
                    None
                }
                Some(billed) if (billed.line.period_from, billed.line.period_to) != (line.period_from, line.period_to) => {
                    let (from, to) = (billed.line.period_from, billed.line.period_to);
                    refuse("/period_from", "other_days", format!("the line that it corrects is for {from} up to but not including {to}"));
                    None
                }
                Some(billed) => {
                    if let Some((code, detail)) = self.no_correction(funding, billed, line.amount_pence)? {
                        refuse("/amount_pence", code, detail);
                    }
                    Some(correction_of(&self.arrangements, &funding.line_id, billed)?)
                }
            },
            None => {
                if let Some((field, detail)) = outside(funding, &line) {
                    refuse(field, "outside_funding", detail);
                }
                if line.amount_pence < Pence::ZERO {
                    refuse("/amount_pence", "minimum", "only a correction of an earlier line is negative".to_owned());
                }
                if let Some(detail) = beyond_gross(self, funding, (line.period_from, line.period_to), line.amount_pence)? {
                    refuse("/amount_pence", "too_much", detail);
                }
                self.charge(funding, &line)?
            }
        };
        match expected {
            Some(pence) if pence != line.amount_pence && line.reason.is_none() => {
                refuse("/reason", "required", format!("{} is expected: another amount needs a reason", pence.to_pounds()));
            }
            _ => {}
        }
        Ok(expected.filter(|_| errors.len() == before).map(|pence| Expected { pence, line }))
    }

    /// Why days billed cannot be corrected by an amount: it changes nothing, or leaves less than nothing or more than they cost.
    fn no_correction(&self, funding: &JointFunding, billed: &Billed, amount: Pence) -> Result<Option<(&'static str, String)>, Problem> {
        let asked = billed.asked.checked_add(amount).map_err(Problem::internal)?;
        if amount == Pence::ZERO {
            return Ok(Some(("nothing", "a correction asks for more or for less".to_owned())));
        }
        if amount < Pence::ZERO {
            let stands = billed.asked.to_pounds();
            let detail = || format!("{stands} stands asked for its days: no more than that can be taken off");
            return Ok((asked < Pence::ZERO).then(|| ("below_nothing", detail())));
        }
        let days = (billed.line.period_from, billed.line.period_to);
        Ok(beyond_gross(self, funding, days, asked)?.map(|detail| ("too_much", detail)))
    }

    fn charge(&self, funding: &JointFunding, line: &NewHealthInvoiceLine) -> Result<Option<Pence>, Problem> {
        let Some(arrangement) = self.arrangements.get(&funding.line_id) else { return Ok(None) };
        let part = arrangement.part(&funding.funding_id, line.period_from, line.period_to).map_err(Problem::internal)?;
        Ok(Some(part.income))
    }

    /// Refuses days that an invoice asks for already. Exact, because writers take turns.
    fn refuse_billed(&self, lines: &[Expected]) -> Result<(), Problem> {
        for Expected { line, .. } in lines.iter().filter(|line| line.line.adjusts_line_id.is_none()) {
            let overlaps = |billed: &&Billed| billed.line.period_from < line.period_to && line.period_from < billed.line.period_to;
            if let Some(billed) = self.billed_of(&line.funding_id.0).iter().find(overlaps) {
                let (from, to) = (billed.line.period_from, billed.line.period_to);
                let detail = format!(
                    "Invoice {} asks for joint funding {} from {from} up to but not including {to}.",
                    billed.invoice_number, line.funding_id.0
                );
                return Err(Problem::new(Code::PeriodOverlaps, detail));
            }
        }
        Ok(())
    }
}

/// Where days lie outside those that a share pays for.
fn outside(funding: &JointFunding, line: &NewHealthInvoiceLine) -> Option<(&'static str, String)> {
    if funding.state == FundingState::Reversed {
        return Some(("/funding_id", "the joint funding was reversed".to_owned()));
    }
    if line.period_from < funding.valid_from {
        return Some(("/period_from", format!("the share starts on {}", funding.valid_from)));
    }
    let ends = funding.valid_to.filter(|ends| line.period_to > *ends)?;
    Some(("/period_to", format!("the share ends: {ends} is the first day it does not pay for")))
}

/// Lines of one invoice that ask for the same days of a funding, or correct the same line.
fn asked_twice(lines: &[Expected], errors: &mut Vec<FieldError>) {
    let mut corrected = HashSet::new();
    let mut charged: HashMap<&str, Vec<(NaiveDate, NaiveDate)>> = HashMap::new();
    for Expected { line, .. } in lines {
        let is_twice = match &line.adjusts_line_id {
            Some(first) => !corrected.insert(first.0.as_str()),
            None => {
                let days = charged.entry(line.funding_id.0.as_str()).or_default();
                let overlaps = days.iter().any(|(from, to)| *from < line.period_to && line.period_from < *to);
                days.push((line.period_from, line.period_to));
                overlaps
            }
        };
        if is_twice {
            let detail = format!("two lines are for joint funding {} and the same days", line.funding_id.0);
            errors.push(FieldError::new("/lines", "asked_twice", detail));
        }
    }
}

fn insert(write: &mut Write<'_>, invoice: &HealthInvoice, lines: Vec<Expected>) -> Result<(), Problem> {
    let held: i64 = health_invoices::table.filter(health_invoices::number.eq(&invoice.number)).count().get_result(write.connection)?;
    if held > 0 {
        return Err(Problem::new(Code::AlreadyExists, "Another invoice has this number."));
    }
    diesel::insert_into(health_invoices::table).values(invoice).execute(write.connection)?;
    for (number, Expected { pence, line }) in (1..).zip(lines) {
        let row = HealthInvoiceLine {
            id: new_id(),
            invoice_id: invoice.id.clone(),
            number,
            funding_id: line.funding_id.0,
            period_from: line.period_from,
            period_to: line.period_to,
            adjusts_line_id: line.adjusts_line_id.map(|id| id.0),
            expected_pence: pence,
            amount_pence: line.amount_pence,
            reason: line.reason.map(|reason| reason.0),
            recorded_at: write.at.into(),
            recorded_seq: write.seq(),
        };
        diesel::insert_into(health_invoice_lines::table).values(&row).execute(write.connection)?;
    }
    record_event(write, "issue", "health_invoices", &invoice.id)
}
