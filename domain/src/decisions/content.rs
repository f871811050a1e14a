//! What a decision says: each kind has its own fields, and an approval in part agrees no more than was asked for.

use crate::panel::DecisionKind;
use crate::{FieldError, FinancialYear, Pence};
use chrono::NaiveDate;

/// What a decision gives, but for its votes and actions.
#[derive(Debug, Clone, Copy)]
pub struct Content {
    /// What was decided.
    pub kind: DecisionKind,
    /// Whether it gives lines of its own.
    pub has_lines: bool,
    /// The first day on which it can be heard again.
    pub deferred_until: Option<NaiveDate>,
    /// Whether it says what is needed before that.
    pub has_deferred_for: bool,
    /// Whether it says why it is declined.
    pub has_decline_reason: bool,
    /// Whether it names services of the local offer.
    pub has_signposts: bool,
    /// When the post that has the authority hears it.
    pub authority_hearing_on: Option<NaiveDate>,
}

impl Content {
    /// Everything that a decision of its kind lacks, or may not say; the panel was held on that day.
    pub fn mistakes(&self, held_on: NaiveDate) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let fields = [
            ("lines", DecisionKind::ApprovedInPart, self.has_lines),
            ("deferred_until", DecisionKind::Deferred, self.deferred_until.is_some()),
            ("deferred_for", DecisionKind::Deferred, self.has_deferred_for),
            ("decline_reason", DecisionKind::Declined, self.has_decline_reason),
            ("signposted_to", DecisionKind::Signposted, self.has_signposts),
        ];
        for (field, kind, is_given) in fields {
            if is_given && self.kind != kind {
                let detail = format!("only a decision that is `{kind}` has it");
                errors.push(FieldError::new(&format!("/{field}"), "not_of_this_kind", detail));
            } else if !is_given && self.kind == kind {
                errors.push(FieldError::new(&format!("/{field}"), "missing", format!("a decision that is `{kind}` needs it")));
            }
        }
        if self.authority_hearing_on.is_some() && !super::is_approval(self.kind) {
            let detail = format!("only an approval has it: nothing is authorised where it is `{}`", self.kind);
            errors.push(FieldError::new("/authority_hearing_on", "not_of_this_kind", detail));
        }
        if let Some(until) = self.deferred_until {
            let early = (until <= held_on).then(|| format!("a day after the panel's, {held_on}"));
            errors.extend(day_mistake("/deferred_until", until, early));
        }
        if let Some(hearing) = self.authority_hearing_on {
            let early = (hearing < held_on).then(|| format!("not before the panel's day, {held_on}"));
            errors.extend(day_mistake("/authority_hearing_on", hearing, early));
        }
        errors
    }
}

/// Why a day cannot be: too early, or outside the supported years.
fn day_mistake(pointer: &str, day: NaiveDate, early: Option<String>) -> Option<FieldError> {
    let outside = || FinancialYear::of(day).is_err().then(|| "the day is outside the supported years".to_owned());
    early.or_else(outside).map(|detail| FieldError::new(pointer, "out_of_range", detail))
}

/// A line that is agreed in part.
#[derive(Debug, Clone, Copy)]
pub struct LineInPart<'l> {
    /// The package line that it would end.
    pub replaces: Option<&'l str>,
}

/// Lines agreed in part that would end a package line which nobody asked to end: the paperwork does not weigh that.
pub fn in_part_mistakes(lines: &[LineInPart<'_>], asked: &[LineInPart<'_>]) -> Vec<FieldError> {
    let is_asked_for = |replaced: &str| asked.iter().any(|line| line.replaces == Some(replaced));
    let replacing = lines.iter().enumerate().filter_map(|(place, line)| Some((place, line.replaces?)));
    let refuse = |(place, _)| {
        let detail = "the request does not ask to replace this package line";
        FieldError::new(&format!("/lines/{place}/replaces_line_id"), "not_asked_for", detail)
    };
    replacing.filter(|(_, replaced)| !is_asked_for(replaced)).map(refuse).collect()
}

