//! What the ledger has of the staged lines already.
//!
//! **What a correction does to a line.** An entry may be reversed, its reversal reversed, and so on; or it may be recoded, which
//! reverses it and adds a replacement. Following all of these from an entry, each reversal turning the sign, the signs add up
//! to one where the line's money counts somewhere and to nothing where it was taken back. Without the replacements they tell
//! whether the entry itself stands.

use super::LoadFile;
use chrono::NaiveDate;
use db::schema::ledger_files;
use db::{AnyConnection, Error, closed_through, open_year_for};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Nullable, Text};
use domain::{FinancialYear, Pence};

/// Differing lines named in a refusal; the rest are counted.
const MOST_NAMED: i64 = 50;

/// Holds, of the staged lines' entries that were ever reversed, what their corrections add up to.
pub(super) const CREATE_CORRECTED: &str = "DROP TABLE IF EXISTS ledger_corrected; \
    CREATE TEMPORARY TABLE ledger_corrected (entry_id TEXT NOT NULL PRIMARY KEY, counts BIGINT NOT NULL, stands BIGINT NOT NULL);";

/// What the ledger has of the staged lines already: how a load went, or would go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The very file had been loaded before, with the very mapping.
    pub is_known_file: bool,
    /// The remembered file, when it was loaded now or before.
    pub file_id: Option<String>,
    /// Staged lines that the ledger has and counts, under whatever budget line.
    pub already_present: i64,
    /// Staged lines whose entries were taken back: they are not loaded again. By the budget line they would go to.
    pub reversed: Vec<Reversed>,
    /// Present lines that the ledger has with another provider, or none.
    pub provider_differs: i64,
    /// New lines that agree with an entry of the ledger in day, amount, reference and budget line.
    pub look_alike: i64,
    /// New lines on days of which the ledger has any entry.
    pub on_loaded_days: i64,
    /// Lines of this very file that count already, as an earlier import read them: with any, nothing is loaded.
    pub otherwise: Option<Otherwise>,
    /// Those that the ledger has otherwise, the first of them: with any, nothing is loaded.
    pub differing: Vec<Differing>,
    /// How many there are.
    pub differing_in_all: i64,
    /// New lines whose year was closed: they count in the next open year.
    pub moved_to_open_year: i64,
    /// The closed year after which none is open for such lines: with it, nothing is loaded.
    pub needs_year_after: Option<FinancialYear>,
}

/// The lines of one budget line whose entries were taken back.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Reversed {
    /// The budget line they would go to now.
    #[diesel(sql_type = Text)]
    pub budget_line: String,
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub lines: i64,
    /// Their sum in the file; credits are negative.
    #[diesel(sql_type = BigInt)]
    pub amount_pence: Pence,
}

/// A staged line that the ledger has under another budget line, with another amount or on another day. Passing over it would
/// leave the spend where the file or the mapping no longer has it. Only entries that stand are compared.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Differing {
    /// The workbook's sheet it is on.
    #[diesel(sql_type = Nullable<Text>)]
    pub sheet: Option<String>,
    /// Its place in the file or the sheet.
    #[diesel(sql_type = BigInt)]
    pub line_number: i64,
    /// The entry that the ledger has; none where an earlier file of a trial run would have brought it.
    #[diesel(sql_type = Nullable<Text>)]
    pub entry_id: Option<String>,
    /// The budget line under which the ledger has it.
    #[diesel(sql_type = Text)]
    pub was_budget_line: String,
    /// The one it would go to now.
    #[diesel(sql_type = Text)]
    pub now_budget_line: String,
    /// The amount the ledger has.
    #[diesel(sql_type = BigInt)]
    pub was_amount_pence: Pence,
    /// The amount in the file.
    #[diesel(sql_type = BigInt)]
    pub now_amount_pence: Pence,
    /// The day the ledger has.
    #[diesel(sql_type = Date)]
    pub was_posted_on: NaiveDate,
    /// The day in the file.
    #[diesel(sql_type = Date)]
    pub now_posted_on: NaiveDate,
}

/// Lines of the very file that entries were made of, and that would be new now.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Otherwise {
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub lines: i64,
    /// The first of them.
    #[diesel(sql_type = BigInt)]
    pub line_number: i64,
    /// Its sheet.
    #[diesel(sql_type = Nullable<Text>)]
    pub sheet: Option<String>,
    /// The source under which the ledger has it.
    #[diesel(sql_type = Text)]
    pub source: String,
    /// The file, as it was remembered then.
    #[diesel(sql_type = Text)]
    pub file_id: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

