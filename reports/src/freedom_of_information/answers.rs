//! The answers, with disclosure control applied once to all of them together.

use super::gathered::{DirectPaymentInformation, InformationOfYear, LineInformation, UnitInformation, of_year};
use super::question::{FreedomOfInformationQuestion as Q, InformationMeasure as Measure};
use crate::error::Error;
use crate::origin::Origin;
use crate::years::{require, years_up_to};
use domain::children::age_band::AgeBand;
use domain::disclosure::{Before, CellId, Disclosure, Publication, apply};
use domain::profile::Section251Line;
use domain::{FinancialYear, Profile};
use etl::{Snapshot, Which};
use serde::{Deserialize, Serialize};
use sheets::{Cell, Column, Sheet};
use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;
use strum::VariantArray;
use utoipa::ToSchema;

/// What stands in place of a small count, of what tells of one, and of what protects one.
const WITHHELD: &str = "[c]";
/// What stands in place of a number that is not held.
const NOT_HELD: &str = "[x]";

/// How many years the pack covers: from 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u8")]
pub struct YearCount(u8);

impl YearCount {
    /// One year.
    pub const ONE: YearCount = YearCount(1);
}

impl TryFrom<u8> for YearCount {
    type Error = &'static str;

    fn try_from(count: u8) -> Result<Self, Self::Error> {
        if (1..=5).contains(&count) { Ok(YearCount(count)) } else { Err("the pack covers from 1 to 5 years") }
    }
}

impl FromStr for YearCount {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<u8>().map_err(|_| "the pack covers from 1 to 5 years")?.try_into()
    }
}

/// What is asked of the pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreedomOfInformationQuery {
    /// The last financial year.
    pub year: FinancialYear,
    /// How many years, that one included.
    pub years: YearCount,
}

/// The pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FreedomOfInformation {
    /// The snapshot it is from.
    pub snapshot_id: String,
    /// The years it covers, the earliest first: those asked for of which the warehouse has something.
    pub years: Vec<FinancialYear>,
    /// Counts from 1 to this are withheld, and what would give them away.
    #[schema(example = 5)]
    pub withhold_up_to: u16,
    /// Withheld counts that a reader of the pack can narrow further than the authority's rule allows, by name: for an officer to look at before
    /// the pack is sent. Most often there is none.
    pub check_before_release: Vec<String>,
    /// By question, year, service and group.
    pub answers: Vec<FreedomOfInformationAnswer>,
    /// When that snapshot was made.
    #[serde(skip)]
    #[schema(ignore)]
    pub origin: Origin,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FreedomOfInformationAnswer {
    /// The question.
    pub question: Q,
    /// The question as it is asked.
    pub asked: &'static str,
    /// The financial year.
    pub financial_year: FinancialYear,
    /// The budget line, or the kind of short break; null, all of them together.
    #[schema(example = "direct_payments")]
    pub service: Option<String>,
    /// The band of age, the unit or the line of the return; null, all of them together.
    #[schema(example = "five_to_nine")]
    pub group: Option<String>,
    /// What the value is in.
    pub measure: Measure,
    /// The number; null where a marker stands.
    pub value: Option<i64>,
    /// `[c]` withheld, `[x]` not held; null where a number stands.
    #[schema(example = "[c]")]
    pub marker: Option<&'static str>,
    /// Why nothing is held.
    pub note: Option<&'static str>,
}

/// The pack of a year and the years before it. Refused where the profile does not say which counts are too small to publish.
pub fn freedom_of_information(
    warehouse: &Path,
    which: &Which,
    profile: &Profile,
    query: &FreedomOfInformationQuery,
) -> Result<FreedomOfInformation, Error> {
    Snapshot::reading(warehouse, which, |snapshot| of_snapshot(snapshot, profile, query), Error::is_gone)
}

