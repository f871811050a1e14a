"""The projection workbook of a panel with pandas and openpyxl, from the service's own SQLite file, as an analyst would write it.

    panel_pandas.py DATABASE PANEL_ID PROFILE WORKBOOK

Reads the columns it needs of the tables, joins and costs them with whole columns at a time in integers, and writes the workbook's two
sheets. Prints its figures as JSON, to be compared with the service's, and its seconds from the first read to the file written.
"""

import json
import sqlite3
import sys
import time
import tomllib

import numpy
import openpyxl
import pandas
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from line_costs import PER_PENNY, cost_in_year, half_away

# Later than any line ends.
NEVER = numpy.datetime64("2200-01-01")
LINE_COLUMNS = "budget_line, quantity_thousandths AS quantity, frequency, unit_rate_ten_thousandths AS rate, valid_from, valid_to"


class Costing:
    """What lines cost in the panel's financial year and in a full year."""

    def __init__(self, profile: dict, held_on: numpy.datetime64):
        weeks, term = profile["weeks_per_year"]["value"], profile["term_time_weeks_per_year"]["value"]
        # Twice as often, so that all are whole.
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
        day = held_on.astype(object)
        first = day.year if day.month >= 4 else day.year - 1
        self.on, self.starts, self.ends = held_on, numpy.datetime64(f"{first}-04-01"), numpy.datetime64(f"{first + 1}-04-01")
        self.year = f"{first}-{(first + 1) % 100:02}"

    def up_to(self, lines: pandas.DataFrame, day) -> numpy.ndarray:
        """From the year's start to the day before `day`."""
        lines = lines.assign(first=lines.valid_from, last=lines.valid_to)
        return cost_in_year(lines, self.times, self.starts, numpy.array([day], "datetime64[D]"))[:, 0]

    def add_costs(self, lines: pandas.DataFrame) -> pandas.DataFrame:
        parts = (lines.quantity * lines.rate * lines.frequency.map(self.times)).values
        counts = (lines.valid_to.values > self.on) & ((lines.frequency.values != "one_off") | (lines.valid_from.values >= self.starts))
        return lines.assign(this_year=self.up_to(lines, self.ends), full_year=numpy.where(counts, half_away(parts, 4 * PER_PENNY), 0))


def read(database: sqlite3.Connection, sql: str, parameters=()) -> pandas.DataFrame:
    table = pandas.read_sql(sql, database, params=parameters)
    for column in {"valid_from", "valid_to", "decided_on", "period_from", "period_to"} & set(table.columns):
        days = pandas.to_datetime(table[column], format="%Y-%m-%d").values.astype("datetime64[D]")
        table[column] = numpy.where(numpy.isnat(days), NEVER, days).astype("datetime64[s]")
    return table


def money(this_year=0, full_year=0) -> dict:
    return {"this_year_pence": int(this_year), "full_year_pence": int(full_year)}


def plus(one: dict, other: dict, sign: int = 1) -> dict:
    return {key: one[key] + sign * other[key] for key in one}


def known_lines(database, costing: Costing) -> pandas.DataFrame:
    """The last version of every package line that touches the year or runs on."""
    versions = read(database, f"SELECT line_id, version, state, request_line_id, {LINE_COLUMNS} FROM package_lines")
    last = versions.sort_values("version").drop_duplicates("line_id", keep="last")
    return costing.add_costs(last[(last.state != "reversed") & (last.valid_to.values > costing.starts)])


def carried_out(database) -> pandas.Series:
    """The request lines that a package line carries out that was not reversed."""
    versions = read(database, "SELECT line_id, state, request_line_id FROM package_lines")
    reversed_ = versions[versions.state == "reversed"].line_id
    return versions[~versions.line_id.isin(reversed_)].request_line_id.dropna()


def items_of(requests, decisions, appeals, database, panel: str) -> pandas.DataFrame:
    """The panel's items by slot, and what each has come to."""
    bookings = read(
        database,
        "SELECT request_id, slot FROM panel_bookings b WHERE panel_id = ? AND NOT EXISTS "
        "(SELECT 1 FROM panel_booking_releases r WHERE r.booking_id = b.id)",
        (panel,),
    )
    here = decisions[decisions.panel_id == panel].sort_values("number").drop_duplicates("request_id", keep="last")
    items = bookings.merge(requests, left_on="request_id", right_on="id")
    items = items.merge(here[["request_id", "id", "revision"]], on="request_id", how="left", suffixes=("", "_decided"))
    items = items.merge(appeals, left_on="id_decided", right_on="decision_id", how="left", suffixes=("", "_appealed"))
    state = items.state.where(items.state != "under_appeal", items.state_before)
    standing = state.map(
        {"approved": "agreed", "approved_in_part": "agreed", "awaiting_authority": "waiting", "awaiting_ratification": "waiting"}
    )
    standing = standing.fillna("not_agreed").where(items.decision_id == items.id_decided, "not_agreed")
    undecided = numpy.where(items.state == "withdrawn", "not_agreed", "undecided")
    items["standing"] = standing.where(items.id_decided.notna(), undecided)
    items["revision"] = items.revision_decided.fillna(items.revision).astype("int64")
    return items.sort_values("slot")


