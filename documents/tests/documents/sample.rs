//! A statement as a council would publish it, of made-up figures and the published ones of one council.

use documents::*;
use domain::Pence;

/// Stands for the warehouse.
struct Figures;

impl Resolver for Figures {
    fn resolve(&self, placeholder: &Placeholder) -> Result<Placed, String> {
        let count = |number| Ok(Placed::Inlines(vec![Inline::Value(Value::Count(number))]));
        match (placeholder.kind, placeholder.code.as_str()) {
            (PlaceholderKind::Figure, "direct_payments_children") => count(40),
            (PlaceholderKind::Figure, "residential_children") => count(13),
            (PlaceholderKind::Figure, "out_of_borough_children") => Ok(Placed::Inlines(vec![Inline::Value(Value::Withheld)])),
            (PlaceholderKind::Figure, "grant_reach") => count(16_742),
            (PlaceholderKind::Figure, "sessions") => count(46_628),
            (PlaceholderKind::Figure, "young_carers") => Ok(Placed::Inlines(vec![Inline::Value(Value::NotYetKnown)])),
            (PlaceholderKind::Table, "range") => Ok(Placed::Blocks(vec![Block::Table(range())])),
            (PlaceholderKind::Table, "commissioned") => Ok(Placed::Blocks(vec![Block::Table(commissioned())])),
            (PlaceholderKind::Table, "months") => Ok(Placed::Blocks(vec![Block::Table(months())])),
            (PlaceholderKind::Chart, "children") => Ok(Placed::Blocks(vec![Block::Chart(children())])),
            (PlaceholderKind::Chart, "spend") => Ok(Placed::Blocks(vec![Block::Chart(spend())])),
            (PlaceholderKind::Chart, "trend") => Ok(Placed::Blocks(vec![Block::Chart(trend())])),
            (kind, code) => Err(format!("there is no {} {code}", kind.as_str())),
        }
    }
}

/// The whole statement.
pub fn statement() -> Document {
    let blocks =
        crate::support::read_at(include_str!("statement.md"), Level::SECTION, &Figures).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    let note = Block::Note(Note {
        title: "What the figures count".to_owned(),
        blocks: vec![Block::text(
            "A child counts once in each figure, however many packages or visits there were. A child with two services counts in both.",
        )],
    });
    let place = blocks.iter().position(|block| matches!(block, Block::Table(_))).unwrap();
    let blocks = blocks[..place].iter().cloned().chain([note]).chain(blocks[place..].iter().cloned()).collect();
    Document {
        title: "Short Breaks Service Statement".to_owned(),
        subtitle: Some("Children and young people with special educational needs and disabilities, 2023-24".to_owned()),
        authority: "Exampleton Metropolitan Borough Council".to_owned(),
        description: "What short breaks there are for disabled children, how families reach them, and how many used them.".to_owned(),
        dated: domain::FinancialYear::starting(2024).unwrap().starts_on(),
        blocks,
    }
}

fn range() -> Table {
    let services = [
        (
            "Day-time care at home",
            "A worker supports the child at home, for example with meals and personal care",
            "Homely Care Ltd",
            "https://www.example.org/homely",
        ),
        (
            "Day-time care elsewhere",
            "Clubs and groups in the holidays and after school",
            "Our Kids' Eyes",
            "https://www.example.org/activities",
        ),
        (
            "Overnight care",
            "Stays at a short-break home or with a family carer",
            "Cloverfield House",
            "https://www.example.org/overnight-short-breaks-in-the-borough",
        ),
        (
            "Educational and leisure activities",
            "Swimming, arts, sport and outings; open to any child",
            "Active Exampleton",
            "https://www.example.org/everybody-can",
        ),
        ("Evenings, weekends and holidays", "Youth groups with trained staff", "The Arts House", "https://www.example.org/arts"),
    ];
    let row = |(service, what, who, link): (&str, &str, &str, &str)| {
        Row::Ordinary(vec![Cell::words(service), Cell::words(what), Cell::words(who).linked(Address::public(link).unwrap())])
    };
    Table {
        caption: "The range of services".to_owned(),
        columns: vec![Column::words("Service"), Column::words("What it is"), Column::words("Who provides it")],
        rows: services.into_iter().map(row).collect(),
        notes: Vec::new(),
    }
}

