"""Fills a fresh SQLite store with five years of requests, straight into its tables, as if they had come in over the API.

Every row has the columns, references and audit events that the API would have left, in the order of time; a child's history
depends on the seed and the child's number alone, so the first children of a big store are those of a small one. The filled store
has to pass SQLite's own check of references and `short-breaks audit verify`.
"""

import dataclasses
import datetime
import json
import pathlib
import random
import sqlite3

from panel_records import SEED, YEARS, Records, first_of_month_after, full_year_pence, this_year_pence
from panel_trail import Trail

# Requests of the first child, the second and so on: four on average.
REQUESTS_OF = (2, 3, 4, 5, 6)

# A request's end, and of how many in a thousand.
ENDS = (
    ("approved", 640),
    ("approved_in_part", 90),
    ("declined", 90),
    ("signposted", 60),
    ("under_appeal", 5),
    ("deferred", 15),
    ("awaiting_authority", 3),
    ("awaiting_ratification", 3),
    ("booked", 20),
    ("submitted", 20),
    ("draft", 20),
    ("withdrawn", 34),
)

TEXTS = (
    "The family knows what helps and asks early; two adults share the care and a grandparent helps on some weekends.",
    "Tiredness at home, few breaks at weekends, and nights that are broken more often than not since the summer.",
    "A regular break that the family can plan for, with people who know the child and stay for more than a season.",
    "Rested carers, time with friends, and a school week that starts well.",
    "Asked at the review after six weeks, and then at each review.",
    "What the current package gives, and a weekly open club in term.",
    "It helps on the days on which it is there; there is nothing on the others.",
)


@dataclasses.dataclass
class Filled:
    """What the filling left for the panel that follows."""

    children: list[str]
    """Case references, by the child's number."""
    running: dict[str, tuple[str, datetime.date]]
    """By case reference, a package line that runs on, and its first day."""
    panel: str
    """Today's panel, which nothing is booked for."""


