//! What a projection adds up: package lines, what was agreed earlier, grants and budgets.

use crate::commitments::asked::WHOLE;
use crate::commitments::left::Left;
use crate::commitments::replaced::{Replacing, unpaid_now};
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
use domain::commitments::{planned_in_year, weighed_in_year};
use domain::costing::{Line, spread_before};
use domain::direct_payments::Stretch;
use domain::panel::{AuthorisationKind, AuthorisationOutcome, DecisionKind};
use domain::panel_sheets::ItemOutcome;
use domain::{Direction, FinancialYear, Frequency, LineState, Pence, Profile, Quantity, RequestState, UnitRate};
use std::collections::{BTreeSet, HashMap, HashSet};

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
    /// What a line costs in a full year, if it still counts then.
    fn full_year(&self, line: &Line) -> Result<i64, Error> {
        let runs = line.valid_to.is_none_or(|ends| ends > self.on);
        let counts = runs && (line.frequency != Frequency::OneOff || line.valid_from >= self.year.starts_on());
        Ok(if counts { self.profile.costing.full_year(line).map_err(Error::fault)?.0 } else { 0 })
    }
}

/// A package line as it is now.
struct CurrentLine {
    line_id: String,
    arrangement: String,
    budget_line: String,
    line: Line,
}

/// The package lines that touch the year or run on, as they are now: without those that carry out what this panel agreed, which is counted
/// as it agreed it.
pub(crate) struct CurrentLines {
    lines: Vec<CurrentLine>,
    /// The days that accounts leave unpaid, by arrangement.
    unpaid: HashMap<String, Vec<Stretch>>,
    /// The request lines that this panel agreed.
    own: HashSet<String>,
}

type LineRow = (String, Option<String>, String, Option<String>, (Quantity, Frequency, UnitRate, NaiveDate, Option<NaiveDate>));

impl CurrentLines {
    /// Reads those of a year.
    pub(crate) fn load(connection: &mut AnyConnection, costing: &Costing<'_>, items: &[Item]) -> Result<Self, Error> {
        let agreed = items.iter().filter(|item| item.outcome == ItemOutcome::Agreed);
        let own: HashSet<String> = agreed.flat_map(|item| &item.lines).map(|line| line.id.clone()).collect();
        let later = diesel::alias!(package_lines as later);
        let newer = later
            .filter(later.field(package_lines::line_id).eq(package_lines::line_id))
            .filter(later.field(package_lines::version).gt(package_lines::version));
        let rows: Vec<LineRow> = package_lines::table
            .filter(package_lines::valid_to.is_null().or(package_lines::valid_to.gt(costing.year.starts_on())))
            .filter(package_lines::state.ne(LineState::Reversed))
            .filter(not(exists(newer)))
            .select((
                package_lines::line_id,
                package_lines::continues_line_id,
                package_lines::budget_line,
                package_lines::request_line_id,
                (
                    package_lines::quantity_thousandths,
                    package_lines::frequency,
                    package_lines::unit_rate_ten_thousandths,
                    package_lines::valid_from,
                    package_lines::valid_to,
                ),
            ))
            .order(package_lines::line_id)
            .load(connection)?;
        let others = rows.into_iter().filter(|row| row.3.as_ref().is_none_or(|request_line| !own.contains(request_line)));
        let lines =
            others.map(|(line_id, continues, budget_line, _, (quantity, frequency, unit_rate, valid_from, valid_to))| CurrentLine {
                arrangement: continues.unwrap_or_else(|| line_id.clone()),
                line_id,
                budget_line,
                line: Line { quantity, frequency, unit_rate, valid_from, valid_to },
            });
        let lines = lines.collect();
        Ok(CurrentLines { lines, unpaid: unpaid_now(connection, costing.profile, None)?, own })
    }

