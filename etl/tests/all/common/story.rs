//! Decisions of every kind, by hand, in two financial years.
//!
//! Every line is weekly, from 1 July 2024: £10 a week is £520 a full year, and £391.43 for the 39 weeks and a day of 2024-25.

use super::{DecisionRow, Fixture, Said};

/// What the tests go on from.
pub struct Story {
    /// Who decided everything.
    pub user: String,
    /// The request and the decision that still waits for authority.
    pub waiting: (String, String),
    /// The request and the decision that were signposted.
    pub signposted: (String, String),
}

const JUNE_12: &str = "2024-06-12";
const JUNE_26: &str = "2024-06-26";

impl Fixture {
    /// Approved, in part above the chair's authority, declined under a deputy chair, deferred and then approved, signposted, declined
    /// by the assistant director, waiting, without panel, withdrawn while it waited, one approved late in the year before; and two
    /// requests on which nothing is decided.
    pub fn story(&self) -> Story {
        let user = self.user("WHO-DECIDED");
        let (first, second) = (self.panel(JUNE_12), self.panel(JUNE_26));
        let row = DecisionRow {
            request: "",
            number: 1,
            panel: Some(&first),
            kind: "approved",
            decided_as: "chair",
            on: JUNE_12,
            revision: 1,
            pence: [52_000, 52_000, 39_143],
            tier: Some("service_unit_manager"),
            to: "approved",
        };
        let asked = |authorised_on, lines: &[_]| {
            let request = self.request(&user, authorised_on, lines);
            self.step(&request, "submit", "submitted");
            request
        };
        let booked = |authorised_on, lines: &[_]| {
            let request = asked(authorised_on, lines);
            self.step(&request, "book", "booked");
            request
        };
        let said = |decision: &str, said: Said| self.authorise(&user, decision, &said);

        let approved = booked(Some("2024-05-22"), &[("direct_payments", 10)]);
        let decision = self.decide(&user, &DecisionRow { request: &approved, ..row });
        said(&decision, Said::authority("service_unit_manager", JUNE_12));

        let in_part = booked(Some("2024-05-29"), &[("home_care", 400)]);
        self.revise(&user, &in_part, 2, &[("home_care", 300), ("direct_payments", 20)]);
        let changed = DecisionRow { kind: "approved_in_part", revision: 2, pence: [1_700_000, 1_664_000, 1_252_572], ..row };
        let decision =
            self.decide(&user, &DecisionRow { request: &in_part, tier: Some("head_of_service"), to: "awaiting_authority", ..changed });
        said(&decision, Said::authority("head_of_service", "2024-06-19").after_waiting("given", "approved_in_part"));

        let declined = booked(Some("2024-05-15"), &[("home_care", 50)]);
        let by_deputy = DecisionRow { decided_as: "deputy_chair", to: "awaiting_ratification", ..row };
        let pence = [260_000, 260_000, 195_714];
        let decision = self.decide(&user, &DecisionRow { request: &declined, kind: "declined", pence, ..by_deputy });
        said(&decision, Said::ratified("given", "2024-06-14", "declined"));

        let deferred = booked(Some("2024-05-30"), &[("direct_payments", 20)]);
        let twenty = DecisionRow { request: &deferred, pence: [104_000, 104_000, 78_286], ..row };
        self.decide(&user, &DecisionRow { kind: "deferred", to: "deferred", ..twenty });
        self.step(&deferred, "book", "booked");
        let decision = self.decide(&user, &DecisionRow { number: 2, panel: Some(&second), on: JUNE_26, ..twenty });
        said(&decision, Said::authority("service_unit_manager", JUNE_26));

        let signposted = booked(None, &[("nursery", 10)]);
        let decision = self.decide(&user, &DecisionRow { request: &signposted, kind: "signposted", to: "signposted", ..row });
        let signposted = (signposted, decision);

        let large = DecisionRow { tier: Some("assistant_director,director"), to: "awaiting_authority", ..row };
        let refused = booked(Some("2024-06-01"), &[("home_care", 500)]);
        let decision = self.decide(&user, &DecisionRow { request: &refused, pence: [2_600_000, 2_600_000, 1_957_143], ..large });
        said(&decision, Said::authority("assistant_director", "2024-06-20").after_waiting("declined", "declined"));

        let waiting = booked(Some("2024-06-01"), &[("home_care", 300)]);
        let pence = [2_100_000, 1_560_000, 1_174_286];
        let decision = self.decide(&user, &DecisionRow { request: &waiting, panel: Some(&second), on: JUNE_26, pence, ..large });
        let waiting = (waiting, decision);

        let (small, withdrawn) =
            (asked(Some("2024-04-30"), &[("direct_payments", 10)]), booked(Some("2024-06-01"), &[("direct_payments", 10)]));
        self.small_and_withdrawn(&user, &small, &withdrawn, &row, &DecisionRow { panel: Some(&second), ..by_deputy });

        self.the_year_before(&user, &by_deputy);
        self.request(&user, None, &[]);
        asked(Some("2024-07-01"), &[("nursery", 10)]);
        Story { user, waiting, signposted }
    }

    /// Agreed without a panel by a team manager, and withdrawn while it waited for ratification.
    fn small_and_withdrawn(&self, user: &str, small: &str, withdrawn: &str, row: &DecisionRow<'_>, by_deputy: &DecisionRow<'_>) {
        let alone = DecisionRow { request: small, panel: None, decided_as: "team_manager", on: "2024-05-02", tier: None, ..row.clone() };
        let decision = self.decide(user, &alone);
        self.authorise(user, &decision, &Said::authority("team_manager", "2024-05-02"));
        self.decide(user, &DecisionRow { request: withdrawn, on: JUNE_26, ..by_deputy.clone() });
        self.step(withdrawn, "withdraw", "withdrawn");
    }

    /// Decided in March under a deputy chair, ratified, and authorised in April; its lines start after the year.
    fn the_year_before(&self, user: &str, by_deputy: &DecisionRow<'_>) {
        let (march, request) = (self.panel("2024-03-20"), self.request(user, Some("2024-03-01"), &[("home_care", 300)]));
        for (action, to) in [("submit", "submitted"), ("book", "booked")] {
            self.step(&request, action, to);
        }
        let pence = [1_560_000, 1_560_000, 0];
        let row =
            DecisionRow { request: &request, panel: Some(&march), on: "2024-03-20", pence, tier: Some("head_of_service"), ..*by_deputy };
        let decision = self.decide(user, &row);
        self.authorise(user, &decision, &Said::ratified("given", "2024-03-22", "awaiting_authority"));
        self.authorise(user, &decision, &Said::authority("head_of_service", "2024-04-02").after_waiting("given", "approved"));
    }
}
