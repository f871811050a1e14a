//! What is carried out of a closed year, and carried again when something dated in that year changes after the close.

use super::{CannotCommit, Carried, Owner, Release, Settlement};
use crate::Pence;
use std::collections::BTreeMap;

/// An owner and a provider.
type Whose<'a> = (Owner<'a>, Option<&'a str>);

type Sums<'a> = BTreeMap<Whose<'a>, Pence>;

/// What stands of what one owner and provider were carried: its place in the order recorded, and how much.
pub(super) type Standing = (i64, Pence);

/// What was carried and stands, by owner and provider, apart wherever something was released between two records: a release takes what was
/// carried before it. What is carried less takes from what was carried last.
pub(super) fn standing_carried<'a>(
    carried: &[Carried<'a>],
    releases: &[Release<'_>],
) -> Result<BTreeMap<Whose<'a>, Vec<Standing>>, CannotCommit> {
    let mut rows: Vec<&Carried<'a>> = carried.iter().collect();
    rows.sort_by_key(|one| one.number);
    let is_apart = |one: i64, other: i64| releases.iter().any(|release| one < release.number && release.number < other);
    let mut all: BTreeMap<_, (Vec<Standing>, Pence)> = BTreeMap::new();
    for one in rows {
        let (standing, lacking) = all.entry((one.owner, one.provider)).or_default();
        if one.amount < Pence::ZERO {
            *lacking = lacking.checked_sub(one.amount)?;
            while let Some((_, last)) = standing.last_mut().filter(|_| *lacking > Pence::ZERO) {
                let taken = (*last).min(*lacking);
                (last.0, lacking.0) = (last.0 - taken.0, lacking.0 - taken.0);
                if *last == Pence::ZERO {
                    standing.pop();
                }
            }
            continue;
        }
        let made_up = one.amount.min(*lacking);
        let more = Pence(one.amount.0 - made_up.0);
        lacking.0 -= made_up.0;
        match standing.last_mut() {
            _ if more == Pence::ZERO => {}
            Some((number, last)) if !is_apart(*number, one.number) => *last = last.checked_add(more)?,
            _ => standing.push((one.number, more)),
        }
    }
    Ok(all.into_iter().map(|(whose, (standing, _))| (whose, standing)).collect())
}

/// What records of carrying forward come to, by owner and provider.
pub(super) fn sums_carried<'a>(carried: &[Carried<'a>]) -> Result<Sums<'a>, CannotCommit> {
    let mut sums = Sums::new();
    for one in carried {
        let sum = sums.entry((one.owner, one.provider)).or_default();
        *sum = sum.checked_add(one.amount)?;
    }
    Ok(sums)
}

fn listed(sums: Sums<'_>) -> Vec<Carried<'_>> {
    let carried = sums.into_iter().filter(|(_, amount)| *amount != Pence::ZERO);
    carried.map(|((owner, provider), amount)| Carried { owner, provider, amount, number: 0 }).collect()
}

impl<'a> Settlement<'a> {
    /// What is to be carried forward when the year is closed: what is open by owner and provider.
    pub fn carry_forwards(&self) -> Vec<Carried<'a>> {
        let mut open = Sums::new();
        for cell in &self.cells {
            // Open never adds up to more than planned, which is in bounds.
            open.entry((cell.owner, cell.provider)).or_default().0 += cell.open().0;
        }
        listed(open)
    }

    /// What a change makes more to be carried forward, or less: the difference between what is open with it and what was `before` it,
    /// both as if the year had not been closed. No more is taken back than the records `so_far` come to.
    pub fn carry_again(&self, before: &[Carried<'a>], so_far: &[Carried<'a>]) -> Result<Vec<Carried<'a>>, CannotCommit> {
        let mut differences = sums_carried(&self.carry_forwards())?;
        for ((owner, provider), amount) in sums_carried(before)? {
            let difference = differences.entry((owner, provider)).or_default();
            *difference = difference.checked_sub(amount)?;
        }
        let so_far = sums_carried(so_far)?;
        for (whose, difference) in &mut differences {
            let least = so_far.get(whose).copied().unwrap_or_default().checked_neg()?;
            *difference = (*difference).max(least);
        }
        Ok(listed(differences))
    }
}