    /// What packages cost. Of a full year the lines are left out that were replaced earlier.
    pub(crate) fn before(&self, costing: &Costing<'_>, replaced: &HashSet<String>) -> Result<PerLine, Error> {
        let mut total = PerLine::new();
        for CurrentLine { line_id, arrangement, budget_line, line } in &self.lines {
            let unpaid = self.unpaid.get(arrangement).map(Vec::as_slice).unwrap_or_default();
            let this_year = planned_in_year(&costing.profile.costing, costing.year, &[*line], unpaid).map_err(Error::fault)?;
            let full_year_pence = if replaced.contains(line_id) { 0 } else { costing.full_year(line)? };
            total.entry(budget_line.clone()).or_default().add(Money { this_year_pence: this_year.0, full_year_pence });
        }
        Ok(total)
    }
}

/// What request lines make of budget lines, net of what they replace: by the rule by which budget control and the forecast count them.
pub(crate) struct Changes<'c> {
    /// How money is looked at.
    pub costing: &'c Costing<'c>,
    /// What they come on top of.
    pub current: &'c CurrentLines,
    /// Package lines that were replaced before.
    pub replaced: &'c HashSet<String>,
}

impl Changes<'_> {
    /// What lines make of each of their budget lines, beside others that are agreed already.
    pub(crate) fn beside(&self, connection: &mut AnyConnection, agreed: &[&RequestLine], lines: &[RequestLine]) -> Result<PerLine, Error> {
        let codes: BTreeSet<&str> = lines.iter().map(|line| line.budget_line.as_str()).collect();
        let all: Vec<&RequestLine> = agreed.iter().copied().chain(lines).collect();
        let mut changes = PerLine::new();
        for code in codes {
            let change = self.of(connection, &all, code)?.less(self.of(connection, agreed, code)?);
            changes.insert(code.to_owned(), change);
        }
        Ok(changes)
    }

    /// What all of these lines make of one budget line. What several replace is saved once.
    fn of(&self, connection: &mut AnyConnection, lines: &[&RequestLine], code: &str) -> Result<Money, Error> {
        let Costing { profile, year, .. } = self.costing;
        let lines: Vec<&RequestLine> = lines.iter().copied().filter(|line| line.budget_line == code).collect();
        if lines.is_empty() {
            return Ok(Money::default());
        }
        let replacing = Replacing::of(connection, profile, (*year, code), lines.iter().copied(), &self.current.own)?;
        let asked: Vec<_> = lines.iter().map(|line| replacing.asked(line, WHOLE)).collect();
        let this_year = weighed_in_year(&profile.costing, *year, &asked).map_err(Error::fault)?;
        let (mut full_year_pence, mut saved) = (0, HashSet::new());
        for line in lines {
            full_year_pence += self.costing.full_year(&line.costed())?;
            let replaced = replacing.replaced_by(line).filter(|(arrangement, _)| saved.insert(*arrangement));
            for (_, line) in replaced.iter().flat_map(|(_, lines)| lines.iter()).filter(|(id, _)| !self.replaced.contains(*id)) {
                full_year_pence -= self.costing.full_year(line)?;
            }
        }
        Ok(Money { this_year_pence: this_year.0, full_year_pence })
    }
}

/// What was agreed before this panel.
pub(crate) struct AgreedEarlier {
    /// What is not commissioned yet.
    pub waiting: Vec<RequestLine>,
    /// The package lines that what is commissioned replaced.
    pub replaced: HashSet<String>,
}

/// What was agreed before this panel, with authority. Lines of a child who leaves count for the days before. What is commissioned is among the
/// package lines; what it replaced counts in no full year any more.
///
/// The last decision of a request counts. One of an item of this panel does not, since that is to be decided, or was, here.
pub(crate) fn agreed_earlier(connection: &mut AnyConnection, panel: &Panel, items: &[Item]) -> Result<AgreedEarlier, Error> {
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
    let (commissioned, waiting): (Vec<_>, Vec<_>) = lines.into_iter().partition(|(_, is_commissioned)| *is_commissioned);
    let waiting: Vec<_> = waiting.into_iter().map(|(line, _)| line).filter(|line| !here.contains(line.request_id.as_str())).collect();
    let left = Left::read(connection, waiting.iter())?;
    let waiting = waiting.into_iter().filter_map(|line| left.before(line)).collect();
    Ok(AgreedEarlier { waiting, replaced: commissioned.into_iter().filter_map(|(line, _)| line.replaces_line_id).collect() })
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
