"""The rows of the bench's made-up authority: its panels, providers, budgets and packages, and what support costs."""

import datetime
import random

from panel_trail import Trail

SEED = 20240401
YEARS = 5
REQUESTS_PER_PANEL = 77

# What there is to ask for: service, budget line, unit, frequency, quantities in thousandths, rate in ten-thousandths of a pound.
SUPPORT = (
    ("targeted_outreach", "targeted_outreach", "hour", "weekly", (1000, 2000, 3000), 198_000),
    ("holiday_club_one_to_one", "community_short_breaks", "day", "holiday_weeks", (1000, 2000), 780_000),
    ("direct_payment", "direct_payments", "hour", "four_weekly", (6000, 8000, 16_000), 145_000),
    ("home_care", "home_care", "hour", "weekly", (1500, 2000, 3000), 214_500),
    ("overnight_stay", "overnight_respite", "night", "monthly", (500, 1000), 3_120_000),
    ("arts_sessions", "community_short_breaks", "session", "term_time_weeks", (1000,), 285_000),
    ("nursery_extra_hours", "nursery", "hour", "term_time_weeks", (3000, 6000), 165_000),
    ("equipment", "community_short_breaks", "item", "one_off", (1000,), 1_850_000),
)
TIMES_A_YEAR = {"weekly": 52, "four_weekly": 13, "monthly": 12, "term_time_weeks": 38, "holiday_weeks": 14, "one_off": 1}
BUDGETS = (
    "nursery",
    "community_short_breaks",
    "targeted_outreach",
    "overnight_respite",
    "home_care",
    "direct_payments",
    "voluntary_sector_grants",
)


def year_start(on: datetime.date) -> datetime.date:
    """The first day of the financial year of a day."""
    return datetime.date(on.year if on.month >= 4 else on.year - 1, 4, 1)


