//! Workbooks, opened and calculated by LibreOffice: every total it finds must be ours, to the penny, and it must have nothing to say.
//!
//! Needs `soffice` (Debian: `libreoffice-calc-nogui`); without it the test says so and passes, or with `REQUIRE_LIBREOFFICE=1` fails.

use crate::sheets::{AWKWARD, awkward, empty, long, noon, projection};
use domain::Pence;
use reports::{Cell, Column, Kind, Sheet, workbook};
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// What a workbook's formulas are made to claim before LibreOffice sees it.
const SPOILT: &str = "123456.78";

/// A profile that calculates every workbook anew when it is opened, whatever the file says the results were.
const SETTINGS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"#;

fn office() -> Option<&'static str> {
    let found = ["soffice", "libreoffice"].into_iter().find(|program| Command::new(program).arg("--version").output().is_ok());
    if found.is_none() {
        assert!(std::env::var("REQUIRE_LIBREOFFICE").is_err(), "no soffice here, and REQUIRE_LIBREOFFICE is set");
        eprintln!("skipped: no soffice here to open the workbooks with");
    }
    found
}

/// The workbook with wrong results stored beside its formulas.
fn spoilt(bytes: &[u8]) -> Vec<u8> {
    let mut from = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..from.len() {
        let mut file = from.by_index(number).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        to.start_file(file.name().unwrap(), zip::write::SimpleFileOptions::default()).unwrap();
        let mut pieces = text.split("</f><v>");
        to.write_all(pieces.next().unwrap().as_bytes()).unwrap();
        for piece in pieces {
            let (_, rest) = piece.split_once('<').unwrap();
            write!(to, "</f><v>{SPOILT}<{rest}").unwrap();
        }
    }
    to.finish().unwrap().into_inner()
}

/// The workbook as LibreOffice writes it out again, in its flat XML.
fn calculated(office: &str, folder: &Path, bytes: &[u8]) -> String {
    converted(office, folder, bytes, "fods");
    std::fs::read_to_string(folder.join("book.fods")).unwrap()
}

/// Has LibreOffice write the workbook as `book` in another format.
fn converted(office: &str, folder: &Path, bytes: &[u8], format: &str) {
    let profile = folder.join("profile/user");
    std::fs::create_dir_all(&profile).unwrap();
    std::fs::write(profile.join("registrymodifications.xcu"), SETTINGS).unwrap();
    let book = folder.join("book.xlsx");
    std::fs::write(&book, bytes).unwrap();
    let said = Command::new(office)
        .arg(format!("-env:UserInstallation=file://{}", folder.join("profile").display()))
        .args(["--headless", "--norestore", "--convert-to", format, "--outdir"])
        .args([folder, &book])
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    // That there is no Java here says nothing about a workbook.
    let warnings: Vec<_> = err.lines().filter(|line| !line.is_empty() && !line.contains("javaldx")).collect();
    assert!(said.status.success() && warnings.is_empty(), "soffice said: {out}{err}");
    assert!(!out.to_lowercase().contains("warn") && !out.to_lowercase().contains("error"), "soffice said: {out}");
}

/// A word on paper, in millionths of a point.
struct Word {
    words: String,
    page: usize,
    top: i64,
    height: i64,
}

/// The words of the workbook's print. Needs `pdftotext` (Debian: `poppler-utils`).
fn printed(office: &str, bytes: &[u8]) -> Option<Vec<Word>> {
    if Command::new("pdftotext").arg("-v").output().is_err() {
        assert!(std::env::var("REQUIRE_LIBREOFFICE").is_err(), "no pdftotext here, and REQUIRE_LIBREOFFICE is set");
        eprintln!("skipped: no pdftotext here to read the print with");
        return None;
    }
    let folder = TempDir::new().unwrap();
    converted(office, folder.path(), bytes, "pdf");
    let said = Command::new("pdftotext").arg("-bbox").arg(folder.path().join("book.pdf")).arg("-").output().unwrap();
    let text = String::from_utf8(said.stdout).unwrap();
    let word = |page: usize, element: &str| {
        // Six decimals, so that without its point it is a whole number.
        let edge = |name: &str| attribute(element, name).unwrap().replace('.', "").parse::<i64>().unwrap();
        let (_, rest) = element.split_once('>').unwrap();
        Word { words: rest.split_once('<').unwrap().0.to_owned(), page, top: edge("yMin"), height: edge("yMax") - edge("yMin") }
    };
    let pages = text.split("<page").skip(1).enumerate();
    Some(pages.flat_map(|(page, text)| text.split("<word").skip(1).map(move |element| word(page, element))).collect())
}

/// An attribute of the element that begins where the text does.
fn attribute<'t>(element: &'t str, name: &str) -> Option<&'t str> {
    let (tag, _) = element.split_once('>')?;
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    Some(value.split_once('"')?.0)
}

