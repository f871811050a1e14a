//! Ledgers that councils published, matched against packages made for them: what payments settle, what they do not, and what is carried
//! forward, is to the penny what the files add up to. Children, packages and providers' names are made up; the files are read where they
//! lie, and whatever is known of a payee is taken from them at run time.

mod expected;
mod files;

use crate::support::{Answer, Client, TestApp, on_both, send, start_of_tests};
use chrono::{Days, NaiveDate};
use expected::{Of, became, of_row, pence, text};
use files::{Council, Published};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn devon_s_payments_settle_what_is_planned_for_them() {
    // 599.9600000000001 and the like.
    let totals = [("direct_payments", 252, 199_199_472), ("overnight_respite", 143, 49_377_847)];
    of_a_year(&Council::devon(), Some(21), &totals);
}

#[test]
fn sheffield_s_payments_settle_what_is_planned_for_them() {
    let totals = [
        ("direct_payments", 1_254, 104_717_612),
        ("community_short_breaks", 475, 18_906_275),
        ("targeted_outreach", 287, 60_375_616),
        ("nursery", 58, 6_373_437),
    ];
    of_a_year(&Council::sheffield(), Some(0), &totals);
}

#[test]
fn credits_that_a_council_published_settle_what_is_planned_for_them() {
    if let Some(council) = Council::devon().with_credits() {
        of_a_year(&council, None, &[]);
    }
}

/// A year of a council's ledger, from its packages to its close. `totals` are the lines and pence of its budget lines, `rounded` the lines
/// with more digits than pence.
fn of_a_year(council: &Council, rounded: Option<i64>, totals: &[(&str, usize, i64)]) {
    let Some(published) = council.published() else { return };
    for (budget_line, lines, pence) in totals {
        let found: Vec<i64> = published.lines.iter().filter(|line| line.budget_line == *budget_line).map(|line| line.pence).collect();
        assert_eq!((found.len(), found.iter().sum::<i64>()), (*lines, *pence), "{budget_line}");
    }
    on_both(async |app| {
        let mut year = Year::planned(app, council, &published).await;
        let counts = year.load().await;
        if let Some(rounded) = rounded {
            assert_eq!(counts["rounded"], rounded);
        }
        publish(app);
        for file in 0..published.files.len() {
            year.is_settled_as_known_after(file).await;
        }
        year.is_settled_week_by_week().await;
        year.is_listed_for_finance().await;
        year.is_corrected().await;
        year.is_the_same_redacted().await;
        year.is_carried_forward().await;
    });
}

/// Pence by budget line and month.
type Months = BTreeMap<(String, String), i64>;

/// A year's packages and payments.
struct Year<'y> {
    app: &'y TestApp,
    council: &'y Council,
    published: &'y Published,
    /// Codes of providers by the payee's number, and their ids by code.
    codes: BTreeMap<String, String>,
    ids: BTreeMap<String, String>,
    plans: BTreeMap<Of, i64>,
    /// A first line for each of them.
    lines: BTreeMap<Of, String>,
    payments: BTreeMap<Of, i64>,
}

