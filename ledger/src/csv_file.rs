//! CSV files, read once from start to end: hashed as they are read, and never more than one record of them in memory.

use crate::header::{self, Layout, NotHeader, Search};
use crate::import::{FileRead, Job};
use crate::line::Lines;
use crate::line_ends::{LineEnds, Plainer, unusual_parts};
use crate::problem::{Problem, ProblemCode, Problems};
use crate::quotes::{self, MOST_LINES_OF_RECORD, Marked, Watch};
use crate::row::{DELIMITERS, Raw, Row};
use crate::text::Encoding;
use csv::ByteRecord;
use db::audit::hex;
use sha2::{Digest, Sha256};
use std::cell::{Cell, RefCell};
use std::io::{self, Cursor, Read};
use std::rc::Rc;

/// The start of a file, in which its header and its delimiter are looked for.
pub(crate) const HEAD: usize = 256 * 1024;
/// A longer record is no line of a ledger.
const MOST_RECORD_BYTES: u64 = 1024 * 1024;
const BUFFER: usize = 128 * 1024;

/// Reads the file whose start is `head` and whose rest is `rest`.
pub(crate) fn read(job: &mut Job<'_>, head: &[u8], rest: impl Read) -> Result<FileRead, db::Error> {
    let format = match Format::of(job, head, head.len() == HEAD) {
        Ok(format) => format,
        Err(problems) => {
            let mut source = Source::new(Cursor::new(head).chain(rest), LineEnds::Usual, &mut *job.progress);
            let sha256 = source.finish();
            return Ok(FileRead::refused(sha256.ok(), problems));
        }
    };
    let source = Source::new(Cursor::new(head).chain(rest), format.line_ends, &mut *job.progress);
    let mut records = Records::new(source, format.delimiter, job.asked.mapping.has_quotes);
    let mut lines = Lines::new(job.asked, &mut *job.stage, format.layout.clone(), format.encoding);
    let stopped = read_lines(&mut records, &mut lines, &format)?;
    if let Some(problem) = stopped {
        lines.problems.push(problem);
    }
    let sha256 = records.reader.into_inner().finish();
    if let Err(error) = &sha256 {
        lines.problems.push(unreadable(error));
    }
    let mut read = FileRead { sha256: sha256.ok(), ..FileRead::default() };
    read.form.warnings.extend(format.warning());
    read.add(lines.finish());
    Ok(read)
}

/// Reads every record after the header; the problem that stopped it short, if one did.
fn read_lines<R: Read>(records: &mut Records<'_, R>, lines: &mut Lines<'_>, format: &Format) -> Result<Option<Problem>, db::Error> {
    let mut row = ByteRecord::new();
    let mut watch = (!records.has_quotes).then(Watch::default);
    let header_line = format.header_line;
    loop {
        let place = match records.next(&mut row) {
            Ok(place) => place,
            Err(error) => return Ok(Some(records.failure(error))),
        };
        match place {
            Place::End { blanks, line } => {
                if line > header_line {
                    lines.blank(blanks);
                }
                return Ok(None);
            }
            Place::Record { line, .. } if line <= header_line => {}
            Place::Record { line, blanks, spans } => {
                lines.blank(blanks);
                let problem = if spans > 1 { over_lines(&records.bytes(), (line, spans), format.delimiter, lines) } else { None };
                problem.into_iter().for_each(|problem| lines.problems.push(problem));
                if let Some(watch) = &mut watch {
                    let marks =
                        watch.line(&records.bytes(), line, format.delimiter, lines.width(), &mut |row| lines.looks_like_payment(row));
                    marks.into_iter().for_each(|(line, spans)| lines.problems.push(marks_mean_something(line, spans)));
                }
                if row.len() > lines.width() {
                    let problem = parted_by_other_marks(&records.bytes(), line, format.delimiter, lines);
                    problem.into_iter().for_each(|problem| lines.problems.push(problem));
                }
                let raw = (row.len() < lines.width()).then(|| records.bytes());
                let raw = raw.as_deref().map(|text| Raw { text, delimiter: format.delimiter });
                lines.line(&Row { raw, ..Row::whole(&row, line) })?;
            }
        }
    }
}

