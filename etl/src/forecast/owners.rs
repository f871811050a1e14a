//! Whom the rows of a snapshot plan for: arrangements and grants.

use super::rows::Rows;
use crate::error::Error;
use domain::commitments::OwnerKind;
use std::collections::HashMap;

/// Whom something is planned for.
pub(super) struct OwnerRow {
    /// Sorts as the owner's id does.
    pub(super) id: String,
    pub(super) key: String,
    pub(super) kind: OwnerKind,
}

/// A number that sorts as text.
pub(super) fn sortable(number: i64) -> String {
    format!("{number:012}")
}

/// The owners that a snapshot lists.
pub(super) fn owners(rows: &Rows) -> Result<Vec<OwnerRow>, Error> {
    let (keys, kinds, numbers) = (rows.words::<String>("owner_key")?, rows.words::<String>("owner_kind")?, rows.numbers("owner_number")?);
    let owner = |((key, kind), number): ((String, String), i64)| {
        let kind = if kind == OwnerKind::Grant.as_str() { OwnerKind::Grant } else { OwnerKind::Arrangement };
        OwnerRow { id: sortable(number), key, kind }
    };
    let mut owners: Vec<OwnerRow> = keys.into_iter().zip(kinds).zip(numbers).map(owner).collect();
    owners.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    Ok(owners)
}

/// Owners by their keys.
pub(super) type Places<'p> = HashMap<&'p str, &'p OwnerRow>;

/// The owners in a column, by their keys; the extraction lists every owner that a row may name.
pub(super) fn owners_in<'p>(rows: &Rows, places: &Places<'p>) -> Result<Vec<Option<&'p OwnerRow>>, Error> {
    let unknown = || Error::Definition("a row of commitments names an owner that is not listed".to_owned());
    let place = |key: Option<String>| key.map(|key| places.get(key.as_str()).copied().ok_or_else(unknown)).transpose();
    rows.optional::<String>("owner_key")?.into_iter().map(place).collect()
}

/// The owners in a column in which every row has one.
pub(super) fn every_owner<'p>(rows: &Rows, places: &Places<'p>) -> Result<Vec<&'p OwnerRow>, Error> {
    let missing = || Error::Definition("a row of commitments names no owner".to_owned());
    owners_in(rows, places)?.into_iter().map(|place| place.ok_or_else(missing)).collect()
}
