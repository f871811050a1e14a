//! Which line of a package an account may be opened for, and from which day it pays.

use super::{check_text, check_year};
use crate::profile::DirectPaymentPolicy;
use crate::{Code, FieldError, Frequency, Refusal};
use chrono::NaiveDate;

/// What of a package line decides whether an account may be opened for it. The days are those of its whole arrangement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineToPay<'a> {
    /// The case management system's reference of the child.
    pub case_reference: &'a str,
    /// The budget line it is on.
    pub budget_line: &'a str,
    /// How often it is bought.
    pub frequency: Frequency,
    /// The first line of the arrangement that it carries on.
    pub continues_line_id: Option<&'a str>,
    /// The arrangement's first day.
    pub valid_from: NaiveDate,
    /// The first day after the arrangement.
    pub valid_to: Option<NaiveDate>,
    /// The first day that is paid here, as far as it is confirmed; none, nothing of it is.
    pub payable_from: Option<NaiveDate>,
}

impl LineToPay<'_> {
    /// The first day paid for: as asked, else the first day possible.
    pub fn starts_on(&self, asked: Option<NaiveDate>) -> NaiveDate {
        asked.or(self.payable_from).unwrap_or(self.valid_from)
    }
}

/// Weeks that one payment is for; refused where the profile has no rule of direct payments.
pub fn weeks_per_payment(policy: &DirectPaymentPolicy) -> Result<u16, Refusal> {
    match &policy.weeks_per_payment {
        Some(weeks) if policy.budget_line.is_some() && !policy.preconditions.is_empty() => Ok(weeks.value),
        _ => {
            let detail = "The authority's profile has no rule of direct payments, and without one nothing is paid.";
            Err(Refusal::new(Code::NotReady, detail))
        }
    }
}

/// Everything wrong with an account that is to be opened; `line` is none where nothing of the line stands.
pub fn opening_mistakes(
    policy: &DirectPaymentPolicy,
    reference: &str,
    asked: Option<NaiveDate>,
    line: Option<&LineToPay<'_>>,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    check_text(&mut errors, "/reference", reference);
    let Some(line) = line else {
        errors.push(FieldError::new("/line_id", "unknown_reference", "no package line has this id, or it was reversed"));
        return errors;
    };
    if reference.to_lowercase().contains(&line.case_reference.to_lowercase()) {
        let detail = "the pay file leaves the council, so an account has a reference of its own";
        errors.push(FieldError::new("/reference", "names_child", detail));
    }
    line_mistakes(&mut errors, policy, line);
    start_mistakes(&mut errors, line, asked);
    errors
}

fn line_mistakes(errors: &mut Vec<FieldError>, policy: &DirectPaymentPolicy, line: &LineToPay<'_>) {
    let paying = policy.budget_line.as_ref().map(|paying| paying.code.as_str()).unwrap_or_default();
    if line.budget_line != paying {
        let detail = format!("direct payments are paid from `{paying}`, and the line is on `{}`", line.budget_line);
        errors.push(FieldError::new("/line_id", "other_budget_line", detail));
    }
    if let Some(first) = line.continues_line_id {
        errors.push(FieldError::new("/line_id", "not_first", format!("the line continues an arrangement: name its first line, {first}")));
    }
}