/// What is wrong with a record over several lines, if a stray quotation mark may have made it of several records.
fn over_lines(record: &[u8], (line, spans): (u64, u64), delimiter: u8, lines: &Lines<'_>) -> Option<Problem> {
    let detail = match quotes::marked(record, delimiter) {
        Marked::Open => format!(
            "a quotation mark in this record, which runs over {spans} lines, is never closed, and may hide payments; close it or take it away"
        ),
        Marked::Astray => format!(
            "a quotation mark in this record, which runs over {spans} lines, is closed in the middle of a cell, and may hide payments; put \
             the marks of these lines right"
        ),
        Marked::Closed { .. } if spans > MOST_LINES_OF_RECORD => format!(
            "the quotation marks of this record make one line of {spans}, more than a cell is likely to have, and may hide payments; put them \
             right"
        ),
        Marked::Closed { cells } if cells > lines.width() => format!(
            "the quotation marks of this record make one line of {spans}, with {cells} cells under {} headers, and may hide payments; put them \
             right",
            lines.width()
        ),
        Marked::Closed { .. } if quotes::swallows(record, delimiter, &mut |row| lines.looks_like_payment(row)) => format!(
            "the quotation marks of this record make one line of {spans}, and what looks like a payment stands between them; put the marks right"
        ),
        Marked::Closed { .. } => return None,
    };
    let detail = format!("{detail}. Where the file's quotation marks mean nothing at all, write quotes = \"none\"");
    Some(Problem::of_line(line, ProblemCode::UnclosedQuote, detail))
}

fn marks_mean_something(line: u64, spans: u64) -> Problem {
    let detail = format!(
        "a cell in quotation marks starts here and runs over {spans} lines, so the file's marks mean something; take quotes = \"none\" out of \
         the mapping, or the line ends out of the cell"
    );
    Problem::of_line(line, ProblemCode::QuotesMeanSomething, detail)
}

/// A record that is too long because what ends its lines is no line end here.
fn parted_by_other_marks(record: &[u8], line: u64, delimiter: u8, lines: &Lines<'_>) -> Option<Problem> {
    let parts = unusual_parts(record)?;
    let cells = |part: &[u8]| part.split(|byte| *byte == delimiter).collect::<ByteRecord>();
    if !parts.iter().skip(1).any(|part| lines.looks_like_payment(&cells(part))) {
        return None;
    }
    let detail = "this line holds more than one payment, parted by a sign that ends no line here, such as a form feed or a next line mark; \
                  save the file with usual line ends";
    Some(Problem::of_line(line, ProblemCode::UnclearLineEnd, detail))
}

pub(crate) fn unreadable(error: &io::Error) -> Problem {
    Problem::of_file(ProblemCode::UnreadableFile, format!("the file cannot be read: {error}"))
}

/// How a file is written, as its start shows.
struct Format {
    delimiter: u8,
    encoding: Encoding,
    line_ends: LineEnds,
    layout: Layout,
    header_line: u64,
    payments_above: Vec<u64>,
}

