//! The lines of a request (form PA1), and what they cost.

use crate::problem::{FieldError, Problem};
use crate::routes::budget_lines;
use crate::routes::package_lines::{KnownOn, date_mistakes_at, known_lines};
use crate::text::{CodeText, Id};
use chrono::NaiveDate;
use db::schema::{package_lines, packages, providers, request_lines};
use db::{AnyConnection, Write, new_id};
use diesel::prelude::*;
use domain::costing::{Costing, Line};
use domain::{Direction, FinancialYear, Frequency, Profile, Quantity, Unit, UnitRate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A line of a request, in one revision of its paperwork.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = request_lines)]
pub struct RequestLine {
    /// The line's id.
    pub id: String,
    /// The request.
    pub request_id: String,
    /// The revision of its paperwork.
    pub revision: i64,
    /// Its place, from 1.
    pub number: i64,
    /// What is asked for, as a code.
    pub service: String,
    /// The budget line that would pay.
    pub budget_line: String,
    /// Who would provide it; null, not known yet, or a direct payment.
    pub provider_id: Option<String>,
    /// What the statement would count it as, apart from its budget line.
    pub statement_category: Option<String>,
    /// What is bought one of.
    pub unit: Unit,
    /// How many units each time, in thousandths.
    pub quantity_thousandths: Quantity,
    /// How often.
    pub frequency: Frequency,
    /// The price of a unit, in ten-thousandths of a pound.
    pub unit_rate_ten_thousandths: UnitRate,
    /// The first day in force.
    pub valid_from: NaiveDate,
    /// The first day no longer in force; null, open-ended.
    pub valid_to: Option<NaiveDate>,
    /// The package line that ends when this one starts; null, it comes on top.
    pub replaces_line_id: Option<String>,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A line of a request with its three costs (form PA1).
#[derive(Debug, Serialize, ToSchema)]
pub struct CostedLine {
    /// The line.
    #[serde(flatten)]
    pub line: RequestLine,
    /// What it costs, seen from one financial year.
    pub costing: Costing,
}

/// A line to ask for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service": "targeted_outreach", "budget_line": "targeted_outreach", "unit": "hour", "quantity_thousandths": 3000,
    "frequency": "weekly", "unit_rate_ten_thousandths": 198000, "valid_from": "2024-06-03"
}))]
pub struct NewRequestLine {
    /// What is asked for, as a code: it reaches reports, so it has no room for a name.
    pub service: CodeText,
    /// The budget line that would pay: one of expenditure.
    pub budget_line: CodeText,
    /// Who would provide it, if that is known.
    pub provider_id: Option<Id>,
    /// What the statement would count it as: a category of the authority's profile.
    pub statement_category: Option<CodeText>,
    /// What is bought one of.
    pub unit: Unit,
    /// How many units each time, in thousandths.
    pub quantity_thousandths: Quantity,
    /// How often.
    pub frequency: Frequency,
    /// The price of a unit, in ten-thousandths of a pound.
    pub unit_rate_ten_thousandths: UnitRate,
    /// The first day in force.
    pub valid_from: NaiveDate,
    /// The first day no longer in force; none, open-ended.
    pub valid_to: Option<NaiveDate>,
    /// The package line that ends when this one starts; none, it comes on top of what the child has.
    pub replaces_line_id: Option<Id>,
}

impl RequestLine {
    /// What of it decides its cost.
    pub fn costed(&self) -> Line {
        Line {
            quantity: self.quantity_thousandths,
            frequency: self.frequency,
            unit_rate: self.unit_rate_ten_thousandths,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        }
    }
}

impl NewRequestLine {
    /// What of it decides its cost.
    pub fn costed(&self) -> Line {
        Line {
            quantity: self.quantity_thousandths,
            frequency: self.frequency,
            unit_rate: self.unit_rate_ten_thousandths,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        }
    }
}

/// The lines of a revision, in their order.
pub fn lines_of(connection: &mut AnyConnection, request_id: &str, revision: i64) -> Result<Vec<RequestLine>, Problem> {
    Ok(request_lines::table
        .filter(request_lines::request_id.eq(request_id).and(request_lines::revision.eq(revision)))
        .select(RequestLine::as_select())
        .order(request_lines::number)
        .load(connection)?)
}

/// The lines with their costs, seen from a financial year.
pub fn costed_lines(profile: &Profile, lines: Vec<RequestLine>, year: FinancialYear) -> Result<Vec<CostedLine>, Problem> {
    let cost = |line: RequestLine| {
        let costing = profile.costing.cost(&line.costed(), year).map_err(Problem::internal)?;
        Ok(CostedLine { line, costing })
    };
    lines.into_iter().map(cost).collect()
}

