//! Small packages: what a manager may agree without a panel.

use crate::profile::{Profile, WithoutPanel};
use crate::{Frequency, Pence, Quantity, Unit};
use chrono::NaiveDate;

/// What of a line decides whether a manager may agree it without a panel.
#[derive(Debug, Clone, Copy)]
pub struct WeeklySupport<'l> {
    /// What is provided.
    pub service: &'l str,
    /// The budget line that pays.
    pub budget_line: &'l str,
    /// What is bought one of.
    pub unit: Unit,
    /// Units each time.
    pub quantity: Quantity,
    /// How often.
    pub frequency: Frequency,
    /// What a full year of it costs, gross.
    pub full_year: Pence,
}

impl Profile {
    /// The rule under which a post may agree all of these lines without a panel; none, they go to panel. `asked` are the request's
    /// lines, `others` every other line of the child's: support of one kind counts together, however it is divided.
    pub fn without_panel(&self, posts: &[String], asked: &[WeeklySupport<'_>], others: &[WeeklySupport<'_>]) -> Option<Vec<&WithoutPanel>> {
        let rules: Vec<_> =
            self.delegation.without_panel.iter().filter(|rule| posts.iter().any(|post| rule.posts.contains(post))).collect();
        let mut used: Vec<&WithoutPanel> = Vec::new();
        for line in asked {
            let is_meant = |rule: &&&WithoutPanel| rule.takes(line.service) && rule.unit == line.unit;
            let rule = rules.iter().find(|rule| is_meant(rule) && rule.budget_lines.iter().any(|code| code == line.budget_line))?;
            let total = asked.iter().chain(others).filter(|other| rule.takes(other.service)).try_fold(0_i64, |sum, other| {
                if other.unit != rule.unit {
                    return None;
                }
                sum.checked_add(self.weekly_thousandths(other)?)
            })?;
            if total > rule.up_to_thousandths_per_week || !within_ceiling(rule, asked, others) {
                return None;
            }
            if !used.iter().any(|before| std::ptr::eq(*before, *rule)) {
                used.push(rule);
            }
        }
        (!used.is_empty()).then_some(used)
    }

    /// Whether a post may agree a total in pounds by these rules: its own limit covers it. One without a limit rests on what the rules allow
    /// in pounds; where they allow no sum, there is no authority.
    pub(super) fn covers_in_pounds(&self, post: &str, rules: &[&WithoutPanel], total: Pence, on: NaiveDate) -> bool {
        match self.delegation.limits.iter().any(|limit| limit.post == post) {
            true => self.limits_on(on).iter().any(|limit| limit.post == post && limit.covers(total)),
            false => rules.iter().all(|rule| rule.up_to_pence_per_year.is_some()),
        }
    }

    /// Units a week, in thousandths, rounded up: in term or holiday time those of a week in it. None for what happens once.
    fn weekly_thousandths(&self, line: &WeeklySupport<'_>) -> Option<i64> {
        let quantity = line.quantity.0;
        let weeks = i64::from(self.costing.weeks_per_year.value);
        let (times, of) = match line.frequency {
            Frequency::Weekly | Frequency::TermTimeWeeks | Frequency::HolidayWeeks => (1, 1),
            Frequency::Fortnightly => (1, 2),
            Frequency::FourWeekly => (1, 4),
            Frequency::Monthly => (12, weeks),
            Frequency::PerYear => (1, weeks),
            Frequency::OneOff => return None,
        };
        let numerator = quantity.checked_mul(times)?;
        Some(numerator / of + i64::from(numerator % of != 0))
    }
}

/// Whether all support that a rule is about costs no more in a full year than the rule allows.
fn within_ceiling(rule: &WithoutPanel, asked: &[WeeklySupport<'_>], others: &[WeeklySupport<'_>]) -> bool {
    let Some(most) = rule.up_to_pence_per_year else { return true };
    let costs = asked.iter().chain(others).filter(|line| rule.takes(line.service)).map(|line| line.full_year);
    Pence::checked_sum(costs).is_ok_and(|cost| cost <= Pence(most))
}
