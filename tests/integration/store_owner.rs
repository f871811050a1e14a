//! A store belongs to its authority: another's profile is refused, whatever is asked of it.

use crate::support::program::{Program, Serving};
use crate::support::{Backend, sql};
use db::schema::{authority, budget_lines};
use diesel::prelude::*;

/// Whose store it is, and how many budget lines and events are in it.
fn standing(program: &Program) -> (Vec<String>, i64, i64) {
    let url: db::DatabaseUrl = program.database_url.parse().unwrap();
    let mut connection = url.connect().unwrap();
    let owner = authority::table.select(authority::code).load(&mut connection).unwrap();
    let lines = budget_lines::table.count().get_result(&mut connection).unwrap();
    let events = db::schema::audit_events::table.count().get_result(&mut connection).unwrap();
    (owner, lines, events)
}

#[test]
fn the_first_profile_has_the_store_and_another_is_refused_with_what_to_do() {
    for backend in Backend::all() {
        let program = Program::on(backend);
        program.run(&["user", "add", "officer", "--role", "finance_officer", "--profile", "kirklees"]).expect(0);
        program.run(&["etl", "--profile", "kirklees"]).expect(0);
        let before = standing(&program);
        assert_eq!(before.0, ["kirklees"]);
        for arguments in [
            &["etl"][..],
            &["etl", "--profile", "manchester"],
            &["serve", "--listen", "127.0.0.1:0"],
            &["audit", "verify"],
            &["user", "add", "other", "--role", "auditor"],
            &["client", "add", "tool", "--scope", "reports:read"],
            &["report", "spend"],
        ] {
            let refused = program.run(arguments).expect(1);
            assert!(refused.stderr.contains("kirklees") && refused.stdout.is_empty(), "{arguments:?}: {}", refused.stderr);
        }
        let told = program.run(&["etl"]).expect(1).stderr;
        assert!(told.contains("`kirklees`") && told.contains("`tameside`") && told.contains("--profile"), "{told}");
        assert_eq!(standing(&program), before, "nothing was written");
        program.run(&["audit", "verify", "--profile", "kirklees"]).expect(0);
        program.run(&["report", "spend", "--profile", "kirklees"]).expect(0);
        drop(Serving::start(&program, &[("SHORT_BREAKS_PROFILE", "kirklees")]));
    }
}

#[test]
fn a_store_from_before_belongs_to_whoever_brought_its_first_budget_lines() {
    for backend in Backend::all() {
        let program = Program::on(backend);
        program.run(&["user", "add", "officer", "--role", "finance_officer", "--profile", "kirklees"]).expect(0);
        let url: db::DatabaseUrl = program.database_url.parse().unwrap();
        let mut connection = url.connect().unwrap();
        match backend {
            Backend::Sqlite => sql(&mut connection, "DROP TRIGGER authority_no_delete"),
            Backend::Postgres => sql(&mut connection, "DROP TRIGGER authority_append_only ON authority"),
        }
        sql(&mut connection, "DELETE FROM authority");
        let told = program.run(&["etl"]).expect(1).stderr;
        assert!(told.contains("`kirklees`"), "{told}");
        program.run(&["audit", "verify", "--profile", "kirklees"]).expect(0);
        assert_eq!(standing(&program).0, ["kirklees"]);
    }
}

#[test]
fn an_older_store_of_another_authority_is_refused_before_anything_in_it_is_brought_up_to_date() {
    for backend in Backend::all() {
        let program = Program::on(backend);
        program.run(&["user", "add", "officer", "--role", "finance_officer", "--profile", "kirklees"]).expect(0);
        let url: db::DatabaseUrl = program.database_url.parse().unwrap();
        // As the store was before it was kept whose it is.
        sql(&mut url.connect().unwrap(), "DROP TABLE authority");
        sql(&mut url.connect().unwrap(), "DELETE FROM __diesel_schema_migrations WHERE version = '0031'");
        let has_authority = || authority::table.count().get_result::<i64>(&mut url.connect().unwrap()).is_ok();
        for arguments in [&["etl"][..], &["serve", "--listen", "127.0.0.1:0"], &["audit", "verify"]] {
            let told = program.run(arguments).expect(1).stderr;
            assert!(told.contains("belongs to the authority `kirklees`"), "{told}");
            assert!(!has_authority(), "{arguments:?}");
        }
        program.run(&["audit", "verify", "--profile", "kirklees"]).expect(0);
        assert!(has_authority());
    }
}
