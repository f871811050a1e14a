//! The outcomes: what became of each item, what it costs, with whose authority, and what is outstanding.

use crate::decisions::{Decision, authorisations_of, case_management_decision_of};
use crate::error::Error;
use crate::panel::Panel;
use crate::panel_sheets::items::{Item, items_of};
use crate::panel_sheets::minutes::{MinutedAction, minuted_actions};
use crate::panel_sheets::words::heading;
use crate::requests::lines_of;
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::request_revisions;
use diesel::prelude::*;
use domain::panel::{Attendance, AuthorisationKind, AuthorisationOutcome, DecisionKind, DeclineReason};
use domain::panel_sheets::{ItemOutcome, Ratification, hearing_ahead};
use domain::{FinancialYear, Pence, Profile, RequestState};
use serde::Serialize;
use sheets::{Cell, Column, Sheet};
use utoipa::ToSchema;

/// What became of the items of some panels.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PanelItemOutcomes, example = json!({
    "items": [{
        "held_on": "2024-06-10", "slot": 1, "request_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "reference": "RQ-0107",
        "case_reference": "CWD-0042", "services": "home_care", "lines": "home_care 1 hour weekly at £20.00 from 2024-07-01",
        "decision_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a61", "decision": "approved_in_part", "standing": "agreed",
        "state": "approved_in_part", "asked_full_year_pence": 156000, "full_year_pence": 104000, "this_year_pence": 78286,
        "total_pence": 104000, "decided_as": "chair", "rationale": "Half of it now", "ratification": null, "ratification_on": null,
        "authorised_by": "service_unit_manager", "authorised_on": "2024-06-10", "authority_hearing_on": null, "decline_reason": null, "deferred_until": null, "case_management_on": null,
        "case_management_outstanding": true, "open_actions": 1,
        "actions": [{
            "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a71", "decision_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a61", "number": 1,
            "action": "Send the profile", "owner_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "due_on": "2024-06-24", "completed_on": null,
            "owner": "social.worker"
        }]
    }]
}))]
pub struct Outcomes {
    /// Every item, by panel and slot.
    pub items: Vec<OutcomeItem>,
}

/// What became of an item.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PanelItemOutcome)]
pub struct OutcomeItem {
    /// The panel's day.
    pub held_on: NaiveDate,
    /// The slot.
    pub slot: i64,
    /// The request.
    pub request_id: String,
    /// The authority's own number for it.
    pub reference: String,
    /// The child's case reference.
    pub case_reference: String,
    /// What was decided on, or is asked for.
    pub services: String,
    /// Its lines in words: service, quantity, frequency, price and days.
    pub lines: String,
    /// The decision's id; null, not heard yet.
    pub decision_id: Option<String>,
    /// What was decided.
    pub decision: Option<DecisionKind>,
    /// What it has come to here.
    pub standing: ItemOutcome,
    /// Where the request stands now.
    pub state: RequestState,
    /// A full year of what was asked for: more or less than the lines of an approval in part.
    #[schema(value_type = i64)]
    pub asked_full_year_pence: Pence,
    /// A full year of the lines.
    #[schema(value_type = i64)]
    pub full_year_pence: Pence,
    /// What of them falls in the panel's financial year.
    #[schema(value_type = i64)]
    pub this_year_pence: Pence,
    /// The child's total care package that was tested; null, not heard yet.
    #[schema(value_type = Option<i64>)]
    pub total_pence: Option<Pence>,
    /// Who decided: `chair` or `deputy_chair`.
    pub decided_as: Option<String>,
    /// Why.
    pub rationale: Option<String>,
    /// How the ratification of a deputy's decision stands; null, it needs none.
    pub ratification: Option<Ratification>,
    /// When it was given or refused.
    pub ratification_on: Option<NaiveDate>,
    /// The post whose authority stands behind it; null, none does.
    pub authorised_by: Option<String>,
    /// Since when.
    pub authorised_on: Option<NaiveDate>,
    /// When the post that has the authority hears it; null once it has.
    pub authority_hearing_on: Option<NaiveDate>,
    /// Of a refusal: why.
    pub decline_reason: Option<DeclineReason>,
    /// Of a deferral: until when.
    pub deferred_until: Option<NaiveDate>,
    /// When the case management decision was made.
    pub case_management_on: Option<NaiveDate>,
    /// Whether a decision waits for its case management decision.
    pub case_management_outstanding: bool,
    /// Actions that are not done.
    pub open_actions: i64,
    /// What is to be done, by whom and by when.
    pub actions: Vec<MinutedAction>,
}

