//! The made-up authority's ledger files: what its finance system would have paid for the packages it commissioned, among lines of
//! other services.

use anyhow::Context;
use chrono::{Datelike, Days, Months, NaiveDate};
use db::Store;
use db::schema::{package_lines, providers};
use diesel::prelude::*;
use domain::costing::Line;
use domain::{Frequency, LineState, Pence, Profile, Quantity, UnitRate};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// How the files are read; written beside them.
pub const MAPPING: &str = include_str!("ledger_mapping.toml");

/// The first month with a file, and how many months have one: all of 2023-24, and 2024-25 up to December.
const FIRST_MONTH: &str = "2023-04-01";
const MONTHS: u32 = 21;

/// Budget line, cost centre, subjective code, its name.
const CODING: [(&str, &str, &str, &str); 8] = [
    ("nursery", "CW110", "3310", "Early years placements"),
    ("community_short_breaks", "CW120", "3420", "Community activities"),
    ("targeted_outreach", "CW120", "3430", "Outreach contracts"),
    ("overnight_respite", "CW130", "3510", "Residential respite"),
    ("home_care", "CW140", "3440", "Domiciliary care"),
    ("direct_payments", "CW150", "6401", "Direct payments"),
    ("voluntary_sector_grants", "CW160", "6210", "Grants to voluntary bodies"),
    ("chc_income", "CW190", "9120", "Contributions from health"),
];

/// Lines of services that are not ours.
const OTHERS: [(&str, &str, &str, &str, i64); 4] = [
    ("HW300", "2210", "Highways maintenance", "Northern Surfacing", 1_845_012),
    ("AD210", "6401", "Direct payments, adults", "REDACTED PERSONAL DATA", 73_250),
    ("CW110", "1110", "Salaries", "Payroll", 2_310_480),
    ("LB400", "4120", "Library stock", "Page and Turner", 96_310),
];

/// A file of the ledger.
pub struct LedgerFile {
    /// Where it is.
    pub path: PathBuf,
    /// The day the finance officer loads it: the sixth of the next month.
    pub imported_on: NaiveDate,
}

/// A line of the ledger as the file will have it.
struct Payment {
    budget_line: String,
    supplier: String,
    amount: Pence,
    day: NaiveDate,
}