fn of_snapshot(snapshot: &Snapshot, profile: &Profile, query: &FreedomOfInformationQuery) -> Result<FreedomOfInformation, Error> {
    let rule = profile.disclosure.as_ref().ok_or(Error::NoDisclosureRule)?.rule();
    require(snapshot, query.year)?;
    let years = years_up_to(snapshot, query.year, usize::from(query.years.0))?;
    let mut pack = Pack::default();
    for year in &years {
        pack.add_year(&of_year(snapshot, profile, *year)?);
    }
    pack.add_changes(&years);
    let outcome = apply(&pack.publication, rule, &Disclosure::Withheld).map_err(Error::Contradiction)?;
    let answer = |entry: &Entry| {
        let (value, marker, note) = match entry.holding {
            Holding::Cell(cell) if outcome.is_shown(cell) => (Some(pack.publication.value(cell)), None, None),
            Holding::Cell(_) => (None, Some(WITHHELD), None),
            Holding::Known(number) => (Some(number), None, None),
            Holding::Nothing(note) => (None, Some(NOT_HELD), Some(note)),
        };
        let Key { question, year, service, group } = entry.key.clone();
        FreedomOfInformationAnswer {
            asked: question.asked(),
            question,
            financial_year: year,
            service,
            group,
            measure: entry.measure,
            value,
            marker,
            note,
        }
    };
    let mut answers: Vec<_> = pack.entries.iter().map(answer).collect();
    answers.sort_by(|one, other| {
        let key = |answer: &FreedomOfInformationAnswer| {
            (answer.question, answer.financial_year, answer.service.clone(), answer.group.clone(), <&str>::from(answer.measure))
        };
        key(one).cmp(&key(other))
    });
    Ok(FreedomOfInformation {
        snapshot_id: snapshot.id().to_owned(),
        years,
        withhold_up_to: rule.withhold_up_to,
        check_before_release: outcome.narrower.iter().map(|(cell, _)| pack.publication.name(*cell).to_owned()).collect(),
        answers,
        origin: Origin::of(snapshot),
    })
}

/// What an answer is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    question: Q,
    year: FinancialYear,
    service: Option<String>,
    group: Option<String>,
}

/// An answer before anything is withheld.
struct Entry {
    key: Key,
    measure: Measure,
    holding: Holding,
}

#[derive(Clone, Copy)]
enum Holding {
    Cell(CellId),
    /// What everybody knows: it is in the statement.
    Known(i64),
    Nothing(&'static str),
}

/// Every number of the pack, and what a reader can reckon between them.
#[derive(Default)]
struct Pack {
    publication: Publication,
    entries: Vec<Entry>,
    /// What budget lines bring to the lines of the section 251 return, and what the lines come to.
    section_251: BTreeMap<(Section251Line, Option<String>), BTreeMap<FinancialYear, CellId>>,
}

/// Where the cells of a year are found again.
struct OfYear {
    year: FinancialYear,
    /// All children, and those of each budget line.
    children: CellId,
    by_line: BTreeMap<String, CellId>,
    /// All children of a band.
    by_band: BTreeMap<AgeBand, CellId>,
    spend: BTreeMap<String, CellId>,
}

impl Pack {
    fn add_year(&mut self, of: &InformationOfYear) {
        let mut cells = self.add_children(of);
        for line in &of.lines {
            self.add_line(line, &mut cells);
        }
        let (parts, all): (Vec<_>, i64) = (cells.by_line.values().copied().collect(), of.children);
        if all <= parts.iter().map(|part| self.publication.value(*part)).sum::<i64>() {
            self.publication.no_more_than(format!("children by service, {}", of.year), cells.children, &parts);
        }
        self.add_direct_payments(&of.direct_payments, of.year);
        for unit in &of.units {
            self.add_unit(unit, &cells);
        }
        self.add_section_251(of, &cells);
        for (kind, band, services) in &of.services {
            let group = Some(band.as_str().to_owned());
            let key = Key { question: Q::Services, year: of.year, service: Some(kind.clone()), group };
            self.entries.push(Entry { key, measure: Measure::Services, holding: Holding::Known(*services) });
        }
        for question in Q::VARIANTS {
            if let Some(note) = question.not_held() {
                let key = Key { question: *question, year: of.year, service: None, group: None };
                self.entries.push(Entry { key, measure: Measure::Children, holding: Holding::Nothing(note) });
            }
        }
    }

    /// All children of the year, and each band of age.
    fn add_children(&mut self, of: &InformationOfYear) -> OfYear {
        let children = self.count((Q::Children, of.year, None, None), of.children);
        let by_band = self.bands(None, of.year, &of.by_age);
        self.total(format!("children by age, {}", of.year), children, by_band.values().copied().collect());
        OfYear { year: of.year, children, by_line: BTreeMap::new(), by_band, spend: BTreeMap::new() }
    }

