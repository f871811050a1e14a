//! Which sheets of a workbook are read. None is passed over without a word, and none with anything like payments unless the mapping says
//! so.

use crate::header::{self, Layout, NotHeader, Search};
use crate::mapping::{Mapping, Sheets};
use crate::merged::Merged;
use crate::payment_like::has_amount;
use crate::problem::{Problem, ProblemCode, Problems};
use crate::stage::{OnSeveralSheets, SheetRead};
use crate::text::{Encoding, fold};
use crate::workbook::{Book, Sheet, Stop};

/// Headers of a mapping that a row must have for what stands under it to be taken for payments.
const HITS_OF_A_TABLE: usize = 2;

/// The sheets to read, and what is to be said of the others.
pub(crate) struct Chosen {
    pub(crate) sheets: Vec<ChosenSheet>,
    pub(crate) not_read: Vec<String>,
    pub(crate) warnings: Vec<String>,
    /// Whether the mapping names each of them.
    pub(crate) are_named: bool,
}

/// A sheet with its header.
pub(crate) struct ChosenSheet {
    pub(crate) name: String,
    pub(crate) layout: Layout,
    pub(crate) header_line: u64,
    pub(crate) merged: Merged,
    pub(crate) warning: Option<String>,
    /// Why its header is not to be trusted.
    problem: Option<Problem>,
}

/// What a look at a sheet found.
enum Look {
    Table(Box<ChosenSheet>),
    /// No header; whether anything is like payments.
    NoTable {
        not: NotHeader,
        first_payment: Option<u64>,
    },
    Empty,
}

/// Looks at every sheet, and chooses as the mapping says.
pub(crate) fn choose(book: &mut Book, mapping: &Mapping) -> Result<Chosen, Stop> {
    let sheets = book.sheets();
    let mut problems = Problems::default();
    tell_unknown(&sheets, mapping, &mut problems);
    let mut chosen = Chosen { sheets: Vec::new(), not_read: Vec::new(), warnings: Vec::new(), are_named: false };
    chosen.are_named = matches!(mapping.sheets, Sheets::Named(_));
    let (mut likeliest, mut left_out): (Option<NotHeader>, Vec<LeftOut>) = (None, Vec::new());
    for sheet in &sheets {
        let is_wanted = match &mapping.sheets {
            Sheets::Shown => sheet.is_shown,
            Sheets::All => true,
            Sheets::Named(names) => is_among(names, &sheet.name),
        };
        match look_at(book, mapping, &sheet.name)? {
            Look::Empty => {}
            Look::Table(found) if is_wanted => {
                found.problem.iter().for_each(|problem| problems.push(problem.clone()));
                chosen.sheets.push(*found);
            }
            Look::Table(found) => {
                let first_payment = first_line_below(book, &sheet.name, found.header_line)?;
                left_out.push(LeftOut { sheet, first_payment, not: None });
            }
            Look::NoTable { not, first_payment } => {
                if is_wanted && chosen.are_named {
                    not.problems.iter().for_each(|problem| problems.push(Problem { sheet: Some(sheet.name.clone()), ..problem.clone() }));
                }
                if is_wanted && likeliest.as_ref().is_none_or(|best| not.hits > best.hits) {
                    likeliest = Some(not.clone());
                }
                left_out.push(LeftOut { sheet, first_payment, not: is_wanted.then_some(not) });
            }
        }
    }
    if !problems.is_empty() {
        return Err(Stop::Refused(problems));
    }
    chosen.not_read = left_out.iter().map(|left| left.sheet.name.clone()).collect();
    if chosen.sheets.is_empty() {
        // What the likeliest lacks says most.
        problems = Problems::of(likeliest.into_iter().flat_map(|not| not.problems));
        left_out.retain(|left| left.not.is_none());
    }
    if !chosen.are_named {
        let read: Vec<&str> = chosen.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
        left_out.iter().filter_map(|left| left.refusal(&read)).for_each(|problem| problems.push(problem));
    }
    if chosen.sheets.is_empty() && problems.is_empty() {
        problems.push(Problem::of_file(ProblemCode::EmptyFile, "the workbook has no sheet with cells that is shown"));
    }
    if !problems.is_empty() {
        return Err(Stop::Refused(problems));
    }
    chosen.warnings.extend(not_read(&left_out));
    Ok(chosen)
}

fn is_among(names: &[String], sheet: &str) -> bool {
    names.iter().any(|name| fold(name) == fold(sheet))
}

fn tell_unknown(sheets: &[Sheet], mapping: &Mapping, problems: &mut Problems) {
    let Sheets::Named(names) = &mapping.sheets else { return };
    let all: Vec<&str> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    for name in names.iter().filter(|name| !sheets.iter().any(|sheet| fold(&sheet.name) == fold(name))) {
        let detail = format!("there is no sheet called {name}; the sheets are: {}", all.join(", "));
        problems.push(Problem::of_file(ProblemCode::SheetNotFound, detail));
    }
}

