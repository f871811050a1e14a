//! What is carried out of a closed year, and carried again when something dated in that year changes after the close.

use super::{CannotCommit, Carried, Owner, Settlement};
use crate::Pence;
use std::collections::BTreeMap;

type Sums<'a> = BTreeMap<(Owner<'a>, Option<&'a str>), Pence>;

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
    carried.map(|((owner, provider), amount)| Carried { owner, provider, amount }).collect()
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