    /// A budget line: its children by age, those of the year's day and what a year of their support costs, spend and budget.
    fn add_line(&mut self, line: &LineInformation, of: &mut OfYear) {
        let service = Some(line.code.as_str());
        let children = self.count((Q::Children, of.year, service, None), line.children);
        self.part_of(children, of.children);
        let bands = self.bands(service, of.year, &line.by_age);
        for (band, cell) in &bands {
            if let Some(all) = of.by_band.get(band) {
                self.part_of(*cell, *all);
            }
        }
        self.total(format!("children of {} by age, {}", line.code, of.year), children, bands.values().copied().collect());
        let now = self.count((Q::ChildrenNow, of.year, service, None), line.children_now);
        self.part_of(now, children);
        let next = self.amount((Q::NextYear, of.year, service, None), line.full_year_pence);
        self.publication.tie(next, now);
        let spend = self.amount((Q::Spend, of.year, service, None), line.spend_pence);
        self.publication.tie(spend, children);
        self.amount((Q::Budget, of.year, service, None), line.budget_pence);
        of.by_line.insert(line.code.clone(), children);
        of.spend.insert(line.code.clone(), spend);
    }

    fn add_direct_payments(&mut self, of: &DirectPaymentInformation, year: FinancialYear) {
        for (count, total, (children, pence)) in [
            (Q::DirectPaymentChildren, Q::DirectPaymentsPaid, of.paid),
            (Q::RepaymentsAsked, Q::RepaymentsAskedTotal, of.required),
            (Q::RepaymentsReceived, Q::RepaymentsReceivedTotal, of.repaid),
        ] {
            let children = self.count((count, year, None, None), children);
            let total = self.amount((total, year, None, None), pence);
            self.publication.tie(total, children);
        }
        let Some((children, weekly)) = of.now else { return };
        let name = |what: &str| format!("{what}, {year}");
        let children = self.publication.count(name("children with direct payments on the day"), children, Before::New);
        let weekly = self.amount((Q::DirectPaymentsWeeklyTotal, year, None, None), weekly);
        self.publication.tie(weekly, children);
        if let Some(average) = self.publication.share(name("a week for one child"), weekly, children, 1, Before::New) {
            self.publication.tie(average, children);
            self.entry((Q::DirectPaymentsWeeklyAverage, year, None, None), Measure::Pence, average);
        }
    }

    fn add_unit(&mut self, unit: &UnitInformation, of: &OfYear) {
        let group = Some(unit.unit.as_str());
        let mut add = |question, (thousandths, children)| {
            let children = self.count((question, of.year, None, group), children);
            self.part_of(children, of.children);
            let units = self.publication.amount(name(&(question, of.year, None, group)), thousandths, Before::New);
            self.publication.tie(units, children);
            self.entry((question, of.year, None, group), Measure::Thousandths, units);
        };
        add(Q::Allocated, unit.allocated);
        match unit.used {
            Some(used) => add(Q::Used, used),
            None => {
                let key = Key { question: Q::Used, year: of.year, service: None, group: group.map(str::to_owned) };
                let note = "Not held: of this unit the system records what is planned and paid, and not what is used.";
                self.entries.push(Entry { key, measure: Measure::Thousandths, holding: Holding::Nothing(note) });
            }
        }
    }

    /// What budget lines bring to each line of the return; of a line of expenditure that is its spend, the same cell.
    fn add_section_251(&mut self, of: &InformationOfYear, cells: &OfYear) {
        let mut parts: BTreeMap<Section251Line, Vec<CellId>> = BTreeMap::new();
        for placed in &of.placed {
            let (service, line) = (Some(placed.budget_line.as_str()), <&str>::from(placed.line));
            let key = (Q::Section251, of.year, service, Some(line));
            let cell = match cells.spend.get(&placed.budget_line) {
                Some(spend) => {
                    self.entry(key, Measure::Pence, *spend);
                    *spend
                }
                None => self.amount(key, placed.net_pence),
            };
            parts.entry(placed.line).or_default().push(cell);
            self.section_251.entry((placed.line, Some(placed.budget_line.clone()))).or_default().insert(of.year, cell);
        }
        for (line, parts) in parts {
            let net: i64 = parts.iter().map(|part| self.publication.value(*part)).sum();
            let whole = self.amount((Q::Section251, of.year, None, Some(<&str>::from(line))), net);
            self.publication.total(format!("section 251 {}, {}", <&str>::from(line), of.year), whole, &parts);
            self.section_251.entry((line, None)).or_default().insert(of.year, whole);
        }
    }

    /// How much more each part of a section 251 line is than the year before, of years that follow one another.
    fn add_changes(&mut self, years: &[FinancialYear]) {
        for ((line, service), cells) in std::mem::take(&mut self.section_251) {
            for pair in years.windows(2) {
                if let (Some(then), Some(now)) = (cells.get(&pair[0]), cells.get(&pair[1])) {
                    let key = (Q::Section251Change, pair[1], service.as_deref(), Some(<&str>::from(line)));
                    let change = self.publication.difference(name(&key), *now, *then, Before::New);
                    self.entry(key, Measure::Pence, change);
                }
            }
        }
    }