/// Looks for the header of a sheet, and where it has none, for anything like payments.
fn look_at(book: &mut Book, mapping: &Mapping, sheet: &str) -> Result<Look, Stop> {
    let mut merged = book.merged(sheet)?;
    let mut search = Search::new(mapping, Encoding::Auto);
    let (mut found, mut has_rows, mut first_amount): (Option<(Layout, u64)>, bool, Option<u64>) = (None, false, None);
    book.each_row(sheet, &mut merged, &mut |row| {
        has_rows = true;
        if let Some(layout) = search.row(row.cells, row.line) {
            found = Some((layout, row.line));
            return Ok(false);
        }
        if first_amount.is_none() && search.hits() >= HITS_OF_A_TABLE && has_amount(row.cells, Encoding::Auto) {
            first_amount = Some(row.line);
        }
        // Past the rows where a header may stand, one payment tells as much as many.
        Ok(!search.is_over() || (search.payments_above.is_empty() && first_amount.is_none()))
    })?;
    let payments_above = std::mem::take(&mut search.payments_above);
    let Some((layout, header_line)) = found else {
        let first_payment = payments_above.first().copied().or(first_amount);
        return Ok(if has_rows { Look::NoTable { not: search.not_found(), first_payment } } else { Look::Empty });
    };
    let problem = search.refusal(header_line, &payments_above).map(|problem| Problem { sheet: Some(sheet.to_owned()), ..problem });
    let warning = header::payments_above(&payments_above);
    let beside = layout.beside(|column| merged.beside(row_of(header_line), column));
    // A note beside the table moves no cell, as a stray comma would.
    let layout = Layout { width: usize::MAX, beside, ..layout };
    Ok(Look::Table(Box::new(ChosenSheet { name: sheet.to_owned(), layout, header_line, merged, warning, problem })))
}

fn row_of(line: u64) -> u32 {
    u32::try_from(line.saturating_sub(1)).unwrap_or(u32::MAX)
}

/// The first line below a header.
fn first_line_below(book: &mut Book, sheet: &str, header_line: u64) -> Result<Option<u64>, Stop> {
    let (mut merged, mut first) = (Merged::default(), None);
    book.each_row(sheet, &mut merged, &mut |row| {
        if row.line > header_line {
            first = Some(row.line);
        }
        Ok(first.is_none())
    })?;
    Ok(first)
}

/// A sheet with cells that is not read.
struct LeftOut<'s> {
    sheet: &'s Sheet,
    first_payment: Option<u64>,
    /// What it lacks for a header, where it was to be read.
    not: Option<NotHeader>,
}

impl LeftOut<'_> {
    /// Why the workbook is refused, if what looks like payments would be left out; `read` are the sheets that would be read.
    fn refusal(&self, read: &[&str]) -> Option<Problem> {
        let line = self.first_payment?;
        let name = &self.sheet.name;
        let others = match read {
            [] => String::new(),
            [one] => format!(" To leave it out, name the sheet to read: sheet = \"{one}\"."),
            several => format!(" To leave it out, name the sheets to read: sheet = [\"{}\"].", several.join("\", \"")),
        };
        let detail = match &self.not {
            Some(not) => {
                let lacks: Vec<&str> = not.problems.iter().map(|problem| problem.detail.as_str()).collect();
                format!(
                    "this sheet would not be read, and has what looks like payments: {}. To read it, list its headers beside the others in the \
                     mapping.{others}",
                    lacks.join("; ")
                )
            }
            None => format!(
                "this sheet is hidden and would not be read, and has what looks like payments. To read it, write sheet = \"*\", or list \
                 \"{name}\" with the others.{others}"
            ),
        };
        Some(Problem { sheet: Some(name.clone()), ..Problem::of_line(line, ProblemCode::SheetNotRead, detail) })
    }
}

/// Names the sheets that are not read.
fn not_read(left_out: &[LeftOut<'_>]) -> Option<String> {
    let named: Vec<String> = left_out
        .iter()
        .map(|left| {
            let hidden = if left.sheet.is_shown { "" } else { ", which is hidden" };
            let payments = if left.first_payment.is_some() { ", which has what looks like payments" } else { "" };
            format!("{}{hidden}{payments}", left.sheet.name)
        })
        .collect();
    (!named.is_empty()).then(|| format!("sheets that were not read: {}", named.join("; ")))
}

/// Whether one sheet may repeat another, by lines that agree in all that a person knows a payment by: one of them has a reference, or they are
/// half of a sheet's lines or more. Payments without a number may agree by chance.
pub(crate) fn may_repeat(sheets: &[SheetRead]) -> bool {
    sheets.iter().any(|sheet| sheet.alike_by_reference > 0 || (sheet.alike > 0 && sheet.alike * 2 >= sheet.lines))
}

/// What each sheet came to, where several have picked lines.
pub(crate) fn came_to(sheets: &[SheetRead]) -> Option<String> {
    let each: Vec<String> = sheets.iter().map(|sheet| format!("{} ({} lines, {})", sheet.sheet, sheet.lines, sheet.amount_pence)).collect();
    (each.len() > 1).then(|| format!("lines of {} sheets count together: {}; does none repeat another?", each.len(), each.join(", ")))
}

/// What is said of lines that stand on more than one sheet: one sheet may repeat another. A mapping that names them both has seen it.
pub(crate) fn on_several(twice: &OnSeveralSheets, other: &str, names: &[String], are_named: bool) -> Result<String, Problem> {
    let OnSeveralSheets { lines, line_number, sheet, .. } = twice;
    if are_named {
        return Ok(format!("{lines} lines stand on more than one sheet, and count on each (the first: sheet {sheet}, line {line_number})"));
    }
    let detail = format!(
        "{lines} lines stand on more than one sheet, so one sheet may repeat another and its payments would count twice (this one also on \
         {other}); name the sheets to read: sheet = [\"{}\"] for all of them, or fewer",
        names.join("\", \"")
    );
    let problem = Problem::of_file(ProblemCode::SeveralSheets, detail);
    Err(Problem { sheet: Some(sheet.clone()), line: Some(*line_number), ..problem })
}
