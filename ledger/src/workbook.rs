//! Spreadsheet files: XLSX row by row, and the older XLS.

use crate::csv_file::unreadable;
use crate::date::DayZero;
use crate::header;
use crate::import::{FileRead, Job};
use crate::line::Lines;
use crate::report::{Problem, ProblemCode, Problems};
use crate::text::{Encoding, fold};
use crate::workbook_size;
use calamine::{Data, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsx, XlsxError};
use csv::ByteRecord;
use db::audit::hex;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};

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
        let sheet = book.find_header(job)?;
        book.read_lines(job, sheet)
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
enum Stop {
    Refused(Problems),
    Store(db::Error),
}

impl From<db::Error> for Stop {
    fn from(error: db::Error) -> Self {
        Stop::Store(error)
    }
}

fn refuse(code: ProblemCode, detail: String) -> Stop {
    Stop::Refused(Problems::of([Problem { line: None, column: None, code, detail }]))
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

enum Book {
    // Boxed: the two differ much in size.
    Xlsx(Box<Xlsx<BufReader<File>>>, workbook_size::Size),
    Xls(Box<Xls<BufReader<File>>>),
}

/// The sheet with the lines, and its header.
struct Sheet {
    name: String,
    layout: header::Layout,
    header_line: u64,
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
            return Ok(Book::Xls(Box::new(Xls::new(BufReader::new(file))?)));
        }
        let size = workbook_size::check(&file).map_err(damaged)?;
        file.rewind().map_err(damaged)?;
        Ok(Book::Xlsx(Box::new(Xlsx::new(BufReader::new(file))?), size))
    }

    /// The names of the sheets that are shown and hold cells.
    fn sheets(&self) -> Vec<String> {
        let all = match self {
            Book::Xlsx(book, _) => book.sheets_metadata(),
            Book::Xls(book) => book.sheets_metadata(),
        };
        let is_usable = |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible;
        all.iter().filter(is_usable).map(|sheet| sheet.name.clone()).collect()
    }

    /// The mapping's sheet, or the only one with a header: of several, none may be passed over unseen.
    fn find_header(&mut self, job: &Job<'_>) -> Result<Sheet, Stop> {
        let mut names = self.sheets();
        if let Some(wanted) = &job.mapping.sheet {
            let all = names.join(", ");
            names.retain(|name| fold(name) == fold(wanted));
            if names.is_empty() {
                return Err(refuse(ProblemCode::SheetNotFound, format!("there is no sheet called {wanted}; the sheets are: {all}")));
            }
        }
        let mut likeliest: Option<header::NotHeader> = None;
        let mut found: Vec<Sheet> = Vec::new();
        for name in names {
            let mut rows = Vec::new();
            self.each_row(&name, &mut |row, line| {
                rows.push((row.clone(), line));
                Ok(rows.len() < header::MOST_ROWS)
            })?;
            match header::find(job.mapping, Encoding::Auto, &rows) {
                // A note beside the table moves no cell, as a stray comma would.
                Ok((layout, header_line)) => {
                    found.push(Sheet { name, layout: header::Layout { width: usize::MAX, ..layout }, header_line });
                }
                Err(other) if likeliest.as_ref().is_none_or(|best| other.hits > best.hits) => likeliest = Some(other),
                Err(_) => {}
            }
        }
        if found.len() > 1 {
            let names: Vec<_> = found.iter().map(|sheet| sheet.name.as_str()).collect();
            let detail = format!(
                "{} sheets have the header: {}; name the one to read, sheet = \"{}\", and import the others with mappings that name them",
                names.len(),
                names.join(", "),
                names[0]
            );
            return Err(refuse(ProblemCode::SeveralSheets, detail));
        }
        match (found.pop(), likeliest) {
            (Some(sheet), _) => Ok(sheet),
            (None, Some(not)) => Err(Stop::Refused(Problems::of(not.problems))),
            (None, None) => Err(refuse(ProblemCode::EmptyFile, "the workbook has no sheet with cells".to_owned())),
        }
    }

    fn read_lines(&mut self, job: &mut Job<'_>, sheet: Sheet) -> Result<FileRead, Stop> {
        let mut lines = Lines::new(job.mapping, sheet.layout, Encoding::Auto, job.provider_ids, job.today, job.stage);
        lines.day_zero = self.day_zero();
        let mut last = sheet.header_line;
        self.each_row(&sheet.name, &mut |row, line| {
            if line > last {
                lines.blank(line - last - 1);
                lines.line(row, line)?;
                last = line;
            }
            Ok(true)
        })?;
        let Lines { counts, tally, problems, .. } = lines;
        Ok(FileRead { sha256: None, counts, tally, problems, sheet: Some(sheet.name), warnings: self.warnings() })
    }

    /// An XLS workbook's dates are read rightly whichever it is; its bare day numbers as the usual ones.
    fn day_zero(&self) -> DayZero {
        match self {
            Book::Xlsx(book, _) if book.has_1904_epoch() => DayZero::Of1904,
            _ => DayZero::Of1900,
        }
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

    /// Hands over each row that has something in it, with its number from 1, for as long as the visitor wants more.
    fn each_row(&mut self, sheet: &str, visit: &mut dyn FnMut(&ByteRecord, u64) -> Result<bool, Stop>) -> Result<(), Stop> {
        let mut rows = Rows { at: 0, row: ByteRecord::new(), has_any: false, visit };
        match self {
            Book::Xlsx(book, _) => {
                let mut cells = book.worksheet_cells_reader(sheet)?;
                while let Some(cell) = cells.next_cell()? {
                    let (row, column) = cell.get_position();
                    if !rows.cell(row, column, &Data::from(cell.get_value().clone()))? {
                        return Ok(());
                    }
                }
            }
            Book::Xls(book) => {
                let range = book.worksheet_range(sheet)?;
                let (top, left) = range.start().unwrap_or_default();
                for (row, column, value) in range.used_cells() {
                    let place = |start: u32, offset: usize| start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
                    if !rows.cell(place(top, row), place(left, column), value)? {
                        return Ok(());
                    }
                }
            }
        }
        rows.end().map(|_| ())
    }
}

/// Cells on their way to rows.
struct Rows<'v> {
    at: u32,
    row: ByteRecord,
    has_any: bool,
    visit: &'v mut dyn FnMut(&ByteRecord, u64) -> Result<bool, Stop>,
}

impl Rows<'_> {
    fn cell(&mut self, row: u32, column: u32, value: &Data) -> Result<bool, Stop> {
        if row < self.at {
            return Err(damaged("its rows are out of order"));
        }
        if row > self.at {
            if !self.end()? {
                return Ok(false);
            }
            self.at = row;
        }
        let text = text_of(value);
        let wanted = usize::try_from(column).unwrap_or(usize::MAX);
        if text.is_empty() || column >= MOST_COLUMNS {
            return Ok(true);
        }
        if wanted < self.row.len() {
            return Err(damaged("its cells are out of order"));
        }
        while self.row.len() < wanted {
            self.row.push_field(b"");
        }
        self.row.push_field(text.as_bytes());
        self.has_any = true;
        Ok(true)
    }

    fn end(&mut self) -> Result<bool, Stop> {
        let goes_on = if self.has_any { (self.visit)(&self.row, u64::from(self.at) + 1)? } else { true };
        self.row.clear();
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