impl<'y> Year<'y> {
    /// Providers for the first payees of each coding, and packages: by turns what a provider is paid, half as much again for two children,
    /// less than it is paid, and nothing; something, where it is in credit; and without a provider more than the other payees get, or, where no provider is named, less.
    async fn planned(app: &'y TestApp, council: &'y Council, published: &'y Published) -> Self {
        let caller = app.as_anyone().await;
        caller.opened(council.year).await;
        caller.opened(council.next_year).await;
        let codes = published.payees(council);
        let mut year = Year {
            app,
            council,
            published,
            codes,
            ids: BTreeMap::new(),
            plans: BTreeMap::new(),
            lines: BTreeMap::new(),
            payments: BTreeMap::new(),
        };
        for code in year.codes.values() {
            let provider = json!({ "code": code, "name": "A made-up name", "sector": "private", "location": "in_borough" });
            let id = caller.record("/v1/providers", &provider).await["id"].as_str().unwrap().to_owned();
            year.ids.insert(code.clone(), id);
        }
        let paid = year.paid_by(published.files.len() - 1);
        let mut turn: BTreeMap<&str, usize> = BTreeMap::new();
        for (of, paid) in &paid {
            let number = turn.entry(&of.0).or_default();
            let (is_in_credit, paid) = (*paid < 0, (*paid).max(10_000));
            let parts = match (&of.1, *number % 4) {
                (Some(_), _) if is_in_credit => vec![paid],
                (None, _) if of.0 == "community_short_breaks" => vec![paid - 70_000],
                (None, _) => vec![(paid + 250_000) / 12; 12],
                (Some(_), 0) => vec![paid],
                (Some(_), 1) => vec![paid, paid / 2],
                (Some(_), 2) => vec![paid - 4_321],
                (Some(_), _) => Vec::new(),
            };
            if of.1.is_some() {
                *number += 1;
            }
            for pence in parts {
                year.package(&caller, of, pence).await;
            }
        }
        year.payments = paid;
        year
    }

    /// A child's package of so many pence over the year.
    async fn package(&mut self, caller: &Client, of: &Of, pence: i64) {
        let package = caller.package().await;
        let (from, to) = (format!("{}-04-01", &self.council.year[..4]), format!("{}-04-01", &self.council.next_year[..4]));
        let provider = of.1.as_ref().map(|code| &self.ids[code]);
        // What the statement tells apart has a category.
        let category = match of.0.as_str() {
            "overnight_respite" => Some("overnight_elsewhere"),
            "community_short_breaks" => Some("community_other"),
            _ => None,
        };
        let line = json!({
            "package_id": package, "service": "short_break", "budget_line": of.0, "provider_id": provider, "unit": "item",
            "statement_category": category, "quantity_thousandths": 1000, "frequency": "per_year", "unit_rate_ten_thousandths": pence * 100, "valid_from": from,
            "valid_to": to, "reason": "Agreed", "second_support_reason": "At other times",
            "beyond_age_reason": "The ledger says nothing of ages"
        });
        let line = caller.record("/v1/package-lines", &line).await["line_id"].as_str().unwrap().to_owned();
        *self.plans.entry(of.clone()).or_default() += pence;
        self.lines.entry(of.clone()).or_insert(line);
    }

    /// Imports a file with the council's mapping, which tells providers by the payee's number.
    async fn import(&self, caller: &Client, name: &str, file: Vec<u8>) -> Answer {
        let (mut mapping, column) = (self.council.mapping.clone(), self.council.headers[2]);
        for (payee, code) in &self.codes {
            let rule = format!("\n[[providers]]\nprovider = \"{code}\"\nwhen = [{{ column = \"{column}\", equals = \"{payee}\" }}]\n");
            mapping.push_str(&rule);
        }
        let form = Form::new().text("mapping", mapping).part("file", Part::bytes(file).file_name(name.to_owned()));
        send(caller.request(Method::POST, "/v1/ledger-imports").multipart(form)).await
    }

