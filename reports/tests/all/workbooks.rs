//! Workbooks, read back as a program would read them.

use crate::sheets::{AWKWARD, awkward, day, empty, long, noon, projection};
use calamine::{Data, DataType, Range, Reader, Xlsx};
use domain::Pence;
use proptest::prelude::*;
use reports::{Cell, Column, Sheet, workbook};
use sheets::Error;
use std::io::{Cursor, Read};

fn opened(bytes: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes)).unwrap()
}

fn first_sheet(sheet: &Sheet) -> Range<Data> {
    opened(sheet.to_xlsx(noon()).unwrap()).worksheet_range_at(0).unwrap().unwrap()
}

/// A file within the workbook.
fn part(bytes: &[u8], name: &str) -> String {
    let mut text = String::new();
    zip::ZipArchive::new(Cursor::new(bytes)).unwrap().by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn cells_have_the_types_of_their_columns_and_text_is_what_it_was() {
    let range = first_sheet(&awkward());
    let headers: Vec<_> = (0..5).map(|column| range.get((2, column)).unwrap().to_string()).collect();
    assert_eq!(headers, ["Item", "Received on", "Hours", "This year (£)", "Full year (£)"]);
    for (row, words) in AWKWARD.into_iter().enumerate() {
        let cell = |column: usize| range.get((row + 3, column)).unwrap();
        assert_eq!(cell(0), &Data::String(words.to_owned()));
        let expected = day("2024-02-27") + chrono::Days::new(u64::try_from(row).unwrap());
        let Data::DateTime(date) = cell(1) else { panic!("{:?} is no date", cell(1)) };
        let (year, month, of_month, ..) = date.to_ymd_hms_milli();
        assert_eq!(format!("{year}-{month:02}-{of_month:02}"), expected.to_string());
        assert_eq!(cell(2), &Data::Float(-1.0));
        assert!(cell(3).is_float() && cell(4).is_float());
    }
    assert_eq!(range.get((3, 3)), Some(&Data::Float(-0.01)));
    assert_eq!(range.get((6, 3)), Some(&Data::Float(13_999.99)));
}

#[test]
fn totals_are_formulas_with_our_own_sum_as_their_last_result() {
    for (sheet, data, range) in [(long(), 5_000, "D6:D5006"), (empty(), 0, "D5"), (awkward(), 12, "D4:D16")] {
        let mut book = opened(sheet.to_xlsx(noon()).unwrap());
        let name = book.sheet_names()[0].clone();
        let (values, formulas) = (book.worksheet_range(&name).unwrap(), book.worksheet_formula(&name).unwrap());
        let (row, _) = values.end().unwrap();
        assert_eq!(values.get_value((row, 0)), Some(&Data::String("Total".to_owned())));
        assert_eq!(formulas.get_value((row, 3)).map(String::as_str), Some(format!("SUBTOTAL(109,{range})").as_str()));
        for column in [2, 3, 4] {
            let total = sheet.total(column).unwrap();
            let expected = if column == 2 { total.to_string() } else { Pence(total).to_pounds() };
            let found = values.get_value((row, u32::try_from(column).unwrap())).unwrap();
            assert_eq!(found.as_f64().unwrap(), expected.parse::<f64>().unwrap(), "{name}");
        }
        assert_eq!(sheet.rows().len(), data);
    }
}

#[test]
fn a_workbook_is_set_up_for_reading_and_for_paper() {
    let bytes = long().to_xlsx(noon()).unwrap();
    let page = part(&bytes, "xl/worksheets/sheet1.xml");
    for expected in [
        "<pane ySplit=\"5\" topLeftCell=\"A6\" activePane=\"bottomLeft\" state=\"frozen\"/>",
        "<autoFilter ref=\"A5:E5005\"/>",
        "orientation=\"landscape\"",
        "paperSize=\"9\"",
        "fitToHeight=\"0\"",
        "&amp;8 Requests &amp;&amp; decisions&amp;R",
        "Page &amp;P of &amp;N",
    ] {
        assert!(page.contains(expected), "no {expected}");
    }
    assert!(part(&bytes, "xl/workbook.xml").contains("Print_Titles\" localSheetId=\"0\">'Requests &amp; decisions'!$5:$5<"));
    let core = part(&bytes, "docProps/core.xml");
    assert!(core.contains("<dc:title>Requests &amp; decisions</dc:title>") && core.contains(">2024-05-02T12:00:00Z<"), "{core}");
}

#[test]
fn a_sheet_with_more_than_ten_columns_is_printed_on_a3() {
    for (columns, paper) in [(10, "paperSize=\"9\""), (11, "paperSize=\"8\"")] {
        let columns: Vec<_> = (0..columns).map(|number| Column::text(format!("column_{number}"))).collect();
        let bytes = Sheet::new("Wide", columns).to_xlsx(noon()).unwrap();
        assert!(part(&bytes, "xl/worksheets/sheet1.xml").contains(paper));
    }
}

#[test]
fn the_same_sheets_and_time_give_the_same_bytes() {
    let made = || workbook(&[projection(), awkward()], noon()).unwrap();
    let first = made();
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    assert!(first == made());
}

#[test]
fn sheets_of_one_title_get_tabs_of_their_own() {
    let sheets = [awkward(), awkward(), empty(), empty().tab("Agenda"), Sheet::new("", [])];
    let book = opened(workbook(&sheets, noon()).unwrap());
    assert_eq!(book.sheet_names(), ["Panel- 'awkward' -words--2024", "Panel- 'awkward' -words--20 (2)", "Nothing yet", "Agenda", "Sheet"]);
}

#[test]
fn what_excel_cannot_hold_does_not_break_the_file() {
    let columns = [Column::text("words"), Column::date("day"), Column::pounds("amount_pounds").summed()];
    let rows = [
        vec![Cell::text("x".repeat(40_000)), Cell::Date(day("1899-01-01")), Cell::Pence(999_999_999_999_999)],
        vec![Cell::text("\0\u{1}\u{1b}[31m\u{FFFE}"), Cell::Date(day("1900-02-28")), Cell::Pence(-999_999_999_999_999)],
        vec![Cell::text("<r><x"), Cell::Date(day("9999-12-31")), Cell::Blank],
    ];
    let range = first_sheet(&Sheet::new("T\0itle\n2", columns.clone()).heading("h\0").with_rows(rows).unwrap());
    let cell = |row: usize, column: usize| range.get((row, column)).unwrap().clone();
    assert_eq!(cell(0, 0), Data::String("T\u{FFFD}itle 2".to_owned()));
    // The long text goes on below, beside blanks.
    let next = (5..range.height()).find(|row| cell(*row, 0).to_string().contains("31m")).unwrap();
    let long: String = (4..next).map(|row| cell(row, 0).to_string()).collect();
    assert!(long == "x".repeat(40_000) && next > 5 && (5..next).all(|row| cell(row, 1).is_empty() && cell(row, 2).is_empty()));
    assert_eq!(cell(next, 0), Data::String("\u{FFFD}\u{FFFD}\u{FFFD}[31m\u{FFFD}".to_owned()));
    assert_eq!((cell(4, 1), cell(next, 1)), (Data::String("1899-01-01".to_owned()), Data::String("1900-02-28".to_owned())));
    assert_eq!((cell(4, 2), cell(next + 3, 2)), (Data::Float(9_999_999_999_999.99), Data::Float(0.0)));

    let too_much = |rows: Vec<Vec<Cell>>| Sheet::new("Big", columns.clone()).with_rows(rows).unwrap().to_xlsx(noon()).unwrap_err();
    let error = too_much(vec![vec![Cell::Blank, Cell::Blank, Cell::Pence(1_000_000_000_000_000)]]);
    assert!(matches!(error, Error::Sheet(_)) && !error.to_string().contains("00"), "{error}");
    let error = too_much(vec![vec![Cell::Blank, Cell::Blank, Cell::Pence(600_000_000_000_000)]; 2]);
    assert!(matches!(error, Error::Sheet(_)), "{error}");
    let error = too_much(vec![vec![Cell::Blank; 3]; 1_048_576]);
    assert!(error.is_refusal() && error.to_string().contains("1048576 rows"), "{error}");
    assert!(workbook(&[], noon()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_cells_of_a_workbook_add_up_to_its_total_to_the_penny(
        amounts in proptest::collection::vec(-domain::money::MOST_PENCE..=domain::money::MOST_PENCE, 0..60),
    ) {
        let rows = amounts.iter().map(|pence| vec![Cell::Pence(*pence)]);
        let range = first_sheet(&Sheet::new("Sum", [Column::pounds("pounds").summed()]).with_rows(rows).unwrap());
        let pence = |row: usize| -> i64 { format!("{:.2}", range.get((row, 0)).unwrap().as_f64().unwrap()).replace('.', "").parse().unwrap() };
        let sum = amounts.iter().sum::<i64>();
        prop_assert_eq!((3..3 + amounts.len()).map(pence).sum::<i64>(), sum);
        prop_assert_eq!(pence(range.height() - 1), sum);
    }
}