impl Outcomes {
    /// The outcomes as they stand.
    pub fn of(connection: &mut AnyConnection, profile: &Profile, panels: Vec<Panel>) -> Result<Self, Error> {
        let mut items = Vec::new();
        for panel in panels {
            for item in items_of(connection, &panel)? {
                items.push(outcome_item(connection, profile, &panel, item)?);
            }
        }
        Ok(Outcomes { items })
    }

    /// One row an item. Only what is agreed is added up. `about` says of which panels.
    pub fn sheet(&self, about: &str, made_at: NaiveDateTime) -> Result<Sheet, sheets::Error> {
        let columns = [
            Column::date("held_on"),
            Column::integer("slot"),
            Column::text("reference"),
            Column::text("case_reference"),
            Column::text("lines"),
            Column::text("decision"),
            Column::text("standing"),
            Column::text("state"),
            Column::pounds("asked_full_year_pounds"),
            Column::pounds("full_year_pounds").labelled("Full year of the lines (£)"),
            Column::pounds("agreed_full_year_pounds").summed(),
            Column::pounds("agreed_this_year_pounds").summed(),
            Column::pounds("total_care_package_pounds"),
            Column::text("decided_as"),
            Column::text("rationale"),
            Column::text("ratification"),
            Column::text("authorised_by"),
            Column::date("authorised_on"),
            Column::text("because"),
            Column::text("case_management"),
            Column::integer("open_actions").summed(),
            Column::text("actions"),
        ];
        Sheet::new("Panel outcomes", columns).heading(heading(about, made_at)).with_rows(self.items.iter().map(OutcomeItem::cells))
    }
}

impl OutcomeItem {
    fn cells(&self) -> Vec<Cell> {
        let words = |text: &Option<String>| text.as_ref().map_or(Cell::Blank, Cell::text);
        let agreed = |cost: Pence| Cell::from(if self.standing == ItemOutcome::Agreed { cost } else { Pence::ZERO });
        let case_management = match self.case_management_on {
            Some(day) => day.to_string(),
            None if self.case_management_outstanding => "outstanding".to_owned(),
            None => String::new(),
        };
        vec![
            Cell::Date(self.held_on),
            Cell::Integer(self.slot),
            Cell::text(&self.reference),
            Cell::text(&self.case_reference),
            Cell::text(&self.lines),
            self.decision.map_or(Cell::Blank, |kind| Cell::text(kind.as_str())),
            Cell::text(self.standing.as_str()),
            Cell::text(self.state.as_str()),
            Cell::from(self.asked_full_year_pence),
            Cell::from(self.full_year_pence),
            agreed(self.full_year_pence),
            agreed(self.this_year_pence),
            self.total_pence.map_or(Cell::Blank, Cell::from),
            words(&self.decided_as),
            words(&self.rationale),
            self.ratification.map_or(Cell::Blank, |stands| Cell::text(stands.in_words(self.ratification_on))),
            words(&self.authorised_by),
            self.authorised_on.map_or(Cell::Blank, Cell::Date),
            Cell::text(self.because()),
            Cell::text(case_management),
            Cell::Integer(self.open_actions),
            Cell::text(self.actions.iter().map(MinutedAction::in_words).collect::<Vec<_>>().join("; ")),
        ]
    }

