//! Which of a child's lines count, and which stand aside for another that never runs together with them.

use super::others::Other;
use super::{CarePackage, CarePackageLine, ChildRecord, Counting, Origin};
use crate::problem::Problem;
use crate::routes::requests::RequestLine;
use chrono::{Months, NaiveDate};
use domain::costing::Line;
use domain::{FinancialYear, Frequency, Pence, Profile};
use std::collections::{HashMap, HashSet};

/// The lines that count, as they are found.
pub(super) struct Counted<'p> {
    profile: &'p Profile,
    year: FinancialYear,
    on: NaiveDate,
    arrangements: &'p HashMap<String, String>,
    lines: Vec<CarePackageLine>,
}

impl<'p> Counted<'p> {
    /// What counts of a child's record, with the lines that a request asks for and the package lines as they are or would be.
    pub(super) fn of(
        profile: &'p Profile,
        record: &'p ChildRecord,
        asked: &[RequestLine],
        current: &[Counting],
    ) -> Result<CarePackage, Problem> {
        let year = FinancialYear::of(record.on).map_err(Problem::internal)?;
        let mut counted = Counted { profile, year, on: record.on, arrangements: &record.arrangements, lines: Vec::new() };
        for line in asked {
            counted.add_asked(Origin::ThisRequest, line)?;
        }
        let aside = counted.aside(asked, &record.others, current)?;
        for counting in counted.dearest(current, &aside)? {
            counted.add_in_force(counting)?;
        }
        for other in &record.others {
            for line in other.lines.iter().filter(|line| !aside.contains(&line.id)) {
                if counted.counts_of(other, line) {
                    counted.add_asked(other.origin, line)?;
                }
            }
        }
        let total = Pence::checked_sum(counted.lines.iter().map(|line| line.full_year_pence)).map_err(Problem::internal)?;
        Ok(CarePackage { lines: counted.lines, total })
    }

