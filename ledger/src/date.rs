//! Dates as finance systems and spreadsheets write them.

use chrono::{Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Timelike};
use domain::TimeZone;

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

/// Half a millisecond before midnight, in billionths of a thousandth of a day.
const NEXT_DAY: u64 = 999_999_994_213;
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

    /// Whether it is figures alone, two for each part, so that a lost nought leaves as many as a day number has.
    fn is_six_digits(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Day | Part::Month | Part::Year2))
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
/// day number are tried. An instant that says how far its clock is from UTC is on the day that the zone had then.
pub fn parse(cell: &str, formats: &[DateFormat], day_zero: DayZero, zone: TimeZone) -> Result<NaiveDate, NotADate> {
    match written(cell, formats, zone)? {
        Some(written) => Ok(written.day),
        // 40424 may be 4 April 2024 without the nought before it.
        None if formats.iter().any(DateFormat::is_six_digits) => Err(NotADate::Unreadable),
        None => day_number(cell, day_zero).ok_or(NotADate::Unreadable),
    }
}

/// Whether eight figures are a day of these decades, year first or last: as an amount they would be twenty million pounds.
pub(crate) fn is_day_in_figures(cell: &str) -> bool {
    let part = |range: std::ops::Range<usize>| cell.get(range).and_then(|part| part.parse::<u32>().ok());
    let is_day = |year: Option<u32>, month: Option<u32>, day: Option<u32>| {
        let (Some(year), Some(month), Some(day)) = (year, month, day) else { return false };
        (1990..2100).contains(&year) && i32::try_from(year).is_ok_and(|year| NaiveDate::from_ymd_opt(year, month, day).is_some())
    };
    cell.len() == 8 && (is_day(part(0..4), part(4..6), part(6..8)) || is_day(part(4..8), part(2..4), part(0..2)))
}

/// Whether a tidied cell is a day by one of the formats, or by ISO 8601.
pub(crate) fn is_day(cell: &str, formats: &[DateFormat], zone: TimeZone) -> bool {
    !matches!(written(cell, formats, zone), Ok(None) | Err(NotADate::Unreadable))
}

/// A cell that is a date in words or figures as text that any other way of writing it gives too: the day, and its time unless
/// that is midnight. Day numbers are left alone: in a column not known to hold dates they are numbers.
pub(crate) fn normal(cell: &str, formats: &[DateFormat], zone: TimeZone) -> Option<String> {
    let Written { at, midnight, .. } = written(cell, formats, zone).ok()??;
    // A day that a system wrote as its midnight in UTC is that day, whatever the clock said here.
    if midnight == Some(at.date()) || at.time() == NaiveTime::MIN {
        return Some(at.date().to_string());
    }
    // Seconds that are none are left off in some copies.
    let is_whole_minute = at.second() == 0 && at.nanosecond() == 0;
    Some(at.format(if is_whole_minute { "%Y-%m-%d %-H:%M" } else { "%Y-%m-%d %-H:%M:%S%.f" }).to_string())
}

/// What the formats, or ISO 8601 where none of them, read in a cell.
struct Written {
    /// The day that the zone had.
    day: NaiveDate,
    /// That day and the time that had passed of it. On the day when the clocks go back that is more than the clock says, and so two instants
    /// never read alike.
    at: NaiveDateTime,
    /// The day it is written as, if as its midnight.
    midnight: Option<NaiveDate>,
}

fn written(cell: &str, formats: &[DateFormat], zone: TimeZone) -> Result<Option<Written>, NotADate> {
    let mut found: Option<(NaiveDate, &str)> = None;
    for format in formats {
        match (format.read(cell), found) {
            (Some((day, _)), Some((other, _))) if day != other => return Err(NotADate::Ambiguous(other, day)),
            (Some(read), _) => found = Some(read),
            (None, _) => {}
        }
    }
    let Some((day, time)) = found.or_else(|| iso(cell)) else { return Ok(None) };
    if time.is_empty() {
        return Ok(Some(Written { day, at: day.and_time(NaiveTime::MIN), midnight: Some(day) }));
    }
    let TimeOfDay { time, offset } = TimeOfDay::parse(time).ok_or(NotADate::Unreadable)?;
    let at = day.and_time(time);
    let here = match offset {
        Some(offset) => offset.from_local_datetime(&at).single().map(|instant| {
            let (utc, day) = (instant.naive_utc(), zone.day_of(instant.naive_utc()));
            (day, day.and_time(NaiveTime::MIN) + (utc - zone.start_of(day)))
        }),
        None => Some((day, at)),
    };
    let (day_here, at) = here.ok_or(NotADate::Unreadable)?;
    Ok(Some(Written { day: day_here, at, midnight: (time == NaiveTime::MIN).then_some(day) }))
}

