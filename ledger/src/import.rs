//! The import: files one after another, each whole or not at all.

use crate::csv_file::{self, HEAD};
use crate::line::LinesRead;
use crate::mapping::{BadMapping, Mapping};
use crate::problem::{Problem, ProblemCode, Problems};
use crate::report::{Counts, FileReport, FileStatus, Form, ImportReport, Tally};
use crate::stage::{Comparison, Differing, LoadFile, Otherwise, Stage};
use crate::workbook;
use chrono::NaiveDate;
use db::schema::{budget_lines, providers};
use db::{Actor, Store};
use diesel::prelude::*;
use domain::FinancialYear;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A file to be imported.
#[derive(Debug, Clone)]
pub struct Input {
    name: String,
    path: PathBuf,
}

impl Input {
    /// A file that goes by its own name.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Input { name: base_name(&path.to_string_lossy()), path }
    }

    /// A file that goes by another name than its own, such as the one it was uploaded under.
    pub fn named(name: &str, path: impl Into<PathBuf>) -> Self {
        Input { name: base_name(name), path: path.into() }
    }

    /// The name that reports and the ledger know it by: no folders, no control characters, at most 200 letters.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The last part of a path as any system writes it.
fn base_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or_default();
    let clean: String = last.chars().filter(|letter| !letter.is_control()).take(200).collect();
    if clean.is_empty() { "unnamed".to_owned() } else { clean }
}

/// Whether an import changes the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It does.
    Load,
    /// It only says what it would do.
    DryRun,
}

/// Why an import did not take place. What is wrong with a file is not an error but in its report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The mapping names budget lines or providers that the store does not have.
    #[error(transparent)]
    Mapping(#[from] BadMapping),
    /// The store failed. Files before the one being loaded are in the ledger; that one is not.
    #[error(transparent)]
    Store(#[from] db::Error),
}

/// Imports files, one after another and each in a transaction of its own: one refused file does not stop the others.
///
/// `progress` is told of each piece of a file read, in bytes.
pub fn import(
    store: &Store,
    actor: &Actor,
    mapping: &Mapping,
    files: &[Input],
    mode: Mode,
    progress: &mut dyn FnMut(u64),
) -> Result<ImportReport, Error> {
    let mut reports = Vec::with_capacity(files.len());
    import_each(store, actor, mapping, files, mode, progress, &mut reports)?;
    Ok(ImportReport::of(reports))
}

/// As [`import`]; each file's report is in `reports` as soon as it is finished with the file, also when the store fails at a later one.
pub fn import_each(
    store: &Store,
    actor: &Actor,
    mapping: &Mapping,
    files: &[Input],
    mode: Mode,
    progress: &mut dyn FnMut(u64),
    reports: &mut Vec<FileReport>,
) -> Result<(), Error> {
    let provider_ids = check_codes(store, mapping)?;
    let mut stage = Stage::open(store, mapping.source())?;
    let (today, mapping) = (store.clock().today(), &mapping.in_zone(store.clock().zone()));
    for input in files {
        stage.clear()?;
        let asked = Asked { mapping, provider_ids: &provider_ids, today };
        let mut job = Job { asked, stage: &mut stage, progress };
        let read = job.read(input)?;
        let report = take_or_refuse(store, actor, mapping, input, mode, &mut stage, read)?;
        // By its hash: whoever named the file may have named a person.
        log::info!(
            "ledger file {}: {:?}, {} lines, {} picked",
            report.sha256.as_deref().unwrap_or("not read"),
            report.status,
            report.counts.lines_read,
            report.counts.matched
        );
        reports.push(report);
    }
    Ok(())
}

/// Looks the mapping's codes up in the store; the ids of its providers.
fn check_codes(store: &Store, mapping: &Mapping) -> Result<BTreeMap<String, String>, Error> {
    let (known, provider_ids) = store.read(|connection| {
        let known: Vec<String> = budget_lines::table.select(budget_lines::code).order(budget_lines::code).load(connection)?;
        let codes: Vec<&str> = mapping.providers().into_iter().collect();
        let provider_ids: Vec<(String, String)> =
            providers::table.filter(providers::code.eq_any(codes)).select((providers::code, providers::id)).load(connection)?;
        Ok::<_, db::Error>((known, provider_ids))
    })?;
    let provider_ids: BTreeMap<String, String> = provider_ids.into_iter().collect();
    let known: BTreeSet<&str> = known.iter().map(String::as_str).collect();
    let listed: Vec<&str> = known.iter().copied().collect();
    let mut problems: Vec<String> = mapping
        .budget_lines()
        .difference(&known)
        .map(|code| format!("a rule names the budget line `{code}`, which this authority does not keep; it keeps {}", listed.join(", ")))
        .collect();
    let unknown = mapping.providers().into_iter().filter(|code| !provider_ids.contains_key(*code));
    problems.extend(unknown.map(|code| format!("`[[providers]]` names the provider `{code}`, which is not recorded; record it first")));
    if problems.is_empty() { Ok(provider_ids) } else { Err(BadMapping(problems).into()) }
}

/// What every file of an import is read by.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) mapping: &'a Mapping,
    /// By provider code.
    pub(crate) provider_ids: &'a BTreeMap<String, String>,
    /// Later postings are told.
    pub(crate) today: NaiveDate,
}

