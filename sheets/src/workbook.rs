//! Sheets as a workbook that a finance officer can filter, add to and print.

use super::look::{Look, MOST_LINES, height, lines, pieces, widths};
use super::{Cell, Column, Kind, Sheet, SheetChartKind, text};
use crate::Error;
use chrono::{NaiveDate, NaiveDateTime};
use domain::Pence;
use rust_xlsxwriter::utility::cell_range;
use rust_xlsxwriter::{Chart, ChartType, DocProperties, ExcelDateTime, Format, Formula, IgnoreError, Workbook, Worksheet, XlsxError};

/// Rows that Excel has.
const MOST_ROWS: usize = 1_048_576;
/// Numbers below this have 15 digits, which Excel keeps exactly.
const TOO_LARGE: u64 = 1_000_000_000_000_000;
/// A paper, laid crosswise.
struct Paper {
    /// Excel's number for it.
    number: u8,
    /// How many digits stand side by side on it where type is printed in 8 points.
    room: usize,
}

const A4: Paper = Paper { number: 9, room: 176 };
const A3: Paper = Paper { number: 8, room: 253 };
/// With more columns than this a sheet is printed on A3.
const MOST_ON_A4: usize = 10;
/// Arial of 8 points; the space keeps a title's digits out of the size.
const FOOT: &str = "&\"Arial,Regular\"&8 ";

/// Several sheets as one XLSX workbook. `made_at` (UTC) is its creation time: the same sheets and time give the same bytes.
///
/// Each sheet has its title and headings, a header row that stays in view and repeats on each printed page, filters, and totals as
/// formulas that follow the filters and carry our own sum as their last result. It prints as wide as one A4 page, with more than
/// ten columns A3. A text that does not fit the highest row goes on in rows below whose other cells are blank; one that looks like a
/// formula is text. Refused where a sheet has more rows than Excel ([`Error::TooManyRows`]), or a number beyond the 15 digits that
/// Excel keeps.
pub fn workbook(sheets: &[Sheet], made_at: NaiveDateTime) -> Result<Vec<u8>, Error> {
    let Some(first) = sheets.first() else {
        return Err(Error::Sheet("a workbook needs a sheet".to_owned()));
    };
    let mut book = Workbook::new();
    // Columns are measured in digits of this font, everywhere: a program without Excel's own would take another, often a wider one.
    book.set_default_format(&Look::base(), 17, 64)?;
    let created = ExcelDateTime::from_timestamp(made_at.and_utc().timestamp())?;
    book.set_properties(&DocProperties::new().set_title(text::in_one_line(&first.title)).set_creation_datetime(&created));
    let look = Look::new();
    let mut names = Vec::with_capacity(sheets.len());
    for sheet in sheets {
        let name = text::sheet_name(sheet.tab.as_deref().unwrap_or(&sheet.title), &names);
        let page = book.add_worksheet();
        page.set_name(&name)?;
        names.push(name);
        write_sheet(page, sheet, &look)?;
    }
    Ok(book.save_to_buffer()?)
}

/// Where things are on a sheet, counted from nought.
struct Layout {
    header: u32,
    first: u32,
    /// A low empty row under the data. The totals' ranges end in it, so that a row inserted under the last one counts too, and so
    /// that a sheet without rows has a range as well; and no filter takes the totals for data.
    spacer: u32,
    last_column: u16,
}

impl Layout {
    /// Of a sheet that takes so many rows.
    fn of(sheet: &Sheet, rows: usize) -> Result<Self, Error> {
        let above = sheet.headings.len() + 2;
        let row = |number: usize| u32::try_from(number).map_err(|_| Error::TooManyRows { rows });
        if above + rows + 3 > MOST_ROWS {
            return Err(Error::TooManyRows { rows });
        }
        let last_column = u16::try_from(sheet.columns.len().saturating_sub(1)).map_err(|_| Error::Sheet("too many columns".to_owned()))?;
        Ok(Layout { header: row(above)?, first: row(above + 1)?, spacer: row(above + 1 + rows)?, last_column })
    }
}

