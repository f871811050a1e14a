//! Which rules pick a line, and whether one more might if a cell could be read.

use super::{Lines, is_blank_cell};
use crate::condition::{Condition, Holds};
use crate::header::{AmountAt, Column};
use crate::mapping::Rule;
use crate::picked::Wrong;
use crate::problem::ProblemCode;
use crate::row::{Row, Why};
use crate::text::{fold, fold_cell};
use csv::ByteRecord;

impl Lines<'_> {
    /// The rules that pick a line, and whether one more might if a cell could be read, or one fewer.
    pub(super) fn picked_by(&mut self, row: &Row<'_>) -> (Vec<usize>, bool) {
        let (mapping, mut picked, mut is_unclear) = (self.mapping, Vec::new(), false);
        for (place, rule) in mapping.rules.iter().enumerate() {
            let Rule { when, unless, .. } = rule;
            let when = self.all_hold(when, row);
            if when == Holds::No {
                continue;
            }
            match if unless.is_empty() { Holds::No } else { self.all_hold(unless, row) } {
                Holds::Yes => continue,
                Holds::Unclear => is_unclear = true,
                Holds::No => {}
            }
            match when {
                Holds::Yes => picked.push(place),
                _ => is_unclear = true,
            }
        }
        (picked, is_unclear)
    }

    /// Whether all the conditions hold. Each cell is folded once, however many rules look at it.
    fn all_hold(&mut self, conditions: &[Condition], row: &Row<'_>) -> Holds {
        Holds::all(conditions.iter().map(|condition| {
            let at = self.cells.layout.columns[condition.column];
            let encoding = self.cells.encoding;
            let cell = row.cells.get(at).unwrap_or_default();
            let folded = self.folded[condition.column].get_or_insert_with(|| {
                let mut text = self.spare.pop().unwrap_or_default();
                fold_cell(encoding, cell, &mut text);
                text
            });
            match (condition.holds(folded), row.unread(at)) {
                (Holds::No, Some(Why::NoResult)) => Holds::Unclear,
                // A title or a total may run across columns; a payment is a payment whatever is merged in it.
                (Holds::No, Some(Why::Across)) if self.cells.looks_like_payment(row.cells) => Holds::Unclear,
                (Holds::No, _) if !encoding.can_read(cell) => Holds::Unclear,
                // A report may print a code once, above the payments that it is for.
                (Holds::No, None) if folded.is_empty() => {
                    let mut above = self.spare.pop().unwrap_or_default();
                    fold_cell(encoding, &self.above[condition.column], &mut above);
                    let is_so = !above.is_empty() && condition.holds(&above) == Holds::Yes;
                    self.spare.push(above);
                    if is_so && self.cells.looks_like_payment(row.cells) { Holds::Unclear } else { Holds::No }
                }
                (holds, _) => holds,
            }
        }))
    }

    /// Keeps what stands in the columns that rules look at, for the lines below that leave them empty.
    pub(super) fn remember_above(&mut self, row: &ByteRecord) {
        for (above, at) in self.above.iter_mut().zip(&self.cells.layout.columns) {
            let Some(cell) = row.get(*at).filter(|cell| !is_blank_cell(cell, self.cells.encoding)) else { continue };
            // A header that is printed again at the top of a page ends nothing.
            let is_header = self.cells.layout.headers.get(*at).is_some_and(|header| header.as_bytes() == cell.trim_ascii());
            if !is_header && above.as_slice() != cell {
                above.clear();
                above.extend_from_slice(cell);
            }
        }
    }

    /// Forgets the cells of the line before.
    pub(super) fn forget_folded(&mut self) {
        for text in self.folded.iter_mut().filter_map(Option::take) {
            self.spare.push(text);
        }
    }

    /// The rules that would pick these cells, if they are a payment where the header has date and amount.
    pub(super) fn picked_as_payment(&mut self, cells: &ByteRecord) -> Vec<usize> {
        if !self.cells.looks_like_payment(cells) {
            return Vec::new();
        }
        self.forget_folded();
        let (picked, _) = self.picked_by(&Row::whole(cells, 0));
        self.forget_folded();
        picked
    }

    /// A header printed again further down, as at the top of a page.
    pub(super) fn is_header_again(&self, row: &ByteRecord) -> bool {
        let repeats = |column: &Column| fold(&self.cells.text(row, column.at)) == fold(&column.header);
        repeats(&self.cells.layout.date)
            && match &self.cells.layout.amount {
                AmountAt::Signed(amount) => repeats(amount),
                AmountAt::DebitAndCredit(debit, credit) => repeats(debit) && repeats(credit),
            }
    }

    /// A further line of a payment whose day, amount and coding are merged over several lines.
    pub(super) fn goes_on_from_above(&self, row: &Row<'_>) -> bool {
        let is_merged = |at: usize| matches!(row.unread(at), Some(Why::Above { .. }));
        let layout = &self.cells.layout;
        let has_amount = match &layout.amount {
            AmountAt::Signed(amount) => !is_merged(amount.at),
            AmountAt::DebitAndCredit(debit, credit) => [debit, credit].iter().any(|side| !is_merged(side.at)),
        };
        !has_amount && is_merged(layout.date.at) && layout.columns.iter().all(|at| is_merged(*at))
    }

    pub(super) fn check_rules(&self, picked: &[usize], wrong: &mut Wrong) {
        if picked.len() > 1 {
            let rules: Vec<_> =
                picked.iter().map(|place| format!("rule {} ({})", place + 1, self.mapping.rules[*place].budget_line)).collect();
            let detail =
                format!("picked by {}; a line belongs to one rule: make one narrower, for example with `unless`", rules.join(" and "));
            wrong.tell(None, ProblemCode::TwoRules, detail);
        }
    }

    pub(super) fn provider_id(&mut self, row: &Row<'_>, wrong: &mut Wrong) -> Option<String> {
        let mapping = self.mapping;
        let mut found: Option<&str> = None;
        for rule in &mapping.providers {
            if self.all_hold(&rule.when, row) != Holds::Yes {
                continue;
            }
            match found {
                Some(other) if other != rule.provider => {
                    let detail = format!("the providers `{other}` and `{}` of the mapping both fit this line", rule.provider);
                    wrong.tell(None, ProblemCode::TwoProviders, detail);
                }
                _ => found = Some(&rule.provider),
            }
        }
        self.provider_ids.get(found?).cloned()
    }
}
