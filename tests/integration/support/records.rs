//! Records to start a test from, made over the API by a caller who may do everything.

use super::{Client, TestApp, next_number};
use db::schema::{ledger_entries, ledger_files};
use db::{Actor, Event, new_id};
use diesel::prelude::*;
use serde_json::{Value, json};

fn id_of(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

impl Client {
    /// A provider of a sector; answers with its id.
    pub async fn provider(&self, sector: &str) -> String {
        let code = format!("provider_{}", next_number());
        id_of(
            &self
                .record("/v1/providers", &json!({ "code": code, "name": "Meadow House", "sector": sector, "location": "in_borough" }))
                .await,
        )
    }

    /// A child; answers with its id.
    pub async fn child(&self) -> String {
        let reference = format!("CWD-{:05}", next_number());
        id_of(&self.record("/v1/children", &json!({ "case_reference": reference, "date_of_birth": "2014-06-30" })).await)
    }

    /// A package for a child of its own; answers with its id.
    pub async fn package(&self) -> String {
        let child_id = self.child().await;
        let reference = format!("PK-{:05}", next_number());
        id_of(&self.record("/v1/packages", &json!({ "reference": reference, "child_id": child_id })).await)
    }

    /// An open-ended line from 1 April 2023 of a package; answers with the line's id.
    pub async fn line(&self, package_id: &str) -> String {
        id_of(&self.record("/v1/package-lines", &new_line(package_id)).await)
    }

    /// The year 2023-24, opened.
    pub async fn open_year(&self) {
        self.record("/v1/financial-years", &json!({ "year": "2023-24" })).await;
    }

    /// A line's original budget for 2023-24; answers with the movement's id.
    pub async fn budget(&self, budget_line: &str, amount_pence: i64) -> String {
        id_of(&self.record("/v1/budget-movements", &new_movement("original", budget_line, amount_pence)).await)
    }

    /// A grant for 2023-24 to a group of its own; answers with its id.
    pub async fn grant(&self) -> String {
        let provider = self.provider("voluntary").await;
        id_of(&self.record("/v1/grants", &new_grant(&provider)).await)
    }
}

/// A line to record.
pub fn new_line(package_id: &str) -> Value {
    json!({
        "package_id": package_id, "service": "home_care", "budget_line": "home_care", "unit": "hour", "quantity_thousandths": 3500,
        "frequency": "weekly", "unit_rate_ten_thousandths": 214_500, "valid_from": "2023-04-01", "reason": "Panel of 14 March 2023"
    })
}

/// A movement of 2023-24 to record.
pub fn new_movement(kind: &str, budget_line: &str, amount_pence: i64) -> Value {
    json!({
        "year": "2023-24", "budget_line": budget_line, "kind": kind, "amount_pence": amount_pence, "effective_on": "2023-04-01",
        "reason": "Budget Council, February 2023"
    })
}

/// A grant to record.
pub fn new_grant(provider_id: &str) -> Value {
    json!({
        "reference": format!("G-{:05}", next_number()), "provider_id": provider_id, "budget_line": "voluntary_sector_grants",
        "title": "Saturday club", "purpose": "Weekly club for disabled children and siblings", "awarded_on": "2023-03-20",
        "period_from": "2023-04-01", "period_to": "2024-04-01", "amount_pence": 2_400_000, "reason": "Award letter"
    })
}

/// Some ledger entries as if a file had brought them, £1 more each; answers with the file's id and theirs.
pub fn ledger_entries(app: &TestApp, count: i64) -> (String, Vec<String>) {
    let (file_id, ids) = (new_id(), (0..count).map(|_| new_id()).collect::<Vec<_>>());
    let done: Result<(), db::Error> = app.store.write(&Actor::system("test"), |write| {
        let text = |text: &str| text.to_owned();
        let seq = write.seq();
        diesel::insert_into(ledger_files::table)
            .values((
                (ledger_files::id.eq(&file_id), ledger_files::source.eq("test"), ledger_files::file_name.eq("may.csv")),
                (ledger_files::sha256.eq(&file_id), ledger_files::mapping_sha256.eq(&file_id)),
                (ledger_files::lines_read.eq(count), ledger_files::blank.eq(0_i64), ledger_files::matched.eq(count)),
                (ledger_files::kept_out.eq(0_i64), ledger_files::already_present.eq(0_i64), ledger_files::rounded.eq(0_i64)),
                (ledger_files::recorded_by.eq("test"), ledger_files::recorded_at.eq(write.at), ledger_files::recorded_seq.eq(seq)),
            ))
            .execute(write.connection)?;
        for (number, id) in (1..).zip(&ids) {
            let day: chrono::NaiveDate = "2023-05-12".parse().expect("a date");
            diesel::insert_into(ledger_entries::table)
                .values((
                    (ledger_entries::id.eq(id), ledger_entries::source.eq("test"), ledger_entries::file_id.eq(&file_id)),
                    (ledger_entries::line_number.eq(number), ledger_entries::line_hash.eq(id), ledger_entries::occurrence.eq(1_i64)),
                    (ledger_entries::posted_on.eq(day), ledger_entries::year.eq("2023-24"), ledger_entries::budget_line.eq("home_care")),
                    (ledger_entries::amount_pence.eq(number * 100), ledger_entries::reason.eq(text("imported"))),
                    (ledger_entries::recorded_by.eq("test"), ledger_entries::recorded_at.eq(write.at)),
                    ledger_entries::recorded_seq.eq(seq),
                ))
                .execute(write.connection)?;
        }
        write.record(Event::new("import", "ledger_files", &file_id))
    });
    done.unwrap();
    (file_id, ids)
}
