//! The made-up authority's ledger files: what its finance system would have paid for the packages it commissioned, among lines of
//! other services. A month's file knows what was recorded by the day on which it is loaded: what was varied late is paid late.

use super::joint_funding;
use anyhow::Context;
use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime};
use db::Store;
use db::schema::{health_receipts, package_lines, packages, providers, purchase_order_lines, purchase_orders};
use diesel::prelude::*;
use domain::costing::Line;
use domain::{Frequency, LineState, Pence, Profile, Quantity, TimeZone, UnitRate};
use std::collections::{BTreeMap, HashMap};
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

/// What is odd about a payment, and seen to by the finance officer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    /// A provider gives something back.
    Credit,
    /// Paid twice by mistake.
    Twice,
    /// For a session that was open to all.
    NotForAPackage,
    /// To somebody from whom nothing was commissioned on the budget line; nobody has looked at it yet.
    Unexplained,
    /// For a line of this child's, to a name that the mapping does not know.
    OtherName(usize),
    /// In part; the rest comes with the next file.
    InPart,
}

/// Payments that no package explains: month, budget line, supplier, pence.
const BESIDE: [(&str, Odd, &str, &str, i64); 4] = [
    ("2024-06-01", Odd::Twice, "community_short_breaks", "Holiday Crew", 31_200),
    ("2024-08-01", Odd::Credit, "home_care", "Kestrel Care Agency", -14_320),
    ("2024-09-01", Odd::Unexplained, "targeted_outreach", "Saturday Stars", 18_000),
    ("2024-10-01", Odd::NotForAPackage, "targeted_outreach", "Stepping Out", 45_000),
];

/// Payments for packages that are odd: month, budget line, child.
const ODD: [(&str, Odd, &str, usize); 2] =
    [("2024-09-01", Odd::OtherName(41), "home_care", 41), ("2024-10-01", Odd::InPart, "overnight_respite", 92)];

/// A file of the ledger.
pub struct LedgerFile {
    /// Where it is.
    pub path: PathBuf,
    /// The first day of the month that it has.
    pub month: NaiveDate,
    /// The day the finance officer loads it: the sixth of the next month.
    pub imported_on: NaiveDate,
    /// What is odd in it, and the number of each such document.
    pub odd: Vec<(Odd, String)>,
}

/// A line of the ledger as the file will have it.
struct Payment {
    budget_line: String,
    supplier: String,
    order: Option<String>,
    amount: Pence,
    day: NaiveDate,
    odd: Option<Odd>,
}

/// How orders for the support of a budget line are coded: cost centre and expense code.
pub fn coding(budget_line: &str) -> Option<(&'static str, &'static str)> {
    CODING.iter().find(|(line, ..)| *line == budget_line).map(|(_, centre, subjective, _)| (*centre, *subjective))
}

/// Writes a file a month and the mapping beside them.
pub fn write(store: &Store, profile: &Profile, folder: &Path) -> anyhow::Result<Vec<LedgerFile>> {
    fs::create_dir_all(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    fs::write(folder.join("mapping.toml"), MAPPING)?;
    let recorded = Recorded::load(store)?;
    let first: NaiveDate = FIRST_MONTH.parse()?;
    let (mut files, mut billed) = (Vec::new(), Billed::default());
    for month in (0..MONTHS).map(|n| first + Months::new(n)) {
        let path = folder.join(format!("ledger-{}.csv", month.format("%Y-%m")));
        let imported_on = month + Months::new(1) + Days::new(5);
        let payments = payments(profile, &recorded, &mut billed, month, imported_on)?;
        fs::write(&path, text(month, &payments))?;
        let odd = payments.iter().enumerate().filter_map(|(place, payment)| Some((payment.odd?, document(month, place)))).collect();
        files.push(LedgerFile { path, month, imported_on, odd });
    }
    Ok(files)
}

/// A version of a package line.
#[derive(Queryable)]
struct Version {
    line_id: String,
    continues_line_id: Option<String>,
    state: LineState,
    package_id: String,
    budget_line: String,
    provider_id: Option<String>,
    quantity: Quantity,
    frequency: Frequency,
    unit_rate: UnitRate,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    recorded_at: NaiveDateTime,
}

/// What there is to pay for, in the order recorded.
struct Recorded {
    zone: TimeZone,
    versions: Vec<Version>,
    provider_names: HashMap<String, String>,
    package_references: HashMap<String, String>,
    /// Number and the time of recording, by arrangement.
    orders: HashMap<String, (String, NaiveDateTime)>,
    /// What health paid, and when.
    received: Vec<(NaiveDate, Pence)>,
}

/// What one provider is paid for one arrangement: its lines, and what they cost up to a day.
struct Due<'r> {
    version: &'r Version,
    cost: Pence,
}

