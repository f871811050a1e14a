//! `short-breaks import ledger`: files and a mapping in, a table or one JSON document out.

use crate::json;
use anyhow::Context;
use db::Actor;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ledger::{BadMapping, Error, FileReport, FileStatus, ImportReport, Input, Mapping, Mode};
use std::io::{IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// A mapping is a page or two; this is a mistaken argument.
const MOST_MAPPING_BYTES: u64 = 1024 * 1024;

/// Takes a council's ledger files into the ledger, each whole or not at all.
#[derive(Debug, clap::Args)]
pub struct Import {
    /// The ledger files: CSV or XLSX.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The mapping that says how to read them, and which lines go to which budget line.
    #[arg(long, value_name = "MAP.toml")]
    mapping: PathBuf,
    /// Say what would happen, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON document instead of a table.
    #[arg(long)]
    json: bool,
}

impl Import {
    /// Imports the files; 0 when all were taken, 1 when one was refused. The store is opened only for a mapping that can be read.
    ///
    /// Whatever happens, `--json` prints one document: also when the store fails, with the files finished before it did.
    pub fn run(&self, open_store: impl FnOnce() -> anyhow::Result<db::Store>) -> anyhow::Result<ExitCode> {
        let inputs: Vec<Input> = self.files.iter().map(Input::new).collect();
        let mode = if self.dry_run { Mode::DryRun } else { Mode::Load };
        let mut finished = Vec::with_capacity(inputs.len());
        let (report, failure) = match self.import(open_store, &inputs, mode, &mut finished) {
            Ok(()) => (ImportReport::of(finished), None),
            Err(Stopped::Mapping(bad)) => {
                explain_mapping(&self.mapping.to_string_lossy(), &bad)?;
                if self.json {
                    json::print(&ImportReport::of_bad_mapping(inputs.iter().map(|input| input.name().to_owned()), &bad))?;
                }
                return Ok(ExitCode::FAILURE);
            }
            Err(Stopped::Store(error)) => {
                let others: Vec<String> = inputs[finished.len()..].iter().map(|input| input.name().to_owned()).collect();
                (ImportReport::of_stopped(finished, others), Some(error))
            }
        };
        if self.json {
            json::print(&report)?;
        } else {
            print_table(&report, mode)?;
        }
        tell_warnings(&report)?;
        explain_refusals(&report, mode)?;
        match failure {
            Some(error) => Err(error),
            None if report.has_refusals() => Ok(ExitCode::FAILURE),
            None => Ok(ExitCode::SUCCESS),
        }
    }

    /// Whether it prints one JSON document.
    pub fn prints_json(&self) -> bool {
        self.json
    }

    fn import(
        &self,
        open_store: impl FnOnce() -> anyhow::Result<db::Store>,
        inputs: &[Input],
        mode: Mode,
        finished: &mut Vec<FileReport>,
    ) -> Result<(), Stopped> {
        let mapping = self.read_mapping().map_err(Stopped::Mapping)?;
        let store = open_store().map_err(Stopped::Store)?;
        let bar = self.progress_bar();
        let actor = Actor::system("import ledger");
        let imported = ledger::import_each(&store, &actor, &mapping, inputs, mode, &mut |bytes| bar.inc(bytes), finished);
        bar.finish_and_clear();
        match imported {
            Ok(()) => Ok(()),
            Err(Error::Mapping(bad)) => Err(Stopped::Mapping(bad)),
            Err(Error::Store(error)) => {
                let failed = Err(error).context("the store failed; what is reported as loaded above is in the ledger");
                failed.map_err(Stopped::Store)
            }
        }
    }

    fn read_mapping(&self) -> Result<Mapping, BadMapping> {
        let bad = |problem: String| BadMapping(vec![problem]);
        let unreadable = |error: std::io::Error| bad(format!("the file cannot be read: {error}"));
        let file = std::fs::File::open(&self.mapping).map_err(unreadable)?;
        let mut bytes = Vec::new();
        file.take(MOST_MAPPING_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > MOST_MAPPING_BYTES {
            return Err(bad("the file is larger than a mapping can be; was a ledger file given in its place?".to_owned()));
        }
        let text = String::from_utf8(bytes).map_err(|_| bad("the file is not UTF-8 text; save it as plain text in UTF-8".to_owned()))?;
        Mapping::parse(&text)
    }

    /// On a terminal only, and on stderr: stdout is for the answer.
    fn progress_bar(&self) -> ProgressBar {
        let bytes = self.files.iter().filter_map(|file| std::fs::metadata(file).ok()).map(|file| file.len()).sum();
        let target = if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(bytes), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}, {eta} left") {
            bar.set_style(style);
        }
        bar
    }
}

