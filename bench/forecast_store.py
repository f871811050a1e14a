"""Fills a fresh SQLite store with five years of packages and their money, straight into its tables, as if it had come in over the API.

Two or three arrangements a child, with variations, many of them back-dated; a bill in four parts for each month of each of them, so
about a hundred ledger entries a child and year, with credits, reversals and matches; releases; direct payments in pay files; nights;
requests that wait. Every row has the columns, references and audit events that the API would have left, in the order of time; what a
child has depends on the seed and the child's number alone. The filled store has to pass SQLite's own check of references and
`short-breaks audit verify`.

    forecast_store.py DATABASE CHILDREN DAY
"""

import collections
import dataclasses
import datetime
import hashlib
import json
import random
import sqlite3
import sys

from forecast_records import DAY, Entry, Step, label, next_month
from panel_records import BUDGETS, SEED, SUPPORT, full_year_pence, year_start
from panel_store import History
from panel_trail import Trail

ARRANGEMENTS_OF = (3, 3, 2, 3, 3)
# The days of a month on which the parts of a bill are posted.
PARTS = (4, 11, 18, 25)
KINDS = ("increase", "decrease", "rate", "provider", "suspension", "correction", "end")
KIND_WEIGHTS = (20, 15, 25, 8, 18, 9, 5)
DIRECT_PAYMENT, OVERNIGHT = SUPPORT[2], SUPPORT[4]
# Of child and child, one in so many has an account, and one in so many has nights.
ONE_IN = 4


@dataclasses.dataclass
class Filled:
    """What the filling left for the measuring: a child with an account and nights, by their ids."""

    child: str = ""
    package: str = ""
    account: str = ""
    entries: int = 0