    fn bands(&mut self, service: Option<&str>, year: FinancialYear, counted: &BTreeMap<AgeBand, i64>) -> BTreeMap<AgeBand, CellId> {
        let of = |band: &AgeBand| counted.get(band).copied().unwrap_or_default();
        AgeBand::VARIANTS.iter().map(|band| (*band, self.count((Q::Children, year, service, Some(band.as_str())), of(band)))).collect()
    }

    fn count(&mut self, key: Named<'_>, children: i64) -> CellId {
        let cell = self.publication.count(name(&key), children, Before::New);
        self.entry(key, Measure::Children, cell);
        cell
    }

    fn amount(&mut self, key: Named<'_>, pence: i64) -> CellId {
        let cell = self.publication.amount(name(&key), pence, Before::New);
        self.entry(key, Measure::Pence, cell);
        cell
    }

    fn entry(&mut self, (question, year, service, group): Named<'_>, measure: Measure, cell: CellId) {
        let key = Key { question, year, service: service.map(str::to_owned), group: group.map(str::to_owned) };
        self.entries.push(Entry { key, measure, holding: Holding::Cell(cell) });
    }

    /// Says that a count is part of another. Of nobody there is nothing to reckon.
    fn part_of(&mut self, part: CellId, whole: CellId) {
        let (of_part, of_whole) = (self.publication.value(part), self.publication.value(whole));
        if of_part > 0 && of_part <= of_whole {
            let name = format!("{}, of whom {}", self.publication.name(whole), self.publication.name(part));
            self.publication.of_whom(name, part, whole);
        }
    }

    /// Says that a count is the sum of others, where it is: a child whose age is not known is in no band.
    fn total(&mut self, name: String, whole: CellId, parts: Vec<CellId>) {
        if self.publication.value(whole) == parts.iter().map(|part| self.publication.value(*part)).sum::<i64>() {
            self.publication.total(name, whole, &parts);
        }
    }
}

/// Question, year, service and group.
type Named<'n> = (Q, FinancialYear, Option<&'n str>, Option<&'n str>);

fn name((question, year, service, group): &Named<'_>) -> String {
    let parts = [Some(question.as_str()), *service, *group, Some(year.as_str())];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

impl FreedomOfInformation {
    /// One line an answer.
    pub fn to_sheet(&self) -> Result<Sheet, sheets::Error> {
        let columns = [
            Column::text("question"),
            Column::text("asked"),
            Column::text("financial_year"),
            Column::text("service"),
            Column::text("group"),
            Column::integer("children"),
            Column::pounds("amount_pounds"),
            Column::integer("units_thousandths"),
            Column::integer("services"),
            Column::text("marker"),
            Column::text("note"),
        ];
        let rows = self.answers.iter().map(|answer| {
            let of = |measure| answer.value.filter(|_| answer.measure == measure);
            vec![
                Cell::text(answer.question.as_str()),
                Cell::text(answer.asked),
                Cell::text(answer.financial_year.as_str()),
                Cell::from(answer.service.clone()),
                Cell::from(answer.group.clone()),
                of(Measure::Children).map_or(Cell::Blank, Cell::Integer),
                of(Measure::Pence).map_or(Cell::Blank, Cell::Pence),
                of(Measure::Thousandths).map_or(Cell::Blank, Cell::Integer),
                of(Measure::Services).map_or(Cell::Blank, Cell::Integer),
                Cell::from(answer.marker),
                Cell::from(answer.note),
            ]
        });
        let limit = self.withhold_up_to;
        Sheet::new("Freedom of information", columns)
            .tab("Answers")
            .heading(format!("[c] is withheld: a count from 1 to {limit}, or what would give one away; [x] is not held"))
            .heading(self.origin.heading(&self.snapshot_id))
            .with_rows(rows)
    }

    /// The same, for a program.
    pub fn to_csv(&self) -> Result<String, Error> {
        Ok(self.to_sheet()?.to_csv()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pack_covers_from_one_to_five_years() {
        for (text, is_taken) in [("0", false), ("1", true), ("5", true), ("6", false), ("256", false), ("-1", false), ("two", false)] {
            assert_eq!(text.parse::<YearCount>().is_ok(), is_taken, "{text}");
        }
    }
}