fn iso(cell: &str) -> Option<(NaiveDate, &str)> {
    let (date, time) = cell.split_at_checked(10)?;
    if !date.is_ascii() || !is_time(time) {
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
    // A time that is midnight but for the noise of a program that counts in halves is the next day's: within half a millisecond.
    let is_next = format!("{time:0<12}").get(..12)?.parse::<u64>().ok()? >= NEXT_DAY;
    zero.checked_add_days(chrono::Days::new(days.parse::<u64>().ok()? + u64::from(is_next)))
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

/// Whether what follows a date is nothing, or a time of day: `00:00`, `T00:00:00.000Z`, `, 9:30 am`, ` 23:00 +01:00`.
fn is_time(rest: &str) -> bool {
    rest.is_empty() || TimeOfDay::parse(rest).is_some()
}

/// What stands after a date.
struct TimeOfDay {
    time: NaiveTime,
    /// How far the clock is from UTC, where that is said.
    offset: Option<FixedOffset>,
}

impl TimeOfDay {
    fn parse(rest: &str) -> Option<Self> {
        let rest = rest.strip_prefix(',').unwrap_or(rest);
        let mut rest = rest.strip_prefix([' ', 'T'])?;
        let hour = digits(&mut rest, 1, 2)?;
        rest = rest.strip_prefix(':')?;
        let minute = digits(&mut rest, 2, 2)?;
        let mut second = 0;
        if let Some(after) = rest.strip_prefix(':') {
            rest = after;
            second = digits(&mut rest, 2, 2)?;
        }
        let mut nanosecond = 0;
        if let Some(after) = rest.strip_prefix(['.', ',', ':']) {
            let places = after.bytes().take_while(u8::is_ascii_digit).count();
            let (fraction, after) = after.split_at(places);
            nanosecond = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
            rest = after;
        }
        rest = rest.trim_start_matches(' ');
        let half = rest.get(..2).map(str::to_ascii_lowercase).filter(|half| half == "am" || half == "pm");
        let hour = match half.as_deref() {
            Some(half) => {
                rest = rest[2..].trim_start_matches(' ');
                // Noon is 12 pm and midnight 12 am; `13:30 pm` means what it says.
                (if hour == 12 { 0 } else { hour }) + if half == "pm" && hour <= 12 { 12 } else { 0 }
            }
            None => hour,
        };
        let offset = if rest.is_empty() { None } else { Some(offset(rest)?) };
        // A leap second, and the end of a day written as 24:00, are that day's.
        let time = match (hour, minute, second) {
            (24, 0, 0) => NaiveTime::from_hms_opt(23, 59, 59)?,
            (_, _, 60) => NaiveTime::from_hms_opt(hour, minute, 59)?,
            _ => NaiveTime::from_hms_nano_opt(hour, minute, second, nanosecond)?,
        };
        Some(TimeOfDay { time, offset })
    }
}

/// `Z`, `UTC`, `GMT`, `BST`, `+01:00`, `+0100`, `+01`.
fn offset(text: &str) -> Option<FixedOffset> {
    let named = [("Z", 0), ("UTC", 0), ("GMT", 0), ("BST", 1)].into_iter().find(|(name, _)| text.eq_ignore_ascii_case(name));
    if let Some((_, hours)) = named {
        return FixedOffset::east_opt(hours * 3600);
    }
    let mut rest = text.strip_prefix(['+', '-', '\u{2212}'])?;
    let hours = digits(&mut rest, 2, 2)?;
    rest = rest.strip_prefix(':').unwrap_or(rest);
    let minutes = if rest.is_empty() { 0 } else { digits(&mut rest, 2, 2)? };
    if !rest.is_empty() || minutes > 59 {
        return None;
    }
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    FixedOffset::east_opt(if text.starts_with('+') { seconds } else { -seconds })
}

#[cfg(test)]
mod tests;
