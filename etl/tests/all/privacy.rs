//! Nothing that must stay in the store reaches the warehouse, and no column goes unclassed.

use crate::common::{Fixture, LineVersion, SECRET, day, rows, value};
use db::AnyConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use etl::columns::{Class, columns};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
}

fn columns_of_the_store(connection: &mut AnyConnection) -> Vec<Column> {
    let sql = match connection {
        AnyConnection::Sqlite(_) => {
            "SELECT t.name AS table_name, c.name AS column_name FROM sqlite_schema t JOIN pragma_table_info(t.name) c \
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\'"
        }
        AnyConnection::Postgres(_) => {
            "SELECT table_name::text, column_name::text FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'"
        }
    };
    diesel::sql_query(sql).load(connection).unwrap()
}

#[test]
fn every_column_of_the_store_is_classed_and_no_other() {
    for fixture in Fixture::on_each_database() {
        let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for column in fixture.store.read(|connection| Ok::<_, db::Error>(columns_of_the_store(connection))).unwrap() {
            tables.entry(column.table_name).or_default().insert(column.column_name);
        }
        let listed: BTreeMap<_, BTreeSet<_>> =
            columns().unwrap().store.iter().map(|(table, columns)| (table.clone(), columns.keys().cloned().collect())).collect();
        assert_eq!(tables, listed, "etl/columns.toml must list every column of the migrations, and no other");
    }
}

#[test]
fn the_warehouse_lists_no_column_that_must_stay_in_the_store() {
    let columns = columns().unwrap();
    for (table, classes) in &columns.warehouse {
        for (column, class) in classes {
            assert_ne!(*class, Class::Never, "{table}.{column}");
        }
    }
    for (table, column) in
        [("children", "case_reference"), ("children", "date_of_birth"), ("users", "username"), ("users", "password_hash")]
    {
        assert_eq!(columns.store[table][column], Class::Never);
    }
}

#[test]
fn who_did_what_stays_in_the_store() {
    let people = ["recorded_by", "user_id", "presenter_id", "coster_id", "assessor_id", "decided_by", "owner_id", "member_id"];
    for (table, classes) in &columns().unwrap().store {
        for (column, class) in classes.iter().filter(|(column, _)| people.contains(&column.as_str())) {
            assert_eq!(*class, Class::Never, "{table}.{column}");
        }
    }
    assert_eq!(columns().unwrap().store["decision_actions"]["action"], Class::Never);
}

#[test]
fn what_people_write_freely_stays_in_the_store() {
    let free_text = [
        "reason",
        "title",
        "purpose",
        "reference",
        "detail",
        "file_name",
        "case_reference",
        "username",
        "strengths",
        "worries",
        "unmet_need",
        "outcomes",
        "outcome_measures",
        "in_place",
        "impact",
        "local_offer_used",
        "local_offer_barrier",
        "rationale",
        "deferred_for",
        "explanation",
        "notes",
        "clause",
        "beyond_age_reason",
    ];
    for (table, classes) in &columns().unwrap().store {
        for (column, class) in classes.iter().filter(|(column, _)| free_text.contains(&column.as_str())) {
            assert_eq!(*class, Class::Never, "{table}.{column}");
        }
    }
}

/// Every cell of every Parquet file below a directory, as text; and the file's own bytes, for what is kept beside the cells.
fn contents(directory: &Path, text: &mut Vec<String>, bytes: &mut Vec<u8>) {
    use polars::prelude::{ParquetReader, SerReader};
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            contents(&path, text, bytes);
            continue;
        }
        bytes.extend(std::fs::read(&path).unwrap());
        if path.extension().is_some_and(|extension| extension == "parquet") {
            text.extend(rows(&ParquetReader::new(File::open(&path).unwrap()).finish().unwrap()));
        }
    }
}

