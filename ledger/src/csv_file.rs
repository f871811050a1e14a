//! CSV files, read once from start to end: hashed as they are read, and never more than one record of them in memory.

use crate::header::{self, Layout, NotHeader};
use crate::import::{FileRead, Job};
use crate::line::Lines;
use crate::quotes;
use crate::report::{Problem, ProblemCode, Problems};
use crate::text::Encoding;
use csv::ByteRecord;
use db::audit::hex;
use sha2::{Digest, Sha256};
use std::cell::{Cell, RefCell};
use std::io::{self, Cursor, Read};
use std::rc::Rc;

/// The start of a file, in which its header and its delimiter are looked for.
pub(crate) const HEAD: usize = 64 * 1024;
/// A longer record is no line of a ledger.
const MOST_RECORD_BYTES: u64 = 1024 * 1024;
/// A quoted cell over more lines is a quotation mark that was never closed.
const MOST_LINES_OF_RECORD: u64 = 50;
const BUFFER: usize = 128 * 1024;
/// What may stand between cells, the usual first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Reads the file whose start is `head` and whose rest is `rest`.
pub(crate) fn read(job: &mut Job<'_>, head: &[u8], rest: impl Read) -> Result<FileRead, db::Error> {
    let format = match Format::of(job, head, head.len() == HEAD) {
        Ok(format) => format,
        Err(problems) => {
            let mut source = Source::new(Cursor::new(head).chain(rest), false, &mut *job.progress);
            let sha256 = source.finish();
            return Ok(FileRead::refused(sha256.ok(), problems));
        }
    };
    let source = Source::new(Cursor::new(head).chain(rest), format.is_cr_only, &mut *job.progress);
    let mut records = Records::new(source, format.delimiter, job.mapping.has_quotes);
    let mut lines = Lines::new(job.mapping, format.layout.clone(), format.encoding, job.provider_ids, job.today, job.stage);
    let stopped = read_lines(&mut records, &mut lines, &format)?;
    if let Some(problem) = stopped {
        lines.problems.push(problem);
    }
    let sha256 = records.reader.into_inner().finish();
    if let Err(error) = &sha256 {
        lines.problems.push(unreadable(error));
    }
    let Lines { counts, tally, problems, .. } = lines;
    Ok(FileRead { sha256: sha256.ok(), counts, tally, problems, sheet: None, warnings: Vec::new() })
}

/// Reads every record after the header; the problem that stopped it short, if one did.
fn read_lines<R: Read>(records: &mut Records<R>, lines: &mut Lines<'_>, format: &Format) -> Result<Option<Problem>, db::Error> {
    let mut row = ByteRecord::new();
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
                if spans > 1 && (spans > MOST_LINES_OF_RECORD || swallows_lines(&records.bytes(), format.delimiter, lines)) {
                    lines.problems.push(unclosed_quote(line, spans));
                }
                lines.line(&row, line)?;
            }
        }
    }
}

/// Whether a record over several lines is rather several records, of which a stray quotation mark has made one.
fn swallows_lines(record: &[u8], delimiter: u8, lines: &Lines<'_>) -> bool {
    !quotes::are_closed(record, delimiter) || quotes::inner_lines(record, delimiter).any(|line| lines.looks_like_payment(&line))
}

fn unclosed_quote(line: u64, spans: u64) -> Problem {
    let detail = format!(
        "a quotation mark in this record, which runs over {spans} lines, seems never to be closed, and may hide payments; close it, or if \
         the file's quotation marks mean nothing write quotes = \"none\""
    );
    Problem { line: i64::try_from(line).ok(), column: None, code: ProblemCode::UnclosedQuote, detail }
}

pub(crate) fn unreadable(error: &io::Error) -> Problem {
    Problem { line: None, column: None, code: ProblemCode::UnreadableFile, detail: format!("the file cannot be read: {error}") }
}

/// How a file is written, as its start shows.
struct Format {
    delimiter: u8,
    encoding: Encoding,
    /// Lines end with CR alone, as on an old Macintosh.
    is_cr_only: bool,
    layout: Layout,
    header_line: u64,
}