class Money(History):
    """The packages of an authority's last years, and what was paid for them."""

    def __init__(self, trail: Trail, users: dict[str, str], today: datetime.date):
        super().__init__(trail, users, today, 0)
        self.found = Filled()
        # By the month in which they are posted, ledger entries; by its day, a pay file's payments.
        self.posted, self.payments = collections.defaultdict(list), collections.defaultdict(list)
        # Rows of tables that tell how things stand now and carry no number of a write.
        self.standings, self.unconfirmed = [], []
        self.accounts = self.orders = 0
        self.last_account = ""

    def write(self, who: str, at, table: str, id_: str, *rows: dict) -> None:
        self.trail.add(at, self.users[who], "record", table, id_, [(table, row) for row in rows])

    def years(self) -> None:
        """The years before the current one and the one after, each with a budget for every line."""
        starts, current = year_start(self.first), year_start(self.today)
        while starts <= datetime.date(current.year + 1, 4, 1):
            at, ends = self.at(min(starts - 20 * DAY, self.today - DAY)), datetime.date(starts.year + 1, 4, 1)
            if starts != current:
                year = label(starts)
                row = {"year": year, "starts_on": str(starts), "ends_on": str(ends - DAY), "recorded_at": str(at), "recorded_seq": 0}
                self.write("finance.officer", at, "financial_years", year, row)
                for place, line in enumerate(BUDGETS):
                    id_ = self.id(at)
                    row = self.row(
                        "finance.officer", at, id=id_, year=year, budget_line=line, kind="original", amount_pence=80_000_000 + 991 * place,
                        effective_on=str(starts), virement_id=None, reverses_id=None, reason="Budget Council",
                    )  # fmt: skip
                    self.write("finance.officer", at, "budget_movements", id_, row)
            starts = ends

    def family(self, number: int) -> None:
        """A child with a package, and all that came of it."""
        self.rng = rng = random.Random(f"{SEED} money {number}")
        at = self.at(self.first - rng.randrange(1, 30) * DAY)
        child, package = self.id(at), self.id(at)
        born = self.today - datetime.timedelta(days=365 * rng.randrange(6, 17) + rng.randrange(365))
        row = {"id": child, "case_reference": f"CH-{number:06}", "date_of_birth": str(born), "recorded_at": str(at), "recorded_seq": 0}
        self.write("panel.support", at, "children", child, row)
        row = {"id": package, "reference": f"PK-{number:06}", "child_id": child, "recorded_at": str(at), "recorded_seq": 0}
        self.write("panel.support", at, "packages", package, row)
        for place in range(ARRANGEMENTS_OF[number % len(ARRANGEMENTS_OF)]):
            support = rng.choice([one for one in SUPPORT if one not in (DIRECT_PAYMENT, OVERNIGHT)])
            if number % ONE_IN == 0 and place == 0:
                support = DIRECT_PAYMENT
            if number % ONE_IN < 2 and place == 1:
                support = OVERNIGHT
            self.arrangement(child, package, support)
        if rng.random() < 0.12:
            self.request(child, package, self.today - rng.randrange(4, 20) * DAY, "submitted", False, {})
        if number == ONE_IN:
            self.found.child, self.found.package, self.found.account = child, package, self.last_account

    def arrangement(self, child: str, package: str, support: tuple) -> None:
        rng = self.rng
        service, budget_line, unit, frequency, quantities, rate = support
        starts = self.first + rng.randrange(10, 400) * DAY
        line = {
            "service": service, "budget_line": budget_line, "unit": unit, "frequency": frequency, "quantity": rng.choice(quantities),
            "rate": rate + 1000 * rng.randrange(12), "from": starts, "to": None, "package": package, "request_line": None,
            "provider": None if support is DIRECT_PAYMENT else rng.choice(self.providers), "continues": None, "variation": None,
            "state": "recorded", "version": 1,
        }  # fmt: skip
        at = self.at(starts - rng.randrange(-20, 20) * DAY)
        line["line_id"] = self.id(at)
        self.version(at, line, line["line_id"], 1, "recorded", "Agreed at panel")
        first, lines, order = line["line_id"], [line], None
        if line["provider"] and rng.random() < 0.5:
            order = self.order(at, package, line)
        recorded_on = at.date()
        while (recorded_on := recorded_on + rng.randrange(150, 600) * DAY) < self.today and lines[-1]["state"] == "recorded":
            if lines[-1]["to"] is not None:
                break
            self.vary(self.at(recorded_on), first, lines)
        lines = [one for one in lines if one["state"] != "reversed"]
        if frequency != "one_off":
            self.bill(first, lines, order)
        if support is DIRECT_PAYMENT:
            self.account(child, package, first, lines)
        if support is OVERNIGHT:
            self.nights(child, lines)
        if rng.random() < 0.03:
            self.release(at=self.at(self.today - rng.randrange(20, 700) * DAY), line=first, budget_line=budget_line)

    def version(self, at, line: dict, id_: str, number: int, state: str, reason: str) -> None:
        row = self.row(
            "panel.support", at, id=id_, line_id=line["line_id"], version=number, package_id=line["package"], state=state, reason=reason,
            request_line_id=line["request_line"], continues_line_id=line["continues"], variation_id=line["variation"],
            **self.columns(line),
        )  # fmt: skip
        self.write("panel.support", at, "package_lines", line["line_id"], row)

    def order(self, at, package: str, line: dict) -> str:
        self.orders += 1
        number, id_ = f"PO{self.orders:07}", self.id(at)
        order = self.row(
            "finance.officer", at, id=id_, number=number, package_id=package, provider_id=line["provider"], cost_centre="CW100",
            expense_code="4410", raised_on=str(at.date()),
        )  # fmt: skip
        of_line = {"id": self.id(at), "purchase_order_id": id_, "line_id": line["line_id"], "recorded_at": str(at), "recorded_seq": 0}
        rows = [("purchase_orders", order), ("purchase_order_lines", of_line)]
        self.trail.add(at, self.users["finance.officer"], "record", "purchase_orders", id_, rows)
        return number

    def vary(self, at, first: str, lines: list[dict]) -> None:
        """A variation of the last line, as a rule back-dated by up to eight weeks."""
        rng, old = self.rng, lines[-1]
        kind = rng.choices(KINDS, KIND_WEIGHTS)[0]
        if kind == "provider" and old["provider"] is None:
            kind = "rate"
        valid_from = at.date() + (rng.randrange(1, 28) if rng.random() < 0.4 else -rng.randrange(0, 56)) * DAY
        is_anew = kind == "correction" and (at.date() - old["from"]).days < 300
        valid_from = old["from"] if is_anew else max(valid_from, old["from"] + DAY)
        new = dict(old, continues=first, to=None, state="recorded", version=1) | {"from": valid_from}
        match kind:
            case "increase":
                new["quantity"] += new["quantity"] // 2
            case "decrease" | "correction":
                new["quantity"] = max(new["quantity"] * 2 // 3, 250)
            case "rate":
                new["rate"] += new["rate"] // 25
            case "provider":
                new["provider"] = rng.choice(self.providers)
            case "suspension":
                new["from"] = valid_from + rng.randrange(14, 42) * DAY
        id_ = self.id(at)
        row = self.row(
            "service.unit.manager", at, id=id_, package_id=old["package"], line_id=old["line_id"], line_version=old["version"],
            arrangement_id=first, kind=kind, valid_from=str(valid_from), valid_to=str(new["from"]) if kind == "suspension" else None,
            quantity_thousandths=new["quantity"] if kind in ("increase", "decrease", "correction") else None, frequency=None,
            unit_rate_ten_thousandths=new["rate"] if kind == "rate" else None, provider_id=new["provider"] if kind == "provider" else None,
            basis="agreement", request_line_id=None, uprating_id=None, total_before_pence=full_year_pence(old),
            total_after_pence=0 if kind == "end" else full_year_pence(new), tier_before="service_unit_manager",
            tier_after="service_unit_manager", reason="Looked at again",
        )  # fmt: skip
        step = self.row(
            "service.unit.manager", at, id=self.id(at), variation_id=id_, variation_seq=0, state="agreed", taken_on=str(at.date()),
            post=None, capacity=None, clause=None, total_before_pence=None, total_after_pence=None, explanation=None, reason=None,
        )  # fmt: skip
        rows = [("package_variations", row), ("package_variation_steps", Step(step))]
        self.trail.add(at, self.users["service.unit.manager"], "record", "package_variations", id_, rows)
        old["state"], old["version"], old["variation"] = ("reversed" if is_anew else "ended"), old["version"] + 1, id_
        if not is_anew:
            old["to"] = valid_from
        self.version(at, old, self.id(at), old["version"], old["state"], "Varied")
        if kind != "end":
            new["variation"], new["line_id"] = id_, self.id(at)
            self.version(at, new, new["line_id"], 1, "recorded", "Varied")
            lines.append(new)

    def bill(self, first: str, lines: list[dict], order: str | None) -> None:
        """Part payments for each month, posted in the month after it; some are odd."""
        rng, month = self.rng, lines[0]["from"].replace(day=1)
        while (following := next_month(month)) < self.today:
            cost, provider = 0, None
            for line in lines:
                days = (min(line["to"] or following, following) - max(line["from"], month)).days
                if days > 0:
                    cost, provider = cost + full_year_pence(line) * days // (12 * (following - month).days), line["provider"]
            odd = rng.random()
            if odd < 0.03:
                cost = cost * 13 // 10
            if cost >= len(PARTS) and odd < 0.98:
                for part, day in enumerate(PARTS):
                    amount = cost // len(PARTS) if part else cost - (len(PARTS) - 1) * (cost // len(PARTS))
                    entry = self.entry(following.replace(day=day), lines[0]["budget_line"], provider, amount, order)
                    self.odd_entry(entry, first)
            month = following

    def entry(self, posted_on: datetime.date, budget_line: str, provider, amount: int, order, reverses: str | None = None) -> Entry | None:
        if posted_on >= self.today:
            return None
        entry = Entry()
        entry.id = self.id(datetime.datetime.combine(posted_on, datetime.time(12)))
        entry.posted_on, entry.year, entry.budget_line = str(posted_on), label(year_start(posted_on)), budget_line
        entry.provider_id, entry.amount_pence, entry.purchase_order, entry.reverses_id = provider, amount, order, reverses
        self.posted[posted_on.replace(day=1)].append(entry)
        self.found.entries += 1
        return entry

    def odd_entry(self, entry: Entry | None, first: str) -> None:
        """Of a hundred entries some are credited in part, reversed, matched, or name no provider."""
        odd = self.rng.random()
        if entry is None or odd > 0.09:
            return
        later, reversal = next_month(datetime.date.fromisoformat(entry.posted_on)).replace(day=18), None
        if odd < 0.03:
            self.entry(later, entry.budget_line, entry.provider_id, -(entry.amount_pence // 2), entry.purchase_order)
        elif odd < 0.04:
            reversal = self.entry(later, entry.budget_line, entry.provider_id, -entry.amount_pence, entry.purchase_order, entry.id)
        elif odd < 0.05:
            entry.provider_id = entry.purchase_order = None
        if 0.035 < odd:
            at = self.at(min(later + 10 * DAY, self.today - DAY))
            # A reversal is for what the entry that it reverses is for.
            for one in filter(None, (entry, reversal)):
                row = self.row(
                    "finance.officer", at, id=self.id(at), entry_id=one.id, line_id=None if odd > 0.085 else first, reverses_id=None,
                    reason="As the invoice says",
                )  # fmt: skip
                self.write("finance.officer", at, "ledger_matches", row["id"], row)

    def files(self) -> None:
        """The ledger's monthly files, each with the entries posted in its month."""
        for number, (month, entries) in enumerate(sorted(self.posted.items())):
            at = self.at(min(next_month(month) - DAY, self.today - DAY))
            file = self.row(
                "finance.officer", at, id=self.id(at), source="bench", file_name=f"ledger-{month:%Y-%m}.csv",
                sha256=hashlib.sha256(str(month).encode()).hexdigest(), mapping_sha256="0" * 64, lines_read=len(entries), blank=0,
                matched=len(entries), kept_out=0, already_present=0, rounded=0,
            )  # fmt: skip
            for line_number, entry in enumerate(entries, 2):
                entry.file, entry.line_number = file, line_number
            rows = [("ledger_files", file), *(("ledger_entries", entry) for entry in entries)]
            self.trail.add(at, self.users["finance.officer"], "import", "ledger_files", file["id"], rows)

    def release(self, at, budget_line: str, provider: str | None = None, line: str | None = None, up_to=None, year=None) -> None:
        up_to = up_to or at.date().replace(day=1)
        row = self.row(
            "finance.officer", at, id=self.id(at), year=year or label(year_start(up_to - DAY)), budget_line=budget_line,
            provider_id=provider, line_id=line, up_to=str(up_to), reverses_id=None, reason="Nothing more will be billed",
        )  # fmt: skip
        self.write("finance.officer", at, "commitment_releases", row["id"], row)

    def releases(self) -> None:
        """What no bill came for by the end of June is released; and of some providers a quarter before."""
        starts = year_start(self.first)
        while (ends := datetime.date(starts.year + 1, 4, 1)) + 95 * DAY < self.today:
            for line in BUDGETS:
                self.release(self.at(ends + 90 * DAY), line, up_to=ends, year=label(starts))
            starts = ends
        for place in range(6):
            self.release(self.at(self.today - 9 * DAY), BUDGETS[1 + place % 4], provider=self.providers[place], up_to=self.quarter_ago())

    def quarter_ago(self) -> datetime.date:
        return (self.today - 95 * DAY).replace(day=1)

    def account(self, child: str, package: str, first: str, lines: list[dict]) -> None:
        """A direct payment account, and what was paid every four weeks."""
        self.accounts += 1
        at = self.at(lines[0]["from"])
        starts = lines[0]["from"] + (-(lines[0]["from"] - self.first).days % 28) * DAY
        id_ = self.id(at)
        self.last_account = id_
        row = self.row(
            "finance.officer", at, id=id_, reference=f"DP-{self.accounts:06}", child_id=child, package_id=package, line_id=first,
            opened_on=str(at.date()), starts_on=str(starts), weeks_per_payment=4, set_up_due_at=None,
        )  # fmt: skip
        self.write("finance.officer", at, "direct_payment_accounts", id_, row)
        row = self.row(
            "service.unit.manager", at, id=self.id(at), line_id=first, version=1, confirmed_on=str(at.date()), post="service_unit_manager",
            capacity="holder", clause="made up", paid_from=str(starts), total_pence=0, explanation="{}", reason=None,
        )  # fmt: skip
        self.write("service.unit.manager", at, "package_line_confirmations", first, row)
        for number, kind in enumerate(("agreement_signed", "bank_account_recorded", "dbs_seen"), 1):
            step = self.row(
                "finance.officer", at, id=self.id(at), account_id=id_, number=number, kind=kind, taken_on=str(at.date()), until_on=None,
                bank_reference="****1234" if number == 2 else None, payee_reference=f"P{self.accounts:06}" if number == 2 else None,
                line_id=None, reverses_id=None, reason=None,
            )  # fmt: skip
            self.write("finance.officer", at, "direct_payment_steps", step["id"], step)
        self.standings.append((id_, *(4 * [str(at.date())])))
        pay_on = starts
        while pay_on < self.today:
            for line in lines:
                if line["from"] <= pay_on and (line["to"] is None or pay_on < line["to"]):
                    # One four weeks' worth.
                    self.payments[pay_on].append((id_, pay_on, (line["quantity"] * line["rate"] + 50_000) // 100_000))
            pay_on += 28 * DAY

    def pay_files(self) -> None:
        for number, (pay_on, payments) in enumerate(sorted(self.payments.items()), 1):
            at = self.at(pay_on)
            export = self.row(
                "finance.officer", at, id=self.id(at), number=number, layout="1", pay_on=str(pay_on), reason=None, accounts=len(payments),
                payments=len(payments), total_pence=sum(amount for _, _, amount in payments), details_sha256="0" * 64,
                file_sha256="0" * 64, file="made up", left_out="[]",
            )  # fmt: skip
            rows = [("direct_payment_exports", export)]
            for account, starts, amount in payments:
                payment = self.row(
                    "finance.officer", at, id=self.id(at), account_id=account, export_id=export["id"], repayment_id=None, kind="period",
                    line_id=None, corrects_id=None, period_from=str(starts), period_to=str(starts + 28 * DAY), due_on=str(starts),
                    paid_on=str(pay_on), amount_pence=amount,
                )  # fmt: skip
                rows.append(("direct_payments", payment))
            self.trail.add(at, self.users["finance.officer"], "record", "direct_payment_exports", export["id"], rows)

    def nights(self, child: str, lines: list[dict]) -> None:
        """Two nights a month, booked three weeks ahead, and two months ahead booked only."""
        month = next_month(lines[0]["from"])
        while month < self.today + 60 * DAY:
            first = month + self.rng.randrange(0, 25) * DAY
            for line in lines:
                if line["from"] <= first and (line["to"] is None or first + DAY < line["to"]):
                    self.stay(child, line, first)
            month = next_month(month)

    def stay(self, child: str, line: dict, first: datetime.date) -> None:
        at = self.at(min(first - 21 * DAY, self.today - DAY))
        stay, last = self.id(at), first + DAY
        is_over = last + 2 * DAY < self.today
        for version, state in enumerate(("booked", "stayed") if is_over else ("booked",), 1):
            row = self.row(
                "social.worker", at, id=stay if version == 1 else self.id(at), stay_id=stay, version=version, child_id=child,
                provider_id=line["provider"], line_id=line["line_id"], first_night=str(first), last_night=str(last), state=state,
                reason="As planned",
            )  # fmt: skip
            self.write("social.worker", at, "night_bookings", row["id"], row)
            at = self.at(last + 2 * DAY)
        if not is_over:
            self.unconfirmed.append((stay, str(last)))


def fill(database_file: str, children: int, today: datetime.date) -> Filled:
    """Fills the store of a database file, in which the users are already, with so many children. The server must not run."""
    database = sqlite3.connect(database_file, isolation_level=None)
    database.executescript(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -1000000; BEGIN"
    )
    trail = Trail()
    money = Money(trail, dict(database.execute("SELECT username, id FROM users")), today)
    money.budgets()
    money.years()
    for number in range(children):
        money.family(number)
    money.rng = random.Random(SEED)
    money.releases()
    money.files()
    money.pay_files()
    trail.store(database)
    columns = "account_id, agreement_on, bank_on, dbs_on, support_agreed_on"
    marks = f"INSERT INTO direct_payment_standings ({columns}) VALUES (?, ?, ?, ?, ?)"
    database.executemany(marks, money.standings)
    database.executemany("INSERT INTO stays_to_confirm VALUES (?, ?)", money.unconfirmed)
    database.execute("COMMIT")
    broken = database.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise SystemExit(f"the filled store has {len(broken)} broken references: {broken[:5]}")
    database.close()
    return money.found


def main() -> None:
    database_file, children, day = sys.argv[1:]
    print(json.dumps(dataclasses.asdict(fill(database_file, int(children), datetime.date.fromisoformat(day)))))


if __name__ == "__main__":
    main()
