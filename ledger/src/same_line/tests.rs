use super::*;
use crate::date::usual_formats;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

/// A line as a file writes it: its day of posting, its amount, its reference.
type Written = [&'static str; 3];

fn hash(line: Written) -> Option<String> {
    let named = [("date", Role::PostingDay), ("amount", Role::Amount), ("reference", Role::Other)];
    let cells: Vec<_> = named.into_iter().zip(line).map(|((name, role), text)| Cell { name, role, text: text.to_owned() }).collect();
    line_hashes(&cells, &Dates { posted_on: "2024-05-02".parse().expect("a date"), formats: &usual_formats(), zone: TimeZone::UTC })
        .map(|(hash, _)| hash)
}

#[test]
fn two_lines_are_the_same_when_their_cells_mean_the_same() {
    let line = ["02/05/2024", "1234.50", "INV-1"];
    for (other, is_same) in [
        (line, true),
        (["2024-05-02", "1,234.50", "INV-1"], true),
        (["2 May 2024", "£1234.5", "INV-1"], true),
        // However the day was written, its column counts as the day of posting that was read from it.
        (["", "1234.50", "INV-1"], false),
        (["02/05/2024", "1234.51", "INV-1"], false),
        (["02/05/2024", "-1234.50", "INV-1"], false),
        (["02/05/2024", "1234.50", "INV-2"], false),
        (["02/05/2024", "1234.50", ""], false),
        (["02/05/2024", "INV-1", "1234.50"], false),
    ] {
        assert_eq!(hash(line) == hash(other), is_same, "{other:?}");
    }
}

#[test]
fn an_amount_is_rounded_to_the_penny_and_nothing_else_is() {
    let written = |amount, reference| hash(["02/05/2024", amount, reference]);
    assert_eq!(written("10.001", "A"), written("10.00", "A"), "an amount is worth its pence");
    assert_ne!(written("10.00", "7.001"), written("10.00", "7.00"), "two numbers of something else stay two");
    assert_eq!(written("10.00", "7.0"), written("10.00", "7.00"), "the same number, written otherwise");
}

#[test]
fn a_number_identifies_a_line_whatever_its_size_and_form() {
    let of = |reference| hash(["02/05/2024", "10.00", reference]);
    for (one, other) in [
        ("700001", "700001.0"),
        ("5100001234", "5100001234.0"),
        ("5100001234", "0005100001234"),
        ("5100001234", "5.100001234E9"),
        ("12345678901234567890", "12345678901234567890.00"),
        ("000123", "123"),
    ] {
        assert_eq!(of(one), of(other), "{one} and {other}");
    }
    for (one, other) in [
        ("5100001234", "5100001235"),
        ("5100001234", "51000012340"),
        ("123456789", "12345678900"),
        ("5100001234.0", "5100001234.5"),
        ("A1", "A1.0"),
    ] {
        assert_ne!(of(one), of(other), "{one} and {other}");
    }
}

/// The hash of a line with this other cell, and the one of earlier versions, by a mapping with these formats.
fn hashes(cell: &str, formats: &[DateFormat]) -> (String, String) {
    let cells = [Cell { name: "reference", role: Role::Other, text: cell.to_owned() }];
    line_hashes(&cells, &Dates { posted_on: NaiveDate::default(), formats, zone: TimeZone::UTC }).expect("a hash")
}

#[test]
fn a_reference_is_no_amount() {
    let of = |cell: &str| hashes(cell, &usual_formats());
    for (one, other) in [
        ("12E4", "120000"),
        ("12DR", "12"),
        ("12CR", "12-"),
        ("12-", "-12"),
        ("(12)", "-12"),
        ("+12", "12"),
        ("GBP120000", "120000"),
        ("5E3", "5000"),
    ] {
        assert_ne!(of(one).0, of(other).0, "{one} and {other}");
        assert_eq!(of(one).1, of(other).1, "{one} and {other}: a store may have them as one");
    }
    for same in ["5,100,001,234", "005100001234.0", "5.100001234E9"] {
        assert_eq!(of(same), of("5100001234"), "{same}");
    }
    for same in ["-12.00", "(12.00)", "-12.0"] {
        assert_eq!(of(same), of("-12"), "{same}: an amount in a column of its own");
    }
}

#[test]
fn the_hash_of_an_earlier_version_stays_what_it_was() {
    let cells = [
        Cell { name: "date", role: Role::PostingDay, text: "02/05/2024".to_owned() },
        Cell { name: "amount", role: Role::Amount, text: "1,234.50".to_owned() },
        Cell { name: "reference", role: Role::Other, text: "12DR".to_owned() },
    ];
    let dates = Dates { posted_on: "2024-05-02".parse().expect("a date"), formats: &usual_formats(), zone: TimeZone::UTC };
    let (hash, earlier) = line_hashes(&cells, &dates).expect("two");
    let mut digest = Sha256::new();
    for part in ["date", "2024-05-02", "amount", "123450", "reference", "1200"] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    assert_eq!(earlier, hex(&digest.finalize()));
    assert_ne!(hash, earlier);
}

#[test]
fn date_formats_do_not_identify_a_line() {
    let american = [DateFormat::parse("MM/DD/YYYY").expect("a format")];
    let usual = usual_formats();
    for cell in ["04/05/2024", "2024-05-04", "4 May 2024", "A1"] {
        assert_eq!(hashes(cell, &american).0, hashes(cell, &usual).0, "{cell}");
    }
    assert_ne!(hashes("04/05/2024", &american).1, hashes("04/05/2024", &usual).1, "as a store may have them");
}

#[test]
fn no_two_lines_read_alike_and_one_without_anything_is_none() {
    let of = |cells: &[(&'static str, &str)]| {
        let cells: Vec<_> = cells.iter().map(|(name, text)| Cell { name, role: Role::Other, text: (*text).to_owned() }).collect();
        line_hashes(&cells, &Dates { posted_on: NaiveDate::default(), formats: &[], zone: TimeZone::UTC }).map(|(hash, _)| hash)
    };
    assert_ne!(of(&[("a", "bc")]), of(&[("ab", "c")]));
    assert_ne!(of(&[("a", "b"), ("c", "d")]), of(&[("a", "bcd")]));
    assert_eq!(of(&[("a", "b"), ("c", "")]), of(&[("a", "b")]), "an empty cell does not count");
    assert_eq!(of(&[("a", ""), ("c", "")]), None);
    assert_eq!(of(&[]), None);
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = BigInt)]
    line_number: i64,
}

