//! The files of a statement: the document in each format, its figures for programs, and all of them together.

use super::composing::Composed;
use super::data_package::{csv, data_package};
use super::edition::Stage;
use super::published::{Printed, WITHHELD};
use crate::error::Error;
use crate::figures::FigureStanding;
use documents::Value;
use domain::disclosure::Disclosure;
use domain::statement_editions::StatementFormat;
use serde::Serialize;
use serde_json::json;
use std::io::{Cursor, Write};
use strum::VariantArray;
use zip::write::{SimpleFileOptions, ZipWriter};

/// A finished file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementFile {
    /// Its form.
    pub format: StatementFormat,
    /// The name that it is offered under.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// What it says.
    pub bytes: Vec<u8>,
}

impl Composed {
    /// The statement as a file; a council's own template for a word processor may be given.
    pub fn file(&self, format: StatementFormat, template: Option<&[u8]>) -> Result<StatementFile, Error> {
        let bytes = match format {
            StatementFormat::Html => documents::html(&self.document).into_bytes(),
            StatementFormat::Pdf => documents::pdf(&self.document)?,
            StatementFormat::Docx => documents::docx(&self.document, template)?,
            StatementFormat::Md => documents::markdown(&self.document).into_bytes(),
            StatementFormat::Txt => documents::text(&self.document).into_bytes(),
            StatementFormat::Csv => csv(&self.published).into_bytes(),
            StatementFormat::Json => self.json()?,
            StatementFormat::Zip => return self.zip(template),
        };
        Ok(self.named(format, bytes))
    }

    /// Every format, each made once.
    pub fn files(&self, template: Option<&[u8]>) -> Result<Vec<StatementFile>, Error> {
        let single = StatementFormat::VARIANTS.iter().filter(|format| **format != StatementFormat::Zip);
        let mut files = single.map(|format| self.file(*format, template)).collect::<Result<Vec<_>, _>>()?;
        files.push(self.packed(&files)?);
        Ok(files)
    }

    fn zip(&self, template: Option<&[u8]>) -> Result<StatementFile, Error> {
        self.files(template)?.pop().ok_or_else(|| Error::Packing("nothing to pack".to_owned()))
    }

    fn named(&self, format: StatementFormat, bytes: Vec<u8>) -> StatementFile {
        let name = format!("short-breaks-statement-{}.{}", self.content.year.as_str(), format.as_str());
        StatementFile { format, name, media_type: format.media_type(), bytes }
    }

    /// The figures for programs, with what is known of each.
    fn json(&self) -> Result<Vec<u8>, Error> {
        let disclosure = match &self.content.disclosure {
            Disclosure::Withheld => json!({ "choice": "withheld" }),
            Disclosure::AsCounted { reason } => json!({ "choice": "as_counted", "reason": reason }),
        };
        let printed: Vec<_> = self.published.all().collect();
        let figures: Vec<_> = printed.iter().map(FigureOfFile::of).collect();
        let file = json!({
            "authority": self.content.authority,
            "year": self.content.year.as_str(),
            "edition": self.content.number,
            "is_published": self.content.stage == Stage::Published,
            "dated": self.content.dated,
            "snapshot_ids": self.snapshot_ids,
            "disclosure": disclosure,
            "figures": figures,
        });
        Ok((serde_json::to_string_pretty(&file)? + "\n").into_bytes())
    }

    fn packed(&self, files: &[StatementFile]) -> Result<StatementFile, Error> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        // No clock is asked: the same statement is packed as the same bytes.
        let options = SimpleFileOptions::default().last_modified_time(zip::DateTime::default()).unix_permissions(0o644);
        let packing = |error: &dyn std::fmt::Display| Error::Packing(error.to_string());
        let csv = files.iter().find(|file| file.format == StatementFormat::Csv).map(|file| file.bytes.as_slice()).unwrap_or_default();
        let package = data_package(self, csv)?;
        let readme = self.readme(files);
        let named = files.iter().map(|file| match file.format {
            StatementFormat::Csv => ("figures.csv", file.bytes.as_slice()),
            StatementFormat::Json => ("figures.json", file.bytes.as_slice()),
            _ => (file.name.as_str(), file.bytes.as_slice()),
        });
        let all = [("README.txt", readme.as_bytes()), ("datapackage.json", package.as_slice())].into_iter().chain(named);
        for (name, bytes) in all {
            writer.start_file(name, options).map_err(|error| packing(&error))?;
            writer.write_all(bytes).map_err(|error| packing(&error))?;
        }
        let bytes = writer.finish().map_err(|error| packing(&error))?.into_inner();
        Ok(self.named(StatementFormat::Zip, bytes))
    }

    fn readme(&self, files: &[StatementFile]) -> String {
        let (title, year) = (&self.document.title, self.content.year.as_str());
        let mut text =
            format!("{title} {year}\n{}\n\nThe same statement in each format, with the same numbers:\n\n", self.content.authority);
        for file in files.iter().filter(|file| !matches!(file.format, StatementFormat::Csv | StatementFormat::Json)) {
            text.push_str(&format!("  {}\n", file.name));
        }
        text.push_str(
            "\nIts figures for programs:\n\n  figures.csv with datapackage.json (a Frictionless data package)\n  figures.json\n\n\
             In figures.csv, [c] is withheld to protect children, [x] is not available yet, and [z] is not applicable.\n\
             Amounts are in pounds in figures.csv and in pence in figures.json. A figure's code stays the same from year to year.\n",
        );
        text
    }
}

/// A figure in a file for programs. Its field names are those that later editions read.
#[derive(Debug, Serialize)]
struct FigureOfFile<'f> {
    financial_year: &'f str,
    code: &'f str,
    label: &'f str,
    measure: super::published::Measure,
    value: Option<i64>,
    marker: Option<&'static str>,
    standing: FigureStanding,
    missing_returns: i64,
}

impl<'f> FigureOfFile<'f> {
    fn of(printed: &'f Printed) -> Self {
        FigureOfFile {
            financial_year: printed.year.as_str(),
            code: &printed.code,
            label: &printed.label,
            measure: printed.measure,
            value: printed.value.magnitude(),
            marker: marker(&printed.value),
            standing: printed.standing,
            missing_returns: printed.missing_returns,
        }
    }
}

/// What stands in place of a number.
pub(super) fn marker(value: &Value) -> Option<&'static str> {
    match value {
        Value::Withheld => Some(WITHHELD),
        Value::NotApplicable => Some("[z]"),
        Value::NotYetKnown | Value::NotAvailable => Some("[x]"),
        _ => None,
    }
}
