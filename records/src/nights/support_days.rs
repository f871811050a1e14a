//! Which nights a stay may have: none after the child left, and a booking none for which the child is too old.

use crate::children::{ages, leaving};
use crate::error::Error;
use crate::nights::stay::Stay;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::package_lines;
use diesel::prelude::*;
use domain::children::ages::night_mistake;
use domain::children::leaving::stay_mistake;
use domain::nights::StayState;
use domain::{FieldError, Profile};

/// The budget line that pays for a stay, why its line is beyond an age, if it is, and from when it runs.
type Paying = (String, Option<String>, NaiveDate);

/// Everything wrong with a stay's nights for its child. What was stayed at whatever age is a fact, and is kept.
pub(super) fn day_mistakes(connection: &mut AnyConnection, profile: &Profile, stay: &Stay) -> Result<Vec<FieldError>, Error> {
    let left_on = leaving::left_on(connection, &stay.child_id)?;
    if let Some(left) = left_on.and_then(|day| stay_mistake(stay.last_night, day)) {
        return Ok(vec![left]);
    }
    if stay.state == StayState::Stayed {
        return Ok(Vec::new());
    }
    let paying: Option<Paying> = match &stay.line_id {
        Some(line) => package_lines::table
            .filter(package_lines::line_id.eq(line))
            .order(package_lines::version.desc())
            .select((package_lines::budget_line, package_lines::beyond_age_reason, package_lines::valid_from))
            .first(connection)
            .optional()?,
        None => None,
    };
    let (budget_line, beyond_age_reason, valid_from) = paying.unwrap_or_else(|| (String::new(), None, stay.first_night));
    let born = ages::date_of_birth(connection, &stay.child_id)?;
    let days = born.map(|born| profile.ages.days(born, &budget_line).unless_said(beyond_age_reason.is_some(), valid_from));
    Ok(days.and_then(|days| night_mistake(&days, stay.last_night)).into_iter().collect())
}
