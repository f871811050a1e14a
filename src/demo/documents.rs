//! What the made-up authority publishes and reads at its year's end, written beside its ledger files: its statement and its annual review.

use crate::settings::Settings;
use anyhow::{Context, anyhow};
use db::Store;
use domain::FinancialYear;
use domain::statement_editions::StatementFormat;
use records::statement_editions::{frozen_file, last_published};
use reports::Which;
use reports::annual_review::{AnnualReview, ReviewFormat, annual_review};
use std::fs;
use std::path::Path;
use strum::VariantArray;

/// Writes the last published statement of one year in every format, and the annual review of another, below the demonstration's folder.
pub fn write(settings: &Settings, store: &Store, folder: &Path, statement: FinancialYear, review: FinancialYear) -> anyhow::Result<()> {
    let folder = folder.join("documents");
    let unwritable = || format!("the folder {} cannot be written to", folder.display());
    fs::create_dir_all(&folder).with_context(unwritable)?;
    for (name, bytes) in statements(store, statement)?.into_iter().chain(reviews(settings, review)?) {
        fs::write(folder.join(name), bytes).with_context(unwritable)?;
    }
    Ok(())
}

/// The frozen files of a year's last edition, by their names.
fn statements(store: &Store, year: FinancialYear) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let files = store.read(|connection| {
        let Some(edition) = last_published(connection, year)? else { return Ok(Vec::new()) };
        let file =
            |format: &StatementFormat| Ok(frozen_file(connection, &edition.id, *format)?.map(|file| (named(*format, year), file.bytes)));
        StatementFormat::VARIANTS.iter().map(file).collect::<Result<Vec<_>, records::Error>>()
    });
    Ok(files.map_err(|error| anyhow!("{error}"))?.into_iter().flatten().collect())
}

fn named(format: StatementFormat, year: FinancialYear) -> String {
    format!("statement-{year}.{}", format.as_str())
}

/// The annual review of a year in every format, by name.
fn reviews(settings: &Settings, year: FinancialYear) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let review = annual_review(&settings.warehouse(), &Which::Current, &settings.profile, year)?;
    let file =
        |format: &ReviewFormat| Ok((format!("{}.{}", AnnualReview::file_name(year), format.as_str()), review.written(*format)?.bytes));
    ReviewFormat::VARIANTS.iter().map(file).collect()
}