impl Comparison {
    /// Whether nothing of the file may be loaded.
    pub(super) fn forbids_load(&self) -> bool {
        self.is_known_file || self.differing_in_all > 0 || self.otherwise.is_some() || self.needs_year_after.is_some()
    }

    /// Staged lines that the ledger has, whether or not they count.
    pub(super) fn in_ledger(&self) -> i64 {
        self.already_present + self.reversed.iter().map(|of_line| of_line.lines).sum::<i64>()
    }

    /// Counts the new lines that were posted in a closed year.
    fn find_closed_years(&mut self, connection: &mut AnyConnection, source: &str) -> Result<(), Error> {
        let Some(closed) = closed_through(connection)? else { return Ok(()) };
        self.moved_to_open_year = count(connection, &questions::of_closed_years(closed), source)?;
        if self.moved_to_open_year > 0 && open_year_for(connection, closed)?.is_none() {
            self.needs_year_after = Some(closed);
        }
        Ok(())
    }

    /// Adds what a table, the ledger or the trial run's, has of the staged lines.
    fn add(&mut self, connection: &mut AnyConnection, table: &str, source: &str) -> Result<(), Error> {
        let present = count(connection, &questions::present(table), source)?;
        // Nothing present, nothing that could differ: the usual file is asked one question.
        if present == 0 {
            return Ok(());
        }
        self.already_present += present;
        self.provider_differs += count(connection, &questions::of_another_provider(table), source)?;
        if self.is_known_file {
            return Ok(());
        }
        let differ = questions::differing(table);
        self.differing_in_all += count(connection, &differ, source)?;
        let differing: Vec<Differing> = diesel::sql_query(format!(
            "SELECT n.sheet AS sheet, n.line_number AS line_number, e.id AS entry_id, e.budget_line AS was_budget_line, \
             n.budget_line AS now_budget_line, e.amount_pence AS was_amount_pence, n.amount_pence AS now_amount_pence, \
             e.posted_on AS was_posted_on, n.posted_on AS now_posted_on {differ} ORDER BY n.sheet_number, n.line_number LIMIT {MOST_NAMED}"
        ))
        .bind::<Text, _>(source)
        .load(connection)?;
        self.differing.extend(differing);
        Ok(())
    }
}

fn count(connection: &mut AnyConnection, from: &str, source: &str) -> Result<i64, Error> {
    let count: Count = diesel::sql_query(format!("SELECT COUNT(*) AS n {from}")).bind::<Text, _>(source).get_result(connection)?;
    Ok(count.n)
}

/// Compares the staged lines with the ledger.
pub(super) fn with_ledger(connection: &mut AnyConnection, source: &str, file: &LoadFile) -> Result<Comparison, Error> {
    let file_id: Option<String> = ledger_files::table
        .filter(ledger_files::source.eq(source))
        .filter(ledger_files::sha256.eq(&file.sha256))
        .filter(ledger_files::mapping_sha256.eq(&file.mapping_sha256))
        .select(ledger_files::id)
        .first(connection)
        .optional()?;
    let mut found = Comparison { is_known_file: file_id.is_some(), file_id, ..Comparison::default() };
    add_up_corrections(connection, source)?;
    found.add(connection, "ledger_entries", source)?;
    if found.already_present > 0 {
        found.reversed = diesel::sql_query(questions::reversed()).bind::<Text, _>(source).load(connection)?;
        found.already_present -= found.reversed.iter().map(|of_line| of_line.lines).sum::<i64>();
    }
    if !found.is_known_file {
        found.find_closed_years(connection, source)?;
        found.otherwise = read_otherwise(connection, source, &file.sha256)?;
    }
    Ok(found)
}

/// Lines of the very file that would be new, and of which the ledger counts an entry, under this source or another.
fn read_otherwise(connection: &mut AnyConnection, source: &str, sha256: &str) -> Result<Option<Otherwise>, Error> {
    let files: Vec<String> = ledger_files::table.filter(ledger_files::sha256.eq(sha256)).select(ledger_files::id).load(connection)?;
    let mut found: Option<Otherwise> = None;
    for file in files {
        let of_file: Option<Otherwise> =
            diesel::sql_query(questions::otherwise()).bind::<Text, _>(source).bind::<Text, _>(file).get_result(connection).optional()?;
        found = match (found, of_file) {
            (Some(first), Some(other)) => Some(Otherwise { lines: first.lines + other.lines, ..first }),
            (first, other) => first.or(other),
        };
    }
    Ok(found)
}