fn start_mistakes(errors: &mut Vec<FieldError>, line: &LineToPay<'_>, asked: Option<NaiveDate>) {
    let starts_on = line.starts_on(asked);
    check_year(errors, "/starts_on", starts_on);
    if starts_on < line.valid_from {
        errors.push(FieldError::new("/starts_on", "before_line", format!("the line starts on {}", line.valid_from)));
    } else if let Some(from) = line.payable_from.filter(|from| starts_on < *from) {
        let detail = format!(
            "the line was confirmed as paid here from {from}; another system paid the days before: start on that day \
            or later"
        );
        errors.push(FieldError::new("/starts_on", "paid_before", detail));
    }
    if line.frequency == Frequency::OneOff && starts_on > line.valid_from {
        let detail = format!("what is bought once is paid on its first day, {}, and not after it", line.valid_from);
        errors.push(FieldError::new("/starts_on", "one_off", detail));
    }
    if line.valid_to.is_some_and(|ends| starts_on >= ends) {
        errors.push(FieldError::new("/starts_on", "after_line", "the line has ended by then"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn policy() -> DirectPaymentPolicy {
        Profile::bundled("tameside").expect("sound").direct_payments
    }

    fn line() -> LineToPay<'static> {
        LineToPay {
            case_reference: "CWD-00412",
            budget_line: "direct_payments",
            frequency: Frequency::Weekly,
            continues_line_id: None,
            valid_from: day("2024-06-03"),
            valid_to: Some(day("2025-06-03")),
            payable_from: Some(day("2024-07-01")),
        }
    }

    #[test]
    fn an_account_pays_the_first_line_of_a_regular_arrangement_under_a_name_of_its_own() {
        let good = line();
        for (reference, line, mistakes) in [
            ("DP-0412", Some(good), vec![]),
            ("DP-0412", None, vec![("/line_id", "unknown_reference")]),
            ("dp/cwd-00412", Some(good), vec![("/reference", "names_child")]),
            ("12345678", Some(good), vec![("/reference", "bank_details")]),
            ("DP-0412", Some(LineToPay { budget_line: "overnights", ..good }), vec![("/line_id", "other_budget_line")]),
            ("DP-0412", Some(LineToPay { continues_line_id: Some("first"), ..good }), vec![("/line_id", "not_first")]),
            ("DP-0412", Some(LineToPay { frequency: Frequency::PerYear, ..good }), vec![]),
            ("DP-0412", Some(LineToPay { frequency: Frequency::OneOff, payable_from: Some(good.valid_from), ..good }), vec![]),
            // It would pay nothing, since all of it falls on the first day.
            ("DP-0412", Some(LineToPay { frequency: Frequency::OneOff, ..good }), vec![("/starts_on", "one_off")]),
        ] {
            let found = opening_mistakes(&policy(), reference, None, line.as_ref());
            let found: Vec<_> = found.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect();
            assert_eq!(found, mistakes, "{reference} {line:?}");
        }
    }

    #[test]
    fn it_pays_from_the_first_day_that_is_paid_here_to_the_lines_end() {
        for (asked, codes) in [
            (None, vec![]),
            (Some("2024-07-01"), vec![]),
            (Some("2024-06-30"), vec!["paid_before"]),
            (Some("2024-06-02"), vec!["before_line"]),
            (Some("2025-06-02"), vec![]),
            (Some("2025-06-03"), vec!["after_line"]),
            (Some("9999-06-03"), vec!["out_of_range", "after_line"]),
        ] {
            let found = opening_mistakes(&policy(), "DP-0412", asked.map(day), Some(&line()));
            assert_eq!(found.iter().map(|error| error.code.as_str()).collect::<Vec<_>>(), codes, "{asked:?}");
        }
        assert_eq!(line().starts_on(None), day("2024-07-01"));
        assert_eq!(LineToPay { payable_from: None, ..line() }.starts_on(None), day("2024-06-03"));
        assert_eq!(line().starts_on(Some(day("2024-08-01"))), day("2024-08-01"));
    }

    #[test]
    fn without_a_rule_no_account_is_opened() {
        assert_eq!(weeks_per_payment(&policy()), Ok(4));
        for silent in [
            DirectPaymentPolicy { weeks_per_payment: None, ..policy() },
            DirectPaymentPolicy { budget_line: None, ..policy() },
            DirectPaymentPolicy { preconditions: Vec::new(), ..policy() },
        ] {
            assert_eq!(weeks_per_payment(&silent).map_err(|refusal| refusal.code), Err(Code::NotReady));
        }
    }
}
