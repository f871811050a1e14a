//! The staged lines of a workbook by its sheets: what each came to, and which stand on more than one.

use super::Stage;
use db::Error;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use domain::Pence;

/// Lines that stand on more than one sheet.
#[derive(Debug, QueryableByName)]
pub struct OnSeveralSheets {
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub lines: i64,
    /// The first of them.
    #[diesel(sql_type = BigInt)]
    pub line_number: i64,
    /// Its sheet.
    #[diesel(sql_type = Text)]
    pub sheet: String,
    /// The number of another sheet where it stands.
    #[diesel(sql_type = BigInt)]
    pub other_number: i64,
}

/// What a sheet's picked lines came to.
#[derive(Debug, QueryableByName)]
pub struct SheetRead {
    /// Its name.
    #[diesel(sql_type = Text)]
    pub sheet: String,
    /// How many lines rules picked.
    #[diesel(sql_type = BigInt)]
    pub lines: i64,
    /// Their sum.
    #[diesel(sql_type = BigInt)]
    pub amount_pence: Pence,
    /// How many of them agree in day, amount, reference and budget line with one of another sheet.
    #[diesel(sql_type = BigInt)]
    pub alike: i64,
    /// How many of those have a reference.
    #[diesel(sql_type = BigInt)]
    pub alike_by_reference: i64,
}

/// What a person knows a payment by, of the staged line `s`.
const KNOWN_BY: &str = "s.posted_on, s.amount_pence, s.budget_line, COALESCE(s.reference, '')";
/// The same, of the payment `k`.
const AS_KNOWN: &str = "k.posted_on = s.posted_on AND k.amount_pence = s.amount_pence AND k.budget_line = s.budget_line \
    AND k.reference = COALESCE(s.reference, '')";

/// Payments that more than one sheet has.
fn known_twice() -> String {
    format!(
        "(SELECT s.posted_on AS posted_on, s.amount_pence AS amount_pence, s.budget_line AS budget_line, COALESCE(s.reference, '') AS reference, \
         MAX(s.sheet_number) AS other_number FROM ledger_stage s GROUP BY {KNOWN_BY} HAVING COUNT(DISTINCT s.sheet_number) > 1)"
    )
}

impl Stage {
    /// What each sheet with picked lines came to, in the workbook's order.
    pub fn by_sheet(&mut self) -> Result<Vec<SheetRead>, Error> {
        self.flush()?;
        let twice = known_twice();
        let found = format!(
            "SELECT COALESCE(s.sheet, '') AS sheet, COUNT(*) AS lines, CAST(SUM(s.amount_pence) AS BIGINT) AS amount_pence, COUNT(k.budget_line) \
             AS alike, COUNT(CASE WHEN k.reference <> '' THEN 1 END) AS alike_by_reference \
             FROM ledger_stage s LEFT JOIN {twice} k ON {AS_KNOWN} GROUP BY s.sheet_number, s.sheet ORDER BY s.sheet_number"
        );
        Ok(diesel::sql_query(found).load(&mut *self.connection)?)
    }

    /// Lines that agree with one of another sheet in day, amount, reference and budget line: how many, and the first of them.
    pub fn alike_on_several_sheets(&mut self) -> Result<Option<OnSeveralSheets>, Error> {
        self.flush()?;
        let twice = known_twice();
        let found = format!(
            "SELECT s.line_number AS line_number, COALESCE(s.sheet, '') AS sheet, k.other_number AS other_number, \
             (SELECT COUNT(*) FROM {twice} t) AS lines \
             FROM ledger_stage s JOIN {twice} k ON {AS_KNOWN} ORDER BY s.sheet_number, s.line_number LIMIT 1"
        );
        Ok(diesel::sql_query(found).get_result(&mut *self.connection).optional()?)
    }

    /// Lines that stand on more than one sheet of the file: how many, and the first of them with the sheets where it stands.
    pub fn on_several_sheets(&mut self) -> Result<Option<OnSeveralSheets>, Error> {
        self.flush()?;
        let twice = "SELECT s.line_hash AS line_hash FROM ledger_stage s GROUP BY s.line_hash HAVING COUNT(DISTINCT s.sheet_number) > 1";
        let found = format!(
            "SELECT s.line_number AS line_number, COALESCE(s.sheet, '') AS sheet, \
             (SELECT MAX(o.sheet_number) FROM ledger_stage o WHERE o.line_hash = s.line_hash) AS other_number, \
             (SELECT COUNT(*) FROM ({twice}) t) AS lines \
             FROM ledger_stage s WHERE s.line_hash IN ({twice}) ORDER BY s.sheet_number, s.line_number LIMIT 1"
        );
        Ok(diesel::sql_query(found).get_result(&mut *self.connection).optional()?)
    }
}
