//! What a rise of rates is of, and what it may not say.

use crate::error::Error;
use crate::text::{CodeText, Id, Text};
use crate::upratings::proposal::Proposal;
use chrono::NaiveDate;
use db::schema::providers;
use db::{AnyConnection, closed_through};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::upratings::Rise;
use domain::{FieldError, UnitRate};
use serde::Deserialize;
use utoipa::ToSchema;

/// A rise of rates to look at, or to propose.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "from": "2024-04-01", "percentage_ten_thousandths": 42500,
    "reason": "Contract, clause 12", "preview_sha256": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"
}))]
pub struct NewUpratingProposal {
    /// Lines of this provider; without it, of any. A provider or a service is needed.
    pub provider_id: Option<Id>,
    /// Lines of this service; without it, of any.
    pub service: Option<CodeText>,
    /// The day from which the new rates apply, past or to come, in no closed year. A line that starts later has its rate from its start.
    pub from: NaiveDate,
    /// By how much, in ten-thousandths of one per cent: 4.25 % is 42500. Below nought the rates fall.
    #[schema(minimum = -1000000, maximum = 1000000)]
    pub percentage_ten_thousandths: Option<i64>,
    /// Or the new price of a unit, in ten-thousandths of a pound.
    pub unit_rate_ten_thousandths: Option<UnitRate>,
    /// In words.
    pub reason: Text<500>,
    /// As the preview gave it: proposing needs it, and is refused where other lines, rates or costs would be raised by now. A preview
    /// needs none.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub preview_sha256: Option<String>,
}

/// Whose rates rise, from when and by how much: as asked for, or as proposed before.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    pub provider_id: Option<String>,
    pub service: Option<String>,
    pub from: NaiveDate,
    pub percentage_ten_thousandths: Option<i64>,
    pub unit_rate_ten_thousandths: Option<UnitRate>,
}

impl Terms {
    /// The rise that the rules look at.
    pub fn rise(&self) -> Rise<'_> {
        Rise {
            provider_id: self.provider_id.as_deref(),
            service: self.service.as_deref(),
            from: self.from,
            percentage_ten_thousandths: self.percentage_ten_thousandths,
            unit_rate: self.unit_rate_ten_thousandths,
        }
    }
}

impl From<&NewUpratingProposal> for Terms {
    fn from(new: &NewUpratingProposal) -> Self {
        Terms {
            provider_id: new.provider_id.as_ref().map(|id| id.0.clone()),
            service: new.service.as_ref().map(|code| code.0.clone()),
            from: new.from,
            percentage_ten_thousandths: new.percentage_ten_thousandths,
            unit_rate_ten_thousandths: new.unit_rate_ten_thousandths,
        }
    }
}

impl From<&Proposal> for Terms {
    fn from(proposal: &Proposal) -> Self {
        Terms {
            provider_id: proposal.provider_id.clone(),
            service: proposal.service.clone(),
            from: proposal.valid_from,
            percentage_ten_thousandths: proposal.percentage_ten_thousandths,
            unit_rate_ten_thousandths: proposal.unit_rate_ten_thousandths,
        }
    }
}

/// Everything that a rise of rates may not say.
fn mistakes(connection: &mut AnyConnection, terms: &Terms) -> Result<Vec<FieldError>, Error> {
    let provider_exists = match &terms.provider_id {
        Some(provider) => diesel::select(exists(providers::table.find(provider))).get_result(connection)?,
        None => false,
    };
    Ok(terms.rise().mistakes(closed_through(connection)?, provider_exists))
}

/// What is asked for, or everything that is wrong with it.
pub(crate) fn sound(connection: &mut AnyConnection, new: &NewUpratingProposal) -> Result<Terms, Error> {
    let terms = Terms::from(new);
    let errors = mistakes(connection, &terms)?;
    if errors.is_empty() { Ok(terms) } else { Err(Error::invalid(errors)) }
}

/// What is said of a proposal that can no longer be recorded.
pub(crate) const NOT_POSSIBLE: &str = "It can no longer be recorded: see errors. Withdraw it.";

/// What was proposed; a conflict where it can no longer be recorded, as when its year was closed since.
pub(crate) fn still_possible(connection: &mut AnyConnection, proposal: &Proposal) -> Result<Terms, Error> {
    let terms = Terms::from(proposal);
    let errors = mistakes(connection, &terms)?;
    if errors.is_empty() {
        return Ok(terms);
    }
    Err(Error::invalid(errors).of_record(NOT_POSSIBLE))
}