/// Lines agreed in part that cost more in a full year than what was asked for.
pub fn more_than_asked(agreed: Pence, asked: Pence) -> Option<FieldError> {
    (agreed > asked).then(|| {
        let detail = format!("the lines cost {agreed} a year, and {asked} was asked for");
        FieldError::new("/lines", "more_than_asked", detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use DecisionKind as K;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn plain(kind: DecisionKind) -> Content {
        Content {
            kind,
            has_lines: kind == K::ApprovedInPart,
            deferred_until: (kind == K::Deferred).then(|| day("2024-05-16")),
            has_deferred_for: kind == K::Deferred,
            has_decline_reason: kind == K::Declined,
            has_signposts: kind == K::Signposted,
            authority_hearing_on: None,
        }
    }

    fn codes(content: Content) -> Vec<String> {
        content.mistakes(day("2024-05-02")).into_iter().map(|error| format!("{} {}", error.pointer, error.code)).collect()
    }

    #[test]
    fn each_kind_has_its_own_fields_and_needs_them() {
        let hearing = |kind, on| Content { authority_hearing_on: Some(day(on)), ..plain(kind) };
        for kind in [K::Approved, K::ApprovedInPart, K::Deferred, K::Declined, K::Signposted] {
            assert!(codes(plain(kind)).is_empty(), "{kind}");
        }
        for (content, said) in [
            (Content { has_lines: false, ..plain(K::ApprovedInPart) }, "/lines missing"),
            (Content { has_lines: true, ..plain(K::Approved) }, "/lines not_of_this_kind"),
            (Content { deferred_until: None, ..plain(K::Deferred) }, "/deferred_until missing"),
            (Content { has_deferred_for: false, ..plain(K::Deferred) }, "/deferred_for missing"),
            (Content { has_deferred_for: true, ..plain(K::Declined) }, "/deferred_for not_of_this_kind"),
            (Content { has_decline_reason: false, ..plain(K::Declined) }, "/decline_reason missing"),
            (Content { has_decline_reason: true, ..plain(K::Signposted) }, "/decline_reason not_of_this_kind"),
            (Content { has_signposts: false, ..plain(K::Signposted) }, "/signposted_to missing"),
            (Content { has_signposts: true, ..plain(K::Approved) }, "/signposted_to not_of_this_kind"),
            (hearing(K::Declined, "2024-05-02"), "/authority_hearing_on not_of_this_kind"),
        ] {
            assert_eq!(codes(content), [said]);
        }
    }

    #[test]
    fn its_days_are_not_before_the_panels_and_in_a_supported_year() {
        let until = |on| Content { deferred_until: Some(day(on)), ..plain(K::Deferred) };
        let hearing = |on| Content { authority_hearing_on: Some(day(on)), ..plain(K::Approved) };
        for (content, said) in [
            (until("2024-05-02"), vec!["/deferred_until out_of_range"]),
            (until("2024-05-03"), vec![]),
            (until("9000-01-01"), vec!["/deferred_until out_of_range"]),
            (hearing("2024-05-01"), vec!["/authority_hearing_on out_of_range"]),
            (hearing("2024-05-02"), vec![]),
            (hearing("9000-01-01"), vec!["/authority_hearing_on out_of_range"]),
        ] {
            assert_eq!(codes(content), said, "{content:?}");
        }
    }

    #[test]
    fn an_approval_in_part_ends_only_what_was_asked_to_end_and_costs_no_more() {
        let line = |replaces| LineInPart { replaces };
        for (lines, asked, said) in [
            (vec![line(Some("a"))], vec![line(None), line(Some("a"))], vec![]),
            (vec![line(None)], vec![line(Some("a"))], vec![]),
            (vec![line(None), line(Some("b"))], vec![line(Some("a"))], vec!["/lines/1/replaces_line_id"]),
            (vec![line(Some("a"))], vec![line(None)], vec!["/lines/0/replaces_line_id"]),
        ] {
            let found: Vec<String> = in_part_mistakes(&lines, &asked).into_iter().map(|error| error.pointer).collect();
            assert_eq!(found, said, "{lines:?}");
        }
        assert_eq!(more_than_asked(Pence(100), Pence(100)), None);
        let detail = more_than_asked(Pence(101), Pence(100)).map(|error| error.detail);
        assert_eq!(detail.as_deref(), Some("the lines cost £1.01 a year, and £1.00 was asked for"));
    }
}
