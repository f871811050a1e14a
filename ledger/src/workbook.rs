//! Spreadsheet files: XLSX row by row, and the older XLS. Which of their sheets are read is in [`crate::sheets`].

use crate::csv_file::unreadable;
use crate::date::DayZero;
use crate::import::{FileRead, Job};
use crate::line::Lines;
use crate::merged::Merged;
use crate::problem::{Problem, ProblemCode, Problems};
use crate::row::{Row, Unread, Why};
use crate::sheets::{self, Chosen};
use crate::text::Encoding;
use crate::workbook_size;
use calamine::{Data, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsx, XlsxError};
use csv::ByteRecord;
use db::audit::hex;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// XLSX and ODS files are ZIP archives.
const ZIP_MARK: &[u8] = b"PK\x03\x04";
/// XLS files, and XLSX files under a password, are these.
const OLE_MARK: &[u8] = b"\xd0\xcf\x11\xe0";
/// An XLS is held in memory whole; its format ends at 65,536 rows a sheet.
const MOST_XLS_BYTES: u64 = 100 << 20;
/// Cells further right are not looked at.
const MOST_COLUMNS: u32 = 1000;

/// Whether a file that starts so is a spreadsheet and not text.
pub(crate) fn is_workbook(head: &[u8]) -> bool {
    head.starts_with(ZIP_MARK) || head.starts_with(OLE_MARK)
}

/// Reads a workbook from its start.
pub(crate) fn read(job: &mut Job<'_>, mut file: File) -> Result<FileRead, db::Error> {
    let sha256 = match file.rewind().and_then(|()| sha256_of(&mut file, &mut *job.progress)) {
        Ok(sha256) => sha256,
        Err(error) => return Ok(FileRead::refused(None, Problems::of([unreadable(&error)]))),
    };
    let read = Book::open(file).and_then(|mut book| {
        let chosen = sheets::choose(&mut book, job.asked.mapping)?;
        book.read_sheets(job, chosen)
    });
    match read {
        Ok(read) => Ok(FileRead { sha256: Some(sha256), ..read }),
        Err(Stop::Refused(problems)) => Ok(FileRead::refused(Some(sha256), problems)),
        Err(Stop::Store(error)) => Err(error),
    }
}

fn sha256_of(file: &mut File, progress: &mut dyn FnMut(u64)) -> io::Result<String> {
    let (mut digest, mut buffer) = (Sha256::new(), vec![0; 128 * 1024]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&digest.finalize())),
            count => {
                digest.update(&buffer[..count]);
                progress(count as u64);
            }
        }
    }
}

/// Why a workbook was not read to its end.
pub(crate) enum Stop {
    Refused(Problems),
    Store(db::Error),
}

impl From<db::Error> for Stop {
    fn from(error: db::Error) -> Self {
        Stop::Store(error)
    }
}

fn refuse(code: ProblemCode, detail: String) -> Stop {
    Stop::Refused(Problems::of([Problem::of_file(code, detail)]))
}

fn damaged(error: impl std::fmt::Display) -> Stop {
    refuse(ProblemCode::UnreadableWorkbook, format!("the spreadsheet cannot be read ({error}); save it anew as XLSX or CSV"))
}

impl From<XlsxError> for Stop {
    fn from(error: XlsxError) -> Self {
        damaged(error)
    }
}

impl From<XlsError> for Stop {
    fn from(error: XlsError) -> Self {
        damaged(error)
    }
}

/// Asks the reader of workbooks. One that is damaged with care may make it give up; that is the file's fault and no failure of ours.
fn guarded<T, E>(read: impl FnOnce() -> Result<T, E>) -> Result<T, Stop>
where
    Stop: From<E>,
{
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(read) => Ok(read?),
        Err(_) => Err(damaged("it is damaged")),
    }
}

/// An open workbook.
pub(crate) enum Book {
    // Boxed: the two differ much in size.
    Xlsx(Box<Xlsx<BufReader<File>>>, workbook_size::Size),
    Xls(Box<Xls<BufReader<File>>>),
}

/// A sheet as the workbook lists it.
pub(crate) struct Sheet {
    pub(crate) name: String,
    pub(crate) is_shown: bool,
}