/// What reading one file needs.
pub(crate) struct Job<'j> {
    pub(crate) asked: Asked<'j>,
    pub(crate) stage: &'j mut Stage,
    pub(crate) progress: &'j mut dyn FnMut(u64),
}

/// What reading one file came to; its picked lines are staged.
#[derive(Default)]
pub(crate) struct FileRead {
    /// None where the file could not be read to its end.
    pub(crate) sha256: Option<String>,
    pub(crate) counts: Counts,
    pub(crate) tally: Tally,
    pub(crate) problems: Problems,
    /// What the file's form gives cause to tell.
    pub(crate) form: Form,
}

impl FileRead {
    pub(crate) fn refused(sha256: Option<String>, problems: Problems) -> Self {
        FileRead { sha256, problems, ..FileRead::default() }
    }

    /// Adds what the lines of a file, or of one of its sheets, came to.
    pub(crate) fn add(&mut self, lines: LinesRead) {
        self.counts.add(&lines.counts);
        self.problems.append(lines.problems);
        self.form.warnings.extend(lines.warnings);
        if self.tally.append(lines.tally).is_err() {
            let detail = "the sum of a budget line over all sheets is more than can be recorded";
            self.problems.push(Problem::of_file(ProblemCode::AmountTooLarge, detail));
        }
    }
}

impl Job<'_> {
    fn read(&mut self, input: &Input) -> Result<FileRead, db::Error> {
        let opened = File::open(&input.path).and_then(|file| {
            let head = read_head(&file)?;
            Ok((file, head))
        });
        match opened {
            Ok((file, head)) if workbook::is_workbook(&head) => workbook::read(self, file),
            Ok((file, head)) => csv_file::read(self, &head, file),
            Err(error) => Ok(FileRead::refused(None, Problems::of([csv_file::unreadable(&error)]))),
        }
    }
}

/// The first [`HEAD`] bytes, fewer only where the file is shorter.
fn read_head(file: &File) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD);
    file.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Takes the file that was read, or refuses it.
fn take_or_refuse(
    store: &Store,
    actor: &Actor,
    mapping: &Mapping,
    input: &Input,
    mode: Mode,
    stage: &mut Stage,
    read: FileRead,
) -> Result<FileReport, db::Error> {
    let FileRead { sha256, mut counts, mut tally, mut problems, mut form } = read;
    let (Some(sha256), true) = (&sha256, problems.is_empty()) else {
        return Ok(FileReport::refused(input.name.clone(), sha256, counts, tally, problems).with_form(form));
    };
    let file = LoadFile {
        file_name: input.name.clone(),
        sha256: sha256.clone(),
        mapping_sha256: mapping.sha256.clone(),
        lines_read: counts.lines_read,
        blank: counts.blank,
        matched: counts.matched,
        kept_out: counts.kept_out,
        rounded: counts.rounded,
    };
    let found = match mode {
        Mode::Load => stage.load(store, actor, &file)?,
        Mode::DryRun => stage.foresee(&file)?,
    };
    counts.already_present = found.already_present;
    counts.provider_differs = found.provider_differs;
    counts.look_alike = found.look_alike;
    counts.moved_to_open_year = found.moved_to_open_year;
    for taken_back in &found.reversed {
        counts.reversed += taken_back.lines;
        tally.take_out(&taken_back.budget_line, taken_back.lines, taken_back.amount_pence);
    }
    tell_differing(&found, &mut problems);
    problems.append(Problems::of(found.otherwise.as_ref().map(read_otherwise)));
    if let Some(year) = found.needs_year_after {
        problems.push(no_open_year(year));
    }
    let status = match (problems.is_empty(), found.is_known_file) {
        (false, _) => {
            return Ok(FileReport::refused(input.name.clone(), Some(file.sha256), counts, tally, problems).with_form(form));
        }
        (true, true) => FileStatus::AlreadyLoaded,
        (true, false) => FileStatus::Loaded,
    };
    let by_budget_line = tally.totals();
    form.warnings.extend(counts.warnings(found.on_loaded_days));
    let Form { sheet, sheets_not_read, warnings } = form;
    Ok(FileReport {
        file: file.file_name,
        sha256: Some(file.sha256),
        file_id: found.file_id,
        sheet,
        sheets_not_read,
        status,
        counts,
        by_budget_line,
        warnings,
        problems: Vec::new(),
        problems_not_shown: 0,
    })
}

