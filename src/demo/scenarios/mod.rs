//! Two scenarios of the made-up authority's next year, written beside its ledger files.

use anyhow::Context;
use std::fs;
use std::path::Path;

/// The files, by name.
pub const FILES: [(&str, &str); 2] = [("steady.toml", include_str!("steady.toml")), ("pressures.toml", include_str!("pressures.toml"))];

/// Writes them below the demonstration's folder.
pub fn write(folder: &Path) -> anyhow::Result<()> {
    let folder = folder.join("scenarios");
    let unwritable = || format!("the folder {} cannot be written to", folder.display());
    fs::create_dir_all(&folder).with_context(unwritable)?;
    FILES.iter().try_for_each(|(name, text)| fs::write(folder.join(name), text)).with_context(unwritable)
}
