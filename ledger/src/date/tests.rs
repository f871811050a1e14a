use super::*;
use proptest::prelude::*;

fn read(cell: &str, formats: &[&str]) -> Result<NaiveDate, NotADate> {
    let formats: Vec<_> = formats.iter().map(|format| DateFormat::parse(format).expect("a format")).collect();
    parse(cell, &formats, DayZero::Of1900, TimeZone::default())
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
    for cell in ["", "31/02/2023", "00/00/0000", "01/04/2023x", "01/04/2023 x", "1/4", "01/04/20234", "4501", "450170", "13/13/2023", "n/a"]
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
        assert_eq!(parse(cell, &usual_formats(), DayZero::Of1900, TimeZone::default()), Ok(day("2024-04-01")), "{cell:?}");
    }
    assert_eq!(parse("43921", &usual_formats(), DayZero::Of1904, TimeZone::default()), Ok(day("2024-04-01")));
}

#[test]
fn a_lost_nought_makes_no_day_number() {
    let read =
        |cell: &str, format: &str| parse(cell, &[DateFormat::parse(format).expect("a format")], DayZero::Of1900, TimeZone::default());
    for (cell, format) in [("40424", "DDMMYY"), ("40424", "YYMMDD"), ("40424", "%d%m%y"), ("45383", "MMDDYY")] {
        assert_eq!(read(cell, format), Err(NotADate::Unreadable), "{cell} {format}");
    }
    assert_eq!(read("040424", "DDMMYY"), Ok(day("2024-04-04")));
    assert_eq!(read("2024-04-04 00:00:00", "DDMMYY"), Ok(day("2024-04-04")), "a workbook's real date");
    assert_eq!(read("45383", "YYYYMMDD"), Ok(day("2024-04-01")));
}

#[test]
fn a_day_number_is_rounded_to_the_millisecond() {
    let read = |cell: &str| parse(cell, &usual_formats(), DayZero::Of1900, TimeZone::default());
    for cell in ["45382.99999999999", "45382.9999999999999999", "45383.0", "45383.4", "45383.99999"] {
        assert_eq!(read(cell), Ok(day("2024-04-01")), "{cell}");
    }
    assert_eq!(read("45382.9999"), Ok(day("2024-03-31")));
}

#[test]
fn a_date_has_one_normal_form_that_keeps_its_time() {
    let normal = |cell: &str| super::normal(cell, &usual_formats(), TimeZone::default());
    for cell in ["01/03/2024", "2024-03-01 00:00:00", "2024-03-01T00:00:00.000Z", "1-Mar-24"] {
        assert_eq!(normal(cell).as_deref(), Some("2024-03-01"), "{cell:?}");
    }
    assert_eq!(normal("2024-03-01 09:30:00"), normal("01/03/2024 9:30"));
    assert_ne!(normal("2024-03-01 10:00"), normal("2024-03-01 11:00"));
    assert_eq!((normal("45383"), normal("A1")), (None, None));
}

#[test]
fn an_instant_is_on_the_day_that_the_zone_had() {
    let usual = usual_formats();
    let day_of = |cell: &str, zone| parse(cell, &usual, DayZero::Of1900, zone).map(|day| day.to_string());
    for (cell, expected) in [
        ("2025-03-31T23:00:00Z", "2025-04-01"),
        ("2025-03-31T23:00:00.000Z", "2025-04-01"),
        ("2025-03-31T23:00:00+00:00", "2025-04-01"),
        ("2025-04-01T00:00:00+01:00", "2025-04-01"),
        ("2025-03-31T18:00:00-0500", "2025-04-01"),
        ("31/03/2025 23:30 UTC", "2025-04-01"),
        ("31/03/2025 11:30 pm GMT", "2025-04-01"),
        ("01/04/2025 00:30 BST", "2025-04-01"),
        ("2025-04-01T04:00:00+05:30", "2025-03-31"),
        ("2025-04-01T04:30:00+05:30", "2025-04-01"),
        ("2024-12-31T23:30:00Z", "2024-12-31"),
        ("2025-01-01T00:30:00+01", "2024-12-31"),
        // The days of 25 and of 23 hours.
        ("2025-10-25T23:00:00Z", "2025-10-26"),
        ("2025-10-26T23:00:00Z", "2025-10-26"),
        ("2025-10-26T23:30:00Z", "2025-10-26"),
        ("2025-10-26T23:59:59.999Z", "2025-10-26"),
        ("2025-10-27T00:00:00Z", "2025-10-27"),
        ("2025-03-30T22:59:59Z", "2025-03-30"),
        ("2025-03-30T23:00:00Z", "2025-03-31"),
        // Without an offset it is the clock here.
        ("2025-03-31T23:00:00", "2025-03-31"),
        ("2025-03-31 12:30 am", "2025-03-31"),
        ("2025-03-31 24:00", "2025-03-31"),
    ] {
        assert_eq!(day_of(cell, TimeZone::default()).as_deref(), Ok(expected), "{cell}");
    }
    assert_eq!(day_of("2025-03-31T23:00:00Z", TimeZone::UTC).as_deref(), Ok("2025-03-31"), "the zone is the authority's to say");
    for cell in ["2025-03-31T23:00:00+1", "2025-03-31T23:00:00+99:00", "2025-03-31T23:00 CET", "2025-03-31T25:00", "2025-03-31T23:60"] {
        assert_eq!(day_of(cell, TimeZone::default()), Err(NotADate::Unreadable), "{cell}");
    }
}

#[test]
fn one_instant_has_one_normal_form() {
    let normal = |cell: &str| super::normal(cell, &usual_formats(), TimeZone::default());
    for cell in ["2025-06-30T22:30:00Z", "2025-06-30T23:30:00+01:00", "30/06/2025 23:30", "2025-06-30 11:30:00 pm"] {
        assert_eq!(normal(cell), normal("2025-06-30 23:30:00"), "{cell}");
    }
    for cell in ["2025-06-30T23:00:00Z", "2025-07-01T00:00:00+01:00", "2025-07-01T00:00:00Z", "01/07/2025"] {
        assert_eq!(normal(cell).as_deref(), Some("2025-07-01"), "{cell}");
    }
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
        let _ = parse(&cell, &usual_formats(), DayZero::Of1904, TimeZone::default());
        let _ = normal(&cell, &usual_formats(), TimeZone::default());
    }
}