impl Book {
    fn open(mut file: File) -> Result<Self, Stop> {
        let mut mark = [0; 4];
        file.rewind().and_then(|()| file.read_exact(&mut mark)).and_then(|()| file.rewind()).map_err(damaged)?;
        if mark == OLE_MARK {
            let size = file.metadata().map_err(damaged)?.len();
            if size > MOST_XLS_BYTES {
                return Err(damaged("an XLS file of more than 100 MiB"));
            }
            return Ok(Book::Xls(Box::new(guarded(|| Xls::new(BufReader::new(file)))?)));
        }
        let size = workbook_size::check(&file).map_err(damaged)?;
        file.rewind().map_err(damaged)?;
        Ok(Book::Xlsx(Box::new(guarded(|| Xlsx::new(BufReader::new(file)))?), size))
    }

    /// The sheets of cells, in the workbook's order.
    pub(crate) fn sheets(&self) -> Vec<Sheet> {
        let all = match self {
            Book::Xlsx(book, _) => book.sheets_metadata(),
            Book::Xls(book) => book.sheets_metadata(),
        };
        let of_cells = all.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        of_cells.map(|sheet| Sheet { name: sheet.name.clone(), is_shown: sheet.visible == SheetVisible::Visible }).collect()
    }

    /// The merged cells of a sheet.
    pub(crate) fn merged(&mut self, sheet: &str) -> Result<Merged, Stop> {
        let cells = match self {
            Book::Xlsx(_, size) if size.merged == 0 => Vec::new(),
            Book::Xlsx(book, _) => guarded(|| book.merge_cells_by_sheet_name(sheet))?,
            Book::Xls(book) => guarded(|| book.merge_cells_by_sheet_name(sheet))?,
        };
        Ok(Merged::new(cells))
    }

    /// Reads the chosen sheets one after another, into one stage.
    fn read_sheets(&mut self, job: &mut Job<'_>, chosen: Chosen) -> Result<FileRead, Stop> {
        let mut read = FileRead::default();
        let names: Vec<String> = chosen.sheets.iter().map(|sheet| sheet.name.clone()).collect();
        let is_one = names.len() == 1;
        for (number, mut sheet) in (1..).zip(chosen.sheets) {
            let mut lines =
                Lines::new(job.asked, &mut *job.stage, sheet.layout, Encoding::Auto).of_sheet(number, &sheet.name, self.day_zero());
            let mut last = sheet.header_line;
            self.each_row(&sheet.name, &mut sheet.merged, &mut |row| {
                if row.line > last {
                    lines.blank(row.line - last - 1);
                    lines.line(row)?;
                    last = row.line;
                }
                Ok(true)
            })?;
            let mut lines = lines.finish();
            lines.warnings.extend(sheet.warning);
            if is_one {
                lines.problems.of_the_only_sheet();
            } else {
                lines.warnings.iter_mut().for_each(|warning| *warning = format!("sheet {}: {warning}", sheet.name));
            }
            read.add(lines);
        }
        if !is_one {
            repeated(job, &names, chosen.are_named, &mut read)?;
        }
        read.form.sheet = Some(names.join(", "));
        read.form.warnings.extend(self.warnings());
        read.form.warnings.extend(chosen.warnings);
        read.form.sheets_not_read = chosen.not_read;
        Ok(read)
    }

    /// What a bare day number counts from. A workbook's own dates are read rightly whichever it is.
    fn day_zero(&self) -> DayZero {
        let is_1904 = match self {
            Book::Xlsx(book, _) => book.has_1904_epoch(),
            Book::Xls(book) => book.has_1904_epoch(),
        };
        if is_1904 { DayZero::Of1904 } else { DayZero::Of1900 }
    }

    fn warnings(&self) -> Vec<String> {
        match self {
            Book::Xlsx(_, size) if size.formulas_without_result > 0 => vec![format!(
                "{} formulas of the workbook have no stored result and read as empty cells; open it in a spreadsheet program and save it",
                size.formulas_without_result
            )],
            _ => Vec::new(),
        }
    }

