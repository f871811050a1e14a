//! What the Short Breaks Service Statement counts: package lines by a figure's filters and evidence, and which lines lack the category
//! that tells.

use crate::profile::{CategoryDemand, Counted, Evidence, Figure, StatementPolicy, SupportLevel};
use crate::{FieldError, FinancialYear, Location, Pence};
use chrono::NaiveDate;

/// A package line, as far as a figure looks at it, with what is known of its support.
#[derive(Debug, Clone, Copy)]
pub struct LineToCount<'l> {
    /// The budget line that pays.
    pub budget_line: &'l str,
    /// What is provided.
    pub service: &'l str,
    /// The category that it names.
    pub category: Option<&'l str>,
    /// Who provides it.
    pub provider: Option<ProviderToCount<'l>>,
    /// The first day in force.
    pub valid_from: NaiveDate,
    /// The first day no longer in force.
    pub valid_to: Option<NaiveDate>,
    /// Whether nobody with the authority has agreed it.
    pub is_unconfirmed: bool,
    /// Days on which its direct payments account was paid, and what each payment came to with its corrections.
    pub payments: &'l [(NaiveDate, Pence)],
    /// First and last nights of the child's stays with its provider.
    pub stays: &'l [(NaiveDate, NaiveDate)],
}

/// A provider, as far as a figure looks at it.
#[derive(Debug, Clone, Copy)]
pub struct ProviderToCount<'l> {
    /// Its code.
    pub code: &'l str,
    /// Where it is.
    pub location: Location,
}

/// What a line is to a figure in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its child counts.
    Counted,
    /// Its child would perhaps count; the line does not name its category.
    NoCategory,
    /// Its child would count; nobody with the authority has agreed the line.
    Unconfirmed,
}

impl Standing {
    /// The word in the warehouse.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Counted => "counted",
            Standing::NoCategory => "no_category",
            Standing::Unconfirmed => "unconfirmed",
        }
    }
}

impl StatementPolicy {
    /// What a line is to a figure in a year, seen from a day; none, nothing. That a family was paid or a child stayed is a fact, whoever
    /// agreed it. That a line is in force is nobody's word but its recorder's until it is agreed.
    pub fn standing(&self, figure: &Figure, line: &LineToCount<'_>, year: FinancialYear, as_at: NaiveDate) -> Option<Standing> {
        if figure.counts != Counted::Children
            || !figure.takes(line)
            || !self.is_of_level(figure, line)
            || !figure.has_evidence(line, year, as_at)
        {
            return None;
        }
        let rests_on_its_days = matches!(figure.evidence, Some(Evidence::InForceInYear | Evidence::InForceOnDay));
        let counts = if line.is_unconfirmed && rests_on_its_days { Standing::Unconfirmed } else { Standing::Counted };
        match line.category {
            _ if figure.statement_categories.is_empty() => Some(counts),
            Some(category) => figure.statement_categories.iter().any(|code| code == category).then_some(counts),
            None => self.may_be_of(figure, line).then_some(Standing::NoCategory),
        }
    }

    /// The level of support; none, the profile tells none of it.
    pub fn level(&self, budget_line: &str, service: &str) -> Option<&SupportLevel> {
        self.levels.iter().find(|level| level.takes(budget_line, service))
    }

    /// Whether a line is of one of the levels that a figure names, if it names any.
    fn is_of_level(&self, figure: &Figure, line: &LineToCount<'_>) -> bool {
        figure.levels.is_empty() || self.level(line.budget_line, line.service).is_some_and(|level| figure.levels.contains(&level.code))
    }

    /// Whether the categories asked of such a line are, some of them, the figure's.
    fn may_be_of(&self, figure: &Figure, line: &LineToCount<'_>) -> bool {
        let asked = self.category_demands.iter().filter(|demand| demand.takes(line.budget_line, line.service));
        asked.flat_map(|demand| &demand.categories).any(|code| figure.statement_categories.contains(code))
    }

    /// The one budget line that pays for everything a figure counts, where the profile tells that there is only one.
    pub fn only_budget_line<'p>(&'p self, figure: &'p Figure) -> Option<&'p str> {
        let of_categories = || {
            let names = |demand: &&CategoryDemand| demand.categories.iter().any(|code| figure.statement_categories.contains(code));
            self.category_demands.iter().filter(names).flat_map(|demand| &demand.budget_lines).collect::<Vec<_>>()
        };
        let lines = if figure.budget_lines.is_empty() { of_categories() } else { figure.budget_lines.iter().collect() };
        match lines[..] {
            [line] => Some(line),
            _ => None,
        }
    }