/// What was billed of each arrangement by each provider, and what of it is still to be paid.
#[derive(Default)]
struct Billed {
    up_to_now: HashMap<(String, Option<String>), Pence>,
    still_owed: Vec<Payment>,
}

impl Recorded {
    fn load(store: &Store) -> anyhow::Result<Self> {
        let recorded = store.read(|connection| {
            let pairs = |rows: Vec<(String, String)>| rows.into_iter().collect();
            let versions = package_lines::table
                .order((package_lines::line_id, package_lines::version))
                .select((
                    package_lines::line_id,
                    package_lines::continues_line_id,
                    package_lines::state,
                    package_lines::package_id,
                    package_lines::budget_line,
                    package_lines::provider_id,
                    package_lines::quantity_thousandths,
                    package_lines::frequency,
                    package_lines::unit_rate_ten_thousandths,
                    package_lines::valid_from,
                    package_lines::valid_to,
                    package_lines::recorded_at,
                ))
                .load(connection)?;
            let ordered: Vec<(String, String)> = purchase_order_lines::table
                .select((purchase_order_lines::line_id, purchase_order_lines::purchase_order_id))
                .load(connection)?;
            let numbers: HashMap<String, (String, NaiveDateTime)> = purchase_orders::table
                .select((purchase_orders::id, (purchase_orders::number, purchase_orders::recorded_at)))
                .load::<(String, (String, NaiveDateTime))>(connection)?
                .into_iter()
                .collect();
            Ok::<_, db::Error>(Recorded {
                zone: store.clock().zone(),
                versions,
                received: health_receipts::table
                    .order((health_receipts::recorded_seq, health_receipts::id))
                    .select((health_receipts::received_on, health_receipts::amount_pence))
                    .load(connection)?,
                provider_names: pairs(providers::table.select((providers::id, providers::name)).load(connection)?),
                package_references: pairs(packages::table.select((packages::id, packages::reference)).load(connection)?),
                orders: ordered.into_iter().filter_map(|(line, order)| Some((line, numbers.get(&order)?.clone()))).collect(),
            })
        })?;
        Ok(recorded)
    }

    /// What every arrangement has cost with each of its providers from the first file's first day up to another, as known on a day.
    fn due(&self, profile: &Profile, to: NaiveDate, known_on: NaiveDate) -> anyhow::Result<BTreeMap<(&str, Option<&str>), Due<'_>>> {
        let from: NaiveDate = FIRST_MONTH.parse()?;
        // Versions come in order, so the last one stays.
        let known = self.versions.iter().filter(|version| self.zone.day_of(version.recorded_at) <= known_on);
        let latest: BTreeMap<&str, &Version> = known.map(|version| (version.line_id.as_str(), version)).collect();
        let mut due: BTreeMap<(&str, Option<&str>), Due<'_>> = BTreeMap::new();
        for version in latest.into_values().filter(|version| version.state != LineState::Reversed) {
            let Version { quantity, frequency, unit_rate, valid_from, valid_to, .. } = *version;
            let line = Line { quantity, frequency, unit_rate, valid_from, valid_to };
            let cost = profile.costing.cost_between(&line, from, to)?;
            let arrangement = version.continues_line_id.as_deref().unwrap_or(&version.line_id);
            let own = due.entry((arrangement, version.provider_id.as_deref())).or_insert(Due { version, cost: Pence::ZERO });
            own.cost = own.cost.checked_add(cost)?;
        }
        Ok(due)
    }

    /// The supplier as the finance system has it. A direct payment goes to a parent, whom no file of ours names.
    fn supplier(&self, version: &Version, odd: Option<Odd>) -> String {
        if matches!(odd, Some(Odd::OtherName(_))) {
            return "K C A Ltd".to_owned();
        }
        let name = version.provider_id.as_ref().and_then(|id| self.provider_names.get(id));
        name.cloned().unwrap_or_else(|| "REDACTED PERSONAL DATA".to_owned())
    }

    fn order(&self, arrangement: &str, known_on: NaiveDate) -> Option<String> {
        self.orders.get(arrangement).filter(|(_, recorded_at)| self.zone.day_of(*recorded_at) <= known_on).map(|(number, _)| number.clone())
    }

    fn odd(&self, version: &Version, month: NaiveDate) -> Option<Odd> {
        let package = self.package_references.get(&version.package_id)?;
        let is_it = |(day, _, budget_line, child): &&(&str, Odd, &str, usize)| {
            *day == month.to_string() && *budget_line == version.budget_line && *package == format!("PK-{child:04}")
        };
        ODD.iter().find(is_it).map(|(_, odd, ..)| *odd)
    }
}