    /// Hands over each row that has something in it, for as long as the visitor wants more.
    pub(crate) fn each_row(
        &mut self,
        sheet: &str,
        merged: &mut Merged,
        visit: &mut dyn FnMut(&Row<'_>) -> Result<bool, Stop>,
    ) -> Result<(), Stop> {
        merged.restart();
        let mut rows = Rows { at: 0, row: ByteRecord::new(), unread: Vec::new(), has_any: false, merged, visit };
        match self {
            // Formulas are looked at only where it is known that some have no result.
            Book::Xlsx(book, size) if size.formulas_without_result > 0 => {
                let mut cells = guarded(move || book.worksheet_cells_reader(sheet))?;
                while let Some(cell) = guarded(|| cells.next_cell_with_formula_metadata())? {
                    let value = Data::from(cell.value);
                    let is_unknown = cell.formula.is_some() && matches!(value, Data::Empty);
                    if !rows.cell(cell.pos, if is_unknown { None } else { Some(&value) })? {
                        return Ok(());
                    }
                }
            }
            Book::Xlsx(book, _) => {
                let mut cells = guarded(move || book.worksheet_cells_reader(sheet))?;
                while let Some(cell) = guarded(|| cells.next_cell())? {
                    if !rows.cell(cell.get_position(), Some(&Data::from(cell.get_value().clone())))? {
                        return Ok(());
                    }
                }
            }
            Book::Xls(book) => {
                let range = guarded(|| book.worksheet_range(sheet))?;
                let (top, left) = range.start().unwrap_or_default();
                for (row, column, value) in range.used_cells() {
                    let place = |start: u32, offset: usize| start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
                    if !rows.cell((place(top, row), place(left, column)), Some(value))? {
                        return Ok(());
                    }
                }
            }
        }
        rows.end().map(|_| ())
    }
}

/// Tells of lines that stand on more than one sheet, and what each sheet came to.
fn repeated(job: &mut Job<'_>, names: &[String], are_named: bool, read: &mut FileRead) -> Result<(), Stop> {
    let by_sheet = job.stage.by_sheet()?;
    let mut twice = job.stage.on_several_sheets()?;
    if twice.is_none() && !are_named && sheets::may_repeat(&by_sheet) {
        twice = job.stage.alike_on_several_sheets()?;
    }
    if let Some(twice) = twice {
        let other = usize::try_from(twice.other_number - 1).ok().and_then(|place| names.get(place)).map_or("another", String::as_str);
        match sheets::on_several(&twice, other, names, are_named) {
            Ok(warning) => read.form.warnings.push(warning),
            Err(problem) => read.problems.push(problem),
        }
    }
    read.form.warnings.extend(sheets::came_to(&by_sheet));
    Ok(())
}

/// Cells on their way to rows.
struct Rows<'v> {
    at: u32,
    row: ByteRecord,
    unread: Vec<Unread>,
    has_any: bool,
    merged: &'v mut Merged,
    visit: &'v mut dyn FnMut(&Row<'_>) -> Result<bool, Stop>,
}

impl Rows<'_> {
    /// Takes a cell; without a value, it is a formula whose result was not stored.
    fn cell(&mut self, (row, column): (u32, u32), value: Option<&Data>) -> Result<bool, Stop> {
        if row < self.at {
            return Err(damaged("its rows are out of order"));
        }
        if row > self.at {
            if !self.end()? {
                return Ok(false);
            }
            self.at = row;
        }
        let text = value.map(text_of).unwrap_or_default();
        let at = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= MOST_COLUMNS {
            return Ok(true);
        }
        if value.is_none() {
            self.unread.push(Unread { first: at, last: at, why: Why::NoResult });
            self.has_any = true;
        }
        if text.is_empty() {
            return Ok(true);
        }
        if at < self.row.len() {
            return Err(damaged("its cells are out of order"));
        }
        while self.row.len() < at {
            self.row.push_field(b"");
        }
        self.row.push_field(text.as_bytes());
        self.has_any = true;
        Ok(true)
    }

    fn end(&mut self) -> Result<bool, Stop> {
        let mut goes_on = true;
        if self.has_any {
            self.merged.fill(self.at, &mut self.row, &mut self.unread);
            goes_on = (self.visit)(&Row { cells: &self.row, line: u64::from(self.at) + 1, unread: &self.unread, raw: None })?;
        }
        self.row.clear();
        self.unread.clear();
        self.has_any = false;
        Ok(goes_on)
    }
}

/// A cell as the text a CSV file would have for it. Numbers get the shortest digits that mean them, dates ISO 8601.
fn text_of(value: &Data) -> String {
    match value {
        Data::Empty => String::new(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(is_true) => (if *is_true { "TRUE" } else { "FALSE" }).to_owned(),
        Data::DateTime(instant) if instant.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = instant.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
        Data::DateTime(duration) => duration.as_f64().to_string(),
        Data::Error(error) => error.to_string(),
    }
}
