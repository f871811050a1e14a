//! Lines posted in a financial year that was closed.

use crate::support::{Desk, HEADER, MAPPING, desks};
use db::schema::{ledger_entries, year_closures};
use db::{Actor, Event};
use diesel::prelude::*;
use domain::FinancialYear;
use ledger::{FileStatus, Mode, ProblemCode};

fn year(text: &str) -> FinancialYear {
    text.parse().expect("a year")
}

/// Opens years, and closes those up to one of them.
fn close(desk: &Desk, opened: &[&str], closed: &str) {
    let done = desk.store.write(&Actor::system("test"), |write| {
        for one in opened {
            db::open_financial_year(write, year(one))?;
        }
        diesel::insert_into(year_closures::table)
            .values((
                year_closures::year.eq(year(closed)),
                year_closures::closed_on.eq(write.today()),
                year_closures::reason.eq("-"),
                year_closures::recorded_by.eq("test"),
                year_closures::recorded_at.eq(write.at),
                year_closures::recorded_seq.eq(write.seq()),
            ))
            .execute(write.connection)?;
        write.record(Event::new("close", "financial_years", closed))
    });
    done.map_err(|error: db::Error| error.to_string()).expect("a closure");
}

fn years(desk: &Desk) -> Vec<(String, String)> {
    let mut connection = desk.store.connection().expect("a connection");
    ledger_entries::table
        .select((ledger_entries::year, ledger_entries::reason))
        .order(ledger_entries::line_number)
        .load(&mut *connection)
        .expect("entries")
}

#[test]
fn they_count_in_the_next_open_year() {
    for desk in desks() {
        close(&desk, &["2023-24", "2025-26"], "2023-24");
        let files = [desk.file(
            "late.csv",
            format!("{HEADER}2024-03-31,10,A1,DP01,6401,X\n2025-04-01,20,A2,DP01,6401,X\n1991-05-01,30,A3,DP01,6401,X\n"),
        )];
        let foreseen = desk.run(MAPPING, &files, Mode::DryRun).files.remove(0);
        let loaded = desk.run(MAPPING, &files, Mode::Load).files.remove(0);
        assert_eq!((foreseen.counts, &foreseen.warnings), (loaded.counts, &loaded.warnings), "{:?}", desk.backend);
        assert_eq!((loaded.counts.moved_to_open_year, loaded.counts.past_dated, loaded.warnings.len()), (2, 1, 2));
        let of = |year: &str, reason: &str| (year.to_owned(), reason.to_owned());
        assert_eq!(
            years(&desk),
            [
                of("2025-26", "posted in 2023-24, which was closed"),
                of("2025-26", "imported"),
                of("2025-26", "posted in 1991-92, which was closed"),
            ]
        );
        let again = desk.run(MAPPING, &files, Mode::Load).files.remove(0);
        assert_eq!((again.status, again.counts.moved_to_open_year), (FileStatus::AlreadyLoaded, 0));
        assert_eq!(desk.ledger().0, 3);
    }
}

#[test]
fn without_an_open_year_after_it_the_file_is_refused_and_says_so() {
    for desk in desks() {
        desk.take(format!("{HEADER}2024-03-01,5,A0,DP01,6401,X\n"));
        close(&desk, &["2023-24"], "2023-24");
        let late = format!("{HEADER}2024-03-31,10,A1,DP01,6401,X\n");
        let report = desk.refuses(MAPPING, &late, &[ProblemCode::NoOpenYear]);
        assert!(report.problems[0].detail.contains("no year is open after 2023-24"), "{report:?}");
        // Lines that are there already need no year.
        assert_eq!(desk.take(format!("{HEADER}2024-03-01,5,A0,DP01,6401,X\n\n")).status, FileStatus::Loaded);
        // A line of a later year opens its own, and that one takes the others from then on.
        let later = format!("{HEADER}2025-05-01,20,A2,DP01,6401,X\n");
        assert_eq!(desk.take(later).counts.moved_to_open_year, 0);
        assert_eq!(desk.take(late).counts.moved_to_open_year, 1);
        assert_eq!(years(&desk).iter().filter(|(year, _)| year == "2025-26").count(), 2);
    }
}
