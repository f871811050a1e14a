"""A year's forecast outturn with pandas, from the service's own SQLite file, as an analyst would write it.

    forecast_pandas.py DATABASE PROFILE YEAR[@DAY]...

Reads the columns it needs, cuts what is planned into weeks within months, and settles them with what was paid, whole columns at a time
and in integers; `@DAY` counts only what was recorded by the end of that day. Prints actual and committed by budget line and month as
JSON, to be compared with the service's, and its seconds from the first read on. It knows neither joint funding, instalments nor closed
years, and refuses a store that has any.
"""

import json
import sqlite3
import sys
import time
import tomllib

import numpy
import pandas

from line_costs import cost_in_year, half_away, whole_days

NEVER = numpy.datetime64("2200-01-01", "D")
NOT_KNOWN = ("joint_fundings", "grant_instalments", "commitment_carry_forwards", "year_closures")
LEVELS = ("arrangement", "order", "provider", "line")


def days_of(column) -> numpy.ndarray:
    days = pandas.to_datetime(column, format="%Y-%m-%d").values.astype("datetime64[D]")
    return numpy.where(numpy.isnat(days), NEVER, days)


class Forecast:
    """A financial year as known on a day."""

    def __init__(self, database: sqlite3.Connection, profile: dict, year: str, day: str | None):
        self.database, self.year = database, year
        # Instants are text that sorts; all of a day sorts before `day` and a character that comes after the space.
        self.before = f"{day}~" if day else "~"
        first = int(year[:4])
        self.starts, self.ends = numpy.datetime64(f"{first}-04-01"), numpy.datetime64(f"{first + 1}-04-01")
        self.months = [self.starts.astype("datetime64[M]") + n for n in range(12)]
        costing = profile["costing"]
        weeks, term = costing["weeks_per_year"]["value"], costing["term_time_weeks_per_year"]["value"]
        # Four times as often, so that all are whole.
        self.times = {
            "weekly": 4 * weeks,
            "fortnightly": 2 * weeks,
            "four_weekly": weeks,
            "monthly": 48,
            "term_time_weeks": 4 * term,
            "holiday_weeks": 4 * (weeks - term),
            "per_year": 4,
            "one_off": 4,
        }

    def read(self, table: str, columns: str, condition: str = "1", parameters=()) -> pandas.DataFrame:
        sql = f"SELECT {columns} FROM {table} WHERE recorded_at < ? AND {condition}"
        return pandas.read_sql(sql, self.database, params=(self.before, *parameters))

    def lines(self) -> pandas.DataFrame:
        """The last version of every line that stands and has a day in the year."""
        lines = self.read(
            "package_lines",
            "line_id, version, state, continues_line_id, budget_line, provider_id, quantity_thousandths AS quantity, frequency, "
            "unit_rate_ten_thousandths AS rate, valid_from, valid_to",
        )
        lines = lines.sort_values("version").drop_duplicates("line_id", keep="last")
        lines = lines[lines.state != "reversed"]
        lines = lines.assign(first=days_of(lines.valid_from), last=days_of(lines.valid_to))
        lines = lines[(lines["first"] < self.ends) & (lines["last"] > self.starts)]
        return lines.assign(owner=lines.continues_line_id.fillna(lines.line_id), is_line=True)

    def grants(self) -> pandas.DataFrame:
        grants = self.read("grants", "id, reverses_id, provider_id, budget_line, amount_pence AS amount, period_from, period_to")
        grants = grants.assign(first=days_of(grants.period_from), last=days_of(grants.period_to))
        return grants.assign(owner=grants.reverses_id.fillna(grants.id), is_line=False)

    def line_costs(self, lines: pandas.DataFrame, cuts: numpy.ndarray) -> numpy.ndarray:
        """By line and cut, what falls between the year's start and the cut."""
        return cost_in_year(lines, self.times, self.starts, cuts)

    def grant_costs(self, grants: pandas.DataFrame, cuts: numpy.ndarray) -> numpy.ndarray:
        first, last = (grants[column].values.astype("datetime64[D]")[:, None] for column in ("first", "last"))
        whole = whole_days(last - first)
        elapsed = numpy.clip(whole_days(cuts[None, :] - first), 0, whole)
        amounts = grants.amount.values[:, None]
        return numpy.sign(amounts) * half_away(numpy.abs(amounts) * elapsed, numpy.maximum(whole, 1))

    def cells(self, lines: pandas.DataFrame, grants: pandas.DataFrame, releases: pandas.DataFrame) -> pandas.DataFrame:
        """What is planned by week within a month, owner and provider, in the order in which it is settled."""
        days = numpy.arange(self.starts, self.ends)
        mondays = days[(days.astype("int64") + 3) % 7 == 0]
        firsts = numpy.array([month.astype("datetime64[D]") for month in self.months])
        up_to = releases.up_to.values.astype("datetime64[D]")
        up_to = up_to[(self.starts < up_to) & (up_to < self.ends)]
        cuts = numpy.unique(numpy.concatenate([mondays, firsts, up_to, [self.ends]]))
        parts = []
        for plans, costs in ((lines, self.line_costs), (grants, self.grant_costs)):
            pence = numpy.diff(costs(plans, cuts), axis=1)
            row, stretch = numpy.nonzero(pence)
            plans = plans[["owner", "provider_id", "is_line"]].iloc[row].assign(stretch=stretch, planned=pence[row, stretch])
            parts.append(plans)
        cells = pandas.concat(parts)
        # Without a provider first, as an empty text sorts.
        cells["provider_id"] = cells.provider_id.fillna("")
        cells = cells.groupby(["stretch", "owner", "is_line", "provider_id"], as_index=False, sort=True).planned.sum()
        cells = cells[cells.planned > 0].reset_index(drop=True).astype({"stretch": "int64", "planned": "int64", "is_line": bool})
        cells["to"] = cuts[1:][cells.stretch]
        cells["month"] = (cuts[cells.stretch].astype("datetime64[M]") - self.months[0]).astype("int64")
        return cells

    def entries(self) -> pandas.DataFrame:
        """The year's payments, with what each is said to be for."""
        columns = "id, posted_on, budget_line, provider_id, amount_pence AS amount, reverses_id, purchase_order"
        entries = self.read("ledger_entries", columns, "year = ?", (self.year,))
        day = days_of(entries.posted_on)
        entries["day"] = numpy.clip(day, self.starts, self.ends - 1)
        matches = self.read("ledger_matches", "id, entry_id, line_id, reverses_id, recorded_seq")
        matches = matches[matches.reverses_id.isna() & ~matches.id.isin(matches.reverses_id.dropna())]
        matches = matches.sort_values(["recorded_seq", "id"]).drop_duplicates("entry_id", keep="last")
        matched = matches.set_index("entry_id").line_id.fillna("none")
        own, of_reversed = entries.id.map(matched), entries.reverses_id.map(matched)
        entries["matched"] = own.where(own.notna(), of_reversed)
        orders = self.read("purchase_orders", "id, number").set_index("number").id
        entries["order"] = entries.purchase_order.map(orders)
        return entries

    def releases(self) -> pandas.DataFrame:
        releases = self.read("commitment_releases", "id, budget_line, provider_id, line_id, up_to, reverses_id", "year = ?", (self.year,))
        releases = releases[releases.reverses_id.isna() & ~releases.id.isin(releases.reverses_id.dropna())]
        return releases.assign(up_to=numpy.clip(days_of(releases.up_to), self.starts, self.ends))

    def by_month(self) -> list[list]:
        """Budget line, month, actual and committed, with the ledger's signs."""
        lines, grants, entries, releases = self.lines(), self.grants(), self.entries(), self.releases()
        order_of = self.read("purchase_order_lines", "line_id, purchase_order_id").set_index("line_id").purchase_order_id
        rows = []
        for code, direction in self.database.execute("SELECT code, direction FROM budget_lines ORDER BY code"):
            sign = -1 if direction == "income" else 1
            of = [table[table.budget_line == code] for table in (lines, grants, entries, releases)]
            cells = self.cells(of[0], of[1], of[3])
            cells["order"] = cells.owner.where(cells.is_line).map(order_of)
            committed = Settling(cells, of[2].assign(amount=sign * of[2].amount), of[3]).open_by_month()
            actual = numpy.zeros(12, "int64")
            numpy.add.at(actual, (of[2].day.values.astype("datetime64[M]") - self.months[0]).astype("int64"), of[2].amount.values)
            rows += [[code, str(month), int(a), sign * int(c)] for month, a, c in zip(self.months, actual, committed)]
        return rows


