//! What a projection adds up: package lines, what was agreed earlier, grants and budgets.

use crate::error::Error;
use crate::panel::Panel;
use crate::panel_sheets::items::Item;
use crate::panel_sheets::projection::money::{Money, PerLine};
use crate::requests::RequestLine;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{
    authorisations, budget_lines, budget_movements, decisions, grant_instalments, grants, package_lines, request_lines, requests,
};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::costing::{Line, spread_before};
use domain::panel::{AuthorisationKind, AuthorisationOutcome, DecisionKind};
use domain::panel_sheets::ItemOutcome;
use domain::{Direction, FinancialYear, Frequency, LineState, Pence, Profile, Quantity, RequestState, UnitRate};
use std::collections::{HashMap, HashSet};

/// How money is looked at: from the panel's year and day.
pub(crate) struct Costing<'p> {
    /// The rules.
    pub profile: &'p Profile,
    /// The panel's financial year.
    pub year: FinancialYear,
    /// The panel's day.
    pub on: NaiveDate,
}

impl Costing<'_> {
    /// What a line costs in the year, and in a full year if it still counts then.
    pub fn of(&self, line: &Line) -> Result<Money, Error> {
        let this_year = self.profile.costing.cost_in(line, self.year).map_err(Error::fault)?;
        let runs = line.valid_to.is_none_or(|ends| ends > self.on);
        let counts = runs && (line.frequency != Frequency::OneOff || line.valid_from >= self.year.starts_on());
        let full_year = if counts { self.profile.costing.full_year(line).map_err(Error::fault)? } else { Pence::ZERO };
        Ok(Money { this_year_pence: this_year.0, full_year_pence: full_year.0 })
    }

    /// What is left of a line from a day on: this is what its replacement saves.
    fn left_from(&self, line: &Line, day: NaiveDate) -> Result<Money, Error> {
        let from = day.max(self.year.starts_on());
        let this_year = self.profile.costing.cost_between(line, from, self.year.next_starts_on()).map_err(Error::fault)?;
        Ok(Money { this_year_pence: this_year.0, full_year_pence: self.of(line)?.full_year_pence })
    }
}

/// A package line as it is now.
struct CurrentLine {
    budget_line: String,
    request_line_id: Option<String>,
    line: Line,
}

/// The package lines that touch the year or run on, as they are now.
pub(crate) struct CurrentLines(HashMap<String, CurrentLine>);

type LineRow = (String, String, Option<String>, Quantity, Frequency, UnitRate, NaiveDate, Option<NaiveDate>, LineState);

impl CurrentLines {
    /// Reads those of a year.
    pub(crate) fn load(connection: &mut AnyConnection, year: FinancialYear) -> Result<Self, Error> {
        let later = diesel::alias!(package_lines as later);
        let newer = later
            .filter(later.field(package_lines::line_id).eq(package_lines::line_id))
            .filter(later.field(package_lines::version).gt(package_lines::version));
        let rows: Vec<LineRow> = package_lines::table
            .filter(package_lines::valid_to.is_null().or(package_lines::valid_to.gt(year.starts_on())))
            .filter(package_lines::state.ne(LineState::Reversed))
            .filter(not(exists(newer)))
            .select((
                package_lines::line_id,
                package_lines::budget_line,
                package_lines::request_line_id,
                package_lines::quantity_thousandths,
                package_lines::frequency,
                package_lines::unit_rate_ten_thousandths,
                package_lines::valid_from,
                package_lines::valid_to,
                package_lines::state,
            ))
            .load(connection)?;
        let current =
            rows.into_iter().map(|(line_id, budget_line, request_line_id, quantity, frequency, unit_rate, valid_from, valid_to, _)| {
                (line_id, CurrentLine { budget_line, request_line_id, line: Line { quantity, frequency, unit_rate, valid_from, valid_to } })
            });
        Ok(CurrentLines(current.collect()))
    }

