use super::*;
use crate::same_line::KEEP_EARLIER;
use crate::stage::{Stage, entering};
use crate::{Input, Mapping, Mode, import};
use db::{Actor, Clock, Store};
use diesel::connection::SimpleConnection;
use test_databases::Backend;

const MAPPING: &str = "source = \"here\"\n[columns]\ndate = \"Date\"\namount = \"Amount\"\nreference = \"Ref\"\n[[rules]]\nbudget_line = \"direct_payments\"\nwhen = [{ column = \"Code\", equals = 1 }]\n";
/// Enough that a planner would rather read an index than the table.
const ENTRIES: i64 = 20_000;

#[derive(QueryableByName)]
struct SqlitePlan {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct PostgresPlan {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    detail: String,
}

fn plan(connection: &mut AnyConnection, question: &str) -> Vec<String> {
    let question = question.replace("$1", "'here'").replace("$2", "'file'").replace("$3", "'who'").replace("$4", "NULL").replace("$5", "1");
    match connection {
        AnyConnection::Sqlite(file) => {
            let plan: Vec<SqlitePlan> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {question}")).load(file).expect("a plan");
            plan.into_iter().map(|step| step.detail).collect()
        }
        AnyConnection::Postgres(server) => {
            let plan: Vec<PostgresPlan> = diesel::sql_query(format!("EXPLAIN {question}")).load(server).expect("a plan");
            plan.into_iter().map(|step| step.detail).collect()
        }
    }
}

/// Whether a step of a plan reads the ledger's entries from the first to the last, or those of a source.
fn reads_the_ledger(step: &str) -> bool {
    let reads = |table: &str| step.contains(&format!("SCAN {table}"));
    reads("e")
        || reads("r")
        || reads("x")
        || reads("ledger_entries")
        || step.contains("Seq Scan on ledger_entries")
        || step.contains("(source=?)")
}

#[test]
fn every_question_goes_by_an_index_however_large_the_ledger() {
    for backend in Backend::all() {
        let folder = test_databases::new_folder();
        let url = backend.new_database(folder.path());
        let store = Store::open(&url.parse().expect("a URL"), Clock::system(domain::TimeZone::default())).expect("a store");
        db::adopt_profile(&store, &domain::Profile::bundled("tameside").expect("a profile")).expect("budget lines");
        let take = |name: &str, lines: std::ops::Range<i64>| {
            let mut text = "Date,Amount,Ref,Code\n".to_owned();
            lines.for_each(|line| text.push_str(&format!("2024-{:02}-{:02},{line}.00,R{line},1\n", line % 12 + 1, line % 28 + 1)));
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("a file");
            let mapping = Mapping::parse(MAPPING).expect("a mapping");
            import(&store, &Actor::system("test"), &mapping, &[Input::new(path)], Mode::Load, &mut |_| {}).expect("an import")
        };
        take("large.csv", 1..ENTRIES + 1);
        let again = take("small.csv", ENTRIES - 2..ENTRIES + 3);
        assert_eq!((again.total.counts.already_present, again.total.counts.matched), (3, 5));

        let mut stage = Stage::open(&store, "here").expect("a stage");
        stage.number().expect("no lines");
        let connection = &mut *stage.connection;
        if let AnyConnection::Postgres(server) = connection {
            server.batch_execute("ANALYZE ledger_entries").expect("statistics");
        }
        let counted = |from: String| format!("SELECT COUNT(*) {from}");
        let year: FinancialYear = "2024-25".parse().expect("a year");
        let asked = [
            questions::corrections(),
            questions::reversed(),
            counted(questions::present("ledger_entries")),
            counted(questions::of_another_provider("ledger_entries")),
            counted(questions::differing("ledger_entries")),
            counted(questions::of_closed_years(year)),
            counted(questions::alike()),
            counted(questions::on_loaded_days()),
            questions::otherwise(),
            KEEP_EARLIER.to_owned(),
            entering("n.year", "'imported'"),
        ];
        for question in asked {
            let plan = plan(connection, &question);
            assert!(!plan.iter().any(|step| reads_the_ledger(step)), "{backend:?}: {question}\n{}", plan.join("\n"));
        }
        drop(stage);
        drop(store);
        test_databases::drop_database(&url);
    }
}