/// The very file is in the ledger by another reading of it: by another column, another way of writing days, or under another source.
fn read_otherwise(found: &Otherwise) -> Problem {
    let detail = format!(
        "this very file was loaded before under the source \u{201c}{}\u{201d} (file {}), and {} of its lines read otherwise now, so they would count \
         twice; put the mapping back, or reverse the entries of those lines (POST /v1/ledger-entries/{{id}}/reversal) and import again",
        found.source, found.file_id, found.lines
    );
    let line = Some(found.line_number);
    Problem { sheet: found.sheet.clone(), line, ..Problem::of_file(ProblemCode::LoadedOtherwise, detail) }
}

/// A closed year takes no more entries, and there is no other for them.
fn no_open_year(closed: FinancialYear) -> Problem {
    let detail = format!(
        "lines are posted in a year that was closed, and no year is open after {closed}; open the next (POST /v1/financial-years) and import again"
    );
    Problem::of_file(ProblemCode::NoOpenYear, detail)
}

fn tell_differing(found: &Comparison, problems: &mut Problems) {
    for line in &found.differing {
        problems.push(in_words(line));
    }
    problems.count_more(found.differing_in_all - i64::try_from(found.differing.len()).unwrap_or_default());
}

/// What differs and the way that keeps every payment counted once: an entry that is only reversed stays out.
fn in_words(line: &Differing) -> Problem {
    let whose = line.entry_id.as_ref().map_or("an earlier file of this run".to_owned(), |id| format!("entry {id}"));
    let (code, detail) = if line.was_budget_line == line.now_budget_line {
        let way = line.entry_id.as_ref().map_or(String::new(), |id| {
            format!(
                "; if the payment itself was changed, reverse that entry (POST /v1/ledger-entries/{id}/reversal) and import the changed line \
                 in a file of its own under another `source`, because in this file it then stays out as a reversed line"
            )
        });
        let detail = format!(
            "the ledger has this line ({whose}) as {} on {}, and now it reads {} on {}{way}; if these are two payments, `identity` lacks what \
             tells them apart",
            line.was_amount_pence, line.was_posted_on, line.now_amount_pence, line.now_posted_on
        );
        (ProblemCode::Changed, detail)
    } else {
        let way = line.entry_id.as_ref().map_or(String::new(), |id| {
            format!(
                "recode that entry (POST /v1/ledger-entries/{id}/reversal with \"recode_to\": \"{}\") and import again, or ",
                line.now_budget_line
            )
        });
        let detail = format!(
            "the ledger has this line under {} ({whose}), and the mapping now puts it under {}; {way}put the rule right",
            line.was_budget_line, line.now_budget_line
        );
        (ProblemCode::Recoded, detail)
    };
    Problem { sheet: line.sheet.clone(), line: Some(line.line_number), ..Problem::of_file(code, detail) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_goes_by_its_name_without_folders() {
        for (given, name) in [
            ("/tmp/ledger/april.csv", "april.csv"),
            ("C:\\Users\\someone\\april.csv", "april.csv"),
            ("../../etc/passwd", "passwd"),
            ("april\u{0}\n.csv", "april.csv"),
            ("///", "unnamed"),
            ("", "unnamed"),
        ] {
            assert_eq!(Input::named(given, "x").name(), name, "{given:?}");
        }
    }
}