    /// What is wrong with the category that a line names or lacks.
    pub fn category_mistake(&self, budget_line: &str, service: &str, category: Option<&str>) -> Option<FieldError> {
        let pointer = "/statement_category";
        if let Some(category) = category.filter(|named| !self.categories.iter().any(|known| known.code == **named)) {
            let known: Vec<_> = self.categories.iter().map(|category| category.code.as_str()).collect();
            let detail = format!("the profile has no category `{category}`; it has {}", known.join(", "));
            return Some(FieldError::new(pointer, "unknown_reference", detail));
        }
        let demand = self.category_demands.iter().find(|demand| demand.takes(budget_line, service))?;
        let offered = demand.categories.join(", ");
        match category {
            None => {
                let detail = format!("the statement tells this support apart; name one of {offered} ({})", demand.clause);
                Some(FieldError::new(pointer, "required", detail))
            }
            Some(category) if !demand.categories.iter().any(|code| code == category) => {
                let detail = format!("`{category}` is no category of this support; name one of {offered} ({})", demand.clause);
                Some(FieldError::new(pointer, "mismatch", detail))
            }
            Some(_) => None,
        }
    }
}

impl Figure {
    /// Whether a line passes the figure's filters, but for its category.
    fn takes(&self, line: &LineToCount<'_>) -> bool {
        (self.budget_lines.is_empty() || self.budget_lines.iter().any(|code| code == line.budget_line))
            && (self.services.is_empty() || self.services.iter().any(|code| code == line.service))
            && (self.providers.is_empty() || line.provider.is_some_and(|provider| self.names(provider.code)))
            && self.provider_location.is_none_or(|wanted| line.provider.is_some_and(|provider| provider.location == wanted))
    }

    /// Whether each child that it counts is counted by another figure too.
    pub fn is_part_of(&self, other: &Figure) -> bool {
        let within =
            |own: &[String], others: &[String]| others.is_empty() || !own.is_empty() && own.iter().all(|code| others.contains(code));
        self.code != other.code
            && (self.counts, other.counts) == (Counted::Children, Counted::Children)
            && (self.evidence, self.day) == (other.evidence, other.day)
            && within(&self.budget_lines, &other.budget_lines)
            && within(&self.statement_categories, &other.statement_categories)
            && within(&self.levels, &other.levels)
            && within(&self.services, &other.services)
            && within(&self.providers, &other.providers)
            && (other.provider_location.is_none() || self.provider_location == other.provider_location)
    }

    /// Whether it counts all the children that one budget line has support for.
    pub fn is_of_a_whole_budget_line(&self) -> bool {
        let has_filter = [&self.statement_categories, &self.levels, &self.services, &self.providers].iter().any(|list| !list.is_empty());
        self.counts == Counted::Children && self.budget_lines.len() == 1 && !has_filter && self.provider_location.is_none()
    }

    fn names(&self, provider: &str) -> bool {
        self.providers.iter().any(|code| code == provider)
    }

    /// Whether returns of a provider for a service count; without a service, those of a grant.
    pub fn takes_returns(&self, provider: ProviderToCount<'_>, service: Option<&str>) -> bool {
        (self.providers.is_empty() || self.names(provider.code))
            && (self.services.is_empty() || service.is_some_and(|service| self.services.iter().any(|code| code == service)))
            && self.provider_location.is_none_or(|wanted| provider.location == wanted)
    }

    /// Whether there is in a year, seen from a day, what makes a line count.
    fn has_evidence(&self, line: &LineToCount<'_>, year: FinancialYear, as_at: NaiveDate) -> bool {
        let (starts, ends) = (year.starts_on(), year.ends_on());
        match self.evidence {
            None => false,
            Some(Evidence::InForceInYear) => line.valid_from <= ends && line.valid_to.is_none_or(|to| to > starts),
            Some(Evidence::InForceOnDay) => self
                .day
                .and_then(|day| day.seen_from(year, as_at))
                .is_some_and(|day| line.valid_from <= day && line.valid_to.is_none_or(|to| to > day)),
            Some(Evidence::PaidInYear) => line.payments.iter().any(|(on, pence)| (starts..=ends).contains(on) && *pence > Pence::ZERO),
            Some(Evidence::StayedInYear) => {
                let (from, to) =
                    (starts.max(line.valid_from), line.valid_to.and_then(|to| to.pred_opt()).map_or(ends, |last| last.min(ends)));
                from <= to && line.stays.iter().any(|(first, last)| *first <= to && *last >= from)
            }
        }
    }
}

#[cfg(test)]
mod tests;