    /// Loads each file on a day of its own; answers with what was counted over all.
    async fn load(&self) -> BTreeMap<&'static str, i64> {
        let mut counts = BTreeMap::new();
        for (number, path) in self.published.files.iter().enumerate() {
            self.app.clock.set(start_of_tests() + Days::new(30 * (number as u64 + 1)));
            let caller = self.app.as_anyone().await;
            let report = self.import(&caller, "published.csv", std::fs::read(path).unwrap()).await.expect(201).body;
            assert_eq!(report["files"][0]["warnings"], json!([]));
            for count in ["matched", "rounded", "already_present"] {
                *counts.entry(count).or_default() += pence(&report["total"], count);
            }
        }
        assert_eq!((counts["matched"], counts["already_present"]), (self.published.lines.len() as i64, 0));
        counts
    }

    /// A copy published later with every payee's name taken out adds nothing: what was taken back stays so, and providers stay.
    async fn is_the_same_redacted(&self) {
        let caller = self.app.as_anyone().await;
        let total = self.import(&caller, "redacted.csv", files::redacted(&self.published.files[0])).await.expect(201).body["total"].clone();
        let lines = self.published.lines.iter().filter(|line| line.file == 0).count() as i64;
        assert_eq!((pence(&total, "already_present") + pence(&total, "reversed"), pence(&total, "matched")), (lines, lines), "{total}");
        assert_eq!(total["provider_differs"], 0, "{total}");
        self.is_open_as_planned(&caller).await;
    }

    async fn is_open_as_planned(&self, caller: &Client) {
        for coding in &self.council.codings {
            let control = caller.control(self.council.year, coding.budget_line).await;
            assert_eq!(pence(&control, "open_commitment_pence"), self.open(coding.budget_line), "{control}");
            let paid: i64 = self.payments.iter().filter(|(of, _)| of.0 == coding.budget_line).map(|(_, pence)| pence).sum();
            assert_eq!(pence(&control, "actual_pence"), paid);
        }
    }

    fn known_on(&self, file: usize) -> NaiveDate {
        start_of_tests().date() + Days::new(30 * (file as u64 + 1))
    }

    /// What the files up to one of them say was paid, by budget line and provider.
    fn paid_by(&self, file: usize) -> BTreeMap<Of, i64> {
        let mut paid = BTreeMap::new();
        for line in self.published.lines.iter().filter(|line| line.file <= file) {
            *paid.entry((line.budget_line.to_owned(), self.codes.get(&line.payee).cloned())).or_default() += line.pence;
        }
        paid
    }

    /// The forecast as it was known when a file had been loaded: every payment settled, overpaid, credited or unmatched, month by month the
    /// files' sums, and open what is planned and not settled.
    async fn is_settled_as_known_after(&self, file: usize) {
        let caller = self.app.as_anyone().await;
        let path = format!("/v1/reports/forecast-outturn?year={}&as_known_on={}", self.council.year, self.known_on(file));
        let report = caller.get(&path).await.expect(200).body;
        let settled = expected::settled(&self.plans, &self.paid_by(file));
        assert_eq!(became(&report["payments"]), settled, "{path}");
        if file + 1 == self.published.files.len() {
            // The mart, where nothing is asked of an earlier day.
            let now = caller.get(&format!("/v1/reports/forecast-outturn?year={}", self.council.year)).await.expect(200).body;
            assert_eq!((&now["payments"], &now["rows"]), (&report["payments"], &report["rows"]));
        }
        for row in report["payments"].as_array().unwrap() {
            let of = (text(&row["budget_line"]), row["provider"].as_str().map(str::to_owned));
            let target = match &of.1 {
                None => "budget_line",
                Some(_) if self.plans.contains_key(&of) => "provider",
                Some(_) => "unmatched",
            };
            assert_eq!(row["target"], target, "{row}");
            assert_eq!(row["reason"].as_str(), (target == "unmatched").then_some("provider_not_planned"), "{row}");
        }
        let (mut months, mut actual) = (Months::new(), Months::new());
        for line in self.published.lines.iter().filter(|line| line.file <= file) {
            *months.entry((line.budget_line.to_owned(), line.month.clone())).or_default() += line.pence;
        }
        let mut committed: BTreeMap<String, i64> = BTreeMap::new();
        for row in report["rows"].as_array().unwrap() {
            let (line, of_month) = (text(&row["budget_line"]), [&row["actual_pence"], &row["committed_pence"], &row["forecast_pence"]]);
            let [paid, open, forecast] = of_month.map(|pence| pence.as_i64().unwrap());
            assert_eq!(paid + open, forecast);
            *committed.entry(line.clone()).or_default() += open;
            if paid != 0 {
                actual.insert((line, text(&row["month"])), paid);
            }
        }
        months.retain(|_, pence| *pence != 0);
        assert_eq!(actual, months, "{path}");
        for coding in &self.council.codings {
            assert_eq!(committed[coding.budget_line], expected::open(&self.plans, &settled, coding.budget_line), "{path}");
        }
    }

    /// No week is both paid and open but the one in which a provider's payments end, and nothing is paid after it.
    async fn is_settled_week_by_week(&self) {
        let settled = expected::settled(&self.plans, &self.payments);
        let mut planned: BTreeMap<Of, i64> = BTreeMap::new();
        let (mut open_lines, mut ended): (BTreeMap<String, i64>, BTreeSet<Of>) = Default::default();
        for week in self.weeks(self.council.year).await {
            let of = of_row(&week);
            let [plan, paid, released, open] =
                ["planned_pence", "paid_pence", "released_pence", "open_pence"].map(|part| pence(&week, part));
            assert_eq!(plan, paid + released + open, "{week}");
            assert!(paid >= 0 && released == 0 && open >= 0, "{week}");
            assert!(paid == 0 || !ended.contains(&of), "paid after an open week: {week}");
            *planned.entry(of.clone()).or_default() += plan;
            *open_lines.entry(of.0.clone()).or_default() += open;
            if open > 0 {
                ended.insert(of);
            }
        }
        assert_eq!(planned, self.plans);
        for (line, open) in open_lines {
            assert_eq!(open, expected::open(&self.plans, &settled, &line), "{line}");
        }
    }

    /// What a finance officer has to look at: payments beyond the plan, and payments that settle nothing.
    async fn is_listed_for_finance(&self) {
        let caller = self.app.as_anyone().await;
        let settled = expected::settled(&self.plans, &self.payments);
        let provider = |row: &Value, field: &str| row[field].as_str().map(|id| self.code_of(id));
        let rows = caller.all_pages(&format!("/v1/overpayments?year={}", self.council.year), 7).await.concat();
        let overpaid: BTreeMap<Of, i64> =
            rows.iter().map(|row| ((text(&row["budget_line"]), provider(row, "id")), pence(row, "overpaid_pence"))).collect();
        let expected = settled.iter().filter(|(_, became)| became.overpaid > 0).map(|(of, became)| (of.clone(), became.overpaid));
        assert_eq!(overpaid, expected.collect());
        assert!(!overpaid.is_empty());
        let is_credited = settled.values().any(|became| became.credit > 0);
        assert_eq!(is_credited, self.payments.values().any(|pence| *pence < 0));
        let mut unmatched: BTreeMap<Of, (usize, i64)> = BTreeMap::new();
        for row in caller.all_pages(&format!("/v1/unmatched-payments?year={}", self.council.year), 500).await.concat() {
            let sum = unmatched.entry((text(&row["budget_line"]), provider(&row, "provider_id"))).or_default();
            *sum = (sum.0 + 1, sum.1 + pence(&row, "amount_pence"));
        }
        let mut expected: BTreeMap<Of, (usize, i64)> = BTreeMap::new();
        for line in &self.published.lines {
            let of = (line.budget_line.to_owned(), self.codes.get(&line.payee).cloned());
            if of.1.is_some() && !self.plans.contains_key(&of) {
                let sum = expected.entry(of).or_default();
                *sum = (sum.0 + 1, sum.1 + line.pence);
            }
        }
        assert_eq!(unmatched, expected);
        assert!(!unmatched.is_empty());
    }

    /// A payment taken back is open again, and one that is matched by hand settles the package it was for.
    async fn is_corrected(&mut self) {
        let caller = self.app.as_anyone().await;
        let budget_line = self.council.codings.iter().max_by_key(|coding| coding.providers).unwrap().budget_line;
        let path = format!("/v1/ledger-entries?year={}&budget_line={budget_line}", self.council.year);
        let entries = caller.all_pages(&path, 500).await.concat();
        let entry = |is_wanted: &dyn Fn(&Of, i64) -> bool| {
            let found = entries.iter().filter_map(|entry| {
                let of = (budget_line.to_owned(), Some(self.code_of(entry["provider_id"].as_str()?)));
                let amount = pence(entry, "amount_pence");
                is_wanted(&of, amount).then(|| (text(&entry["id"]), of, amount))
            });
            found.min_by_key(|(_, _, pence)| *pence).unwrap()
        };
        let is_exact = |of: &Of| self.plans.get(of).is_some_and(|planned| *planned == self.payments[of]);
        let (id, of, amount) = entry(&|of, amount| amount > 0 && is_exact(of));
        let slack = |of: &Of| self.plans[of] - self.payments[of];
        let is_paid = |of: &Of| of.0 == budget_line && of.1.is_some() && self.payments[of] > 0;
        let roomy = self.lines.keys().filter(|of| is_paid(of)).max_by_key(|of| slack(of)).unwrap().clone();
        let room = slack(&roomy);
        let (other, stranger, matched) = entry(&|of, amount| (1..=room).contains(&amount) && !self.plans.contains_key(of));
        caller.record(&format!("/v1/ledger-entries/{id}/reversal"), &json!({ "reason": "Paid twice" })).await;
        *self.payments.get_mut(&of).unwrap() -= amount;
        let match_of = json!({ "line_id": self.lines[&roomy], "reason": "The invoice names it" });
        caller.record(&format!("/v1/ledger-entries/{other}/match"), &match_of).await;
        *self.payments.get_mut(&stranger).unwrap() -= matched;
        *self.payments.get_mut(&roomy).unwrap() += matched;
        self.is_open_as_planned(&caller).await;
    }

    /// Closing carries forward what is open, by budget line and provider, and nothing else.
    async fn is_carried_forward(&self) {
        // After the year's end.
        let day = self.known_on(self.published.files.len());
        self.app.clock.set(day.and_hms_opt(9, 0, 0).unwrap());
        publish(self.app);
        let mut open: BTreeMap<Of, i64> = BTreeMap::new();
        for week in self.weeks(self.council.year).await {
            *open.entry(of_row(&week)).or_default() += pence(&week, "open_pence");
        }
        open.retain(|_, pence| *pence > 0);
        let caller = self.app.as_anyone().await;
        let closure = format!("/v1/financial-years/{}/closure", self.council.year);
        let closed = caller.record(&closure, &json!({ "reason": "Accounts closed" })).await;
        for line in closed["budget_lines"].as_array().unwrap() {
            assert_eq!(pence(line, "carried_commitment_pence"), self.open(&text(&line["budget_line"])), "{line}");
        }
        publish(self.app);
        assert!(self.weeks(self.council.year).await.iter().all(|week| pence(week, "open_pence") == 0));
        let mut carried: BTreeMap<Of, i64> = BTreeMap::new();
        for week in self.weeks(self.council.next_year).await {
            *carried.entry(of_row(&week)).or_default() += pence(&week, "carried_forward_pence");
        }
        assert_eq!(carried, open);
        assert!(!carried.is_empty());
    }

    fn open(&self, budget_line: &str) -> i64 {
        expected::open(&self.plans, &expected::settled(&self.plans, &self.payments), budget_line)
    }

    async fn weeks(&self, year: &str) -> Vec<Value> {
        let caller = self.app.as_anyone().await;
        let report = caller.get(&format!("/v1/reports/commitments-by-week?year={year}")).await.expect(200).body;
        report["rows"].as_array().unwrap().clone()
    }

    fn code_of(&self, id: &str) -> String {
        self.ids.iter().find(|(_, of_code)| *of_code == id).unwrap().0.clone()
    }
}

fn publish(app: &TestApp) {
    let profile = domain::Profile::bundled("tameside").unwrap();
    let (warehouse, keys) = (app.folder.path().join("warehouse"), app.folder.path().join("keys"));
    etl::run(&app.store, &profile, &warehouse, &keys, &etl::Options::default()).unwrap();
}