class Settling:
    """The cells of a budget line, and the wallets of those that payments are for: of arrangements, orders, providers, the line."""

    def __init__(self, cells: pandas.DataFrame, entries: pandas.DataFrame, releases: pandas.DataFrame):
        self.cells, self.entries, self.releases = cells, entries, releases
        self.planned = cells.planned.values
        self.paid, self.released = numpy.zeros(len(cells), "int64"), numpy.zeros(len(cells), "int64")
        self.is_released = numpy.zeros(len(cells), bool)
        keys = (cells.owner.where(cells.is_line), cells.order, cells.provider_id.replace("", None), pandas.Series("all", cells.index))
        self.codes, self.names = [], []
        for column in keys:
            codes, names = pandas.factorize(column)
            self.codes.append(codes)
            self.names.append(pandas.Index(names))
        self.fills = [numpy.zeros(len(cells), "int64") for _ in LEVELS]
        self.left = [numpy.zeros(len(names), "int64") for names in self.names]

    def pools(self) -> numpy.ndarray:
        """By entry its level and the number of its wallet there; what settles nothing has none."""
        entries = self.entries
        level = numpy.select([entries.matched.notna(), entries.order.notna(), entries.provider_id.notna()], [0, 1, 2], 3)
        pools = numpy.full(len(entries), -1)
        for number, column in enumerate((entries.matched, entries.order, entries.provider_id, pandas.Series("all", entries.index))):
            pools = numpy.where(level == number, self.names[number].get_indexer(column), pools)
        return numpy.stack([level, pools])

    def open_by_month(self) -> numpy.ndarray:
        level, pool = self.pools()
        days, amounts = self.entries.day.values.astype("datetime64[D]"), self.entries.amount.values
        so_far = numpy.zeros(len(days), bool)
        for boundary in [*numpy.unique(self.releases.up_to.values.astype("datetime64[D]")), NEVER]:
            entering = ~so_far & (days < boundary)
            so_far |= entering
            for number in range(len(LEVELS)):
                chosen = entering & (level == number) & (pool >= 0)
                numpy.add.at(self.left[number], pool[chosen], amounts[chosen])
            self.settle()
            if boundary != NEVER:
                self.release(boundary)
        months = numpy.zeros(12, "int64")
        numpy.add.at(months, self.cells.month.values, self.open())
        return months

    def open(self) -> numpy.ndarray:
        return self.planned - self.paid - self.released

    def settle(self) -> None:
        for number in range(len(LEVELS)):
            self.take_back(number)
        for number in range(len(LEVELS)):
            self.fill(number)

    def take_back(self, number: int) -> None:
        """Who has less than nothing takes back what it filled, the latest first."""
        codes, left = self.codes[number], self.left[number]
        here = numpy.flatnonzero((codes >= 0) & (left[codes] < 0)) if len(left) else []
        if len(here) == 0:
            return
        fills, of = self.fills[number][here], pandas.Series(codes[here])
        so_far = pandas.Series(fills).groupby(of.values).cumsum().values
        after = pandas.Series(fills).groupby(of.values).transform("sum").values - so_far
        back = numpy.clip(-left[of.values] - after, 0, fills)
        self.fills[number][here] -= back
        self.paid[here] -= back
        self.released[here] += numpy.where(self.is_released[here], back, 0)
        numpy.add.at(left, of.values, back)

    def fill(self, number: int) -> None:
        """Who has something fills what is open, the earliest first."""
        codes, left = self.codes[number], self.left[number]
        here = numpy.flatnonzero((codes >= 0) & (left[codes] > 0)) if len(left) else []
        if len(here) == 0:
            return
        open_, of = self.open()[here], codes[here]
        earlier = pandas.Series(open_).groupby(of).cumsum().values - open_
        paid = numpy.clip(left[of] - earlier, 0, open_)
        self.fills[number][here] += paid
        self.paid[here] += paid
        numpy.subtract.at(left, of, paid)

    def release(self, boundary) -> None:
        is_over = self.cells.to.values.astype("datetime64[D]") <= boundary
        for release in self.releases[self.releases.up_to.values.astype("datetime64[D]") == boundary].itertuples():
            if isinstance(release.line_id, str):
                chosen = is_over & (self.cells.is_line & (self.cells.owner == release.line_id)).values
            elif isinstance(release.provider_id, str):
                chosen = is_over & (self.cells.provider_id == release.provider_id).values
            else:
                chosen = is_over
            self.released[chosen] += self.open()[chosen]
            self.is_released |= chosen


def main() -> None:
    database_file, profile_file, *questions = sys.argv[1:]
    with open(profile_file, "rb") as file:
        profile = tomllib.load(file)
    started = time.perf_counter()
    database = sqlite3.connect(database_file)
    for table in NOT_KNOWN:
        if database.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0]:
            sys.exit(f"the store has {table.replace('_', ' ')}, which this script does not know")
    answers = {}
    for question in questions:
        year, _, day = question.partition("@")
        answers[question] = Forecast(database, profile, year, day or None).by_month()
    print(json.dumps({"answers": answers, "seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main()
