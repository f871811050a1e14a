//! A panel's items, and what each came to there.

use crate::decisions::Decision;
use crate::error::Error;
use crate::panel::booking::{PanelBooking, bookings_of};
use crate::panel::day::Panel;
use crate::requests::{Request, RequestLine, lines_of};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{authorisations, children, decisions, panel_cancellations, panels, requests as requests_table};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::panel::{AuthorisationKind, AuthorisationOutcome};
use domain::panel_sheets::{Authorised, ItemOutcome, LineToRead, lines_in_words, outcome};
use std::collections::{HashMap, HashSet};

/// An item of a panel, and what it came to there.
pub struct Item {
    /// Its booking.
    pub booking: PanelBooking,
    /// Its request.
    pub request: Request,
    /// The child's case reference.
    pub case_reference: String,
    /// The child's date of birth.
    pub date_of_birth: NaiveDate,
    /// What was decided at this hearing; none, it is not heard yet.
    pub decision: Option<Decision>,
    /// What it came to.
    pub outcome: ItemOutcome,
    /// What was decided on, or is asked for.
    pub lines: Vec<RequestLine>,
}

impl Item {
    /// What is asked for, each service once.
    pub fn services(&self) -> String {
        // Lines of one service need not follow each other.
        let mut said = HashSet::new();
        let services = self.lines.iter().map(|line| line.service.as_str()).filter(|service| said.insert(*service));
        services.collect::<Vec<_>>().join(", ")
    }

    /// Its lines as they are read out.
    pub fn lines_in_words(&self) -> String {
        lines_in_words(self.lines.iter().map(to_read))
    }
}

fn to_read(line: &RequestLine) -> LineToRead<'_> {
    LineToRead {
        service: &line.service,
        unit: line.unit,
        quantity: line.quantity_thousandths,
        frequency: line.frequency,
        unit_rate: line.unit_rate_ten_thousandths,
        valid_from: line.valid_from,
        // That a child is too old for it one day is no end that anybody asks for.
        valid_to: line.valid_to.filter(|ends| line.ends_by_age_on != Some(*ends)),
        beyond_age_reason: line.beyond_age_reason.as_deref(),
    }
}

/// A panel's items by slot.
pub fn items_of(connection: &mut AnyConnection, panel: &Panel) -> Result<Vec<Item>, Error> {
    let decided: Vec<Decision> = decisions::table
        .filter(decisions::panel_id.eq(&panel.id))
        .select(Decision::as_select())
        .order(decisions::number)
        .load(connection)?;
    let mut of_request: HashMap<String, Vec<Decision>> = HashMap::new();
    for decision in decided {
        of_request.entry(decision.request_id.clone()).or_default().push(decision);
    }
    let bookings = bookings_of(connection, &panel.id)?;
    let authorised = authorised_at(connection, &panel.id)?;
    let mut items = Vec::new();
    for booking in bookings.clone() {
        let (request, case_reference, date_of_birth): (Request, String, NaiveDate) = requests_table::table
            .inner_join(children::table)
            .filter(requests_table::id.eq(&booking.request_id))
            .select((Request::as_select(), children::case_reference, children::date_of_birth))
            .first(connection)?;
        // A request heard twice at one panel, after an appeal that was upheld, has a decision of each hearing.
        let is_earlier = |other: &&PanelBooking| other.request_id == booking.request_id && other.hearing < booking.hearing;
        let heard_before = bookings.iter().filter(is_earlier).count();
        let decision = of_request.get(&request.id).and_then(|decisions| decisions.get(heard_before)).cloned();
        // What is heard again at the same panel counts as it is decided then.
        let is_heard_again = bookings.iter().any(|other| other.request_id == booking.request_id && other.hearing > booking.hearing);
        let decided = decision.as_ref().map(|decision| (decision.kind, authorised.get(&decision.id).copied().unwrap_or_default()));
        let outcome = outcome(request.state, is_heard_again, decided);
        let revision = decision.as_ref().map_or(request.revision, |decision| decision.revision);
        let lines = lines_of(connection, &request.id, revision)?;
        items.push(Item { booking, request, case_reference, date_of_birth, decision, outcome, lines });
    }
    Ok(items)
}

/// What posts said of the decisions of a panel, by the decision's id.
fn authorised_at(connection: &mut AnyConnection, panel_id: &str) -> Result<HashMap<String, Authorised>, Error> {
    let rows: Vec<(String, AuthorisationKind, AuthorisationOutcome)> = authorisations::table
        .inner_join(decisions::table)
        .filter(decisions::panel_id.eq(panel_id))
        .select((authorisations::decision_id, authorisations::kind, authorisations::outcome))
        .load(connection)?;
    let mut authorised: HashMap<String, Authorised> = HashMap::new();
    for (decision, kind, outcome) in rows {
        authorised.entry(decision).or_default().add(kind, outcome);
    }
    Ok(authorised)
}

/// The panels held from a day up to but not including another, cancelled ones left out.
pub fn panels_between(connection: &mut AnyConnection, from: NaiveDate, to: NaiveDate) -> Result<Vec<Panel>, Error> {
    let cancelled = panel_cancellations::table.filter(panel_cancellations::panel_id.eq(panels::id));
    Ok(panels::table
        .filter(panels::held_on.ge(from).and(panels::held_on.lt(to)))
        .filter(not(exists(cancelled)))
        .select(Panel::as_select())
        .order((panels::held_on, panels::id))
        .load(connection)?)
}
