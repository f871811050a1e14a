//! Who sits on the made-up panel, what comes before it when, and what becomes of it.

use domain::Role;

/// Username, role, post, and the role of the panel's membership.
pub const PEOPLE: [(&str, Role, Option<&str>, Option<&str>); 8] = [
    ("service.unit.manager", Role::Manager, Some("service_unit_manager"), Some("service_unit_manager")),
    ("partnership.manager", Role::Manager, Some("partnership_manager"), Some("partnership_manager")),
    ("team.manager", Role::Manager, Some("team_manager"), Some("team_manager")),
    ("head.of.service", Role::HeadOfService, Some("head_of_service"), None),
    ("assistant.director", Role::AssistantDirector, Some("assistant_director"), None),
    ("director", Role::AssistantDirector, Some("director"), None),
    ("social.worker", Role::Practitioner, None, None),
    ("intervention.worker", Role::Practitioner, None, None),
];

/// Members from other agencies, who have no account: role and job title.
pub const AGENCIES: [(&str, &str); 3] = [
    ("health_representative", "Children's community nurse"),
    ("send_education_manager", "SEND casework manager"),
    ("voluntary_sector_representative", "Chief officer of a carers' group"),
];

/// Panels are on Thursdays, from the first to the last of these.
pub const CALENDAR: (&str, &str) = ("2024-01-11", "2025-03-20");

/// What the statement counts a service as, where that is demanded.
pub const CATEGORIES: [(&str, &str); 2] =
    [("holiday_club_one_to_one", "community_support_holiday"), ("overnight_stay", "residential_respite")];

/// What there is to ask for: service, budget line, unit, frequency, quantity in thousandths, rate in ten-thousandths of a pound.
pub const SUPPORT: [(&str, &str, &str, &str, i64, i64); 5] = [
    ("targeted_outreach", "targeted_outreach", "hour", "weekly", 2_000, 198_000),
    ("holiday_club_one_to_one", "community_short_breaks", "day", "holiday_weeks", 1_000, 780_000),
    ("direct_payment", "direct_payments", "hour", "four_weekly", 6_000, 145_000),
    ("home_care", "home_care", "hour", "weekly", 1_500, 214_500),
    ("overnight_stay", "overnight_respite", "night", "monthly", 1_000, 3_120_000),
];

/// What becomes of an item at its first hearing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    Approved,
    InPart,
    Deferred,
    Declined,
    DeclinedAndUpheldOnAppeal,
    DeclinedAndDismissedOnAppeal,
    Signposted,
    /// The members are divided, and the majority carries it.
    Divided,
    /// The chair knows the family, and stands down.
    ChairStandsDown,
    /// Above the chair's authority, and the post that has it declines.
    DeclinedAbove,
    /// Decided, and still waiting for the post above.
    LeftWaiting,
    /// Taken back by the family before the panel.
    Withdrawn,
}

/// An item: the day of its panel, the child by number, what is asked for by its place above, and its course. Children 81 and 92 have
/// dear packages already.
pub const ITEMS: [(&str, usize, usize, Course); 45] = [
    ("2024-01-11", 5, 0, Course::Approved),
    ("2024-01-11", 12, 1, Course::Declined),
    ("2024-01-25", 18, 2, Course::Approved),
    ("2024-01-25", 22, 3, Course::InPart),
    ("2024-02-08", 31, 0, Course::Deferred),
    ("2024-02-08", 60, 1, Course::Approved),
    ("2024-02-22", 61, 3, Course::Signposted),
    ("2024-03-07", 62, 0, Course::Approved),
    ("2024-03-07", 92, 0, Course::Approved),
    ("2024-03-21", 63, 2, Course::Approved),
    ("2024-04-04", 64, 1, Course::Approved),
    ("2024-04-18", 81, 4, Course::Approved),
    ("2024-04-18", 65, 0, Course::DeclinedAndUpheldOnAppeal),
    ("2024-05-02", 66, 3, Course::Approved),
    ("2024-05-16", 67, 1, Course::Approved),
    ("2024-05-16", 68, 2, Course::Declined),
    // The chair is away: a deputy chairs, and the head of service ratifies.
    ("2024-05-30", 69, 0, Course::Approved),
    ("2024-05-30", 70, 1, Course::Declined),
    ("2024-05-30", 93, 4, Course::InPart),
    ("2024-06-13", 71, 3, Course::Approved),
    ("2024-06-27", 72, 0, Course::ChairStandsDown),
    ("2024-06-27", 73, 2, Course::Approved),
    ("2024-07-11", 74, 1, Course::Divided),
    ("2024-07-25", 75, 0, Course::Withdrawn),
    ("2024-07-25", 76, 3, Course::Approved),
    ("2024-08-08", 77, 2, Course::Signposted),
    // Takes the place of the home care that the child has.
    ("2024-08-08", 36, 3, Course::Approved),
    ("2024-08-22", 78, 1, Course::Approved),
    ("2024-09-05", 82, 4, Course::DeclinedAbove),
    ("2024-09-05", 79, 0, Course::Approved),
    ("2024-09-19", 100, 3, Course::Deferred),
    ("2024-10-03", 101, 2, Course::Approved),
    ("2024-10-03", 102, 0, Course::DeclinedAndDismissedOnAppeal),
    ("2024-10-17", 103, 1, Course::Approved),
    ("2024-10-31", 104, 3, Course::InPart),
    ("2024-11-14", 105, 0, Course::Approved),
    ("2024-11-28", 106, 2, Course::Approved),
    ("2024-11-28", 107, 1, Course::Declined),
    ("2024-12-12", 108, 3, Course::Approved),
    ("2024-12-12", 84, 4, Course::Approved),
    ("2025-01-09", 109, 0, Course::Approved),
    ("2025-01-09", 83, 4, Course::LeftWaiting),
    // Still to be heard.
    ("2025-01-23", 110, 1, Course::Approved),
    ("2025-01-23", 111, 2, Course::Approved),
    ("2025-01-23", 112, 0, Course::Approved),
];

/// On these days the chair is away.
pub const CHAIR_AWAY: [&str; 1] = ["2024-05-30"];

/// The last panel that has been held, and the day up to which managers have written their case notes.
pub const LAST_HELD: &str = "2025-01-09";

/// Support is commissioned from this day on, what was agreed from an earlier one too, and of panels before this other day: later ones
/// still wait for a provider.
pub const COMMISSIONED: (&str, &str) = ("2024-04-01", "2024-12-13");

/// Who provides what; a direct payment is the parent's to spend.
pub const PROVIDERS: [(&str, &str); 4] = [
    ("targeted_outreach", "stepping_out"),
    ("holiday_club_one_to_one", "holiday_crew"),
    ("home_care", "brightway_care"),
    ("overnight_stay", "willow_house"),
];