    /// Why it was declined, until when it was deferred, when the post that has the authority hears it.
    fn because(&self) -> String {
        let reason = self.decline_reason.map(|reason| reason.as_str().to_owned());
        let until = self.deferred_until.map(|day| format!("until {day}"));
        let hearing = self.authority_hearing_on.map(|day| format!("authority hears it on {day}"));
        [reason, until, hearing].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

fn outcome_item(connection: &mut AnyConnection, profile: &Profile, panel: &Panel, item: Item) -> Result<OutcomeItem, Error> {
    let (services, lines) = (item.services(), item.lines_in_words());
    let asked_full_year_pence = asked(connection, profile, &item)?;
    let (full_year_pence, this_year_pence) = costs(profile, panel, &item)?;
    let decision = item.decision.as_ref();
    let (mut authorised, mut ratification, mut case_management_on, mut actions) = (None, None, None, Vec::new());
    let mut authority_hearing_on = decision.and_then(|decision| decision.authority_hearing_on);
    if let Some(decision) = decision {
        let given = |kind: AuthorisationKind, outcome| kind == AuthorisationKind::Authority && outcome == AuthorisationOutcome::Given;
        let said = authorisations_of(connection, &decision.id)?;
        // Whoever ratified may have named another day.
        authority_hearing_on = said.iter().rev().find_map(|one| one.authority_hearing_on).or(authority_hearing_on);
        let is_deputys = decision.decided_as == Attendance::DeputyChair.as_str();
        let waits = is_deputys && item.request.state == RequestState::AwaitingRatification;
        ratification = Ratification::of(waits, said.iter().map(|one| (one.kind, one.outcome, one.authorised_on)));
        authorised = said.into_iter().find(|one| given(one.kind, one.outcome));
        case_management_on = case_management_decision_of(connection, &decision.id)?.map(|made| made.made_on);
        actions = minuted_actions(connection, &decision.id)?;
    }
    let open_actions = actions.iter().filter(|action| action.action.completed_on.is_none()).count();
    Ok(OutcomeItem {
        held_on: panel.held_on,
        slot: item.booking.slot,
        services,
        lines,
        asked_full_year_pence,
        decision_id: decision.map(|decision| decision.id.clone()),
        decision: decision.map(|decision| decision.kind),
        standing: item.outcome,
        state: item.request.state,
        full_year_pence,
        this_year_pence,
        total_pence: decision.map(|decision| decision.total_pence),
        decided_as: decision.map(|decision| decision.decided_as.clone()),
        rationale: decision.map(|decision| decision.rationale.clone()),
        ratification: ratification.map(|(stands, _)| stands),
        ratification_on: ratification.and_then(|(_, on)| on),
        authorised_on: authorised.as_ref().map(|one| one.authorised_on),
        authorised_by: authorised.map(|one| one.post),
        authority_hearing_on: hearing_ahead(item.outcome, authority_hearing_on),
        decline_reason: decision.and_then(|decision| decision.decline_reason),
        deferred_until: decision.and_then(|decision| decision.deferred_until),
        case_management_outstanding: decision.is_some() && case_management_on.is_none(),
        case_management_on,
        open_actions: i64::try_from(open_actions).map_err(Error::fault)?,
        actions,
        request_id: item.request.id,
        reference: item.request.reference,
        case_reference: item.case_reference,
    })
}

/// A full year of what was asked for. A decision that changed the lines wrote a revision of its own, after the worker's last.
fn asked(connection: &mut AnyConnection, profile: &Profile, item: &Item) -> Result<Pence, Error> {
    let revision = item.decision.as_ref().map_or(item.request.revision, |decision| decision.revision);
    let revision: i64 = request_revisions::table
        .filter(request_revisions::request_id.eq(&item.request.id))
        .filter(request_revisions::revision.le(revision).and(request_revisions::decision_id.is_null()))
        .select(request_revisions::revision)
        .order(request_revisions::revision.desc())
        .first(connection)?;
    let lines = lines_of(connection, &item.request.id, revision)?;
    let costs: Result<Vec<_>, _> = lines.iter().map(|line| profile.costing.full_year(&line.costed())).collect();
    Pence::checked_sum(costs.map_err(Error::fault)?).map_err(Error::fault)
}

/// What was decided on as it was costed then, or what is asked for as it is costed now.
fn costs(profile: &Profile, panel: &Panel, item: &Item) -> Result<(Pence, Pence), Error> {
    if let Some(Decision { full_year_pence, this_year_pence, .. }) = item.decision {
        return Ok((full_year_pence, this_year_pence));
    }
    let year = FinancialYear::of(panel.held_on).map_err(Error::fault)?;
    let (mut full, mut this) = (Vec::new(), Vec::new());
    for line in &item.lines {
        full.push(profile.costing.full_year(&line.costed()).map_err(Error::fault)?);
        this.push(profile.costing.cost_in(&line.costed(), year).map_err(Error::fault)?);
    }
    let sum = |costs: Vec<Pence>| Pence::checked_sum(costs).map_err(Error::fault);
    Ok((sum(full)?, sum(this)?))
}
