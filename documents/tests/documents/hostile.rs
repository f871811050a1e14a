//! Words that try to be markup, and documents of an odd form.

use crate::support::{document, kept, read_at, words_of_docx, words_of_html};
use documents::*;

const HOSTILE: [&str; 18] = [
    "<script>alert(1)</script>",
    "</w:t></w:r>",
    "]]><!--",
    "#import \"x\": *",
    "# heading",
    "$x^2$ \\ [link](x) *a* _b_ `c` ~d~ | e",
    "- item",
    "1. item",
    "= title",
    "\"quotes\" 'single' & &amp; &#60;",
    "{{figure a}} {% raw %}",
    "مرحبا بالعالم שלום",
    "emoji 😀 👩‍👧 🇬🇧 and 漢字 and \u{10FFFF}",
    "tabs\tand\nlines\r\nand\u{0}nothing\u{7}",
    "e\u{301} combined, soft\u{AD}hyphen, zero\u{200B}width, \u{202E}turned",
    "https://example.org/a?b=<c>&d=\"e\"",
    "#sys.inputs @label <label> //comment /* comment */",
    "  spaces at both ends  ",
];

fn everywhere(words: &str) -> Vec<Block> {
    let table = Table {
        caption: words.to_owned(),
        columns: vec![Column::words(words), Column::numbers(words)],
        rows: vec![
            Row::Ordinary(vec![Cell::words(words), Cell::from(Value::Words(words.to_owned()))]),
            Row::Total(vec![Cell::words(words)]),
        ],
        notes: vec![words.to_owned()],
    };
    let chart = |kind| Chart {
        kind,
        title: words.to_owned(),
        description: words.to_owned(),
        category_heading: words.to_owned(),
        categories: vec![words.to_owned(), "b".to_owned()],
        series: vec![
            Series { name: words.to_owned(), values: vec![Value::Count(-5), Value::Withheld] },
            Series { name: "b".to_owned(), values: vec![Value::Words(words.to_owned())] },
        ],
        notes: vec![words.to_owned()],
    };
    vec![
        Block::heading(Level::SECTION, words),
        Block::Paragraph(vec![
            Inline::text(words),
            Inline::Strong(vec![Inline::text(words)]),
            Inline::Emphasis(vec![Inline::Strong(vec![Inline::text(words)])]),
            Inline::Code(words.to_owned()),
            Inline::LineBreak,
            Inline::link(Address::public("https://example.org/?a=<&b=\"'").unwrap(), words),
        ]),
        Block::List(List { kind: ListKind::Bulleted, items: vec![vec![Block::text(words), Block::text(words)], vec![]] }),
        Block::Quote(vec![Block::text(words), Block::heading(Level::SECTION, words)]),
        Block::Note(Note { title: words.to_owned(), blocks: vec![Block::text(words)] }),
        Block::Table(table),
        Block::Chart(chart(ChartKind::Bars)),
        Block::Chart(chart(ChartKind::StackedBars)),
        Block::Chart(chart(ChartKind::Lines)),
    ]
}

/// Writes a document in every format.
fn written(document: &Document) -> (String, Vec<u8>, Vec<u8>) {
    let made = (html(document), pdf(document).unwrap_or_else(|wrong| panic!("{wrong}")), docx(document, None).unwrap());
    assert!(!markdown(document).is_empty() && !text(document).is_empty());
    made
}

#[test]
fn no_words_are_markup_anywhere() {
    for words in HOSTILE {
        let mut document = document(everywhere(words));
        words.clone_into(&mut document.title);
        document.subtitle = Some(words.to_owned());
        words.clone_into(&mut document.authority);
        words.clone_into(&mut document.description);
        let (page, _, file) = written(&document);
        let page_words = words_of_html(&page);
        assert!(!page.contains("<script"), "{words}");
        // What may not stand in a file is gone; all else is read as it was written.
        let kept = kept(words);
        assert!(page_words.contains(&kept), "{kept:?} in {page_words:?}");
        assert!(words_of_docx(&file).contains(&kept), "{kept:?}");
    }
}

