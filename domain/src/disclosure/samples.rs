//! Publications for tests, whose cells are told apart by their names.

use super::*;

pub(super) const RULE: DisclosureRule = DisclosureRule { withhold_up_to: 5, narrowest_width: 5 };

/// A publication whose cells are told apart by their names.
#[derive(Default)]
pub(super) struct Sample(pub(super) Publication);

impl Sample {
    pub(super) fn counts(&mut self, cells: &[(&str, i64)]) {
        self.before(Before::New, cells);
    }

    pub(super) fn before(&mut self, before: Before, cells: &[(&str, i64)]) {
        cells.iter().for_each(|(name, value)| {
            self.0.count(*name, *value, before);
        });
    }

    pub(super) fn amounts(&mut self, cells: &[(&str, i64)]) {
        cells.iter().for_each(|(name, pence)| {
            self.0.amount(*name, *pence, Before::New);
        });
    }

    pub(super) fn cell(&self, name: &str) -> CellId {
        self.0.cells().find(|cell| self.0.name(*cell) == name).unwrap_or_else(|| panic!("no cell {name}"))
    }

    pub(super) fn total(&mut self, whole: &str, parts: &[&str]) {
        let parts: Vec<_> = parts.iter().map(|part| self.cell(part)).collect();
        self.0.total(format!("parts of {whole}"), self.cell(whole), &parts);
    }

    pub(super) fn of_whom(&mut self, part: &str, whole: &str) {
        self.0.of_whom(format!("{whole}, of whom {part}"), self.cell(part), self.cell(whole));
    }

    pub(super) fn outcome(&self) -> Outcome {
        apply(&self.0, RULE, &Disclosure::Withheld).expect("sound")
    }

    /// The names of what is withheld, in order.
    pub(super) fn withheld(&self) -> Vec<String> {
        let outcome = self.outcome();
        assert!(outcome.is_fewest);
        outcome.withheld(&self.0).into_iter().map(|withheld| withheld.name).collect()
    }
}

/// A table of parts that add up to a total.
pub(super) fn table(parts: &[(&str, i64)]) -> Sample {
    let mut sample = Sample::default();
    sample.counts(parts);
    sample.counts(&[("all", parts.iter().map(|(_, value)| value).sum())]);
    sample.total("all", &parts.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    sample
}