#[test]
fn what_must_stay_in_the_store_is_in_no_file_of_the_warehouse() {
    for fixture in Fixture::on_each_database() {
        let package = fixture.package("CASE-REFERENCE-4711");
        let line = LineVersion { category: Some("community_setting"), ..LineVersion::new(&package, "2024-04-01") };
        fixture.line(&line);
        let charity = fixture.provider("charity", "voluntary", "in_borough");
        let grant = fixture.grant(&charity, "2024-04-01", "2025-04-01", 100, None);
        fixture.grant_return(&grant, "2024-04-01", "2024-07-01", 7, None);
        fixture.entries(&[("nursery", None, day("2024-05-01"), 1)]);
        let story = fixture.story();
        fixture.run();
        let (request, decision) = story.waiting;
        let authorisations: Vec<String> = fixture
            .store
            .read(|connection| {
                Ok::<_, db::Error>(db::schema::authorisations::table.select(db::schema::authorisations::id).load(connection)?)
            })
            .unwrap();
        let child: String = fixture
            .store
            .read(|connection| Ok::<_, db::Error>(db::schema::children::table.select(db::schema::children::id).first(connection)?))
            .unwrap();
        let (mut text, mut bytes) = (Vec::new(), Vec::new());
        contents(&fixture.warehouse(), &mut text, &mut bytes);
        let text = text.join("\n");
        assert!(
            text.contains("community_setting") && text.contains("declined_at_authority") && text.contains("Provider charity"),
            "the search itself works"
        );
        for secret in [
            "CASE-REFERENCE-4711",
            "2011-11-11",
            "package of",
            "nobody should read",
            "REFERENCE-NOBODY-READS",
            "test-actor",
            "a purpose",
            &child,
            &package,
            &line.line_id,
            SECRET,
            "CASE-REFERENCE-OF-",
            "request reference of",
            "WHO-DECIDED",
            &story.user,
            &request,
            &decision,
            &authorisations[0],
        ] {
            assert!(!text.contains(secret), "`{secret}` is in the warehouse");
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "`{secret}` is in a file's bytes");
        }
    }
}

/// £10 a day until a birthday, a request with the same end, and another child's line that somebody ended on a day of their own.
#[test]
fn no_birthday_is_in_the_warehouse_because_of_age_and_every_penny_is() {
    // In the middle of a week and month: the first day of either is in the warehouse whoever is born on it.
    for (born, birthday) in [("2006-08-14", "2024-08-14"), ("2006-09-13", "2024-09-13")] {
        for fixture in Fixture::on_each_database() {
            let package = fixture.package_born("CASE-REFERENCE-4711", born);
            let ends =
                LineVersion { rate: 700_000, to: Some(birthday), by_age: Some(birthday), ..LineVersion::new(&package, "2024-06-03") };
            fixture.line(&ends);
            let other = fixture.package("CASE-REFERENCE-4712");
            fixture.line(&LineVersion { rate: 700_000, to: Some("2024-10-16"), ..LineVersion::new(&other, "2024-06-05") });
            fixture.asked_until_birthday(&fixture.user("a worker"), birthday);
            fixture.entries(&[("nursery", None, day("2024-05-01"), 1)]);
            fixture.run();
            let (mut text, mut bytes) = (Vec::new(), Vec::new());
            contents(&fixture.warehouse(), &mut text, &mut bytes);
            let text = text.join("\n");
            assert!(text.contains("2024-06-03") && text.contains("2024-11-01"), "the search itself works");
            // Another's end is no more exact: the exact ones would be those that age did not bring.
            assert!(!text.contains("2024-10-16"));
            for year in 2006..2032 {
                let day = format!("{year}{}", &born[4..]);
                assert!(!text.contains(&day), "{day} is in the warehouse");
            }
            let days = (day(birthday) - day("2024-06-03")).num_days() + (day("2024-10-16") - day("2024-06-05")).num_days();
            let position = fixture.current().table("budget_position").unwrap();
            let keys = [("financial_year", "2024-25"), ("budget_line", "direct_payments")];
            assert_eq!(value(&position, &keys, "commitment_pence"), days * 1000, "{born}");
            // The same from the facts alone, as an earlier day is told.
            let year = "2024-25".parse().unwrap();
            let question = etl::Question { profile: &fixture.profile, year, budget_lines: &[], known_on: Some(day("2024-07-15")) };
            let told = etl::History::of(&fixture.current()).unwrap().outturn(&question).unwrap();
            assert_eq!(told.months.iter().map(|month| month.committed.0).sum::<i64>(), days * 1000, "{born}");
        }
    }
}

#[test]
fn a_child_has_the_same_pseudonym_in_every_run_of_one_deployment() {
    for fixture in Fixture::on_each_database() {
        fixture.line(&LineVersion::new(&fixture.package("1"), "2024-04-01"));
        let of = |outcome: &etl::Outcome| etl::texts(&fixture.snapshot(outcome).table("fact_package_lines").unwrap(), "child_key").unwrap();
        let (first, second) = (of(&fixture.run()), of(&fixture.run_full()));
        assert_eq!(first, second);
        assert_eq!(first[0].as_ref().map(String::len), Some(32));
    }
}