class History(Records):
    """The requests of an authority's last years, from the assessment to what became of them."""

    def __init__(self, trail: Trail, users: dict[str, str], today: datetime.date, requests: int):
        super().__init__(trail, users, today, requests)
        self.filled = Filled([], {}, "")
        self.number = 0

    def child(self, number: int, requests: int) -> None:
        """A child with a package and so many requests, the oldest first."""
        self.rng = random.Random(f"{SEED} {number}")
        rng = self.rng
        at = self.at(self.first - datetime.timedelta(days=rng.randrange(1, 30)))
        case, born = f"CH-{number:06}", self.today - datetime.timedelta(days=365 * rng.randrange(6, 17) + rng.randrange(365))
        child, package = self.id(at), self.id(at)
        rows = [("children", {"id": child, "case_reference": case, "date_of_birth": str(born), "recorded_at": str(at), "recorded_seq": 0})]
        self.trail.add(at, self.users["panel.support"], "record", "children", child, rows)
        rows = [("packages", {"id": package, "reference": f"PK-{number:06}", "child_id": child, "recorded_at": str(at), "recorded_seq": 0})]
        self.trail.add(at, self.users["panel.support"], "record", "packages", package, rows)
        running = {}
        if rng.random() < 0.3:
            # From before requests were kept here.
            line = self.support(at.date())
            self.package_line(at, package, line, None, running)
        asked = sorted((self.ending() for _ in range(requests)), key=lambda one: one[0])
        for on, end, is_commissioned in asked:
            self.request(child, package, on, end, is_commissioned, running)
        # Some of what runs is ended in time, so that about a quarter of what was ever agreed runs today.
        for line in list(running.values()):
            ends = first_of_month_after(line["from"], rng.randrange(200, 1400))
            if line["to"] is None and ends < self.today:
                self.end(line, ends)
                del running[line["line_id"]]
        self.filled.children.append(case)
        lasting = [line for line in running.values() if line["to"] is None and line["from"] < self.today and line["frequency"] != "one_off"]
        if lasting:
            self.filled.running[case] = (lasting[-1]["line_id"], lasting[-1]["from"])

    def ending(self) -> tuple[datetime.date, str, bool]:
        """When a request was asked for, what became of it, and whether what was agreed is commissioned."""
        rng = self.rng
        end = rng.choices([name for name, _ in ENDS], [weight for _, weight in ENDS])[0]
        is_commissioned = end in ("approved", "approved_in_part") and rng.random() >= 0.05
        days = rng.randrange(120, 365 * YEARS - 40)
        if end in ("approved", "approved_in_part") and not is_commissioned:
            days = rng.randrange(25, 150)
        elif end in ("booked", "submitted", "draft"):
            days = rng.randrange(4, 20)
        elif end.startswith("awaiting") or end in ("under_appeal", "deferred"):
            days = rng.randrange(25, 60 if end.startswith("awaiting") else 120)
        return self.today - datetime.timedelta(days=days), end, is_commissioned

    def assessment(self, child: str, on: datetime.date, worker: str) -> str:
        at = self.at(on - datetime.timedelta(days=45))
        row = self.row(
            worker,
            at,
            id=self.id(at),
            child_id=child,
            kind=self.rng.choice(("child_and_family", "early_help")),
            started_on=str(at.date()),
            assessor_id=self.users[worker],
        )
        self.trail.add(at, self.users[worker], "record", "assessments", row["id"], [("assessments", row)])
        steps = (("consent_given", 44, worker), ("checkpoint", 30, "team.manager"), ("completed", 9, worker), ("authorised", 7, "team.manager"))
        for number, (step, before, who) in enumerate(steps, 1):
            at = self.at(on - datetime.timedelta(days=before))
            taken = self.row(who, at, id=self.id(at), assessment_id=row["id"], number=number, step=step, taken_on=str(at.date()))
            self.trail.add(at, self.users[who], "record", "assessment_steps", taken["id"], [("assessment_steps", taken)])
        return row["id"]

    def request(self, child: str, package: str, on: datetime.date, end: str, is_commissioned: bool, running: dict) -> None:
        """A request from its assessment to what became of it."""
        rng = self.rng
        self.number += 1
        worker = rng.choice(("social.worker", "intervention.worker"))
        assessment, at = self.assessment(child, on, worker), self.at(on)
        lines = [self.support(on) for _ in range(rng.choices((1, 2, 3), (75, 20, 5))[0])]
        free = [line for line in running.values() if line["to"] is None and line["from"] < lines[0]["from"]]
        if free and rng.random() < 0.4:
            lines[0]["replaces"] = rng.choice(free)
        request = self.row(
            worker, at, id=self.id(at), reference=f"RQ-{self.number:06}", child_id=child, state=end, revision=1, hearing=0, decision_id=None
        )
        first = [("requests", request), self.revision(worker, at, request["id"], 1, assessment, None)]
        first += self.lines(at, request["id"], 1, lines)
        self.trail.add(at, self.users[worker], "record", "requests", request["id"], first)
        steps = []
        if end == "draft":
            return
        later = datetime.timedelta
        steps.append(("submit", "draft", "submitted", at + later(hours=1), worker))
        if end == "withdrawn":
            steps.append(("withdraw", "submitted", "withdrawn", at + later(days=2), worker))
        if end not in ("submitted", "withdrawn"):
            held_on, panel = self.next_panel(on + later(days=3) if end != "booked" else self.today + later(days=1))
            booked_at = at + later(days=1)
            if end != "booked" and held_on >= self.today:
                raise SystemExit("the panels of the history have too few slots")
            request["hearing"] = 1
            self.book(booked_at, panel, request["id"])
            steps.append(("book", "submitted", "booked", booked_at, "panel.support"))
            if end != "booked":
                self.decide(request, assessment, panel, held_on, end, lines, running, steps)
        for number, (action, before, after, when, who) in enumerate(steps, 1):
            row = self.row(
                who,
                when,
                id=self.id(when),
                request_id=request["id"],
                number=number,
                action=action,
                from_state=before,
                to_state=after,
                reason=None,
            )
            self.trail.add(when, self.users[who], action, "requests", request["id"], [("request_transitions", row)])
        if is_commissioned:
            self.commission(package, request, lines, running)

    def next_panel(self, on: datetime.date) -> tuple[datetime.date, str]:
        """The first panel from a day on that has a slot."""
        low, high = 0, len(self.panels)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.panels[middle][0] < on else (low, middle)
        while self.taken[self.panels[low][1]] >= 100:
            low += 1
        return self.panels[low]

    def book(self, at, panel: str, request: str) -> None:
        self.taken[panel] += 1
        row = self.row("panel.support", at, id=self.id(at), panel_id=panel, slot=self.taken[panel], request_id=request, hearing=1)
        self.trail.add(at, self.users["panel.support"], "record", "panel_bookings", row["id"], [("panel_bookings", row)])

    def revision(self, worker: str, at, request: str, number: int, assessment: str, decision: str | None) -> tuple[str, dict]:
        fields = ("strengths", "worries", "unmet_need", "outcomes", "outcome_measures", "in_place", "impact")
        row = self.row(
            worker,
            at,
            request_id=request,
            revision=number,
            assessment_id=assessment,
            presenter_id=self.users[worker],
            coster_id=self.users[worker],
            local_offer_used="A weekly open club.",
            local_offer_barrier=None,
            decision_id=decision,
            **dict(zip(fields, TEXTS)),
        )
        return "request_revisions", row

    def lines(self, at, request: str, revision: int, lines: list[dict]) -> list[tuple[str, dict]]:
        rows = []
        for number, line in enumerate(lines, 1):
            line["id"] = self.id(at)
            columns = self.columns(line) | {"replaces_line_id": line["replaces"] and line["replaces"]["line_id"]}
            rows.append(
                (
                    "request_lines",
                    {"id": line["id"], "request_id": request, "revision": revision, "number": number} | columns | {"recorded_seq": 0},
                )
            )
        return rows

    def decide(self, request: dict, assessment: str, panel: str, held_on, end: str, lines: list[dict], running: dict, steps: list) -> None:
        """The panel's decision, with its authority where it has it."""
        at = self.at(held_on)
        kind = {"under_appeal": "declined", "awaiting_authority": "approved", "awaiting_ratification": "approved"}.get(end, end)
        id_, revision = self.id(at), 1
        rows = []
        if kind == "approved_in_part":
            revision = 2
            for line in lines:
                line["quantity"] = max(line["quantity"] // 2, 500)
            rows.append(self.revision("service.unit.manager", at, request["id"], 2, assessment, id_))
            rows += self.lines(at, request["id"], 2, lines)
        total = sum(full_year_pence(line) for line in lines) + sum(full_year_pence(line) for line in running.values())
        full, this = sum(map(full_year_pence, lines)), sum(this_year_pence(line, held_on) for line in lines)
        post = "service_unit_manager" if total <= 1_400_000 else "head_of_service" if total <= 2_000_000 else "assistant_director"
        explanation = json.dumps(
            {
                "request_id": request["id"],
                "on": str(held_on),
                "total_pence": total,
                "request_pence": full,
                "tier": [post],
                "lines": [{"id": line["id"], "full_year_pence": full_year_pence(line)} for line in lines],
            }
        )
        decision = self.row(
            "service.unit.manager",
            at,
            id=id_,
            request_id=request["id"],
            number=1,
            route="panel",
            panel_id=panel,
            kind=kind,
            decided_by=self.users["service.unit.manager"],
            decided_as="chair",
            decided_on=str(held_on),
            revision=revision,
            rationale=TEXTS[2],
            deferred_until=str(held_on + datetime.timedelta(days=90)) if kind == "deferred" else None,
            deferred_for="A report from the school" if kind == "deferred" else None,
            decline_reason="need_not_evidenced" if kind == "declined" else None,
            authority_hearing_on=None,
            total_pence=total,
            full_year_pence=full,
            this_year_pence=this,
            later_years_pence=None,
            tier=post,
            explanation=explanation,
        )
        request["decision_id"] = id_
        state = end if end.startswith("awaiting") else kind
        costs = [
            (
                "decision_lines",
                {
                    "decision_id": id_,
                    "request_line_id": line["id"],
                    "full_year_pence": full_year_pence(line),
                    "this_year_pence": this_year_pence(line, held_on),
                    "later_years_pence": None,
                    "recorded_seq": 0,
                },
            )
            for line in lines
        ]
        rows = [*rows, ("decisions", decision), *costs]
        if end == "under_appeal":
            rows.append(("outstanding_case_management_decisions", {"decision_id": id_, "recorded_seq": 0}))
        self.trail.add(at, self.users["service.unit.manager"], "record", "decisions", id_, rows)
        steps.append(("decide", "booked", state, at, "service.unit.manager"))
        if state in ("approved", "approved_in_part"):
            username = {"service_unit_manager": "service.unit.manager", "head_of_service": "head.of.service"}.get(
                post, "assistant.director"
            )
            given = self.row(
                username,
                at,
                id=self.id(at),
                decision_id=id_,
                kind="authority",
                outcome="given",
                user_id=self.users[username],
                post=post,
                capacity="holder",
                authorised_on=str(held_on),
                total_pence=total,
                clause="Panel standard 9",
                reason="Heard at the panel",
                explanation=explanation,
                authority_hearing_on=None,
            )
            self.trail.add(at, self.users[username], "record", "authorisations", given["id"], [("authorisations", given)])
        if end == "under_appeal":
            at = self.at(held_on + datetime.timedelta(days=6))
            appeal = self.row(
                "social.worker",
                at,
                id=self.id(at),
                request_id=request["id"],
                decision_id=id_,
                received_on=str(at.date()),
                due_on=None,
                state_before="declined",
            )
            self.trail.add(at, self.users["social.worker"], "record", "appeals", appeal["id"], [("appeals", appeal)])
            steps.append(("appeal", "declined", "under_appeal", at, "social.worker"))
        else:
            self.follow_up(id_, held_on)

    def follow_up(self, decision: str, held_on: datetime.date) -> None:
        """The manager's case note, and an action that is done."""
        at = self.at(held_on + datetime.timedelta(days=5))
        note = self.row("team.manager", at, decision_id=decision, made_on=str(at.date()), reference=f"CN-{decision[24:]}")
        self.trail.add(
            at, self.users["team.manager"], "record", "case_management_decisions", decision, [("case_management_decisions", note)]
        )
        action = {
            "id": self.id(at),
            "decision_id": decision,
            "number": 1,
            "action": "Send the profile to the framework of providers",
            "owner_id": self.users["social.worker"],
            "due_on": str(held_on + datetime.timedelta(days=14)),
            "recorded_seq": 0,
        }
        done = self.row("social.worker", at, action_id=action["id"], completed_on=str(at.date()))
        self.trail.add(
            at,
            self.users["social.worker"],
            "complete",
            "decision_actions",
            action["id"],
            [("decision_actions", action), ("decision_action_completions", done)],
        )

    def commission(self, package: str, request: dict, lines: list[dict], running: dict) -> None:
        """The package lines that carry out what was agreed, and the end of what they replace."""
        for line in lines:
            at = self.at(line["from"] - datetime.timedelta(days=6))
            if line["replaces"] and line["replaces"]["line_id"] in running:
                self.end(line["replaces"], line["from"])
                del running[line["replaces"]["line_id"]]
            self.package_line(at, package, dict(line), line["id"], running)


def fill(database_file: pathlib.Path, requests: int, today: datetime.date, slots: int) -> Filled:
    """Fills the store of a database file, in which the users are already, with so many requests and today's panel of so many slots.
    The server must not run.

    The panel is put in here because the API takes none on a weekend or a bank holiday, and a panel decides on its day or later: a
    bench that asked the API for it would not run on every day.
    """
    database = sqlite3.connect(database_file, isolation_level=None)
    database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; BEGIN")
    trail = Trail()
    history = History(trail, dict(database.execute("SELECT username, id FROM users")), today, requests)
    history.budgets()
    history.filled.panel = history.panel(history.at(today - datetime.timedelta(days=30)), today, slots)
    number = 0
    while history.number < requests:
        wanted = REQUESTS_OF[number % len(REQUESTS_OF)]
        history.child(number, min(wanted, requests - history.number))
        number += 1
    trail.store(database)
    database.execute("COMMIT")
    broken = database.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise SystemExit(f"the filled store has {len(broken)} broken references: {broken[:5]}")
    database.close()
    return history.filled
