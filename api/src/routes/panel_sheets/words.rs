//! What sheets say in words: lines, and when a sheet was made.

use crate::routes::panels::Panel;
use crate::routes::requests::RequestLine;
use chrono::NaiveDateTime;
use domain::{Frequency, Quantity, UnitRate};

/// Lines as they are read out: `home_care 1.5 hours weekly at £21.45 from 2025-01-01`, joined by `; `.
pub(super) fn lines_in_words(lines: &[RequestLine]) -> String {
    lines.iter().map(line_in_words).collect::<Vec<_>>().join("; ")
}

fn line_in_words(line: &RequestLine) -> String {
    let quantity = thousandths(line.quantity_thousandths);
    let unit = match (line.unit, line.quantity_thousandths) {
        (unit, Quantity(1000)) => unit.as_str().to_owned(),
        (unit, _) => format!("{}s", unit.as_str()),
    };
    let often = match line.frequency {
        Frequency::FourWeekly => "four-weekly",
        Frequency::TermTimeWeeks => "weekly in term time",
        Frequency::HolidayWeeks => "weekly in holidays",
        Frequency::PerYear => "a year",
        Frequency::OneOff => "once",
        often => often.as_str(),
    };
    // The last day in force, as people say it; a line keeps the first day out of force.
    let to = line.valid_to.and_then(|day| day.pred_opt()).map(|day| format!(" to {day}")).unwrap_or_default();
    let price = price(line.unit_rate_ten_thousandths);
    format!("{} {quantity} {unit} {often} at {price} from {}{to}", line.service, line.valid_from)
}

/// `1.5`, without noughts at the end.
fn thousandths(Quantity(thousandths): Quantity) -> String {
    let text = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `£21.45`, and with as many decimals as it takes beyond the pence.
fn price(UnitRate(rate): UnitRate) -> String {
    let (pounds, rest) = (rate / 10_000, rate % 10_000);
    let beyond = format!("{:02}", rest % 100);
    format!("£{pounds}.{:02}{}", rest / 100, beyond.trim_end_matches('0'))
}

/// A sheet's heading: what it is about, and when it was so.
pub(super) fn heading(about: &str, made_at: NaiveDateTime) -> String {
    format!("{about}, as it stood on {}", made_at.format("%Y-%m-%d %H:%M UTC"))
}

/// How a heading names a panel.
pub(super) fn named(panel: &Panel) -> String {
    format!("Resource panel of {}", panel.held_on)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Unit;

    fn line(quantity: i64, unit: Unit, frequency: Frequency, rate: i64, to: Option<&str>) -> RequestLine {
        RequestLine {
            id: String::new(),
            request_id: String::new(),
            revision: 1,
            number: 1,
            service: "home_care".to_owned(),
            budget_line: "home_care".to_owned(),
            provider_id: None,
            statement_category: None,
            unit,
            quantity_thousandths: Quantity(quantity),
            frequency,
            unit_rate_ten_thousandths: UnitRate(rate),
            valid_from: "2025-01-01".parse().expect("a day"),
            valid_to: to.map(|day| day.parse().expect("a day")),
            replaces_line_id: None,
            recorded_seq: 1,
        }
    }

    #[test]
    fn lines_are_read_out_to_the_last_decimal() {
        let lines = [
            line(1_500, Unit::Hour, Frequency::Weekly, 214_500, None),
            line(1_000, Unit::Night, Frequency::OneOff, 3_000_000, Some("2025-01-02")),
            line(52_125, Unit::Mile, Frequency::PerYear, 4_525, None),
            line(10_000, Unit::Session, Frequency::TermTimeWeeks, 5, Some("2025-08-01")),
        ];
        assert_eq!(
            lines_in_words(&lines),
            "home_care 1.5 hours weekly at £21.45 from 2025-01-01; home_care 1 night once at £300.00 from 2025-01-01 to 2025-01-01; \
             home_care 52.125 miles a year at £0.4525 from 2025-01-01; \
             home_care 10 sessions weekly in term time at £0.0005 from 2025-01-01 to 2025-07-31"
        );
    }
}
