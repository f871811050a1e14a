//! What was agreed for a package line, and whether the line stays within it.

use crate::error::Error;
use crate::packages::lines::line::PackageLine;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::request_lines;
use diesel::prelude::*;
use domain::costing::Line;
use domain::packages::agreed::{Support, beyond_agreed};
use domain::{Frequency, Profile, Quantity, Unit, UnitRate};

impl PackageLine {
    /// What of it can be held against what was agreed.
    pub(crate) fn support(&self) -> Support {
        Support { service: self.service.clone(), budget_line: self.budget_line.clone(), unit: self.unit, line: self.costed() }
    }
}

/// Whether a line stays within what a request line was agreed for.
pub fn within_agreed(connection: &mut AnyConnection, profile: &Profile, line: &PackageLine, request_line: &str) -> Result<bool, Error> {
    let agreed = support_asked(connection, request_line)?;
    Ok(beyond_agreed(&profile.costing, &line.support(), &agreed).is_empty())
}

type Asked = (String, String, Unit, Quantity, Frequency, UnitRate, NaiveDate, Option<NaiveDate>);

/// What a request line asks for.
fn support_asked(connection: &mut AnyConnection, request_line: &str) -> Result<Support, Error> {
    use request_lines as asked;
    let (service, budget_line, unit, quantity, frequency, unit_rate, valid_from, valid_to): Asked = asked::table
        .find(request_line)
        .select((
            asked::service,
            asked::budget_line,
            asked::unit,
            asked::quantity_thousandths,
            asked::frequency,
            asked::unit_rate_ten_thousandths,
            asked::valid_from,
            asked::valid_to,
        ))
        .first(connection)?;
    Ok(Support { service, budget_line, unit, line: Line { quantity, frequency, unit_rate, valid_from, valid_to } })
}