    /// What packages cost, without those that carry out what this panel agreed: that is counted as it agreed it.
    pub(crate) fn before(&self, costing: &Costing<'_>, items: &[Item]) -> Result<PerLine, Error> {
        let agreed = items.iter().filter(|item| item.outcome == ItemOutcome::Agreed);
        let own: HashSet<&str> = agreed.flat_map(|item| &item.lines).map(|line| line.id.as_str()).collect();
        let mut total = PerLine::new();
        for current in self.0.values() {
            if !current.request_line_id.as_deref().is_some_and(|id| own.contains(id)) {
                total.entry(current.budget_line.clone()).or_default().add(costing.of(&current.line)?);
            }
        }
        Ok(total)
    }
}

/// What lines add to each budget line, less what is left of the package lines that they replace. `gone` are the package lines that
/// were replaced before: what is saved is saved once.
pub(crate) fn changes(
    costing: &Costing<'_>,
    current: &CurrentLines,
    lines: &[RequestLine],
    gone: &mut HashSet<String>,
) -> Result<PerLine, Error> {
    let mut changes = PerLine::new();
    for line in lines {
        changes.entry(line.budget_line.clone()).or_default().add(costing.of(&line.costed())?);
        save(costing, current, line, gone, &mut changes)?;
    }
    Ok(changes)
}

/// Takes what is left of the package line that a line replaces from its budget line.
fn save(
    costing: &Costing<'_>,
    current: &CurrentLines,
    line: &RequestLine,
    gone: &mut HashSet<String>,
    changes: &mut PerLine,
) -> Result<(), Error> {
    let replaced = line.replaces_line_id.as_ref().and_then(|id| current.0.get_key_value(id));
    if let Some((_, replaced)) = replaced.filter(|(id, _)| gone.insert((*id).clone())) {
        let left = costing.left_from(&replaced.line, line.valid_from)?;
        let entry = changes.entry(replaced.budget_line.clone()).or_default();
        *entry = entry.less(left);
    }
    Ok(())
}

/// What was agreed before this panel, with authority, and is not commissioned yet. What is commissioned is among the package lines,
/// and only what it replaces is taken off.
///
/// The last decision of a request counts. One of an item of this panel does not, since that is to be decided, or was, here.
pub(crate) fn agreed_earlier(
    connection: &mut AnyConnection,
    costing: &Costing<'_>,
    current: &CurrentLines,
    panel: &Panel,
    items: &[Item],
    gone: &mut HashSet<String>,
) -> Result<PerLine, Error> {
    // A package line that was reversed carries nothing out. Each of its versions names the request line: one index answers.
    let later = diesel::alias!(package_lines as later);
    let reversed = later
        .filter(later.field(package_lines::request_line_id).eq(package_lines::request_line_id))
        .filter(later.field(package_lines::line_id).eq(package_lines::line_id))
        .filter(later.field(package_lines::state).eq(LineState::Reversed));
    let carried_out = package_lines::table.filter(package_lines::request_line_id.eq(request_lines::id.nullable()));
    let commissioned = exists(carried_out.filter(not(exists(reversed))));
    let given = authorisations::table
        .filter(authorisations::decision_id.eq(decisions::id))
        .filter(authorisations::kind.eq(AuthorisationKind::Authority).and(authorisations::outcome.eq(AuthorisationOutcome::Given)));
    let another = diesel::alias!(decisions as another);
    let superseding = another
        .filter(another.field(decisions::request_id).eq(decisions::request_id))
        .filter(another.field(decisions::number).gt(decisions::number))
        .filter(another.field(decisions::decided_on).le(panel.held_on));
    let waits = not(commissioned).and(requests::state.ne(RequestState::Withdrawn)).and(not(exists(superseding)));
    let lines: Vec<(RequestLine, bool)> = decisions::table
        .inner_join(requests::table.on(requests::id.eq(decisions::request_id)))
        .inner_join(
            request_lines::table
                .on(request_lines::request_id.eq(decisions::request_id).and(request_lines::revision.eq(decisions::revision))),
        )
        .filter(decisions::kind.eq_any([DecisionKind::Approved, DecisionKind::ApprovedInPart]))
        .filter(exists(given))
        .filter(decisions::decided_on.le(panel.held_on))
        .filter(decisions::panel_id.is_null().or(decisions::panel_id.ne(&panel.id)))
        .filter(request_lines::replaces_line_id.is_not_null().and(commissioned).or(waits))
        .select((RequestLine::as_select(), commissioned))
        .order((decisions::recorded_seq, request_lines::number))
        .load(connection)?;
    let here: HashSet<&str> = items.iter().map(|item| item.request.id.as_str()).collect();
    let mut total = PerLine::new();
    for (line, is_commissioned) in &lines {
        if !is_commissioned {
            if here.contains(line.request_id.as_str()) {
                continue;
            }
            total.entry(line.budget_line.clone()).or_default().add(costing.of(&line.costed())?);
        }
        save(costing, current, line, gone, &mut total)?;
    }
    Ok(total)
}