/// Why an import stopped before its last file.
enum Stopped {
    Mapping(BadMapping),
    Store(anyhow::Error),
}

/// What should be looked at, file by file, on stderr.
fn tell_warnings(report: &ImportReport) -> anyhow::Result<()> {
    let mut err = std::io::stderr().lock();
    for file in report.files.iter().filter(|file| !file.warnings.is_empty()) {
        writeln!(err, "To be looked at in {}:", file.file)?;
        for warning in &file.warnings {
            writeln!(err, "  - {warning}")?;
        }
    }
    Ok(())
}

fn in_words(status: FileStatus, mode: Mode) -> &'static str {
    match (status, mode) {
        (FileStatus::Loaded, Mode::Load) => "loaded",
        (FileStatus::Loaded, Mode::DryRun) => "would load",
        (FileStatus::AlreadyLoaded, _) => "already loaded",
        (FileStatus::Refused, _) => "refused",
    }
}

fn print_table(report: &ImportReport, mode: Mode) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let width = report.files.iter().map(|file| file.file.chars().count()).max().unwrap_or(0).max("all files refused".len());
    writeln!(
        out,
        "{:width$}  {:14}  {:>9} {:>7} {:>9} {:>9} {:>9} {:>8}",
        "file", "", "lines", "blank", "kept out", "picked", "known", "rounded"
    )?;
    let rows = report.files.iter().map(|file| (file.file.as_str(), in_words(file.status, mode), &file.counts));
    let taken = report.files.iter().any(|file| file.status != FileStatus::Refused).then_some(("all files taken", "", &report.total.counts));
    let refused = (report.refused.files_refused > 0).then_some(("all files refused", "", &report.refused.counts));
    for (name, status, counts) in rows.chain(taken).chain(refused) {
        writeln!(
            out,
            "{name:width$}  {status:14}  {:>9} {:>7} {:>9} {:>9} {:>9} {:>8}",
            counts.lines_read, counts.blank, counts.kept_out, counts.matched, counts.already_present, counts.rounded
        )?;
    }
    for (heading, totals) in [("budget line", &report.total), ("not in the ledger: refused", &report.refused)] {
        if totals.by_budget_line.is_empty() {
            continue;
        }
        writeln!(out, "\n{heading:32} {:>9} {:>18}", "lines", "amount")?;
        for line in &totals.by_budget_line {
            writeln!(out, "{:32} {:>9} {:>18}", line.budget_line, line.lines, line.amount_pence)?;
        }
    }
    if mode == Mode::DryRun {
        writeln!(out, "\nNothing was changed: this was a dry run.")?;
    }
    Ok(())
}

fn explain_mapping(path: &str, bad: &BadMapping) -> anyhow::Result<()> {
    let mut err = std::io::stderr().lock();
    writeln!(
        err,
        "The mapping {path} cannot be used, so no file was read and the ledger is as it was. Put right what follows and run the import \
         again.\n"
    )?;
    for problem in &bad.0 {
        writeln!(err, "  - {problem}")?;
    }
    Ok(())
}

fn explain_refusals(report: &ImportReport, mode: Mode) -> anyhow::Result<()> {
    let refused: Vec<_> = report.files.iter().filter(|file| file.status == FileStatus::Refused).collect();
    if refused.is_empty() {
        return Ok(());
    }
    let mut err = std::io::stderr().lock();
    let rest = if mode == Mode::DryRun { "nothing was changed" } else { "the other files were taken" };
    let outcome = if refused.len() == report.files.len() { "the ledger is as it was" } else { rest };
    writeln!(
        err,
        "{} of {} files were refused. Nothing of a refused file was loaded, and {outcome}. Put right what is listed here, in the file \
         or in the mapping, and import again. Lines that are in the ledger already are not added twice.",
        refused.len(),
        report.files.len()
    )?;
    for file in refused {
        writeln!(err, "\n{}:", file.file)?;
        for problem in &file.problems {
            let sheet = problem.sheet.as_ref().map(|sheet| format!("sheet {sheet}, ")).unwrap_or_default();
            let place = match (problem.line, &problem.column) {
                (Some(line), Some(column)) => format!("line {line}, {column}: "),
                (Some(line), None) => format!("line {line}: "),
                (None, Some(column)) => format!("{column}: "),
                (None, None) => String::new(),
            };
            writeln!(err, "  - {sheet}{place}{}", problem.detail)?;
        }
        if file.problems_not_shown > 0 {
            writeln!(err, "  … and {} more", file.problems_not_shown)?;
        }
    }
    Ok(())
}