impl Format {
    fn of(job: &Job<'_>, head: &[u8], is_cut: bool) -> Result<Self, Problems> {
        if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) || head.contains(&0) {
            let detail = "the file is not text in UTF-8 or Windows-1252 (UTF-16 perhaps); save it as \u{201c}CSV UTF-8\u{201d}".to_owned();
            return Err(Problems::of([Problem { line: None, column: None, code: ProblemCode::UnreadableText, detail }]));
        }
        let mapping = job.mapping;
        let has_mark = head.starts_with(b"\xef\xbb\xbf");
        // The mark says UTF-8 whatever the mapping says.
        let encoding = if has_mark && mapping.encoding == Encoding::Windows1252 { Encoding::Auto } else { mapping.encoding };
        let is_cr_only = head.contains(&b'\r') && !head.contains(&b'\n');
        let candidates = mapping.delimiter.map_or(DELIMITERS.to_vec(), |one| vec![one]);
        let mut likeliest: Option<NotHeader> = None;
        for delimiter in candidates {
            let mut unseen = |_| {};
            let source = Source::new(head, is_cr_only, &mut unseen);
            let rows = first_rows(Records::new(source, delimiter, mapping.has_quotes), is_cut);
            match header::find(mapping, encoding, &rows) {
                Ok((layout, header_line)) => return Ok(Format { delimiter, encoding, is_cr_only, layout, header_line }),
                Err(other) if likeliest.as_ref().is_none_or(|best| other.hits > best.hits) => likeliest = Some(other),
                Err(_) => {}
            }
        }
        Err(Problems::of(likeliest.map(|not| not.problems).unwrap_or_default()))
    }
}

fn first_rows<R: Read>(mut records: Records<R>, is_cut: bool) -> Vec<(ByteRecord, u64)> {
    let mut rows = Vec::new();
    let mut row = ByteRecord::new();
    while let Ok(Place::Record { line, .. }) = records.next(&mut row) {
        // The last row of a start that is not the whole file may lack its end.
        if rows.len() == header::MOST_ROWS || (is_cut && records.is_at_end()) {
            break;
        }
        rows.push((row.clone(), line));
    }
    rows
}

/// A file's bytes on their way to the CSV reader, hashed and counted.
struct Source<'p, R> {
    bytes: R,
    digest: Sha256,
    is_cr_only: bool,
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
    fn new(bytes: R, is_cr_only: bool, progress: &'p mut dyn FnMut(u64)) -> Self {
        Source { bytes, digest: Sha256::new(), is_cr_only, progress, seen: Rc::default() }
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
        let count = self.bytes.read(buffer)?;
        let read = &mut buffer[..count];
        self.digest.update(&*read);
        if self.is_cr_only {
            read.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
        }
        seen.keep(read);
        seen.is_at_end.set(count == 0);
        seen.bytes.set(seen.bytes.get() + count as u64);
        seen.since_record.set(seen.since_record.get() + count as u64);
        if let Some(last) = read.last() {
            seen.last.set(*last);
        }
        (self.progress)(count as u64);
        Ok(count)
    }
}

/// The records of a file and where they start.
struct Records<'p, R> {
    reader: csv::Reader<Source<'p, R>>,
    seen: Rc<Seen>,
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
            // Only LF ends a record, so that lines can be counted; a CR before it is trimmed with the cell's spaces.
            .terminator(csv::Terminator::Any(b'\n'))
            .buffer_capacity(BUFFER)
            .from_reader(source);
        Records { reader, seen }
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
            let line = i64::try_from(self.reader.position().line()).ok();
            let detail = format!(
                "the record from here on is longer than {} KiB; is a quotation mark not closed, or is this no CSV file?",
                MOST_RECORD_BYTES / 1024
            );
            return Problem { line, column: None, code: ProblemCode::LineTooLong, detail };
        }
        match error.into_kind() {
            csv::ErrorKind::Io(error) => unreadable(&error),
            other => unreadable(&io::Error::other(format!("{other:?}"))),
        }
    }
}
