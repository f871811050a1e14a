//! A day is the authority's: which day an instant falls on is asked of its time zone, and nowhere reckoned in UTC.

use crate::source::{root, sources, without_strings, without_tests};

/// What takes an instant's day, or makes a day an instant, without asking.
const UNASKED: [&str; 4] = [".date()", ".date_naive()", "NaiveTime::MIN", "and_hms_opt(0"];

/// Where it is asked, one instant that is past every record's, and cells that have their own clock's day or were brought to the zone's.
const ALLOWED: [&str; 3] = ["domain/src/time_zone.rs", "etl/src/lib.rs", "ledger/src/date.rs"];

#[test]
fn the_day_of_an_instant_is_asked_of_the_time_zone() {
    let mut found = Vec::new();
    for part in ["src", "api/src", "db/src", "domain/src", "etl/src", "ledger/src", "records/src", "reports/src", "sheets/src"] {
        for (name, text) in sources(&root().join(part)) {
            let code = without_tests(&without_strings(&text));
            let file = format!("{part}/{name}");
            // A column of a table may be read as days.
            let unasked = |line: &&str| UNASKED.iter().any(|call| line.contains(call)) && !line.contains(".date()?");
            found.extend(
                code.lines().filter(unasked).filter(|_| !ALLOWED.contains(&file.as_str())).map(|line| format!("{file}: {}", line.trim())),
            );
        }
    }
    assert!(found.is_empty(), "ask `Write::today`, `Clock::today` or `TimeZone` instead:\n{}", found.join("\n"));
}