impl Format {
    fn of(job: &Job<'_>, head: &[u8], is_cut: bool) -> Result<Self, Problems> {
        if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) || head.contains(&0) {
            let detail = "the file is not text in UTF-8 or Windows-1252 (UTF-16 perhaps); save it as \u{201c}CSV UTF-8\u{201d}";
            return Err(Problems::of([Problem::of_file(ProblemCode::UnreadableText, detail)]));
        }
        let mapping = job.asked.mapping;
        let has_mark = head.starts_with(b"\xef\xbb\xbf");
        // The mark says UTF-8 whatever the mapping says.
        let encoding = if has_mark && mapping.encoding == Encoding::Windows1252 { Encoding::Auto } else { mapping.encoding };
        let line_ends = if encoding == Encoding::Windows1252 { LineEnds::Usual } else { LineEnds::of(head) };
        let candidates = mapping.delimiter.map_or(DELIMITERS.to_vec(), |one| vec![one]);
        let mut likeliest: Option<NotHeader> = None;
        for delimiter in candidates {
            let mut unseen = |_| {};
            let source = Source::new(head, line_ends, &mut unseen);
            let mut search = Search::new(mapping, encoding);
            let found = find_header(&mut search, Records::new(source, delimiter, mapping.has_quotes), is_cut);
            if let Some((layout, header_line)) = found {
                let payments_above = std::mem::take(&mut search.payments_above);
                let format = Format { delimiter, encoding, line_ends, layout, header_line, payments_above };
                return match search.refusal(format.header_line, &format.payments_above) {
                    Some(problem) => Err(Problems::of([problem])),
                    None => Ok(format),
                };
            }
            let other = search.not_found();
            if likeliest.as_ref().is_none_or(|best| other.hits > best.hits) {
                likeliest = Some(other);
            }
        }
        Err(Problems::of(likeliest.map(|not| not.problems).unwrap_or_default()))
    }

    /// A line above the header that looks like a payment may be one, or the title of a report.
    fn warning(&self) -> Option<String> {
        header::payments_above(&self.payments_above)
    }
}

fn find_header<R: Read>(search: &mut Search<'_>, mut records: Records<'_, R>, is_cut: bool) -> Option<(Layout, u64)> {
    let mut row = ByteRecord::new();
    while let Ok(Place::Record { line, .. }) = records.next(&mut row) {
        // The last row of a start that is not the whole file may lack its end.
        if is_cut && records.is_at_end() {
            break;
        }
        if let Some(layout) = search.row(&row, line) {
            return Some((layout, line));
        }
        if search.is_over() {
            break;
        }
    }
    None
}

/// A file's bytes on their way to the CSV reader, hashed and counted.
struct Source<'p, R> {
    bytes: R,
    digest: Sha256,
    plainer: Plainer,
    progress: &'p mut dyn FnMut(u64),
    seen: Rc<Seen>,
}

/// What has gone through a [`Source`]; the reader that owns it lets nobody else see in.
#[derive(Default)]
struct Seen {
    bytes: Cell<u64>,
    since_record: Cell<u64>,
    last: Cell<u8>,
    /// Where the record that is being read starts, and the bytes from there or before.
    record_from: Cell<u64>,
    recent_from: Cell<u64>,
    recent: RefCell<Vec<u8>>,
    is_at_end: Cell<bool>,
    is_record_too_long: Cell<bool>,
}

impl Seen {
    /// Keeps the bytes of the record that is being read, and forgets those before it. A record's length is bounded.
    fn keep(&self, read: &[u8]) {
        let mut recent = self.recent.borrow_mut();
        let passed = usize::try_from(self.record_from.get() - self.recent_from.get()).unwrap_or(usize::MAX).min(recent.len());
        recent.drain(..passed);
        recent.extend_from_slice(read);
        self.recent_from.set(self.recent_from.get() + passed as u64);
    }
}

impl<'p, R: Read> Source<'p, R> {
    fn new(bytes: R, line_ends: LineEnds, progress: &'p mut dyn FnMut(u64)) -> Self {
        Source { bytes, digest: Sha256::new(), plainer: Plainer::new(line_ends), progress, seen: Rc::default() }
    }