    /// Of every arrangement the dearest line that counts, in the order of the lines.
    fn dearest<'c>(&self, current: &'c [Counting], aside: &HashSet<String>) -> Result<Vec<&'c Counting>, Problem> {
        let mut dearest: HashMap<&str, (usize, Pence)> = HashMap::new();
        for (place, counting) in current.iter().enumerate() {
            if aside.contains(&counting.line.line_id) || !self.counts_now(counting) {
                continue;
            }
            let cost = self.full_year(&counting.line.costed())?;
            let slot = dearest.entry(counting.line.arrangement()).or_insert((place, cost));
            let is_asked = |place: usize| current.get(place).is_some_and(|counting| counting.origin.is_asked());
            // Of two that cost the same, what is asked for is shown.
            if cost > slot.1 || (cost == slot.1 && is_asked(place) && !is_asked(slot.0)) {
                *slot = (place, cost);
            }
        }
        let places: HashSet<usize> = dearest.into_values().map(|(place, _)| place).collect();
        Ok(current.iter().enumerate().filter(|(place, _)| places.contains(place)).map(|(_, counting)| counting).collect())
    }

    /// Whether a line still counts: one that has ended does not; what is bought once counts all of the year it is bought in.
    fn counts(&self, line: &Line) -> bool {
        match line.frequency {
            Frequency::OneOff => line.valid_from >= self.year.starts_on(),
            _ => line.valid_to.is_none_or(|ends| ends > self.on),
        }
    }

    fn counts_now(&self, counting: &Counting) -> bool {
        counting.whatever_its_dates || self.counts(&counting.line.costed())
    }

    /// Whether a line of another request counts: dates that are over take nothing out of the total until the decision has aged.
    fn counts_of(&self, other: &Other, line: &RequestLine) -> bool {
        other.whatever_its_dates || self.counts(&line.costed())
    }

    /// Which lines stand aside for the one that replaces them or carries them out: the two never run together.
    ///
    /// What is asked for now counts in place of the arrangement that it replaces. Of an agreed line that is not commissioned and the
    /// arrangement that still runs, the dearer counts; of an agreed line and the arrangement that carries it out too. What an
    /// undecided request would replace may yet stay, so both count.
    fn aside(&self, asked: &[RequestLine], others: &[Other], current: &[Counting]) -> Result<HashSet<String>, Problem> {
        let mut aside: HashSet<String> = HashSet::new();
        for line in asked {
            if self.is_within_a_year(line.valid_from) {
                aside.extend(self.replaced_by(line, current).map(id));
            }
            self.set_aside_for_rehearing(line, current, &mut aside)?;
        }
        let agreed = others.iter().filter(|other| other.origin == Origin::ApprovedRequest);
        let (mut cheaper, mut carried_out) = (Vec::new(), Vec::new());
        for (other, line) in agreed.flat_map(|other| other.lines.iter().map(move |line| (other, line))) {
            if let Some(starts) = carrying_out(line, current).map(|new| new.line.valid_from).min() {
                // The new line is on record, and the old one has its end there; without it both run.
                let ended = self.replaced_by(line, current).filter(|old| old.line.valid_to.is_some_and(|ends| ends <= starts));
                aside.extend(ended.map(id));
                carried_out.push((other, line));
            } else if self.counts_of(other, line) {
                let old = self.dearest_counting(self.replaced_by(line, current))?;
                match old {
                    Some((_, cost)) if self.full_year(&line.costed())? >= cost => aside.extend(self.replaced_by(line, current).map(id)),
                    Some((old, _)) => cheaper.push((line, old)),
                    None => {}
                }
            }
        }
        let mut stays = HashSet::new();
        for (line, old) in cheaper {
            if !aside.contains(&old.line.line_id) && stays.insert(old.line.arrangement()) {
                aside.insert(line.id.clone());
            }
        }
        for (other, line) in carried_out {
            let group = self.running_arrangements(line, current, &aside);
            let dearest = self.dearest_counting(group.iter().copied())?;
            let is_dearer = match dearest {
                Some((_, cost)) => self.counts_of(other, line) && self.full_year(&line.costed())? > cost,
                None => false,
            };
            if is_dearer {
                aside.extend(group.into_iter().map(id));
            } else {
                aside.insert(line.id.clone());
            }
        }
        Ok(aside)
    }

    /// What carries out a line that is heard again stands aside for it, and what its arrangement has that is no dearer.
    fn set_aside_for_rehearing(&self, line: &RequestLine, current: &[Counting], aside: &mut HashSet<String>) -> Result<(), Problem> {
        let arrangements: HashSet<&str> = carrying_out(line, current).map(|new| new.line.arrangement()).collect();
        for counting in current.iter().filter(|counting| arrangements.contains(counting.line.arrangement())) {
            let carries = counting.line.request_line_id.as_ref() == Some(&line.id);
            if carries || self.full_year(&counting.line.costed())? <= self.full_year(&line.costed())? {
                aside.insert(id(counting));
            }
        }
        Ok(())
    }

    /// The lines of the arrangement that a request's line replaces.
    fn replaced_by<'c>(&self, line: &RequestLine, current: &'c [Counting]) -> impl Iterator<Item = &'c Counting> {
        let replaced = line.replaces_line_id.clone();
        let arrangement = replaced.map(|id| self.arrangements.get(&id).cloned().unwrap_or(id));
        current.iter().filter(move |old| arrangement.as_deref() == Some(old.line.arrangement()))
    }

    /// Of the arrangements that carry a line out on some day to come, the lines that count.
    fn running_arrangements<'c>(&self, line: &RequestLine, current: &'c [Counting], aside: &HashSet<String>) -> Vec<&'c Counting> {
        let runs = |counting: &&Counting| !aside.contains(&counting.line.line_id) && self.counts_now(counting);
        let arrangements: HashSet<&str> = carrying_out(line, current).filter(runs).map(|new| new.line.arrangement()).collect();
        current.iter().filter(|counting| arrangements.contains(counting.line.arrangement())).filter(runs).collect()
    }

    fn dearest_counting<'c>(&self, lines: impl Iterator<Item = &'c Counting>) -> Result<Option<(&'c Counting, Pence)>, Problem> {
        let mut dearest: Option<(&Counting, Pence)> = None;
        for counting in lines.filter(|counting| self.counts_now(counting)) {
            let cost = self.full_year(&counting.line.costed())?;
            if dearest.is_none_or(|(_, most)| cost > most) {
                dearest = Some((counting, cost));
            }
        }
        Ok(dearest)
    }

    /// A full year is tested: what runs for all of it counts, though something replaces it after.
    fn is_within_a_year(&self, day: NaiveDate) -> bool {
        self.on.checked_add_months(Months::new(12)).is_none_or(|year| day < year)
    }

    fn full_year(&self, line: &Line) -> Result<Pence, Problem> {
        self.profile.costing.full_year(line).map_err(Problem::internal)
    }

    fn add_asked(&mut self, origin: Origin, line: &RequestLine) -> Result<(), Problem> {
        let full_year_pence = self.full_year(&line.costed())?;
        self.lines.push(CarePackageLine {
            origin,
            id: line.id.clone(),
            request_id: Some(line.request_id.clone()),
            service: line.service.clone(),
            budget_line: line.budget_line.clone(),
            unit: line.unit,
            quantity_thousandths: line.quantity_thousandths,
            frequency: line.frequency,
            valid_from: line.valid_from,
            valid_to: line.valid_to,
            full_year_pence,
        });
        Ok(())
    }

    fn add_in_force(&mut self, counting: &Counting) -> Result<(), Problem> {
        let line = &counting.line;
        let full_year_pence = self.full_year(&line.costed())?;
        self.lines.push(CarePackageLine {
            origin: counting.origin,
            id: line.line_id.clone(),
            request_id: None,
            service: line.service.clone(),
            budget_line: line.budget_line.clone(),
            unit: line.unit,
            quantity_thousandths: line.quantity_thousandths,
            frequency: line.frequency,
            valid_from: line.valid_from,
            valid_to: line.valid_to,
            full_year_pence,
        });
        Ok(())
    }
}

fn id(counting: &Counting) -> String {
    counting.line.line_id.clone()
}

/// The package lines that carry a request's line out.
fn carrying_out<'c>(line: &RequestLine, current: &'c [Counting]) -> impl Iterator<Item = &'c Counting> {
    let id = line.id.clone();
    current.iter().filter(move |new| new.line.request_line_id.as_deref() == Some(id.as_str()))
}