/// Adds the lines of a revision.
pub fn insert_lines(write: &mut Write<'_>, request_id: &str, revision: i64, lines: &[NewRequestLine]) -> Result<(), db::Error> {
    for (number, new) in (1..).zip(lines) {
        let new = new.clone();
        let line = RequestLine {
            id: new_id(),
            request_id: request_id.to_owned(),
            revision,
            number,
            service: new.service.0,
            budget_line: new.budget_line.0,
            provider_id: new.provider_id.map(|id| id.0),
            statement_category: new.statement_category.map(|code| code.0),
            unit: new.unit,
            quantity_thousandths: new.quantity_thousandths,
            frequency: new.frequency,
            unit_rate_ten_thousandths: new.unit_rate_ten_thousandths,
            valid_from: new.valid_from,
            valid_to: new.valid_to,
            replaces_line_id: new.replaces_line_id.map(|id| id.0),
            recorded_seq: write.seq(),
        };
        diesel::insert_into(request_lines::table).values(&line).execute(write.connection)?;
    }
    Ok(())
}

/// Everything wrong with lines to record for a child; pointers start with `at`, such as `/lines`.
pub fn line_mistakes(
    connection: &mut AnyConnection,
    profile: &Profile,
    child_id: &str,
    lines: &[NewRequestLine],
    at: &str,
) -> Result<Vec<FieldError>, Problem> {
    let mut errors = Vec::new();
    let categories: Vec<_> = profile.statement.categories.iter().map(|category| category.code.as_str()).collect();
    for (place, line) in lines.iter().enumerate() {
        let at = format!("{at}/{place}");
        let mut refuse = |field: &str, code: &str, detail: String| errors.push(FieldError::new(&format!("{at}/{field}"), code, detail));
        match budget_lines::find(connection, &line.budget_line.0)? {
            None => refuse("budget_line", "unknown_reference", "no budget line has this code".to_owned()),
            Some(found) if found.direction == Direction::Income => {
                refuse("budget_line", "income", "a request is paid from a line of expenditure".to_owned());
            }
            Some(_) => {}
        }
        if let Some(provider) = &line.provider_id {
            let exists: bool = diesel::select(diesel::dsl::exists(providers::table.find(&provider.0))).get_result(connection)?;
            if !exists {
                refuse("provider_id", "unknown_reference", "no provider has this id".to_owned());
            }
        }
        if let Some(category) = line.statement_category.as_ref().filter(|category| !categories.contains(&category.0.as_str())) {
            let detail = format!("the profile has no category `{}`; it has {}", category.0, categories.join(", "));
            refuse("statement_category", "unknown_reference", detail);
        }
        if let Err(error) = profile.costing.full_year(&line.costed()) {
            refuse("quantity_thousandths", "too_large", error.to_string());
        }
        if let Some(replaced) = &line.replaces_line_id {
            let named = lines.iter().filter(|other| other.replaces_line_id.as_ref() == Some(replaced)).count();
            if let Some((code, detail)) = replacement_mistake(connection, child_id, &replaced.0, line.valid_from, named)? {
                refuse("replaces_line_id", code, detail);
            }
        }
        errors.extend(date_mistakes_at(&at, line.valid_from, line.valid_to));
    }
    Ok(errors)
}

/// Why a package line cannot be replaced by one that starts on `from`.
fn replacement_mistake(
    connection: &mut AnyConnection,
    child_id: &str,
    line_id: &str,
    from: NaiveDate,
    named: usize,
) -> Result<Option<(&'static str, String)>, Problem> {
    let package: Option<String> = package_lines::table
        .inner_join(packages::table)
        .filter(package_lines::line_id.eq(line_id).and(packages::child_id.eq(child_id)))
        .select(packages::id)
        .first(connection)
        .optional()?;
    let known = match package {
        Some(package) => known_lines(connection, &package, KnownOn::Now)?.into_iter().find(|line| line.line_id == line_id),
        None => None,
    };
    Ok(match known {
        None => Some(("unknown_reference", "the child has no such package line".to_owned())),
        Some(_) if named > 1 => Some(("repeated", "two lines cannot replace the same package line".to_owned())),
        Some(line) if from <= line.valid_from => {
            Some(("before_start", format!("the line that it replaces starts on {}: start later, or reverse that line", line.valid_from)))
        }
        Some(_) => None,
    })
}
