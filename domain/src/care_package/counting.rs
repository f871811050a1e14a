//! Which of a child's lines count, and which stand aside for another that never runs together with them.

use super::{CarePackage, CarePackageLine, ChildFacts, LineFacts, Origin, OtherRequest, PackageLineFacts, RequestLineFacts};
use crate::costing::{CannotCost, Line};
use crate::profile::CostingPolicy;
use crate::{FinancialYear, Frequency, Pence};
use chrono::{Months, NaiveDate};
use std::collections::{HashMap, HashSet};

impl CarePackage {
    /// What counts of a child's record beside what is asked for, and what a full year of it costs.
    pub fn of(costing: &CostingPolicy, child: ChildFacts<'_>) -> Result<Self, CannotCost> {
        let counting = Counting { costing, year: FinancialYear::of(child.on)?, child };
        let aside = counting.aside()?;
        let mut lines = Vec::new();
        for line in child.asked {
            lines.push(counting.of_request(Origin::ThisRequest, line)?);
        }
        for current in counting.dearest(&aside)? {
            lines.push(counting.counted(current.origin, None, &current.line)?);
        }
        for other in child.others {
            for line in other.lines.iter().filter(|line| !aside.contains(line.line.id.as_str())) {
                if counting.counts_of(other, line) {
                    lines.push(counting.of_request(other.origin, line)?);
                }
            }
        }
        let total = Pence::checked_sum(lines.iter().map(|line| line.full_year_pence))?;
        Ok(CarePackage { lines, total })
    }
}

/// A child's lines while it is found which of them count.
struct Counting<'c> {
    costing: &'c CostingPolicy,
    year: FinancialYear,
    child: ChildFacts<'c>,
}