fn commissioned() -> Table {
    let row = |name: &str, before: Value, now: Value, change: Value| {
        Row::Ordinary(vec![Cell::words(name), before.into(), now.into(), change.into()])
    };
    Table {
        caption: "Children with commissioned short breaks".to_owned(),
        columns: ["2022-23", "2023-24", "Change"].iter().fold(vec![Column::words("Service")], |mut columns, heading| {
            columns.push(Column::numbers(*heading));
            columns
        }),
        rows: vec![
            row("Direct payments", Value::Count(36), Value::Count(40), Value::PerMille(111)),
            row("Residential respite", Value::Count(12), Value::Count(13), Value::PerMille(83)),
            row("Residential respite, of whom out of the borough", Value::Withheld, Value::Withheld, Value::Withheld),
            row("Home care from an agency", Value::Count(31), Value::Count(29), Value::PerMille(-65)),
            row("Targeted outreach", Value::Count(33), Value::Count(35), Value::PerMille(61)),
            row("Arts in a community setting", Value::NotAvailable, Value::Count(5), Value::NotApplicable),
            row("Community support in school holidays", Value::Count(70), Value::Count(78), Value::PerMille(114)),
            row("Nursery support", Value::Count(11), Value::NotYetKnown, Value::NotYetKnown),
        ],
        notes: vec!["Change is against the year before.".to_owned()],
    }
}

const LINES: [(&str, i64); 7] = [
    ("Nursery support", 4_512_300),
    ("Community based short breaks", 31_245_055),
    ("Targeted outreach", 12_800_000),
    ("Overnight respite", 58_999_910),
    ("Home care", 22_014_740),
    ("Direct payments", 41_550_000),
    ("Grants to the voluntary sector", 9_600_000),
];

fn months() -> Table {
    let names =
        ["April", "May", "June", "July", "August", "September", "October", "November", "December", "January", "February", "March", "Year"];
    let cells =
        |year: i64| (0..12).map(move |month| Value::Pounds(Pence(year / 12 + month * 1_000))).chain([Value::Pounds(Pence(year + 66_000))]);
    let row = |(name, year): &(&str, i64)| Row::Ordinary([Cell::words(*name)].into_iter().chain(cells(*year).map(Cell::from)).collect());
    let total = LINES.iter().map(|(_, year)| year).sum();
    let total = Row::Total([Cell::words("All lines")].into_iter().chain(cells(total).map(Cell::from)).collect());
    Table {
        caption: "Spending by line and month".to_owned(),
        columns: [Column::words("Budget line")].into_iter().chain(names.map(Column::numbers)).collect(),
        rows: LINES.iter().map(row).chain([total]).collect(),
        notes: vec!["To whole pounds; sums are of the pence, so that they may differ by a pound.".to_owned()],
    }
}

fn children() -> Chart {
    Chart {
        kind: ChartKind::Bars,
        title: "Children by service, this year and last".to_owned(),
        description: "Most children had community support in the school holidays: 78, after 70 the year before. Home care fell from 31 to 29. Children out of the borough are withheld.".to_owned(),
        category_heading: "Service".to_owned(),
        categories: ["Direct payments", "Residential respite", "Of whom out of the borough", "Home care", "Targeted outreach", "Community support in school holidays"].map(str::to_owned).to_vec(),
        series: vec![
            Series { name: "2022-23".to_owned(), values: [36, 12].map(Value::Count).into_iter().chain([Value::Withheld]).chain([31, 33, 70].map(Value::Count)).collect() },
            Series { name: "2023-24".to_owned(), values: [40, 13].map(Value::Count).into_iter().chain([Value::Withheld]).chain([29, 35, 78].map(Value::Count)).collect() },
        ],
        notes: Vec::new(),
    }
}

fn spend() -> Chart {
    let part = |tenths: i64| LINES.iter().map(move |(_, year)| Value::Pounds(Pence(year * tenths / 10))).collect::<Vec<_>>();
    let mut voluntary = part(3);
    voluntary[0] = Value::Withheld;
    Chart {
        kind: ChartKind::StackedBars,
        title: "Spending by line and sector".to_owned(),
        description: "Overnight respite cost most, £589,999, and half of it went to private providers.".to_owned(),
        category_heading: "Budget line".to_owned(),
        categories: LINES.map(|(name, _)| name.to_owned()).to_vec(),
        series: vec![
            Series { name: "Private".to_owned(), values: part(5) },
            Series { name: "Own provision".to_owned(), values: part(2) },
            Series { name: "Voluntary".to_owned(), values: voluntary },
        ],
        notes: Vec::new(),
    }
}

fn trend() -> Chart {
    let series = |name: &str, values: [Value; 6]| Series { name: name.to_owned(), values: values.to_vec() };
    let counts = |numbers: [i64; 6]| numbers.map(Value::Count);
    let mut away = counts([5, 6, 0, 5, 7, 6]);
    away[2] = Value::Withheld;
    Chart {
        kind: ChartKind::Lines,
        title: "Children over six years".to_owned(),
        description: "Direct payments rose in each year, from 22 to 40. Home care stayed near 30.".to_owned(),
        category_heading: "Financial year".to_owned(),
        categories: ["2018-19", "2019-20", "2020-21", "2021-22", "2022-23", "2023-24"].map(str::to_owned).to_vec(),
        series: vec![
            series("Direct payments", counts([22, 25, 27, 30, 36, 40])),
            series("Home care", counts([30, 31, 26, 29, 31, 29])),
            series("Out of the borough", away),
        ],
        notes: Vec::new(),
    }
}