/// Writes a file a month and the mapping beside them.
pub fn write(store: &Store, profile: &Profile, folder: &Path) -> anyhow::Result<Vec<LedgerFile>> {
    fs::create_dir_all(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    fs::write(folder.join("mapping.toml"), MAPPING)?;
    let lines = commissioned(store)?;
    let first: NaiveDate = FIRST_MONTH.parse()?;
    let mut files = Vec::new();
    for month in (0..MONTHS).map(|n| first + Months::new(n)) {
        let path = folder.join(format!("ledger-{}.csv", month.format("%Y-%m")));
        fs::write(&path, text(month, &payments(profile, &lines, month)?))?;
        files.push(LedgerFile { path, imported_on: month + Months::new(1) + Days::new(5) });
    }
    Ok(files)
}

/// A standing package line and who is paid for it.
struct Commissioned {
    budget_line: String,
    supplier: String,
    line: Line,
}

type Row = (String, LineState, String, Option<String>, Quantity, Frequency, UnitRate, NaiveDate, Option<NaiveDate>);

fn commissioned(store: &Store) -> anyhow::Result<Vec<Commissioned>> {
    let (names, rows) = store.read(|connection| {
        let names: Vec<(String, String)> = providers::table.select((providers::id, providers::name)).load(connection)?;
        let rows: Vec<Row> = package_lines::table
            .order((package_lines::line_id, package_lines::version))
            .select((
                package_lines::line_id,
                package_lines::state,
                package_lines::budget_line,
                package_lines::provider_id,
                package_lines::quantity_thousandths,
                package_lines::frequency,
                package_lines::unit_rate_ten_thousandths,
                package_lines::valid_from,
                package_lines::valid_to,
            ))
            .load(connection)?;
        Ok::<_, db::Error>((names, rows))
    })?;
    let names: HashMap<String, String> = names.into_iter().collect();
    // Versions come in order, so the last one stays.
    let mut latest = std::collections::BTreeMap::new();
    for row in rows {
        latest.insert(row.0.clone(), row);
    }
    let standing = latest.into_values().filter(|row| row.1 != LineState::Reversed);
    let line = |(_, _, budget_line, provider, quantity, frequency, unit_rate, valid_from, valid_to): Row| Commissioned {
        budget_line,
        // A direct payment goes to a parent, whom no file of ours names.
        supplier: provider.and_then(|id| names.get(&id).cloned()).unwrap_or_else(|| "REDACTED PERSONAL DATA".to_owned()),
        line: Line { quantity, frequency, unit_rate, valid_from, valid_to },
    };
    Ok(standing.map(line).collect())
}

/// What is paid in a month: each line's cost of it, some invoices a little under or over, health's share back, grants by quarter.
fn payments(profile: &Profile, lines: &[Commissioned], month: NaiveDate) -> anyhow::Result<Vec<Payment>> {
    let mut payments = Vec::new();
    let mut respite = Pence::ZERO;
    for (place, commissioned) in lines.iter().enumerate() {
        let cost = profile.costing.cost_between(&commissioned.line, month, month + Months::new(1))?;
        if cost == Pence::ZERO {
            continue;
        }
        // From 94 to 105 hundredths of what was commissioned, never the same for long and always the same again.
        let hundredths = 94 + (place as i64 * 7 + i64::from(month.month()) * 5) % 12;
        let amount = Pence(if commissioned.budget_line == "direct_payments" { cost.0 } else { cost.0 * hundredths / 100 });
        if commissioned.budget_line == "overnight_respite" {
            respite = respite.checked_add(amount)?;
        }
        let day = month + Days::new(place as u64 * 11 % 28);
        payments.push(Payment { budget_line: commissioned.budget_line.clone(), supplier: commissioned.supplier.clone(), amount, day });
    }
    let last_day = month + Days::new(27);
    let share = Pence(-respite.0 * 2 / 5);
    payments.push(Payment {
        budget_line: "chc_income".to_owned(),
        supplier: "Integrated Care Board".to_owned(),
        amount: share,
        day: last_day,
    });
    if month.month() % 3 == 1 {
        for (supplier, pounds) in
            [("Parents Together", 42_000), ("Saturday Stars", 28_000), ("All Aboard Play", 30_000), ("Stepping Out", 18_000)]
        {
            let budget_line = "voluntary_sector_grants".to_owned();
            payments.push(Payment { budget_line, supplier: supplier.to_owned(), amount: Pence(pounds * 100 / 4), day: month });
        }
    }
    Ok(payments)
}

fn text(month: NaiveDate, payments: &[Payment]) -> String {
    let mut text = String::from("Posting Date,Cost Centre,Subjective,Subjective Name,Supplier,Document No,Amount\r\n");
    let stamp = month.format("%y%m");
    for (place, payment) in payments.iter().enumerate() {
        let Some((_, centre, subjective, name)) = CODING.iter().find(|(line, ..)| *line == payment.budget_line) else { continue };
        row(&mut text, payment.day, centre, subjective, name, &payment.supplier, &format!("SB{stamp}{place:05}"), payment.amount);
    }
    for (place, (centre, subjective, name, supplier, pence)) in OTHERS.into_iter().enumerate() {
        let day = month + Days::new(place as u64 * 6);
        row(&mut text, day, centre, subjective, name, supplier, &format!("XX{stamp}{place:05}"), Pence(pence));
    }
    text
}

/// As finance systems write it: day first, thousands separated, credits in brackets.
#[allow(clippy::too_many_arguments, reason = "the columns of the file")]
fn row(text: &mut String, day: NaiveDate, centre: &str, subjective: &str, name: &str, supplier: &str, document: &str, amount: Pence) {
    let sterling = Pence(amount.0.abs()).to_string();
    let amount = if amount.0 < 0 { format!("({sterling})") } else { sterling };
    // Writing to a String cannot fail.
    let _ = write!(text, "{},{centre},{subjective},\"{name}\",\"{supplier}\",{document},\"{amount}\"\r\n", day.format("%d/%m/%Y"));
}