/// The results of a table's formulas, as LibreOffice has them.
fn results(table: &str) -> Vec<f64> {
    let cells = table.split("<table:table-cell").skip(1).filter(|cell| attribute(cell, "table:formula").is_some());
    let result = |cell: &str| {
        assert!(attribute(cell, "table:formula").unwrap().starts_with("of:=SUBTOTAL(109;"), "{cell}");
        attribute(cell, "office:value").unwrap_or_else(|| panic!("no number: {cell}")).parse().unwrap()
    };
    cells.map(result).collect()
}

#[test]
fn libreoffice_finds_our_totals_whatever_the_file_claims() {
    let Some(office) = office() else { return };
    let sheets = [long(), awkward(), empty(), projection()];
    let bytes = workbook(&sheets, noon()).unwrap();
    let (folder, again) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let honest = calculated(office, folder.path(), &bytes);
    let put_right = calculated(office, again.path(), &spoilt(&bytes));
    for text in [honest, put_right] {
        let tables: Vec<_> = text.split("<table:table ").skip(1).collect();
        assert_eq!(tables.len(), sheets.len());
        for (sheet, table) in sheets.iter().zip(&tables) {
            let summed: Vec<_> = sheet.columns().iter().enumerate().filter(|(_, column)| column.is_summed()).collect();
            let theirs = results(table);
            assert!(summed.len() >= 3 && theirs.len() == summed.len());
            for ((number, column), theirs) in summed.into_iter().zip(theirs) {
                let ours = sheet.total(number).unwrap();
                let (theirs, ours) = match column.kind() {
                    Kind::Pounds => (format!("{theirs:.2}"), Pence(ours).to_pounds()),
                    _ => (theirs.to_string(), ours.to_string()),
                };
                assert_eq!(theirs, ours, "{} of {}", column.header(), sheet.title());
            }
        }
        assert!(!text.contains(SPOILT) && !text.contains("Err:") && !text.contains("#REF!") && !text.contains("#NAME?"));
        assert!(tables[1].contains("office:value-type=\"date\" office:date-value=\"2024-02-29\""), "no leap day");
        for words in AWKWARD.into_iter().take(4).chain(["00123", "Zoë Ó Briain 🧭 日本"]) {
            let (before, _) = tables[1].split_once(&format!("<text:p>{words}</text:p>")).unwrap_or_else(|| panic!("{words} is not there"));
            let cell = before.rsplit("<table:table-cell").next().unwrap();
            assert_eq!((attribute(cell, "office:value-type"), attribute(cell, "table:formula")), (Some("string"), None), "{words}");
        }
        assert!(tables[1].contains("&lt;r&gt;not markup&lt;/r&gt;") && text.contains("_x0041_ is no escape"));
    }
}

/// Else the wrong results above would never have been written, and prove nothing.
#[test]
fn a_spoilt_workbook_claims_wrong_totals() {
    let bytes = spoilt(&awkward().to_xlsx(noon()).unwrap());
    let mut text = String::new();
    zip::ZipArchive::new(Cursor::new(bytes)).unwrap().by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text.matches(&format!("</f><v>{SPOILT}</v>")).count(), 3);
}

/// 4,000 letters of a rationale, with words that can be told apart.
fn rationale() -> String {
    let mut words: String = (0..).map(|number| format!("reason{number} because ")).take(220).collect();
    words.truncate(3_990);
    words + " lastword"
}

#[test]
fn a_long_text_is_printed_to_its_last_word_in_type_that_can_be_read() {
    let Some(office) = office() else { return };
    let narrow = ["reference", "rationale", "because"].map(Column::text);
    let wide: Vec<_> = (0..18).map(|number| Column::text(format!("column_{number}"))).collect();
    let long = rationale();
    let few = |words: &str| vec![Cell::text("R-1"), Cell::text(words), Cell::text("declined")];
    let few = Sheet::new("Minutes", narrow).with_rows([few(&long), few("after")]).unwrap();
    let many = |words: &str| (0..18).map(|number| Cell::text(if number == 9 { words } else { "a few words" })).collect();
    let many = Sheet::new("Outcomes", wide).with_rows([many(&long), many("after")]).unwrap();
    for sheet in [few, many] {
        let Some(words) = printed(office, &sheet.to_xlsx(noon()).unwrap()) else { return };
        let place = |word: &str| words.iter().find(|printed| printed.words == word);
        let mut before = (0, 0);
        for word in long.split_whitespace().filter(|word| *word != "because").chain(["after"]) {
            let printed = place(word).unwrap_or_else(|| panic!("{word} is not on the page of {}", sheet.title()));
            // A line below the foot of its row is hidden; here it would come lower than what the next row begins with.
            assert!((printed.page, printed.top) >= before, "{word} is not below what comes before it on {}", sheet.title());
            before = (printed.page, printed.top);
        }
        // Type of six points is seven high from foot to head, at the least.
        let height = place("lastword").unwrap().height;
        assert!(height >= 7_000_000, "{} is printed {height} millionths of a point high", sheet.title());
    }
}