def save(line, known: dict, costing: Costing, gone: set, changes: dict) -> None:
    """Takes what is left of the package line that a line replaces from its budget line."""
    replaced = known.get(line.replaces_line_id)
    if replaced is None or line.replaces_line_id in gone:
        return
    gone.add(line.replaces_line_id)
    one = pandas.DataFrame([replaced])
    for column in ("valid_from", "valid_to"):
        one[column] = one[column].values.astype("datetime64[s]")
    day = min(max(numpy.datetime64(line.valid_from), costing.starts), costing.ends)
    left = money(max(costing.up_to(one, costing.ends)[0] - costing.up_to(one, day)[0], 0), replaced["full_year"])
    changes[replaced["budget_line"]] = plus(changes.get(replaced["budget_line"], money()), left, -1)


def projection(database, panel: str, profile: dict) -> dict:
    held_on = database.execute("SELECT held_on FROM panels WHERE id = ?", (panel,)).fetchone()[0]
    costing = Costing(profile, numpy.datetime64(held_on))
    requests = read(database, "SELECT id, reference, state, revision, decision_id FROM requests")
    decisions = read(database, "SELECT id, request_id, number, panel_id, decided_on, revision FROM decisions ORDER BY recorded_seq")
    appeals = read(database, "SELECT decision_id, state_before FROM appeals")
    asked = read(database, f"SELECT id, request_id, revision, number, replaces_line_id, {LINE_COLUMNS} FROM request_lines ORDER BY number")
    known = known_lines(database, costing)
    items = items_of(requests, decisions, appeals, database, panel)
    own = asked.merge(items[["request_id", "revision", "slot", "reference", "standing"]], on=["request_id", "revision"])
    own = costing.add_costs(own.sort_values(["slot", "number"]))

    before = known[~known.request_line_id.isin(own[own.standing == "agreed"].id)]
    before = before.groupby("budget_line")[["this_year", "full_year"]].sum()
    before = {line: money(row.this_year, row.full_year) for line, row in before.iterrows()}
    by_line = known.set_index("line_id").to_dict("index")

    # Agreed before this panel and not commissioned.
    standing = requests.merge(decisions, left_on="decision_id", right_on="id", suffixes=("", "_decided"))
    standing = standing.merge(appeals, on="decision_id", how="left")
    in_part = (standing.state == "under_appeal") & (standing.state_before == "approved_in_part")
    agreed = standing[
        (standing.state.isin(["approved", "approved_in_part"]) | in_part)
        & (standing.decided_on.values <= costing.on)
        & (standing.panel_id != panel)
    ]
    agreed = agreed[["request_id", "revision_decided"]].rename(columns={"revision_decided": "revision"}).reset_index(names="order")
    earlier = asked.merge(agreed, on=["request_id", "revision"]).sort_values(["order", "number"], kind="stable")
    waiting = costing.add_costs(earlier[~earlier.id.isin(carried_out(database))])
    for line, row in waiting.groupby("budget_line")[["this_year", "full_year"]].sum().iterrows():
        before[line] = plus(before.get(line, money()), money(row.this_year, row.full_year))
    gone, saved = set(), {}
    for line in earlier[earlier.replaces_line_id.isin(by_line)].itertuples():
        save(line, by_line, costing, gone, saved)
    for grant in read(database, "SELECT budget_line, period_from, period_to, amount_pence FROM grants").itertuples():
        days = (grant.period_to - grant.period_from).days
        first, last = numpy.datetime64(grant.period_from), numpy.datetime64(grant.period_to)
        if last > costing.starts and first < costing.ends:
            upto = [
                half_away(grant.amount_pence * min(max(int((day - first) / numpy.timedelta64(1, "D")), 0), days), days)
                for day in (costing.starts, costing.ends)
            ]
            before[grant.budget_line] = plus(before.get(grant.budget_line, money()), money(upto[1] - upto[0]))
    for line, change in saved.items():
        before[line] = plus(before.get(line, money()), change)

    budgets = dict(
        database.execute("SELECT budget_line, sum(amount_pence) FROM budget_movements WHERE year = ? GROUP BY 1", (costing.year,))
    )
    running, piles, steps = dict(before), {"agreed": {}, "undecided": {}}, []
    for slot, lines in own[own.standing != "not_agreed"].groupby("slot"):
        is_agreed, changes = lines.standing.iloc[0] == "agreed", {}
        lost = gone if is_agreed else set(gone)
        for line in lines.itertuples():
            changes[line.budget_line] = plus(changes.get(line.budget_line, money()), money(line.this_year, line.full_year))
            save(line, by_line, costing, lost, changes)
        for line, change in sorted(changes.items()):
            pile, was = piles["agreed" if is_agreed else "undecided"], running.get(line, money())
            pile[line] = plus(pile.get(line, money()), change)
            running[line] = after = plus(was, change) if is_agreed else was
            steps.append(
                {
                    "budget_line": line,
                    "slot": int(slot),
                    "reference": lines.reference.iloc[0],
                    "standing": lines.standing.iloc[0],
                    "before": was,
                    "change": change,
                    "after": after,
                    "left_pence": budgets.get(line, 0) - after["this_year_pence"],
                }
            )
    rows = []
    for line, name in database.execute("SELECT code, name FROM budget_lines WHERE direction = 'expenditure' ORDER BY code"):
        start, yes, maybe = before.get(line, money()), piles["agreed"].get(line, money()), piles["undecided"].get(line, money())
        after, budget = plus(start, yes), budgets.get(line, 0)
        left = budget - after["this_year_pence"]
        rows.append(
            {
                "budget_line": line,
                "name": name,
                "budget_pence": budget,
                "before": start,
                "agreed": yes,
                "after": after,
                "undecided": maybe,
                "left_pence": left,
                "left_if_all_agreed_pence": left - maybe["this_year_pence"],
            }
        )
    return {"budget_lines": rows, "steps": steps}