/// What is paid in a month: what each arrangement has cost since the last, some invoices a little under or over, what health paid,
/// grants by quarter.
fn payments(
    profile: &Profile,
    recorded: &Recorded,
    billed: &mut Billed,
    month: NaiveDate,
    known_on: NaiveDate,
) -> anyhow::Result<Vec<Payment>> {
    let mut payments = std::mem::take(&mut billed.still_owed);
    for (place, ((arrangement, provider), due)) in recorded.due(profile, month + Months::new(1), known_on)?.into_iter().enumerate() {
        let before = billed.up_to_now.insert((arrangement.to_owned(), provider.map(str::to_owned)), due.cost).unwrap_or(Pence::ZERO);
        let cost = due.cost.checked_sub(before)?;
        if cost == Pence::ZERO {
            continue;
        }
        let budget_line = due.version.budget_line.clone();
        // From 94 to 105 hundredths of what was commissioned, never the same for long and always the same again.
        let hundredths = 94 + (place as i64 * 7 + i64::from(month.month()) * 5) % 12;
        let amount = Pence(if budget_line == "direct_payments" { cost.0 } else { cost.0 * hundredths / 100 });
        let odd = recorded.odd(due.version, month);
        let (supplier, order) = (recorded.supplier(due.version, odd), recorded.order(arrangement, known_on));
        let mut payment = Payment { budget_line, supplier, order, amount, day: month + Days::new(place as u64 * 11 % 28), odd };
        if odd == Some(Odd::InPart) {
            let rest = Pence(amount.0 * 2 / 5);
            payment.amount = amount.checked_sub(rest)?;
            let (supplier, budget_line, order) = (payment.supplier.clone(), payment.budget_line.clone(), payment.order.clone());
            let day = month + Months::new(1) + Days::new(2);
            billed.still_owed.push(Payment { budget_line, supplier, order, amount: rest, day, odd: None });
        }
        payments.push(payment);
    }
    payments.extend(beside(month, &recorded.received));
    Ok(payments)
}

/// What is not paid for packages, or not known to be.
fn beside(month: NaiveDate, received: &[(NaiveDate, Pence)]) -> Vec<Payment> {
    let payment = |budget_line: &str, supplier: &str, pence: i64, day: NaiveDate, odd: Option<Odd>| Payment {
        budget_line: budget_line.to_owned(),
        supplier: supplier.to_owned(),
        order: None,
        amount: Pence(pence),
        day,
        odd,
    };
    let next = month + Months::new(1);
    let mut payments: Vec<Payment> = received
        .iter()
        .filter(|(day, _)| (month..next).contains(day))
        .map(|(day, amount)| payment("chc_income", joint_funding::FUNDER.1, -amount.0, *day, None))
        .collect();
    if month.month() % 3 == 1 {
        for (supplier, pounds) in
            [("Parents Together", 42_000), ("Saturday Stars", 28_000), ("All Aboard Play", 30_000), ("Stepping Out", 18_000)]
        {
            payments.push(payment("voluntary_sector_grants", supplier, pounds * 100 / 4, month, None));
        }
    }
    for (day, odd, budget_line, supplier, pence) in BESIDE {
        if day == month.to_string() {
            payments.push(payment(budget_line, supplier, pence, month + Days::new(13), Some(odd)));
        }
    }
    payments
}

/// The number of a payment's document.
fn document(month: NaiveDate, place: usize) -> String {
    format!("SB{}{place:05}", month.format("%y%m"))
}

fn text(month: NaiveDate, payments: &[Payment]) -> String {
    let mut text = String::from("Posting Date,Cost Centre,Subjective,Subjective Name,Supplier,Document No,Purchase Order,Amount\r\n");
    for (place, payment) in payments.iter().enumerate() {
        let Some((_, centre, subjective, name)) = CODING.iter().find(|(line, ..)| *line == payment.budget_line) else { continue };
        let document = document(month, place);
        row(&mut text, payment, [centre, subjective, name, &document]);
    }
    for (place, (centre, subjective, name, supplier, pence)) in OTHERS.into_iter().enumerate() {
        let day = month + Days::new(place as u64 * 6);
        let (budget_line, supplier) = (String::new(), supplier.to_owned());
        let other = Payment { budget_line, supplier, order: None, amount: Pence(pence), day, odd: None };
        row(&mut text, &other, [centre, subjective, name, &format!("XX{}{place:05}", month.format("%y%m"))]);
    }
    text
}

/// As finance systems write it: day first, thousands separated, credits in brackets.
fn row(text: &mut String, payment: &Payment, [centre, subjective, name, document]: [&str; 4]) {
    let Payment { supplier, order, amount, day, .. } = payment;
    let sterling = Pence(amount.0.abs()).to_string();
    let amount = if amount.0 < 0 { format!("({sterling})") } else { sterling };
    let (day, order) = (day.format("%d/%m/%Y"), order.as_deref().unwrap_or_default());
    // Writing to a String cannot fail.
    let _ = write!(text, "{day},{centre},{subjective},\"{name}\",\"{supplier}\",{document},{order},\"{amount}\"\r\n");
}