fn write_sheet(page: &mut Worksheet, sheet: &Sheet, look: &Look) -> Result<(), Error> {
    let paper = if sheet.columns.len() > MOST_ON_A4 { A3 } else { A4 };
    let widths = widths(sheet, paper.room);
    let rows = sheet.rows.iter().map(|cells| rows_of(cells, &widths));
    let layout = Layout::of(sheet, rows.sum())?;
    let title = text::in_one_line(&sheet.title);
    page.set_row_height(0, 24)?;
    put_text(page, 0, 0, &title, &look.title)?;
    for (row, line) in (1..).zip(&sheet.headings) {
        put_text(page, row, 0, &text::in_one_line(line), &look.heading)?;
    }
    set_up_printing(page, &sheet.title, layout.header, paper.number)?;
    if sheet.columns.is_empty() {
        return Ok(());
    }
    write_headers(page, sheet, &layout, &widths, look)?;
    let mut row = layout.first;
    for cells in &sheet.rows {
        row = write_row(page, row, cells, sheet, &widths, look)?;
    }
    page.autofilter(layout.header, 0, layout.spacer - 1, layout.last_column)?;
    page.set_freeze_panes(layout.first, 0)?;
    write_totals(page, sheet, &layout, look)?;
    draw(page, sheet, &layout)
}

/// What a cell shows in each of its rows: one piece, but of a text that is too long for a row.
fn shown(cell: &Cell, width: u16) -> Vec<&str> {
    match cell {
        Cell::Text(words) if lines(words, width) > MOST_LINES => pieces(words, width),
        Cell::Text(words) => vec![words],
        _ => Vec::new(),
    }
}

/// How many rows of the sheet the cells take.
fn rows_of(cells: &[Cell], widths: &[u16]) -> usize {
    cells.iter().zip(widths).map(|(cell, width)| shown(cell, *width).len()).max().unwrap_or(1).max(1)
}

/// Writes the cells, their long texts on rows below too; answers with the row after them.
fn write_row(page: &mut Worksheet, first: u32, cells: &[Cell], sheet: &Sheet, widths: &[u16], look: &Look) -> Result<u32, Error> {
    let shown: Vec<_> = cells.iter().zip(widths).map(|(cell, width)| shown(cell, *width)).collect();
    let mut row = first;
    for piece in 0..rows_of(cells, widths) {
        let mut most = 1;
        for (number, ((cell, column), pieces)) in (0..).zip(cells.iter().zip(&sheet.columns).zip(&shown)) {
            match (pieces.get(piece), cell) {
                (Some(words), _) => {
                    put_text(page, row, number, &text::for_a_cell(words), look.text_of(words))?;
                    most = most.max(widths.get(usize::from(number)).map_or(1, |width| lines(words, *width)));
                }
                (None, cell) if piece == 0 => put(page, row, number, cell, column, look)?,
                (None, _) => put(page, row, number, &Cell::Blank, column, look)?,
            }
        }
        // Some programs leave a row as low as one line unless they are told.
        if most > 1 {
            page.set_row_height(row, height(most))?;
        }
        row += 1;
    }
    Ok(row)
}

/// Writes the header row and sizes the columns.
fn write_headers(page: &mut Worksheet, sheet: &Sheet, layout: &Layout, widths: &[u16], look: &Look) -> Result<(), Error> {
    let mut most = 1;
    for (number, (column, width)) in (0..).zip(sheet.columns.iter().zip(widths)) {
        let label = column.label();
        put_text(page, layout.header, number, &label, look.header(column.kind))?;
        page.set_column_width(number, *width)?;
        if column.kind == Kind::Text {
            // A code that is all digits is meant as text.
            page.ignore_error_range(layout.first, number, layout.spacer, number, IgnoreError::NumberStoredAsText)?;
        }
        most = most.max(lines(&label, *width));
    }
    page.set_row_height(layout.header, height(most) + 5)?;
    Ok(())
}

fn put(page: &mut Worksheet, row: u32, column: u16, cell: &Cell, of: &Column, look: &Look) -> Result<(), Error> {
    match cell {
        Cell::Text(words) => put_text(page, row, column, &text::for_a_cell(words), look.text_of(words))?,
        Cell::Date(day) => match serial_day(*day) {
            Some(serial) => _ = page.write_number_with_format(row, column, serial, &look.day)?,
            None => put_text(page, row, column, &day.to_string(), &look.text)?,
        },
        Cell::Integer(number) => _ = page.write_number_with_format(row, column, exact(*number, &number.to_string(), of)?, &look.whole)?,
        Cell::Pence(pence) => {
            _ = page.write_number_with_format(row, column, exact(*pence, &Pence(*pence).to_pounds(), of)?, &look.pounds)?
        }
        Cell::Blank => _ = page.write_blank(row, column, &look.text)?,
    }
    Ok(())
}