def first_of_month_after(on: datetime.date, days: int) -> datetime.date:
    later = on + datetime.timedelta(days=days)
    return datetime.date(later.year + later.month // 12, later.month % 12 + 1, 1)


def full_year_pence(line: dict) -> int:
    """As the service costs it: half a penny away from nought."""
    parts = line["quantity"] * line["rate"] * TIMES_A_YEAR[line["frequency"]]
    return (2 * parts + 100_000) // 200_000


WEEKS = {"weekly": 7, "four_weekly": 28}


def pence(line: dict, parts: int, of: int) -> int:
    """So many parts of what one time costs."""
    whole = 100_000 * of
    return (2 * line["quantity"] * line["rate"] * parts + whole) // (2 * whole)


def pence_before(line: dict, day: datetime.date) -> int:
    """What falls before a day: whole weeks or months, and of part of one its days."""
    if length := WEEKS.get(line["frequency"]):
        whole, rest = divmod((day - line["from"]).days, length)
        return whole * pence(line, 1, 1) + pence(line, rest, length)
    total, month = 0, line["from"].replace(day=1)
    while month < day:
        following = first_of_month_after(month, 0)
        total += pence(line, (min(day, following) - max(line["from"], month)).days, (following - month).days)
        month = following
    return total


def this_year_pence(line: dict, on: datetime.date) -> int:
    starts = year_start(on)
    ends = datetime.date(starts.year + 1, 4, 1)
    first, last = max(line["from"], starts), min(line["to"] or ends, ends)
    if first >= last:
        return 0
    if line["frequency"] == "one_off":
        return full_year_pence(line) if line["from"] >= starts else 0
    if line["frequency"] in ("term_time_weeks", "holiday_weeks"):
        return pence(line, TIMES_A_YEAR[line["frequency"]] * (last - first).days, (ends - starts).days)
    return pence_before(line, last) - pence_before(line, first)


class Records:
    """What an authority has on record up to a day, as writes of a trail."""

    def __init__(self, trail: Trail, users: dict[str, str], today: datetime.date, requests: int):
        self.trail, self.users, self.today = trail, users, today
        self.first = today - datetime.timedelta(days=365 * YEARS)
        self.rng = random.Random(SEED)
        self.panels = self.calendar(requests)
        self.taken = {panel: 0 for _, panel in self.panels}
        self.providers = [self.provider(number) for number in range(40)]

    def id(self, at: datetime.datetime) -> str:
        """A version 7 UUID of an instant, the same in every run."""
        millis = int(at.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000)
        bits = (millis << 80) | (7 << 76) | (self.rng.getrandbits(12) << 64) | (2 << 62) | self.rng.getrandbits(62)
        text = f"{bits:032x}"
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    def at(self, on: datetime.date) -> datetime.datetime:
        """An instant of office hours."""
        return datetime.datetime.combine(on, datetime.time(9, 0)) + datetime.timedelta(seconds=self.rng.randrange(27_000))

    def row(self, who: str, at: datetime.datetime, **columns) -> dict:
        return columns | {"recorded_by": self.users[who], "recorded_at": str(at), "recorded_seq": 0}

    def calendar(self, requests: int) -> list[tuple[datetime.date, str]]:
        """Panels evenly over the years and two months more, on weekdays: fortnightly, and more often where the requests fill more."""
        days = [self.first + datetime.timedelta(days=n) for n in range(365 * YEARS + 60)]
        days = [day for day in days if day.weekday() < 5 and day != self.today]
        count = min(max(requests // REQUESTS_PER_PANEL, 26 * YEARS), len(days))
        days = [days[(n + 1) * len(days) // count - 1] for n in range(count)]
        panels = []
        for held_on in days:
            at = self.at(self.first - datetime.timedelta(days=30))
            panels.append((held_on, self.panel(at, held_on, 100)))
        return panels

    def panel(self, at: datetime.datetime, held_on: datetime.date, slots: int) -> str:
        row = self.row(
            "panel.support",
            at,
            id=self.id(at),
            held_on=str(held_on),
            starts_at="09:00",
            slots=slots,
            slot_minutes=5,
            papers_due_on=str(held_on),
        )
        self.trail.add(at, self.users["panel.support"], "record", "panels", row["id"], [("panels", row)])
        return row["id"]

    def provider(self, number: int) -> str:
        at = self.at(self.first - datetime.timedelta(days=60))
        row = {
            "id": self.id(at),
            "code": f"provider_{number:02}",
            "name": f"Provider {number}",
            "sector": "voluntary",
            "location": "in_borough",
            "recorded_at": str(at),
            "recorded_seq": 0,
        }
        self.trail.add(at, self.users["finance.officer"], "record", "providers", row["id"], [("providers", row)])
        return row["id"]

    def budgets(self) -> None:
        """The panel's financial year: a budget for each line, a virement, grants."""
        starts = year_start(self.today)
        ends, year = datetime.date(starts.year + 1, 4, 1), f"{starts.year}-{(starts.year + 1) % 100:02}"
        at = self.at(starts - datetime.timedelta(days=20))
        officer = self.users["finance.officer"]
        opened = {
            "year": year,
            "starts_on": str(starts),
            "ends_on": str(ends - datetime.timedelta(days=1)),
            "recorded_at": str(at),
            "recorded_seq": 0,
        }
        self.trail.add(at, officer, "record", "financial_years", year, [("financial_years", opened)])
        amounts = [("original", line, 90_000_000 + 7_654_321 * place) for place, line in enumerate(BUDGETS)]
        amounts += [("virement", "nursery", -1_250_050), ("virement", "overnight_respite", 1_250_050)]
        virement = self.id(at)
        for kind, line, pence in amounts:
            row = self.row(
                "finance.officer",
                at,
                id=self.id(at),
                year=year,
                budget_line=line,
                kind=kind,
                amount_pence=pence,
                effective_on=str(starts),
                virement_id=virement if kind == "virement" else None,
                reverses_id=None,
                reason="Budget Council",
            )
            self.trail.add(at, officer, "record", "budget_movements", row["id"], [("budget_movements", row)])
        for number in range(12):
            period = starts + datetime.timedelta(days=31 * number - 90)
            row = self.row(
                "finance.officer",
                at,
                id=self.id(at),
                reference=f"G-{number:02}",
                provider_id=self.providers[number],
                budget_line="voluntary_sector_grants",
                title="Saturday club",
                purpose="Activities open to disabled children",
                awarded_on=str(starts),
                period_from=str(period),
                period_to=str(period + datetime.timedelta(days=365)),
                amount_pence=2_000_003 + 111 * number,
                reverses_id=None,
                reason="Award letter",
            )
            self.trail.add(at, officer, "record", "grants", row["id"], [("grants", row)])

    def support(self, on: datetime.date) -> dict:
        """Something to ask for, from some weeks after a day."""
        rng = self.rng
        service, budget_line, unit, frequency, quantities, rate = rng.choice(SUPPORT)
        starts = first_of_month_after(on, rng.randrange(20, 50))
        ends = first_of_month_after(starts, rng.choice((180, 360))) if rng.random() < 0.2 else None
        return {
            "service": service,
            "budget_line": budget_line,
            "unit": unit,
            "frequency": frequency,
            "quantity": rng.choice(quantities),
            "rate": rate + 1000 * rng.randrange(12),
            "from": starts,
            "to": ends,
            "provider": rng.choice(self.providers),
            "replaces": None,
        }

    @staticmethod
    def columns(line: dict) -> dict:
        return {
            "service": line["service"],
            "budget_line": line["budget_line"],
            "provider_id": line["provider"],
            "statement_category": None,
            "unit": line["unit"],
            "quantity_thousandths": line["quantity"],
            "frequency": line["frequency"],
            "unit_rate_ten_thousandths": line["rate"],
            "valid_from": str(line["from"]),
            "valid_to": line["to"] and str(line["to"]),
        }

    def package_line(self, at, package: str, line: dict, request_line: str | None, running: dict) -> None:
        line_id = self.id(at)
        line |= {"line_id": line_id, "package": package, "request_line": request_line}
        self.version(at, line, line_id, 1, "recorded", "Agreed at panel")
        if line["to"] is None or line["to"] > self.today:
            running[line_id] = line

    def end(self, line: dict, ends: datetime.date) -> None:
        at = self.at(min(ends, self.today - datetime.timedelta(days=1)))
        line["to"] = ends
        self.version(at, line, self.id(at), 2, "ended", "Looked at again")

    def version(self, at, line: dict, id_: str, number: int, state: str, reason: str) -> None:
        columns = self.columns(line) | {"request_line_id": line["request_line"]}
        row = self.row(
            "panel.support",
            at,
            id=id_,
            line_id=line["line_id"],
            version=number,
            package_id=line["package"],
            state=state,
            reason=reason,
            **columns,
        )
        self.trail.add(at, self.users["panel.support"], "record", "package_lines", line["line_id"], [("package_lines", row)])
