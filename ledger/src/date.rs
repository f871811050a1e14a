//! Dates as finance systems and spreadsheets write them.

use chrono::{Datelike, NaiveDate};

/// A date format of a mapping: `DD/MM/YYYY`, `d-mmm-yy`, `%d/%m/%Y`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateFormat {
    written: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Day,
    Month,
    MonthName,
    Year4,
    Year2,
    Weekday,
    Exactly(char),
}

/// The day that a spreadsheet's day numbers count from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayZero {
    /// 30 December 1899, as nearly all do.
    Of1900,
    /// 1 January 1904, as old Macintosh workbooks do.
    Of1904,
}

/// Why a cell is no date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotADate {
    /// No format reads it, or it names a day that does not exist.
    Unreadable,
    /// Two formats read it as two different days.
    Ambiguous(NaiveDate, NaiveDate),
}

const MONTHS: [&str; 12] =
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl DateFormat {
    /// Reads a format, or says what is wrong with it.
    ///
    /// `D` or `DD` is the day, `M` or `MM` the month's number, `MMM` or `MMMM` its name, `YYYY` or `YY` the year, `DDD` or
    /// `DDDD` the name of the weekday; case does not matter. `%` letters are read as `strftime` does. A time is cut off: cells
    /// may have one whatever the format.
    pub fn parse(written: &str) -> Result<Self, String> {
        let mut parts = if written.contains('%') { from_percents(written)? } else { from_letters(written)? };
        while let Some(Part::Exactly(' ' | 'T' | 't' | ',')) = parts.last() {
            parts.pop();
        }
        let count = |wanted: &[Part]| parts.iter().filter(|part| wanted.contains(part)).count();
        let is_whole = count(&[Part::Day]) == 1 && count(&[Part::Month, Part::MonthName]) == 1 && count(&[Part::Year4, Part::Year2]) == 1;
        if !is_whole {
            return Err(format!(
                "date format `{written}` must have a day, a month and a year, each once: DD/MM/YYYY, YYYY-MM-DD, DD-MMM-YY"
            ));
        }
        Ok(DateFormat { written: written.to_owned(), parts })
    }

    /// As the mapping has it.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The day a tidied cell names, if it is written so, and the time after it.
    fn read<'c>(&self, cell: &'c str) -> Option<(NaiveDate, &'c str)> {
        let mut rest = cell;
        let (mut day, mut month, mut year) = (0, 0, 0);
        for (place, part) in self.parts.iter().enumerate() {
            let is_followed_by_digits = matches!(self.parts.get(place + 1), Some(Part::Day | Part::Month | Part::Year4 | Part::Year2));
            let least = if is_followed_by_digits { 2 } else { 1 };
            match part {
                Part::Day => day = digits(&mut rest, least, 2)?,
                Part::Month => month = digits(&mut rest, least, 2)?,
                Part::Year4 => year = i32::try_from(digits(&mut rest, 4, 4)?).ok()?,
                Part::Year2 => year = century(i32::try_from(digits(&mut rest, 2, 2)?).ok()?),
                Part::MonthName => month = u32::try_from(name(&mut rest, &MONTHS)?).ok()? + 1,
                Part::Weekday => {
                    name(&mut rest, &WEEKDAYS)?;
                }
                Part::Exactly(letter) => rest = rest.strip_prefix(*letter)?,
            }
        }
        if is_time(rest) { Some((NaiveDate::from_ymd_opt(year, month, day)?, rest)) } else { None }
    }
}

/// The formats of a mapping that names none: year first, or day first, never month first.
pub fn usual_formats() -> Vec<DateFormat> {
    const USUAL: [&str; 17] = [
        "YYYY-MM-DD",
        "YYYY/MM/DD",
        "YYYYMMDD",
        "DD/MM/YYYY",
        "DD-MM-YYYY",
        "DD.MM.YYYY",
        "DD/MM/YY",
        "DD-MM-YY",
        "DD.MM.YY",
        "DD-MMM-YYYY",
        "DD-MMM-YY",
        "DD/MMM/YYYY",
        "DD/MMM/YY",
        "DD MMM YYYY",
        "DD MMM YY",
        "DD MMMM YYYY",
        "DDMMMYYYY",
    ];
    USUAL.iter().filter_map(|format| DateFormat::parse(format).ok()).collect()
}