const TABLES: &str = "CREATE TABLE ledger_entries (source TEXT, line_hash TEXT, occurrence BIGINT); \
    CREATE TABLE ledger_foreseen (source TEXT, line_hash TEXT, occurrence BIGINT); \
    CREATE TABLE ledger_stage (sheet_number BIGINT DEFAULT 0, line_number BIGINT, line_hash TEXT);";

/// The numbers of the lines of a file, each known by its hash, that are new to a ledger and to what earlier files of a trial run bring.
fn new_lines(ledger: &[(&str, &str, i64)], foreseen: &[(&str, &str, i64)], file: &[&str]) -> QueryResult<Vec<i64>> {
    let mut connection = SqliteConnection::establish(":memory:").expect("a database");
    connection.batch_execute(TABLES)?;
    for (table, rows) in [("ledger_entries", ledger), ("ledger_foreseen", foreseen)] {
        for (source, hash, occurrence) in rows {
            connection.batch_execute(&format!("INSERT INTO {table} VALUES ('{source}', '{hash}', {occurrence});"))?;
        }
    }
    for (number, hash) in (1..).zip(file) {
        connection.batch_execute(&format!("INSERT INTO ledger_stage (line_number, line_hash) VALUES ({number}, '{hash}');"))?;
    }
    connection.batch_execute(NUMBER)?;
    let new = format!("SELECT n.line_number AS line_number FROM ledger_numbered n WHERE {IS_NEW} ORDER BY n.line_number");
    let lines: Vec<Line> = diesel::sql_query(new).bind::<Text, _>("here").load(&mut connection)?;
    Ok(lines.into_iter().map(|line| line.line_number).collect())
}

#[test]
fn a_line_is_new_by_its_source_its_hash_and_its_turn_among_equal_ones() {
    let twice: &[(&str, &str, i64)] = &[("here", "a", 1), ("here", "a", 2)];
    for (ledger, foreseen, file, expected) in [
        (&[][..], &[][..], &["a", "b", "a"][..], &[1, 2, 3][..]),
        (twice, &[], &["a", "b", "a"], &[2]),
        (twice, &[], &["a", "a", "a"], &[3]),
        (twice, &[], &["a"], &[]),
        (&[("elsewhere", "a", 1)], &[], &["a"], &[1]),
        (&[("here", "a", 1)], &[("here", "a", 2)], &["a", "a", "a"], &[3]),
        (&[], &[("elsewhere", "a", 1)], &["a"], &[1]),
    ] {
        assert_eq!(new_lines(ledger, foreseen, file).as_deref(), Ok(expected), "{ledger:?} {foreseen:?} {file:?}");
    }
}