/// What grants cost in the year: their instalments due in it, or without any their days. They are of their year, and not in the full
/// year after it.
pub(crate) fn granted(connection: &mut AnyConnection, year: FinancialYear) -> Result<PerLine, Error> {
    let instalments_of = grant_instalments::grant_id.nullable().eq(grants::id.nullable());
    let or_of_the_grant_taken_back = grant_instalments::grant_id.nullable().eq(grants::reverses_id);
    let rows: Vec<(String, NaiveDate, NaiveDate, Pence)> = grants::table
        .filter(grants::period_to.gt(year.starts_on()).and(grants::period_from.lt(year.next_starts_on())))
        .filter(not(exists(grant_instalments::table.filter(instalments_of.or(or_of_the_grant_taken_back)))))
        .select((grants::budget_line, grants::period_from, grants::period_to, grants::amount_pence))
        .load(connection)?;
    let mut total = PerLine::new();
    for (line, from, to, amount) in rows {
        let up_to = |day| spread_before(amount, from, to, day).0;
        let this_year_pence = up_to(year.next_starts_on()) - up_to(year.starts_on());
        total.entry(line).or_default().add(Money { this_year_pence, full_year_pence: 0 });
    }
    let reversal = diesel::alias!(grants as reversal);
    let taken_back = reversal.filter(reversal.field(grants::reverses_id).eq(grants::id.nullable()));
    let due: Vec<(String, Pence)> = grant_instalments::table
        .inner_join(grants::table)
        .filter(grant_instalments::due_on.ge(year.starts_on()).and(grant_instalments::due_on.lt(year.next_starts_on())))
        .filter(not(exists(taken_back)))
        .select((grants::budget_line, grant_instalments::amount_pence))
        .load(connection)?;
    for (line, amount) in due {
        total.entry(line).or_default().add(Money { this_year_pence: amount.0, full_year_pence: 0 });
    }
    Ok(total)
}

/// Every budget line of expenditure, by code, with its name.
pub(crate) fn expenditure_lines(connection: &mut AnyConnection) -> Result<Vec<(String, String)>, Error> {
    Ok(budget_lines::table
        .filter(budget_lines::direction.eq(Direction::Expenditure))
        .select((budget_lines::code, budget_lines::name))
        .order(budget_lines::code)
        .load(connection)?)
}

/// The year's budgets with every movement, by budget line.
pub(crate) fn budgets(connection: &mut AnyConnection, year: FinancialYear) -> Result<HashMap<String, i64>, Error> {
    let rows: Vec<(String, Pence)> = budget_movements::table
        .filter(budget_movements::year.eq(year))
        .select((budget_movements::budget_line, budget_movements::amount_pence))
        .load(connection)?;
    let mut budgets = HashMap::new();
    for (line, amount) in rows {
        *budgets.entry(line).or_insert(0) += amount.0;
    }
    Ok(budgets)
}