/// Reads a tidied cell by the formats. Where none reads it, ISO 8601 (a spreadsheet's real date comes so) and a spreadsheet's
/// day number are tried.
pub fn parse(cell: &str, formats: &[DateFormat], day_zero: DayZero) -> Result<NaiveDate, NotADate> {
    match written(cell, formats)? {
        Some((day, _)) => Ok(day),
        None => day_number(cell, day_zero).ok_or(NotADate::Unreadable),
    }
}

/// A cell that is a date in words or figures as text that any other way of writing it gives too: the day, and its time unless
/// that is midnight. Day numbers are left alone: in a column not known to hold dates they are numbers.
pub(crate) fn normal(cell: &str, formats: &[DateFormat]) -> Option<String> {
    let (day, time) = written(cell, formats).ok()??;
    let time = time.trim_start_matches([',', ' ', 'T']);
    if !time.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        return Some(day.to_string());
    }
    // Seconds that are none are left off in some copies.
    let time = if time.matches(':').count() == 2 { time.strip_suffix(":00").unwrap_or(time) } else { time };
    Some(format!("{day} {}", time.trim_start_matches('0')))
}

/// The day that the formats, or ISO 8601 where none of them, read in a cell, and the time after it.
fn written<'c>(cell: &'c str, formats: &[DateFormat]) -> Result<Option<(NaiveDate, &'c str)>, NotADate> {
    let mut found: Option<(NaiveDate, &str)> = None;
    for format in formats {
        match (format.read(cell), found) {
            (Some((day, _)), Some((other, _))) if day != other => return Err(NotADate::Ambiguous(other, day)),
            (Some(read), _) => found = Some(read),
            (None, _) => {}
        }
    }
    Ok(found.or_else(|| iso(cell)))
}

fn iso(cell: &str) -> Option<(NaiveDate, &str)> {
    let (date, time) = cell.split_at_checked(10)?;
    if !is_time(time) || !date.is_ascii() {
        return None;
    }
    let day = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok().filter(|day| day.year() >= 1000)?;
    Some((day, time))
}

/// Days as spreadsheets count them: five digits, perhaps with a time as a fraction.
fn day_number(cell: &str, day_zero: DayZero) -> Option<NaiveDate> {
    let (days, time) = cell.split_once('.').unwrap_or((cell, ""));
    if days.len() != 5 || !days.bytes().chain(time.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let zero = match day_zero {
        DayZero::Of1900 => NaiveDate::from_ymd_opt(1899, 12, 30)?,
        DayZero::Of1904 => NaiveDate::from_ymd_opt(1904, 1, 1)?,
    };
    zero.checked_add_days(chrono::Days::new(days.parse().ok()?))
}

fn from_letters(written: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let letters: Vec<char> = written.trim().chars().collect();
    let mut at = 0;
    while at < letters.len() {
        let letter = letters[at].to_ascii_lowercase();
        let run = letters[at..].iter().take_while(|other| other.to_ascii_lowercase() == letter).count();
        let next = letters.get(at + run).map(char::to_ascii_lowercase);
        let part = match (letter, run) {
            ('h', _) => break,
            ('t', 1) if next == Some('h') => break,
            ('d', 1 | 2) => Part::Day,
            ('d', 3 | 4) => Part::Weekday,
            ('m', 1 | 2) => Part::Month,
            ('m', 3 | 4) => Part::MonthName,
            ('y', 4) => Part::Year4,
            ('y', 2) => Part::Year2,
            ('a'..='z', _) => {
                let run: String = letters[at..at + run].iter().collect();
                return Err(format!("date format `{written}`: `{run}` means nothing here; write like DD/MM/YYYY, YYYY-MM-DD, DD-MMM-YY"));
            }
            _ => {
                parts.extend(letters[at..at + run].iter().map(|letter| Part::Exactly(*letter)));
                at += run;
                continue;
            }
        };
        parts.push(part);
        at += run;
    }
    Ok(parts)
}

fn from_percents(written: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut letters = written.trim().chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            parts.push(Part::Exactly(letter));
            continue;
        }
        let code = letters.find(|code| !matches!(code, '-' | '_' | '0'));
        match code {
            Some('d' | 'e') => parts.push(Part::Day),
            Some('m') => parts.push(Part::Month),
            Some('b' | 'B' | 'h') => parts.push(Part::MonthName),
            Some('Y') => parts.push(Part::Year4),
            Some('y') => parts.push(Part::Year2),
            Some('a' | 'A') => parts.push(Part::Weekday),
            Some('F') => parts.extend([Part::Year4, Part::Exactly('-'), Part::Month, Part::Exactly('-'), Part::Day]),
            Some('H' | 'I' | 'k' | 'l' | 'T' | 'R') => break,
            _ => return Err(format!("date format `{written}`: after % may stand d, m, b, B, Y, y, a, A and F")),
        }
    }
    Ok(parts)
}

