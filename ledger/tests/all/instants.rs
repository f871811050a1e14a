//! Instants in a ledger are on the day that the authority had then.

use crate::support::{HEADER, MAPPING, desks};
use ledger::ProblemCode::UnreadableDate;

#[test]
fn an_instant_with_an_offset_is_on_britain_s_day() {
    let stamps = [
        ("2025-03-31T23:00:00Z", "2025-04-01"),
        ("2024-04-30T23:00:00.000Z", "2024-05-01"),
        ("2025-03-31T23:00:00+00:00", "2025-04-01"),
        ("2025-04-01T00:00:00+01:00", "2025-04-01"),
        ("31/03/2025 23:30 UTC", "2025-04-01"),
        ("2024-12-31T23:30:00Z", "2024-12-31"),
        ("2025-03-31T23:00:00", "2025-03-31"),
    ];
    for desk in desks() {
        let lines: String = stamps.iter().enumerate().map(|(place, (stamp, _))| format!("{stamp},1,A{place},DP01,6401,X\n")).collect();
        assert_eq!(desk.take(format!("{HEADER}{lines}")).problems, [], "{:?}", desk.backend);
        assert_eq!(desk.days(), stamps.map(|(_, day)| day));
        // One instant written three ways is one line; and a time that cannot be read is no day.
        let line = |stamp: &str| format!("{HEADER}{stamp},1,A9,DP01,6401,X\n");
        assert_eq!(desk.take(line("2025-06-30T23:30:00Z")).counts.already_present, 0);
        for same in ["2025-07-01T00:30:00+01:00", "2025-07-01T05:00:00+05:30", "01/07/2025"] {
            assert_eq!(desk.take(line(same)).counts.already_present, 1, "{same}");
        }
        desk.refuses(MAPPING, line("2025-06-30T23:30:00 CET"), &[UnreadableDate]);
    }
}
