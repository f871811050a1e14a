//! What an item of a panel has come to, as far as money goes.

use super::ItemStanding;
use crate::problem::Problem;
use crate::routes::decisions::Decision;
use crate::routes::panels::Panel;
use crate::routes::requests::Request;
use db::AnyConnection;
use db::schema::{authorisations, decisions};
use diesel::prelude::*;
use domain::RequestState;
use domain::panel::{AuthorisationKind, AuthorisationOutcome, DecisionKind};
use std::collections::HashSet;

/// What the authorisations of a panel's decisions say.
#[derive(Default)]
pub(super) struct Supported {
    /// The decisions that an authority stands behind.
    given: HashSet<String>,
    /// The decisions that somebody refused to ratify or authorise.
    refused: HashSet<String>,
}

impl Supported {
    pub(super) fn at(connection: &mut AnyConnection, panel: &Panel) -> Result<Self, Problem> {
        let rows: Vec<(String, AuthorisationKind, AuthorisationOutcome)> = authorisations::table
            .inner_join(decisions::table)
            .filter(decisions::panel_id.eq(&panel.id))
            .select((authorisations::decision_id, authorisations::kind, authorisations::outcome))
            .load(connection)?;
        let mut supported = Supported::default();
        for (decision, kind, outcome) in rows {
            match (kind, outcome) {
                (_, AuthorisationOutcome::Declined) => drop(supported.refused.insert(decision)),
                (AuthorisationKind::Authority, AuthorisationOutcome::Given) => drop(supported.given.insert(decision)),
                (AuthorisationKind::Ratification, AuthorisationOutcome::Given) => {}
            }
        }
        Ok(supported)
    }

    /// What a decision has come to, whatever became of the request at other panels: an appeal does not rewrite what was agreed.
    pub(super) fn standing(&self, request: &Request, decision: Option<&Decision>) -> ItemStanding {
        match decision {
            _ if request.state == RequestState::Withdrawn => ItemStanding::NotAgreed,
            None => ItemStanding::Undecided,
            Some(decision) if !matches!(decision.kind, DecisionKind::Approved | DecisionKind::ApprovedInPart) => ItemStanding::NotAgreed,
            Some(decision) if self.refused.contains(&decision.id) => ItemStanding::NotAgreed,
            Some(decision) if self.given.contains(&decision.id) => ItemStanding::Agreed,
            Some(_) => ItemStanding::Waiting,
        }
    }
}