LINES = [
    "budget_pence",
    "before this_year_pence",
    "agreed this_year_pence",
    "after this_year_pence",
    "left_pence",
    "undecided this_year_pence",
    "left_if_all_agreed_pence",
    "before full_year_pence",
    "agreed full_year_pence",
    "after full_year_pence",
    "undecided full_year_pence",
]
STEPS = [
    "before this_year_pence",
    "agreed this_year_pence",
    "after this_year_pence",
    "left_pence",
    "undecided this_year_pence",
    "before full_year_pence",
    "agreed full_year_pence",
    "after full_year_pence",
    "undecided full_year_pence",
]


def cells(row: dict, columns: list[str]) -> list[float]:
    """Pounds, by the columns' pence."""
    if "change" in row:
        is_agreed = row["standing"] == "agreed"
        row = row | {"agreed": row["change"] if is_agreed else money(), "undecided": money() if is_agreed else row["change"]}
    values = []
    for column in columns:
        name, _, part = column.partition(" ")
        values.append((row[name][part] if part else row[name]) / 100)
    return values


def write(answer: dict, path: str) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows, words, columns in (
        ("Budget lines", answer["budget_lines"], ["budget_line", "name"], LINES),
        ("Items", answer["steps"], ["budget_line", "slot", "reference", "standing"], STEPS),
    ):
        sheet = book.create_sheet(title)
        sheet.append(words + columns)
        for row in rows:
            sheet.append([row[word] for word in words] + cells(row, columns))
        last, width = len(rows) + 1, len(words) + len(columns)
        sheet.append(
            ["Total"]
            + [None] * (len(words) - 1)
            + [f"=SUM({get_column_letter(n)}2:{get_column_letter(n)}{last})" for n in range(len(words) + 1, width + 1)]
        )
        for cell in sheet[1] + sheet[last + 1]:
            cell.font = Font(bold=True)
        for line in sheet.iter_rows(min_row=2, min_col=len(words) + 1):
            for cell in line:
                cell.number_format = "#,##0.00"
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = f"A1:{get_column_letter(width)}{last}"
    book.save(path)


def main() -> None:
    file, panel, profile, workbook = sys.argv[1:]
    with open(profile, "rb") as toml:
        costing = tomllib.load(toml)["costing"]
    if "terms" in costing:
        sys.exit("this script spreads term-time weeks evenly, and the profile has a school calendar")
    started = time.perf_counter()
    answer = projection(sqlite3.connect(f"file:{file}?mode=ro", uri=True), panel, costing)
    write(answer, workbook)
    json.dump(answer | {"seconds": time.perf_counter() - started}, sys.stdout)


if __name__ == "__main__":
    main()