impl<'c> Counting<'c> {
    /// Of every arrangement the dearest line that counts, in the order of the lines.
    fn dearest(&self, aside: &HashSet<&str>) -> Result<Vec<&'c PackageLineFacts>, CannotCost> {
        let current = self.child.current;
        let mut dearest: HashMap<&str, (usize, Pence)> = HashMap::new();
        for (place, line) in current.iter().enumerate() {
            if aside.contains(id(line)) || !self.counts_now(line) {
                continue;
            }
            let cost = self.full_year(&line.line)?;
            let slot = dearest.entry(line.arrangement.as_str()).or_insert((place, cost));
            let is_asked = |place: usize| current.get(place).is_some_and(|line| line.origin.is_asked());
            // Of two that cost the same, what is asked for is shown.
            if cost > slot.1 || (cost == slot.1 && is_asked(place) && !is_asked(slot.0)) {
                *slot = (place, cost);
            }
        }
        let places: HashSet<usize> = dearest.into_values().map(|(place, _)| place).collect();
        Ok(current.iter().enumerate().filter(|(place, _)| places.contains(place)).map(|(_, line)| line).collect())
    }

    /// Whether a line still counts: one that has ended does not; what is bought once counts all of the year it is bought in.
    fn counts(&self, terms: &Line) -> bool {
        match terms.frequency {
            Frequency::OneOff => terms.valid_from >= self.year.starts_on(),
            _ => terms.valid_to.is_none_or(|ends| ends > self.child.on),
        }
    }

    fn counts_now(&self, line: &PackageLineFacts) -> bool {
        line.whatever_its_dates || self.counts(&line.line.terms)
    }

    /// Whether a line of another request counts: dates that are over take nothing out of the total until the decision has aged.
    fn counts_of(&self, other: &OtherRequest, line: &RequestLineFacts) -> bool {
        other.whatever_its_dates || self.counts(&line.line.terms)
    }

    /// Which lines stand aside for the one that replaces them or carries them out: the two never run together.
    ///
    /// What is asked for now counts in place of the arrangement that it replaces. Of an agreed line that is not commissioned and the
    /// arrangement that still runs, the dearer counts; of an agreed line and the arrangement that carries it out too. What an
    /// undecided request would replace may yet stay, so both count.
    fn aside(&self) -> Result<HashSet<&'c str>, CannotCost> {
        let mut aside: HashSet<&str> = HashSet::new();
        for line in self.child.asked {
            if self.is_within_a_year(line.line.terms.valid_from) {
                aside.extend(self.replaced_by(line).map(id));
            }
            self.set_aside_for_rehearing(line, &mut aside)?;
        }
        let agreed = self.child.others.iter().filter(|other| other.origin == Origin::ApprovedRequest);
        let (mut cheaper, mut carried_out) = (Vec::new(), Vec::new());
        for (other, line) in agreed.flat_map(|other| other.lines.iter().map(move |line| (other, line))) {
            if let Some(starts) = self.carrying_out(line).map(|new| new.line.terms.valid_from).min() {
                // The new line is on record, and the old one has its end there; without it both run.
                let ended = self.replaced_by(line).filter(|old| old.line.terms.valid_to.is_some_and(|ends| ends <= starts));
                aside.extend(ended.map(id));
                carried_out.push((other, line));
            } else if self.counts_of(other, line) {
                match self.dearest_counting(self.replaced_by(line))? {
                    Some((_, cost)) if self.full_year(&line.line)? >= cost => aside.extend(self.replaced_by(line).map(id)),
                    Some((old, _)) => cheaper.push((line, old)),
                    None => {}
                }
            }
        }
        self.set_cheaper_aside(cheaper, &mut aside);
        self.set_carried_out_aside(carried_out, &mut aside)?;
        Ok(aside)
    }

    /// An agreed line that costs less than what it replaces stands aside while that runs: one of them for each arrangement.
    fn set_cheaper_aside(&self, cheaper: Vec<(&'c RequestLineFacts, &'c PackageLineFacts)>, aside: &mut HashSet<&'c str>) {
        let mut stays = HashSet::new();
        for (line, old) in cheaper {
            if !aside.contains(id(old)) && stays.insert(old.arrangement.as_str()) {
                aside.insert(&line.line.id);
            }
        }
    }

    /// Of an agreed line and the arrangement that carries it out, the one that is not dearer stands aside.
    fn set_carried_out_aside(
        &self,
        carried_out: Vec<(&'c OtherRequest, &'c RequestLineFacts)>,
        aside: &mut HashSet<&'c str>,
    ) -> Result<(), CannotCost> {
        for (other, line) in carried_out {
            let group = self.running_arrangements(line, aside);
            let is_dearer = match self.dearest_counting(group.iter().copied())? {
                Some((_, cost)) => self.counts_of(other, line) && self.full_year(&line.line)? > cost,
                None => false,
            };
            if is_dearer {
                aside.extend(group.into_iter().map(id));
            } else {
                aside.insert(&line.line.id);
            }
        }
        Ok(())
    }

    /// What carries out a line that is heard again stands aside for it, and what its arrangement has that is no dearer.
    fn set_aside_for_rehearing(&self, line: &RequestLineFacts, aside: &mut HashSet<&'c str>) -> Result<(), CannotCost> {
        let arrangements: HashSet<&str> = self.carrying_out(line).map(|new| new.arrangement.as_str()).collect();
        for current in self.child.current.iter().filter(|current| arrangements.contains(current.arrangement.as_str())) {
            let carries = current.request_line_id.as_ref() == Some(&line.line.id);
            if carries || self.full_year(&current.line)? <= self.full_year(&line.line)? {
                aside.insert(id(current));
            }
        }
        Ok(())
    }

    /// The package lines that carry a request's line out.
    fn carrying_out(&self, line: &'c RequestLineFacts) -> impl Iterator<Item = &'c PackageLineFacts> + use<'c> {
        self.child.current.iter().filter(move |new| new.request_line_id.as_ref() == Some(&line.line.id))
    }

    /// The lines of the arrangement that a request's line replaces.
    fn replaced_by(&self, line: &'c RequestLineFacts) -> impl Iterator<Item = &'c PackageLineFacts> + use<'c> {
        let arrangement = line.replaces_line_id.as_ref().map(|replaced| self.child.arrangements.get(replaced).unwrap_or(replaced));
        self.child.current.iter().filter(move |old| arrangement == Some(&old.arrangement))
    }

    /// Of the arrangements that carry a line out on some day to come, the lines that count.
    fn running_arrangements(&self, line: &'c RequestLineFacts, aside: &HashSet<&str>) -> Vec<&'c PackageLineFacts> {
        let runs = |line: &&PackageLineFacts| !aside.contains(id(line)) && self.counts_now(line);
        let arrangements: HashSet<&str> = self.carrying_out(line).filter(runs).map(|new| new.arrangement.as_str()).collect();
        self.child.current.iter().filter(|current| arrangements.contains(current.arrangement.as_str())).filter(runs).collect()
    }

    fn dearest_counting(
        &self,
        lines: impl Iterator<Item = &'c PackageLineFacts>,
    ) -> Result<Option<(&'c PackageLineFacts, Pence)>, CannotCost> {
        let mut dearest: Option<(&PackageLineFacts, Pence)> = None;
        for line in lines.filter(|line| self.counts_now(line)) {
            let cost = self.full_year(&line.line)?;
            if dearest.is_none_or(|(_, most)| cost > most) {
                dearest = Some((line, cost));
            }
        }
        Ok(dearest)
    }

    /// A full year is tested: what runs for all of it counts, though something replaces it after.
    fn is_within_a_year(&self, day: NaiveDate) -> bool {
        self.child.on.checked_add_months(Months::new(12)).is_none_or(|year| day < year)
    }

    fn full_year(&self, line: &LineFacts) -> Result<Pence, CannotCost> {
        self.costing.full_year(&line.terms)
    }

    fn of_request(&self, origin: Origin, line: &RequestLineFacts) -> Result<CarePackageLine, CannotCost> {
        self.counted(origin, Some(line.request_id.clone()), &line.line)
    }

    fn counted(&self, origin: Origin, request_id: Option<String>, line: &LineFacts) -> Result<CarePackageLine, CannotCost> {
        Ok(CarePackageLine {
            origin,
            id: line.id.clone(),
            request_id,
            service: line.service.clone(),
            budget_line: line.budget_line.clone(),
            unit: line.unit,
            quantity_thousandths: line.terms.quantity,
            frequency: line.terms.frequency,
            valid_from: line.terms.valid_from,
            valid_to: line.terms.valid_to,
            full_year_pence: self.full_year(line)?,
        })
    }
}

fn id(line: &PackageLineFacts) -> &str {
    &line.line.id
}