/// The year and the reason that new lines are entered with, as expressions over `n`: those of a closed year go to the next open one, and
/// say so. Years are words of a fixed form, so they may stand in the statement.
pub(super) fn entered_as(connection: &mut AnyConnection) -> Result<(String, String), Error> {
    let Some(closed) = closed_through(connection)? else { return Ok(("n.year".to_owned(), "'imported'".to_owned())) };
    let open = open_year_for(connection, closed)?.unwrap_or(closed);
    let is_closed = format!("CASE WHEN n.year <= '{closed}' THEN");
    Ok((
        format!("{is_closed} '{open}' ELSE n.year END"),
        format!("{is_closed} 'posted in ' || n.year || ', which was closed' ELSE 'imported' END"),
    ))
}

/// Adds what the earlier files of a trial run would have brought.
pub(super) fn with_foreseen(connection: &mut AnyConnection, source: &str, found: &mut Comparison) -> Result<(), Error> {
    found.add(connection, "ledger_foreseen", source)?;
    found.differing.truncate(usize::try_from(MOST_NAMED).unwrap_or(usize::MAX));
    Ok(())
}

/// Works out what became of the entries that were ever reversed; few are, and the others need no walk.
fn add_up_corrections(connection: &mut AnyConnection, source: &str) -> Result<(), Error> {
    diesel::sql_query("DELETE FROM ledger_corrected").execute(connection)?;
    diesel::sql_query(questions::corrections()).bind::<Text, _>(source).execute(connection)?;
    Ok(())
}

/// How many new lines agree in day, amount, reference and budget line with an entry that is there: a file that was loaded
/// before and is identified otherwise now. And how many new lines are of days that it has any entry of.
pub(super) fn look_alike(connection: &mut AnyConnection, source: &str) -> Result<(i64, i64), Error> {
    let alike = count(connection, &questions::alike(), source)?;
    Ok((alike, if alike == 0 { 0 } else { count(connection, &questions::on_loaded_days(), source)? }))
}

/// What is asked of the ledger about the staged lines. Each question goes from the lines to the entries (`CROSS JOIN` keeps that order on
/// SQLite), by what the ledger has an index of: an import costs what is in the file, however large the ledger has grown.
pub(super) mod questions {
    use crate::same_line::{IS_NEW, SAME_LINE};
    use domain::FinancialYear;

    /// Lines that a table, the ledger or the trial run's, has.
    pub(super) fn present(table: &str) -> String {
        format!("FROM ledger_numbered n CROSS JOIN {table} e WHERE {SAME_LINE}")
    }

    fn standing(table: &str) -> String {
        format!(
            "FROM ledger_numbered n CROSS JOIN {table} e LEFT JOIN ledger_corrected s ON s.entry_id = e.id \
             WHERE {SAME_LINE} AND COALESCE(s.stands, 1) = 1"
        )
    }

    /// Lines whose entries stand and have another provider, or none.
    pub(super) fn of_another_provider(table: &str) -> String {
        format!("{} AND COALESCE(e.provider_id, '') <> COALESCE(n.provider_id, '')", standing(table))
    }

    /// Lines whose entries stand and have another budget line, amount or day.
    pub(super) fn differing(table: &str) -> String {
        format!(
            "{} AND (e.budget_line <> n.budget_line OR e.amount_pence <> n.amount_pence OR e.posted_on <> n.posted_on)",
            standing(table)
        )
    }

    /// New lines posted in a closed year.
    pub(super) fn of_closed_years(closed: FinancialYear) -> String {
        format!("FROM ledger_numbered n WHERE n.year <= '{closed}' AND {IS_NEW}")
    }

    /// Lines whose entries were taken back, by budget line.
    pub(super) fn reversed() -> String {
        format!(
            "SELECT n.budget_line AS budget_line, COUNT(*) AS lines, CAST(SUM(n.amount_pence) AS BIGINT) AS amount_pence \
             FROM ledger_numbered n CROSS JOIN ledger_entries e CROSS JOIN ledger_corrected s \
             WHERE {SAME_LINE} AND s.entry_id = e.id AND s.counts = 0 GROUP BY n.budget_line ORDER BY n.budget_line"
        )
    }