/// Markdown that has no place-holders.
struct Nothing;

impl Resolver for Nothing {
    fn resolve(&self, _: &Placeholder) -> Result<Placed, String> {
        Err("no place-holder was written".to_owned())
    }
}

#[test]
fn markdown_of_hostile_words_reads_back_as_the_same_words() {
    for words in HOSTILE.into_iter().filter(|words| !words.contains("{{")) {
        let written = markdown(&document(vec![Block::text(words), Block::Paragraph(vec![Inline::Strong(vec![Inline::text(words)])])]));
        let (_, body) = written.split_once("30 June 2024\n\n").unwrap();
        let read = read_at(body, Level::SECTION, &Nothing).unwrap_or_else(|wrong| panic!("{body}: {wrong:?}"));
        let kept = kept(words);
        let read: Vec<String> =
            read.iter().map(|block| if let Block::Paragraph(content) = block { plain(content) } else { format!("{block:?}") }).collect();
        assert_eq!(read, [kept.trim(), kept.trim()], "{body}");
    }
}

/// The cells of a table's one row, read back from the Markdown that the table is written as.
fn read_back(cells: Vec<Cell>) -> Vec<Cell> {
    let columns = ["First", "Second", "Last"].map(Column::words).to_vec();
    let table = Table { caption: "A table".to_owned(), columns, rows: vec![Row::Ordinary(cells)], notes: Vec::new() };
    let written = markdown(&document(vec![Block::Table(table)]));
    let (_, lines) = written.split_once("\n\n| First").unwrap();
    let read = read_at(&format!("Table: A table\n\n| First{lines}"), Level::SECTION, &Nothing);
    match read.as_deref() {
        Ok([Block::Table(Table { rows, .. })]) if rows.len() == 1 => rows[0].cells().to_vec(),
        other => panic!("{written}: {other:?}"),
    }
}

#[test]
fn a_cell_of_a_markdown_table_keeps_its_words_whatever_they_are() {
    for words in HOSTILE.into_iter().chain(["a|b", "a\\|b", "a\\\\|b", "||", "\\"]).filter(|words| !words.contains("{{")) {
        let link = Inline::link(Address::public("https://example.org/?a|b\\").unwrap(), words);
        let read = read_back(vec![Cell::words(words), Cell(vec![Inline::Code(words.to_owned()), link]), Cell::words("last")]);
        let kept = kept(words);
        assert_eq!(
            read.iter().map(|cell| cell.plain().trim().to_owned()).collect::<Vec<_>>(),
            [kept.trim().to_owned(), format!("{kept}{kept}").trim().to_owned(), "last".to_owned()]
        );
    }
    let code = Cell(vec![Inline::Code("a|b".to_owned())]);
    assert_eq!(read_back(vec![code.clone(), code.clone(), code.clone()]), [code.clone(), code.clone(), code], "code stays code");
}

#[test]
fn a_link_in_markdown_leads_where_it_led_whatever_signs_its_target_has() {
    for (target, written_as) in [
        ("https://x/\\", "https://x/%5C"),
        ("https://x/\\*a", "https://x/%5C*a"),
        ("https://x/?a|b", "https://x/?a%7Cb"),
        ("https://x/<a>", "https://x/%3Ca%3E"),
        ("https://x/\u{202E}moc", "https://x/moc"),
    ] {
        let written = markdown(&document(vec![Block::Paragraph(vec![Inline::link(Address::public(target).unwrap(), "w")])]));
        let (_, body) = written.split_once("30 June 2024\n\n").unwrap();
        let link = Inline::link(Address::public(written_as).unwrap(), "w");
        assert_eq!(read_at(body, Level::SECTION, &Nothing).unwrap(), [Block::Paragraph(vec![link])], "{body}");
    }
}

#[test]
fn no_sign_of_a_text_turns_a_figure_round() {
    for turning in ('\u{202A}'..='\u{202E}').chain('\u{2066}'..='\u{2069}') {
        let content = vec![Inline::text(format!("In all {turning}")), Inline::Value(Value::Count(41))];
        let document = document(vec![Block::Paragraph(content)]);
        let (page, _, file) = written(&document);
        for shown in [words_of_html(&page), words_of_docx(&file), markdown(&document), text(&document)] {
            assert!(shown.contains("In all 41"), "{turning:?}: {shown:?}");
        }
    }
}

