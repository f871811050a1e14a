use super::*;
use domain::money::grouped;
use proptest::prelude::*;

fn pence(text: &str) -> i64 {
    parse(text).unwrap_or_else(|e| panic!("{text:?}: {e:?}")).pence.0
}

#[test]
fn amounts_are_read_as_they_are_written() {
    for (text, expected) in [
        ("900", 90_000),
        ("4013.6", 401_360),
        (".5", 50),
        ("12.", 1_200),
        ("£1,234.56", 123_456),
        (" 1,234.56 ", 123_456),
        ("1 234.56", 123_456),
        ("\u{a0}£ 1,234.56\u{a0}", 123_456),
        ("(12.00)", -1_200),
        ("£(12.00)", -1_200),
        ("(£12.00)", -1_200),
        ("12.00-", -1_200),
        ("-£12.00", -1_200),
        ("£-12.00", -1_200),
        ("\u{2212}12.00", -1_200),
        ("+12.00", 1_200),
        ("12.00 CR", -1_200),
        ("12.00DR", 1_200),
        ("GBP 12.00", 1_200),
        ("\u{fffd}12.00", 1_200),
        ("Â£12.00", 1_200),
        ("1.2E+3", 120_000),
        ("1.5e-1", 15),
        ("0", 0),
        ("-0.00", 0),
        (" - ", 0),
        ("-   ", 0),
        ("£ -", 0),
        ("\u{fffd} -", 0),
        ("\u{2013}", 0),
        ("1000000000.00", MOST_PENCE),
    ] {
        assert_eq!(pence(text), expected, "{text:?}");
    }
}

#[test]
fn digits_that_are_no_noise_are_told() {
    for (text, loses) in [
        ("599.9600000000001", false),
        ("4013.59999999999", false),
        ("0.0000000001", false),
        ("10.00", false),
        ("10.000", false),
        ("10.001", true),
        ("10.005", true),
        ("0.004", true),
        ("12.345", true),
    ] {
        assert_eq!(parse(text).map(|read| read.loses), Ok(loses), "{text}");
    }
}

#[test]
fn noise_beyond_the_penny_is_rounded_half_away_from_zero_and_told() {
    for (text, expected, is_rounded) in [
        ("599.9600000000001", 59_996, true),
        ("172201.52000000002", 17_220_152, true),
        ("0.005", 1, true),
        ("-0.005", -1, true),
        ("0.0049999", 0, true),
        ("2.675", 268, true),
        ("9.999", 1_000, true),
        ("12.3400", 1_234, false),
        ("1E-9", 0, true),
    ] {
        assert_eq!(parse(text).map(|read| (read.pence, read.is_rounded)), Ok((Pence(expected), is_rounded)), "{text:?}");
    }
}

#[test]
fn what_is_no_amount_is_refused() {
    for text in [
        "",
        "--",
        "£",
        "(-)",
        "abc",
        "1,23",
        "12,34.00",
        "1,2345",
        "1.2.3",
        "--1",
        "(1",
        "1)",
        "-(1)",
        "(1-)",
        "1-2",
        "12%",
        "NaN",
        "inf",
        "1e",
        "1e+",
        "1e9999",
        "0x10",
        "12 34",
        "1,234,56",
        "R",
        "12ER",
        "££1",
        "１２",
        "12.00 CR-",
    ] {
        assert_eq!(parse(text), Err(NotAnAmount::Unreadable), "{text:?}");
    }
    assert_eq!(parse("1000000000.01"), Err(NotAnAmount::TooLarge));
    assert_eq!(parse("1E+99"), Err(NotAnAmount::TooLarge));
}

#[test]
fn a_number_has_one_normal_form_whatever_its_size() {
    for (text, expected) in [
        ("700001", "70000100"),
        ("700001.0", "70000100"),
        ("000700001", "70000100"),
        ("5100001234", "510000123400"),
        ("5100001234.00", "510000123400"),
        ("0005100001234", "510000123400"),
        ("5.100001234E9", "510000123400"),
        ("5,100,001,234", "510000123400"),
        ("123456789012345678901234567890", "12345678901234567890123456789000"),
        ("123456789012345678901234567890.0", "12345678901234567890123456789000"),
        ("1.2E+11", "12000000000000"),
        ("7.5", "750"),
        ("7.001", "700.1"),
        ("7.0010", "700.1"),
        ("-7.001", "-700.1"),
        ("1E-5", "0.001"),
        ("0.05", "5"),
        ("0.000", "0"),
        ("-0", "0"),
        ("-", "0"),
    ] {
        assert_eq!(normal(text).as_deref(), Some(expected), "{text:?}");
    }
    for text in ["", "A1", "12 34", "1.2.3", "E5", "1E9999", "."] {
        assert_eq!(normal(text), None, "{text:?}");
    }
}

proptest! {
    #[test]
    fn the_normal_form_of_an_amount_is_its_pence(amount in -MOST_PENCE..=MOST_PENCE, noughts in 0_usize..4) {
        let (pounds, rest) = (amount.unsigned_abs() / 100, amount.unsigned_abs() % 100);
        let text = format!("{}{}{pounds}.{rest:02}", if amount < 0 { "-" } else { "" }, "0".repeat(noughts));
        prop_assert_eq!(normal(&text), Some(amount.to_string()));
    }

    #[test]
    fn any_amount_reads_back_from_every_style(amount in -MOST_PENCE..=MOST_PENCE, style in 0_usize..7) {
        let (pounds, rest) = (amount.unsigned_abs() / 100, amount.unsigned_abs() % 100);
        let plain = format!("{pounds}.{rest:02}");
        let sign = if amount < 0 { "-" } else { "" };
        let text = match style {
            0 => format!("{sign}{plain}"),
            1 => format!("{sign}£{}.{rest:02}", grouped(pounds)),
            2 if amount < 0 => format!("({plain})"),
            3 if amount < 0 => format!("{plain}-"),
            4 if amount < 0 => format!("{plain}CR"),
            5 => format!("{sign}{}E-2", amount.unsigned_abs()),
            _ => format!("  {sign}{plain}00 "),
        };
        prop_assert_eq!(parse(&text), Ok(Amount::exact(Pence(amount))));
    }

    #[test]
    fn what_is_beyond_the_penny_moves_the_amount_by_half_a_penny_at_most(amount in 0_i64..1_000_000_000, beyond in 0_i64..1000) {
        let read = parse(&format!("-{}.{:02}{beyond:03}", amount / 100, amount % 100)).expect("an amount");
        prop_assert_eq!(read.pence.0, -(amount + i64::from(beyond >= 500)));
        prop_assert_eq!(read.is_rounded, beyond != 0);
    }

    #[test]
    fn nothing_makes_it_panic(text in "\\PC{0,70}") {
        let _ = parse(&text);
    }

    #[test]
    fn nothing_that_looks_like_a_number_makes_it_panic(text in "[-+(£]{0,2}[0-9,. eE]{0,30}[-)CRDr]{0,2}") {
        let _ = parse(&text);
    }
}
