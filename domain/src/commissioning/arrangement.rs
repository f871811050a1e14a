//! Arrangements: a first package line and the lines that go on in its place after variations, as they stand.

use chrono::{NaiveDate, NaiveDateTime};

/// A first line and what continues it.
#[derive(Debug, Clone)]
pub struct Arrangement {
    /// The first line's id, also where that line itself was reversed.
    pub id: String,
    /// Its lines that were not reversed, the first recorded coming first.
    pub lines: Vec<StandingLine>,
    /// The request line that its first line carries out, reversed or not.
    pub first_for: Option<String>,
}

/// A package line that was not reversed, in its last version.
#[derive(Debug, Clone)]
pub struct StandingLine {
    /// The line's id.
    pub line_id: String,
    /// The package.
    pub package_id: String,
    /// The budget line that pays.
    pub budget_line: String,
    /// Who provides it.
    pub provider_id: Option<String>,
    /// The first day in force.
    pub valid_from: NaiveDate,
    /// The request line that it carries out.
    pub request_line_id: Option<String>,
    /// Who recorded its first version.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: NaiveDateTime,
}

/// Days over which one provider provides an arrangement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderDays<'a> {
    /// The provider.
    pub provider_id: &'a str,
    /// The first of them.
    pub from: NaiveDate,
    /// The first day on which another provides it, or nobody; none, no such day is known.
    pub to: Option<NaiveDate>,
    /// The lines of those days.
    pub line_ids: Vec<&'a str>,
}

impl Arrangement {
    /// Who provides it when, the earliest first. A new rate or quantity with the same provider goes on.
    pub fn provider_days(&self) -> Vec<ProviderDays<'_>> {
        let mut lines: Vec<&StandingLine> = self.lines.iter().collect();
        lines.sort_by_key(|line| (line.valid_from, line.recorded_at));
        let mut days: Vec<ProviderDays<'_>> = Vec::new();
        let mut with: Option<&str> = None;
        for line in lines {
            let provider = line.provider_id.as_deref();
            if let Some(last) = days.last_mut().filter(|last| last.to.is_none()) {
                if with == provider {
                    last.line_ids.push(&line.line_id);
                    continue;
                }
                last.to = Some(line.valid_from);
            }
            days.extend(provider.map(|provider_id| ProviderDays {
                provider_id,
                from: line.valid_from,
                to: None,
                line_ids: vec![line.line_id.as_str()],
            }));
            with = provider;
        }
        days
    }

    /// Whether it carries a request line out: one of its lines says so, or its first line did and goes on under other terms.
    pub fn carries_out(&self, request_line: &str) -> bool {
        !self.lines.is_empty() && (self.first_for.as_deref() == Some(request_line) || self.of(request_line).next().is_some())
    }

    /// The day on which what carries a request line out starts.
    pub fn starts_on(&self, request_line: &str) -> Option<NaiveDate> {
        let own = self.of(request_line).map(|line| line.valid_from).min();
        own.or_else(|| self.lines.iter().map(|line| line.valid_from).min())
    }

    /// The line that carries a request line out, or goes on in the place of the one that did.
    pub fn carrying(&self, request_line: &str) -> Option<&StandingLine> {
        self.lines.iter().find(|line| line.request_line_id.as_deref() == Some(request_line)).or_else(|| self.lines.first())
    }

    /// The request lines that it carries out.
    pub fn request_lines(&self) -> impl Iterator<Item = &String> {
        let own = self.lines.iter().filter_map(|line| line.request_line_id.as_ref());
        own.chain(self.first_for.as_ref().filter(|_| !self.lines.is_empty()))
    }

    fn of<'l>(&'l self, request_line: &'l str) -> impl Iterator<Item = &'l StandingLine> {
        self.lines.iter().filter(move |line| line.request_line_id.as_deref() == Some(request_line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(from: &str, request_line: Option<&str>) -> StandingLine {
        let valid_from: NaiveDate = from.parse().expect("a date");
        StandingLine {
            line_id: from.to_owned(),
            package_id: "p".to_owned(),
            budget_line: "home_care".to_owned(),
            provider_id: None,
            valid_from,
            request_line_id: request_line.map(str::to_owned),
            recorded_by: "ann".to_owned(),
            recorded_at: valid_from.and_hms_opt(9, 0, 0).expect("a time"),
        }
    }

    fn arrangement(first_for: Option<&str>, lines: Vec<StandingLine>) -> Arrangement {
        Arrangement { id: "a".to_owned(), lines, first_for: first_for.map(str::to_owned) }
    }

    #[test]
    fn what_goes_on_carries_out_what_the_first_line_did_and_what_it_names_itself() {
        let varied = || vec![line("2024-07-01", None), line("2024-06-01", Some("other"))];
        for (arrangement, request_line, carries_out, starts_on) in [
            (arrangement(Some("asked"), varied()), "asked", true, Some("2024-06-01")),
            (arrangement(Some("asked"), varied()), "other", true, Some("2024-06-01")),
            (arrangement(Some("asked"), varied()), "never", false, Some("2024-06-01")),
            (arrangement(None, varied()), "asked", false, Some("2024-06-01")),
            (
                arrangement(Some("asked"), vec![line("2024-05-01", None), line("2024-07-01", Some("asked"))]),
                "asked",
                true,
                Some("2024-07-01"),
            ),
            // Every line was reversed: nothing is carried out.
            (arrangement(Some("asked"), vec![]), "asked", false, None),
        ] {
            assert_eq!(arrangement.carries_out(request_line), carries_out, "{arrangement:?} {request_line}");
            assert_eq!(arrangement.starts_on(request_line).map(|day| day.to_string()), starts_on.map(str::to_owned), "{request_line}");
        }
        let both = arrangement(Some("asked"), varied());
        assert_eq!(both.request_lines().collect::<Vec<_>>(), ["other", "asked"]);
        assert_eq!(arrangement(Some("asked"), vec![]).request_lines().count(), 0);
        let carrying = |request_line| both.carrying(request_line).map(|line| line.valid_from.to_string());
        assert_eq!(carrying("other").as_deref(), Some("2024-06-01"));
        assert_eq!(carrying("asked").as_deref(), Some("2024-07-01"));
    }
}