    /// What became of the lines' entries that were ever reversed.
    pub(super) fn corrections() -> String {
        format!(
            "INSERT INTO ledger_corrected (entry_id, counts, stands) \
             WITH RECURSIVE chain (entry_id, at_id, sign, is_own) AS ( \
               SELECT e.id, e.id, 1, 1 FROM ledger_numbered n CROSS JOIN ledger_entries e \
                 WHERE {SAME_LINE} AND EXISTS (SELECT 1 FROM ledger_entries r WHERE r.reverses_id = e.id) \
               UNION ALL \
               SELECT c.entry_id, x.id, CASE WHEN x.recodes_id = c.at_id THEN c.sign ELSE -c.sign END, \
                 CASE WHEN x.recodes_id = c.at_id THEN 0 ELSE c.is_own END \
                 FROM chain c CROSS JOIN ledger_entries x WHERE x.reverses_id = c.at_id OR x.recodes_id = c.at_id \
             ) SELECT entry_id, SUM(sign), SUM(sign * is_own) FROM chain GROUP BY entry_id"
        )
    }

    /// Of a remembered file (`$2`), the lines whose entries count, while the line as it reads now is new. SQLite numbers `$1` and `$2` as they
    /// come, so the source is named first. Lines and entries meet by sorting: neither has an index by the line's number.
    pub(super) fn otherwise() -> String {
        format!(
            "WITH RECURSIVE asked AS (SELECT CAST($1 AS TEXT) AS source), again AS ( \
               SELECT MAX(u.id) AS id, MAX(u.sheet_number) AS sheet_number, u.line_number AS line_number, NULLIF(u.sheet, '') AS sheet, \
                 MAX(u.source) AS source FROM ( \
                   SELECT e.id AS id, CAST(NULL AS BIGINT) AS sheet_number, e.line_number AS line_number, COALESCE(e.sheet, '') AS sheet, \
                     e.source AS source FROM ledger_entries e WHERE e.file_id = $2 \
                   UNION ALL \
                   SELECT NULL, n.sheet_number, n.line_number, COALESCE(n.sheet, ''), NULL FROM ledger_numbered n WHERE {IS_NEW} \
                 ) u GROUP BY u.sheet, u.line_number HAVING COUNT(u.id) > 0 AND COUNT(u.sheet_number) > 0 \
             ), chain (entry_id, at_id, sign) AS ( \
               SELECT a.id, a.id, 1 FROM again a WHERE (SELECT COUNT(*) FROM ledger_entries r WHERE r.reverses_id = a.id) > 0 \
               UNION ALL \
               SELECT c.entry_id, x.id, CASE WHEN x.recodes_id = c.at_id THEN c.sign ELSE -c.sign END \
                 FROM chain c CROSS JOIN ledger_entries x WHERE x.reverses_id = c.at_id OR x.recodes_id = c.at_id \
             ), counting AS ( \
               SELECT a.* FROM again a WHERE a.id NOT IN (SELECT c.entry_id FROM chain c GROUP BY c.entry_id HAVING SUM(c.sign) = 0) \
             ) SELECT (SELECT COUNT(*) FROM counting) AS lines, a.line_number AS line_number, a.sheet AS sheet, a.source AS source, \
               CAST($2 AS TEXT) AS file_id FROM counting a ORDER BY a.sheet_number, a.line_number LIMIT 1"
        )
    }

    /// New lines on days of which the ledger has any entry.
    pub(super) fn on_loaded_days() -> String {
        // By the day and not by the source, which nearly every entry has; and the first of a day is enough, so a day is never asked by reading
        // them all.
        let first_of = |table: &str| format!("(SELECT 1 FROM {table} e WHERE e.posted_on = d.posted_on AND e.source || '' = $1 LIMIT 1)");
        format!(
            "FROM ledger_numbered n WHERE {IS_NEW} AND n.posted_on IN (SELECT d.posted_on FROM (SELECT DISTINCT posted_on FROM ledger_numbered) d \
             WHERE COALESCE({}, {}) = 1)",
            first_of("ledger_entries"),
            first_of("ledger_foreseen")
        )
    }

    /// New lines that agree in day, amount, reference and budget line with an entry that was not taken back.
    pub(super) fn alike() -> String {
        const ALIKE: &str = "e.source = $1 AND e.posted_on = n.posted_on AND e.amount_pence = n.amount_pence \
                             AND e.budget_line = n.budget_line AND COALESCE(e.reference, '') = COALESCE(n.reference, '')";
        format!(
            "FROM ledger_numbered n WHERE {IS_NEW} AND (EXISTS (SELECT 1 FROM ledger_entries e WHERE {ALIKE} \
             AND NOT EXISTS (SELECT 1 FROM ledger_entries r WHERE r.reverses_id = e.id)) \
             OR EXISTS (SELECT 1 FROM ledger_foreseen e WHERE {ALIKE}))"
        )
    }
}

#[cfg(test)]
mod tests;