/// Takes `least` to `most` digits from the front.
fn digits(rest: &mut &str, least: usize, most: usize) -> Option<u32> {
    let run = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (number, after) = rest.split_at(run);
    if run < least {
        return None;
    }
    *rest = after;
    number.parse().ok()
}

/// Takes a word from the front that is one of `names`, or its first three letters or more; which one.
fn name(rest: &mut &str, names: &[&str]) -> Option<usize> {
    let run = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (word, after) = rest.split_at(run);
    let word = word.to_ascii_lowercase();
    let place = names.iter().position(|name| word.len() >= 3 && name.starts_with(&word))?;
    *rest = after;
    Some(place)
}

/// The years 1969 to 2068, as most systems have it.
fn century(year: i32) -> i32 {
    if year < 69 { 2000 + year } else { 1900 + year }
}

/// Whether what follows a date is nothing, or a time of day: `00:00`, `T00:00:00.000Z`, `, 9:30 am`.
fn is_time(rest: &str) -> bool {
    if rest.is_empty() {
        return true;
    }
    let time = rest.strip_prefix(',').unwrap_or(rest);
    let Some(time) = time.strip_prefix([' ', 'T']) else { return false };
    let hours = time.bytes().take_while(u8::is_ascii_digit).count();
    let minutes = time.get(hours..).unwrap_or_default().strip_prefix(':').unwrap_or_default();
    (1..=2).contains(&hours)
        && minutes.bytes().take(2).filter(u8::is_ascii_digit).count() == 2
        && minutes.chars().all(|letter| {
            letter.is_ascii_digit() || matches!(letter, ':' | '.' | ' ' | '+' | '-' | 'Z' | 'a' | 'A' | 'p' | 'P' | 'm' | 'M')
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(cell: &str, formats: &[&str]) -> Result<NaiveDate, NotADate> {
        let formats: Vec<_> = formats.iter().map(|format| DateFormat::parse(format).expect("a format")).collect();
        parse(cell, &formats, DayZero::Of1900)
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn dates_are_read_in_the_formats_people_write() {
        for (cell, format) in [
            ("2023-04-01", "YYYY-MM-DD"),
            ("2023-04-01 00:00:00", "YYYY-MM-DD"),
            ("2023-04-01T00:00:00.000Z", "YYYY-MM-DD"),
            ("01/04/2023", "DD/MM/YYYY"),
            ("1/4/2023", "DD/MM/YYYY"),
            ("01/04/2023 00:00", "dd/mm/yyyy hh:mm"),
            ("01/04/2023 9:30 am", "d/m/yyyy"),
            ("01/04/23", "DD/MM/YY"),
            ("01-Apr-23", "DD-MMM-YY"),
            ("1 April 2023", "DD MMM YYYY"),
            ("Saturday, 1 April 2023", "DDDD, D MMMM YYYY"),
            ("20230401", "YYYYMMDD"),
            ("01042023", "DDMMYYYY"),
            ("04/01/2023", "MM/DD/YYYY"),
            ("01/04/2023", "%d/%m/%Y"),
            ("1 apr 23", "%-d %b %y %H:%M"),
            ("2023-04-01 00:00:00", "DD/MM/YYYY"),
            ("45017", "DD/MM/YYYY"),
            ("45017.5", "DD/MM/YYYY"),
        ] {
            assert_eq!(read(cell, &[format]), Ok(day("2023-04-01")), "{cell:?} as {format}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for cell in
            ["", "31/02/2023", "00/00/0000", "01/04/2023x", "01/04/2023 x", "1/4", "01/04/20234", "4501", "450170", "13/13/2023", "n/a"]
        {
            assert_eq!(read(cell, &["DD/MM/YYYY"]), Err(NotADate::Unreadable), "{cell:?}");
        }
        assert_eq!(read("01/04/2023", &["DD/MM/YY"]), Err(NotADate::Unreadable));
        assert_eq!(read("01/04/23", &["DD/MM/YYYY"]), Err(NotADate::Unreadable));
    }

    #[test]
    fn a_day_that_two_formats_read_differently_is_not_guessed() {
        let both = ["DD/MM/YYYY", "MM/DD/YYYY"];
        assert_eq!(read("04/05/2023", &both), Err(NotADate::Ambiguous(day("2023-05-04"), day("2023-04-05"))));
        assert_eq!(read("25/05/2023", &both), Ok(day("2023-05-25")));
        assert_eq!(read("05/05/2023", &both), Ok(day("2023-05-05")));
    }

    #[test]
    fn a_format_must_name_a_day_a_month_and_a_year() {
        for format in ["", "DD/MM", "YYYY", "DD/MM/YYYY/DD", "QQ/MM/YYYY", "%d/%q/%Y", "DD/MM/YYY"] {
            assert!(DateFormat::parse(format).is_err(), "{format}");
        }
        assert_eq!(usual_formats().len(), 17);
    }

    #[test]
    fn the_usual_ways_need_no_format() {
        for cell in [
            "2024-04-01",
            "20240401",
            "2024/04/01",
            "01-04-24",
            "01.04.24",
            "01/Apr/2024",
            "01/Apr/24",
            "01 Apr 24",
            "01Apr2024",
            "1 April 2024",
            "45383",
        ] {
            assert_eq!(parse(cell, &usual_formats(), DayZero::Of1900), Ok(day("2024-04-01")), "{cell:?}");
        }
        assert_eq!(parse("43921", &usual_formats(), DayZero::Of1904), Ok(day("2024-04-01")));
    }

    #[test]
    fn a_date_has_one_normal_form_that_keeps_its_time() {
        let normal = |cell: &str| super::normal(cell, &usual_formats());
        for cell in ["01/03/2024", "2024-03-01 00:00:00", "2024-03-01T00:00:00.000Z", "1-Mar-24"] {
            assert_eq!(normal(cell).as_deref(), Some("2024-03-01"), "{cell:?}");
        }
        assert_eq!(normal("2024-03-01 09:30:00"), normal("01/03/2024 9:30"));
        assert_ne!(normal("2024-03-01 10:00"), normal("2024-03-01 11:00"));
        assert_eq!((normal("45383"), normal("A1")), (None, None));
    }

    proptest! {
        #[test]
        fn a_day_written_in_a_format_reads_back(offset in 0_u64..36_000) {
            let date = day("1970-01-01") + chrono::Days::new(offset);
            for (format, pattern) in [("YYYY-MM-DD", "%Y-%m-%d"), ("DD/MM/YYYY", "%d/%m/%Y"), ("D MMMM YYYY", "%-d %B %Y"), ("DD-MMM-YYYY", "%d-%b-%Y")] {
                prop_assert_eq!(read(&date.format(pattern).to_string(), &[format]), Ok(date));
            }
        }

        #[test]
        fn nothing_makes_it_panic(cell in "\\PC{0,30}") {
            let _ = parse(&cell, &usual_formats(), DayZero::Of1904);
            let _ = normal(&cell, &usual_formats());
        }
    }
}
