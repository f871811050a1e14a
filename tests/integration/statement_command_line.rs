//! The statement at the command line: an edition's sections as files, and the figures of a year without an edition.

use crate::support::program::run;
use crate::support::records::ledger_entries;
use crate::support::statement_office::{Office, publish_warehouse};
use crate::support::{TestApp, on_both};

/// What the command line's figures of a year without an edition say of home care in 2023-24.
fn spend_on_home_care(app: &TestApp, arguments: &[&str]) -> String {
    let statement = ["report", "statement", "--year", "2024-25", "--format", "csv"];
    let told = run(app.program().args(statement).args(arguments)).expect(0).stdout;
    told.lines().find(|line| line.starts_with("2023-24,spend.home_care,")).unwrap_or_else(|| panic!("{told}")).to_owned()
}

#[test]
fn the_command_line_gives_an_earlier_year_as_it_was_published() {
    on_both(async |app| {
        let office = Office::of(app).await;
        ledger_entries(app, 47);
        publish_warehouse(app);
        assert!(spend_on_home_care(app, &[]).contains("1128.00"));
        office.published("2023-24").await;
        // More is paid since: what was published stands.
        ledger_entries(app, 10);
        let snapshot = publish_warehouse(app);
        for arguments in [&["--snapshot", snapshot.as_str()][..], &["--as-counted", "The families agreed"], &[]] {
            let told = spend_on_home_care(app, arguments);
            assert!(told.contains("1128.00"), "{arguments:?}: {told}");
        }
    });
}

#[test]
fn the_command_line_as_counted_keeps_what_another_years_edition_withheld() {
    on_both(async |app| {
        let anyone = app.as_anyone().await;
        anyone.open_year().await;
        let package = anyone.package().await;
        let line = anyone.line(&package).await;
        app.confirmed(&line);
        ledger_entries(app, 47);
        let office = Office::of(app).await;
        let as_counted = ["--as-counted", "The family agreed"];
        assert!(spend_on_home_care(app, &as_counted).contains("1128.00"));
        office.published("2023-24").await;
        let told = spend_on_home_care(app, &as_counted);
        assert!(told.contains("[c]") && !told.contains("1128"), "{told}");
    });
}

#[test]
fn an_author_pulls_and_pushes_files() {
    use crate::support::Backend;
    use crate::support::program::{Program, run};
    for backend in Backend::all() {
        let program = Program::on(backend);
        let added = program.run(&["user", "add", "panel.support", "--role", "panel_support"]).expect(0);
        let password = added.stdout.trim().rsplit(' ').next().unwrap().to_owned();
        let edition = |password: &str, arguments: &[&str]| {
            run(program.command().env("SHORT_BREAKS_PASSWORD", password).arg("edition").args(arguments))
        };
        let own = |arguments: &[&str]| edition(&password, arguments);
        assert_eq!(own(&["list"]).expect(0).stdout, "There is no edition of the statement yet.\n");
        assert!(own(&["check", "2023-24"]).expect(1).stderr.contains("edition new 2023-24"));
        let wrong = edition("wrong", &["new", "2023-24", "--as", "panel.support"]).expect(1);
        assert!(wrong.stderr.contains("the name or the password is wrong"), "{}", wrong.stderr);
        own(&["new", "2023-24", "--as", "panel.support"]).expect(0);
        own(&["pull", "2023-24", "texts"]).expect(0);
        let file = program.folder.path().join("texts/introduction.md");
        std::fs::write(&file, "For families.\n\n\tSoon.\r\n").unwrap();
        assert!(own(&["pull", "2023-24", "texts"]).expect(1).stderr.contains("introduction.md"), "what was not recorded stays");
        let pushed = own(&["push", "2023-24", "texts", "--as", "panel.support"]).expect(0);
        assert_eq!(pushed.stdout, "Recorded introduction of edition 1 of 2023-24.\n");
        assert_eq!(own(&["push", "2023-24", "texts", "--as", "panel.support"]).expect(0).stdout, "No section changed.\n");
        // Another folder pulled the same version, and comes too late.
        own(&["pull", "2023-24", "others"]).expect(0);
        std::fs::write(&file, "For every family.").unwrap();
        own(&["push", "2023-24", "texts", "--as", "panel.support"]).expect(0);
        std::fs::write(program.folder.path().join("others/introduction.md"), "For some.").unwrap();
        let late = own(&["push", "2023-24", "others", "--as", "panel.support"]).expect(1);
        assert!(late.stderr.contains("It is at version 2, and you changed version 1"), "{}", late.stderr);
        let on = ["--with", "The forum", "--on", "2024-05-14", "--what-changed", "Nothing."];
        own(&[&["consult", "2023-24", "--as", "panel.support"][..], &on].concat()).expect(0);
        own(&["meet", "2023-24", "range_of_services", "--section", "introduction", "--as", "panel.support"]).expect(0);
        own(&["waive", "2023-24", "carers_needs", "--reason", "In the policy", "--as", "panel.support"]).expect(0);
        own(&["disclose", "2023-24", "withheld", "--reason", "As ever", "--as", "panel.support"]).expect(0);
        let told = own(&["check", "2023-24"]).expect(0).stdout;
        assert!(told.starts_with("edition 1 of 2023-24: consulted, revision "), "{told}");
        assert!(told.contains("missing: /requirements/eligibility_criteria") && !told.contains("carers_needs"), "{told}");
        let refused = own(&["approve", "2023-24", "--revision", "1", "--snapshot", "-", "--as", "panel.support"]).expect(1);
        assert!(refused.stderr.contains("statement:approve"), "{}", refused.stderr);
        own(&["publish", "2023-24", "--as", "panel.support"]).expect(1);
        assert_eq!(own(&["list"]).expect(0).stdout, "2023-24 1 consulted\n");
    }
}