#[test]
fn documents_of_an_odd_form_are_written() {
    let table = |columns: usize, rows: usize, word: &str| Table {
        caption: "A table".to_owned(),
        columns: (0..columns).map(|number| Column::numbers(format!("Column {number}"))).collect(),
        rows: (0..rows).map(|_| Row::Ordinary((0..columns).map(|_| Cell::words(word)).collect())).collect(),
        notes: Vec::new(),
    };
    let chart = |values: Vec<Value>, categories: usize, kind| Chart {
        kind,
        title: "A chart".to_owned(),
        description: "What it says".to_owned(),
        category_heading: "Category".to_owned(),
        categories: (0..categories).map(|number| format!("Category {number}")).collect(),
        series: (0..8).map(|number| Series { name: format!("Series {number}"), values: values.clone() }).collect(),
        notes: Vec::new(),
    };
    let nested = (0..6).fold(Block::text("deep"), |inner, depth| {
        Block::List(List {
            kind: if depth % 2 == 0 { ListKind::Numbered } else { ListKind::Bulleted },
            items: vec![vec![Block::text(format!("level {depth}")), inner]],
        })
    });
    let extremes = vec![Value::Count(i64::MAX), Value::Count(i64::MIN), Value::Money(domain::Pence(i64::MAX)), Value::Blank];
    let mut odd = vec![vec![], vec![nested], vec![Block::text("x".repeat(10_000))], vec![Block::text("")], vec![Block::Paragraph(vec![])]];
    odd.extend(
        [
            table(0, 0, ""),
            table(3, 0, ""),
            table(1, 1, "a"),
            table(3, 2, &"y".repeat(10_000)),
            table(2, 1, &"many words ".repeat(900)),
            table(60, 2, "12,345"),
        ]
        .map(|table| vec![Block::Table(table)]),
    );
    for kind in [ChartKind::Bars, ChartKind::StackedBars, ChartKind::Lines] {
        odd.extend(
            [
                chart(extremes.clone(), 4, kind),
                chart(vec![], 0, kind),
                chart(vec![Value::Count(0)], 1, kind),
                chart(vec![Value::Withheld; 40], 40, kind),
            ]
            .map(|chart| vec![Block::Chart(chart)]),
        );
    }
    odd.push(vec![Block::Table(Table { rows: vec![Row::Ordinary((0..5).map(|_| Cell::words("longer")).collect())], ..table(2, 0, "") })]);
    for blocks in odd {
        let shown = format!("{blocks:.200?}");
        let document = document(blocks);
        if let Err(wrong) = pdf(&document) {
            panic!("{wrong}: {shown}");
        }
        written(&document);
    }
}

#[test]
fn a_table_of_500_rows_repeats_its_head() {
    let rows = (0..500).map(|number| {
        Row::Ordinary(vec![Cell::words(format!("Row {number}")), Value::Count(number).into(), Value::Money(domain::Pence(number)).into()])
    });
    let table = Table {
        caption: "Long".to_owned(),
        columns: vec![Column::words("HeadingOfRows"), Column::numbers("Count"), Column::numbers("Money")],
        rows: rows.collect(),
        notes: Vec::new(),
    };
    let document = document(vec![Block::Table(table)]);
    let start = std::time::Instant::now();
    let file = pdf(&document).unwrap();
    println!("500 rows as PDF: {} ms", start.elapsed().as_millis());
    let pages = lopdf::Document::load_mem(&file).unwrap().get_pages().len();
    assert!((10..30).contains(&pages), "{pages} pages");
    written(&document);
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let document = crate::sample::statement();
    let (page, paper, file) = written(&document);
    let again = crate::sample::statement();
    assert!(page == html(&again) && paper == pdf(&again).unwrap() && file == docx(&again, None).unwrap());
    assert!(markdown(&document) == markdown(&again) && text(&document) == text(&again));
}