fn put_text(page: &mut Worksheet, row: u32, column: u16, words: &str, format: &Format) -> Result<(), XlsxError> {
    // The library takes a text with these ends for markup of its own and would write it unescaped; as rich text it is escaped.
    if words.starts_with("<r>") && words.ends_with("</r>") {
        page.write_rich_string_with_format(row, column, &[(&Format::default(), words)], format)?;
    } else {
        page.write_string_with_format(row, column, words, format)?;
    }
    Ok(())
}

/// A number as the file holds it: its decimal text, read; nothing is calculated.
fn exact(whole: i64, decimal: &str, column: &Column) -> Result<f64, Error> {
    if whole.unsigned_abs() >= TOO_LARGE {
        return Err(Error::Sheet(format!("a number under `{}` has more digits than a workbook keeps", column.header)));
    }
    decimal.parse().map_err(|_| Error::Sheet(format!("a number under `{}` cannot be written", column.header)))
}

/// A day as Excel counts it, if it can: before March 1900 it counts a 29 February that was not.
fn serial_day(day: NaiveDate) -> Option<f64> {
    let (epoch, first) = (NaiveDate::from_ymd_opt(1899, 12, 30)?, NaiveDate::from_ymd_opt(1900, 3, 1)?);
    let last = NaiveDate::from_ymd_opt(9999, 12, 31)?;
    let days = i32::try_from(day.signed_duration_since(epoch).num_days()).ok()?;
    (first..=last).contains(&day).then_some(f64::from(days))
}

fn write_totals(page: &mut Worksheet, sheet: &Sheet, layout: &Layout, look: &Look) -> Result<(), Error> {
    if !sheet.columns.iter().any(Column::is_summed) {
        return Ok(());
    }
    let row = layout.spacer + 1;
    page.set_row_height(layout.spacer, 6)?;
    for (number, column) in (0..).zip(&sheet.columns) {
        let format = look.total_of(column.kind);
        match sheet.total(usize::from(number)) {
            Some(total) => {
                let result = if column.kind == Kind::Pounds { Pence(total).to_pounds() } else { total.to_string() };
                exact(total, &result, column)?;
                let range = cell_range(layout.first, number, layout.spacer, number);
                // 109 adds up what a filter or a hand leaves in view.
                page.write_formula_with_format(row, number, Formula::new(format!("SUBTOTAL(109,{range})")).set_result(result), format)?;
            }
            None if number == 0 => put_text(page, row, number, "Total", format)?,
            None => _ = page.write_blank(row, number, format)?,
        }
    }
    Ok(())
}

/// How large a chart is, in pixels.
const CHART_PX: (u32, u32) = (900, 380);
/// Excel takes no longer words for those who do not see a chart.
const MOST_ALTERNATIVE: usize = 255;
/// So many rows below the totals it begins.
const BELOW_TOTALS: u32 = 3;

/// Draws the sheet's chart below its totals, from its own cells.
fn draw(page: &mut Worksheet, sheet: &Sheet, layout: &Layout) -> Result<(), Error> {
    let Some(asked) = sheet.chart.as_ref().filter(|_| !sheet.rows.is_empty()) else { return Ok(()) };
    let (name, last) = (page.name(), layout.spacer - 1);
    let place = |column: usize| u16::try_from(column).ok().filter(|column| *column <= layout.last_column);
    let Some(categories) = place(asked.categories) else { return Ok(()) };
    let mut chart = Chart::new(match asked.kind {
        SheetChartKind::Bars => ChartType::Column,
        SheetChartKind::Lines => ChartType::Line,
    });
    for column in asked.series.iter().filter_map(|column| place(*column)) {
        chart
            .add_series()
            .set_name((name.as_str(), layout.header, column))
            .set_categories((name.as_str(), layout.first, categories, last, categories))
            .set_values((name.as_str(), layout.first, column, last, column));
    }
    chart.title().set_name(&text::in_one_line(&asked.title));
    let description: String = text::in_one_line(&asked.description).chars().take(MOST_ALTERNATIVE).collect();
    chart.set_width(CHART_PX.0).set_height(CHART_PX.1).set_alt_text(description);
    page.insert_chart(layout.spacer + BELOW_TOTALS, 0, &chart)?;
    Ok(())
}

fn set_up_printing(page: &mut Worksheet, title: &str, header: u32, paper: u8) -> Result<(), XlsxError> {
    page.set_paper_size(paper).set_landscape().set_print_fit_to_pages(1, 0);
    page.set_margins(0.5, 0.5, 0.6, 0.7, 0.3, 0.3);
    page.set_footer(format!("&L{FOOT}{}&R{FOOT}Page &P of &N", text::for_a_footer(title)));
    page.set_repeat_rows(header, header)?;
    Ok(())
}