    /// Reads what is left; the SHA-256 of the whole.
    fn finish(&mut self) -> io::Result<String> {
        let mut buffer = vec![0; BUFFER];
        loop {
            self.seen.since_record.set(0);
            self.seen.record_from.set(self.seen.bytes.get());
            match self.read(&mut buffer) {
                Ok(0) => return Ok(hex(&self.digest.finalize_reset())),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl<R: Read> Read for Source<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let seen = &self.seen;
        if seen.since_record.get() > MOST_RECORD_BYTES {
            seen.is_record_too_long.set(true);
            return Err(io::Error::other("a record is too long"));
        }
        let count = loop {
            let room = self.plainer.room();
            let count = self.bytes.read(&mut buffer[room..])?;
            self.digest.update(&buffer[room..room + count]);
            (self.progress)(count as u64);
            // Nothing may be left of a piece that is not the last: the LF of a CRLF whose CR came before.
            let kept = self.plainer.take(&mut buffer[..room + count]);
            if kept > 0 || count == 0 {
                break kept;
            }
        };
        let read = &buffer[..count];
        seen.keep(read);
        seen.is_at_end.set(count == 0);
        seen.bytes.set(seen.bytes.get() + count as u64);
        seen.since_record.set(seen.since_record.get() + count as u64);
        if let Some(last) = read.last() {
            seen.last.set(*last);
        }
        Ok(count)
    }
}

/// The records of a file and where they start.
struct Records<'p, R> {
    reader: csv::Reader<Source<'p, R>>,
    seen: Rc<Seen>,
    has_quotes: bool,
}

/// What comes next in a file.
enum Place {
    Record {
        /// Where it starts, the file's first line being 1.
        line: u64,
        /// Lines with nothing at all before it, which the reader passes over.
        blanks: u64,
        /// Lines it runs over.
        spans: u64,
    },
    End {
        blanks: u64,
        line: u64,
    },
}

impl<'p, R: Read> Records<'p, R> {
    fn new(source: Source<'p, R>, delimiter: u8, has_quotes: bool) -> Self {
        let seen = Rc::clone(&source.seen);
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .quoting(has_quotes)
            // Every line end is LF by now, and only it ends a record, so that lines can be counted.
            .terminator(csv::Terminator::Any(b'\n'))
            .buffer_capacity(BUFFER)
            .from_reader(source);
        Records { reader, seen, has_quotes }
    }

    fn next(&mut self, row: &mut ByteRecord) -> Result<Place, csv::Error> {
        let before = self.reader.position().line();
        self.seen.since_record.set(0);
        self.seen.record_from.set(self.reader.position().byte());
        let is_record = self.reader.read_byte_record(row)?;
        let after = self.reader.position().line();
        let (passed, is_at_end) = (after - before, self.is_at_end());
        if !is_record {
            return Ok(Place::End { blanks: passed, line: after });
        }
        if !self.has_quotes
            && let Some(bare) = quotes::without_marks(row)
        {
            *row = bare;
        }
        if passed == 1 && !is_at_end {
            return Ok(Place::Record { line: before, blanks: 0, spans: 1 });
        }
        let inside = row.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
        let ends = u64::from(!(is_at_end && self.seen.last.get() != b'\n'));
        let blanks = passed.saturating_sub(inside + ends);
        Ok(Place::Record { line: before + blanks, blanks, spans: inside + 1 })
    }

    fn is_at_end(&self) -> bool {
        self.seen.is_at_end.get() && self.reader.position().byte() == self.seen.bytes.get()
    }

    /// The bytes of the record just read, without the blank lines before it.
    fn bytes(&self) -> Vec<u8> {
        let place = |byte: u64| usize::try_from(byte.saturating_sub(self.seen.recent_from.get())).unwrap_or(usize::MAX);
        let recent = self.seen.recent.borrow();
        let record = recent.get(place(self.seen.record_from.get())..place(self.reader.position().byte())).unwrap_or_default();
        let blanks = record.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        record[blanks..].to_vec()
    }

    /// What a failed read is called.
    fn failure(&self, error: csv::Error) -> Problem {
        if self.seen.is_record_too_long.get() {
            let detail = format!(
                "the record from here on is longer than {} KiB; is a quotation mark not closed, or is this no CSV file?",
                MOST_RECORD_BYTES / 1024
            );
            return Problem::of_line(self.reader.position().line(), ProblemCode::LineTooLong, detail);
        }
        match error.into_kind() {
            csv::ErrorKind::Io(error) => unreadable(&error),
            other => unreadable(&io::Error::other(format!("{other:?}"))),
        }
    }
}
