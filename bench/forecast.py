"""Times the forecast and a child's pages in a store of 500 children over five years, and in one of ten times as many.

    bench/run.sh forecast [--rounds N] [--children N]

Two fresh SQLite stores are filled, and each is served by a process of its own. Then everything is asked for by turns: `short-breaks etl`
and `short-breaks report` as whole processes, and pages over HTTP. Beside them a pandas script works out the same forecasts from the same
tables; actual and committed have to be equal to the penny, for every budget line and month.
"""

import argparse
import collections
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import forecast_store
import panel
from forecast_records import label
from panel_records import year_start

GROWTH = 10
# Some pages take a few milliseconds.
PAGES_A_ROUND = 3
ROLES = ("finance.officer", "panel.support", "service.unit.manager", "team.manager", "social.worker", "intervention.worker", "auditor")
ETL, MOVEMENT, EARLIER = "etl, everything read", "report: forecast and movement", "report: as known a year ago"
PANDAS_MOVEMENT, PANDAS_EARLIER = "pandas: forecasts now and then", "pandas: as known a year ago"


def finished(command: list[str]) -> tuple[str, float, float]:
    """What a process printed, its seconds, and its most memory in MB (Linux tells kilobytes)."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    printed = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode != 0:
        sys.exit(f"`{' '.join(command)}` failed")
    return printed, seconds, usage.ru_maxrss / 1000


class Store(panel.Server):
    """A store of so many children, and the process that serves it."""

    def __init__(self, program: str, folder: pathlib.Path, children: int, today: datetime.date):
        self.program, self.folder, self.children, self.today = program, folder, children, today
        self.database = folder / "short-breaks.sqlite"
        roles = {name: panel.PEOPLE[name] for name in ROLES}
        self.passwords = {name: self.command("user", "add", name, "--role", role).split()[-1] for name, role in roles.items()}
        # In a process of its own: what memory it takes would else be counted to every process that is started from here.
        filling = [sys.executable, str(panel.HERE / "forecast_store.py"), str(self.database), str(children), str(today)]
        self.filled = forecast_store.Filled(**json.loads(finished(filling)[0]))
        self.command("audit", "verify")
        self.command("etl")
        self.serve()

    def ours(self, *words: str) -> tuple[str, float, float]:
        return finished([self.program, "--data-dir", str(self.folder), *words])


class Questions:
    """What is asked of a store on a day."""

    def __init__(self, today: datetime.date):
        starts = year_start(today)
        self.year = label(starts)
        self.since = str(today - datetime.timedelta(days=182))
        self.earlier_day = str(today - datetime.timedelta(days=365))
        self.earlier_year = label(year_start(today - datetime.timedelta(days=365)))

    def reports(self) -> dict[str, list[str]]:
        report = ["report", "forecast-outturn", "--year"]
        return {
            "report: forecast": [*report, self.year],
            MOVEMENT: [*report, self.year, "--since", self.since],
            EARLIER: [*report, self.earlier_year, "--as-known-on", self.earlier_day],
        }

    def peers(self) -> dict[str, list[str]]:
        return {
            PANDAS_MOVEMENT: [self.year, f"{self.year}@{self.since}"],
            PANDAS_EARLIER: [f"{self.earlier_year}@{self.earlier_day}"],
        }

    def pages(self, store: Store) -> dict[str, str]:
        report, filled = "/v1/reports/forecast-outturn?year=", store.filled
        return {
            "page: forecast": f"{report}{self.year}",
            "page: forecast and movement": f"{report}{self.year}&since={self.since}",
            "page: as known a year ago": f"{report}{self.earlier_year}&as_known_on={self.earlier_day}",
            "page: a child's account": f"/v1/direct-payment-accounts/{filled.account}",
            "page: its package's commitments": f"/v1/packages/{filled.package}/commitments?year={self.year}",
            "page: its nights": f"/v1/children/{filled.child}/nights",
            "page: budget control": f"/v1/budget-control?year={self.year}",
            "page: budget control, pending": f"/v1/budget-control?year={self.year}&with_pending=true",
        }


def check_equal(store: Store, questions: Questions, ours: dict[str, dict], theirs: dict[str, list]) -> None:
    """Fails unless both have the same actual and committed, by budget line and month, and the same forecasts of the earlier day."""
    for name, question in ((MOVEMENT, questions.year), (EARLIER, f"{questions.earlier_year}@{questions.earlier_day}")):
        rows = [[row["budget_line"], row["month"], row["actual_pence"], row["committed_pence"]] for row in ours[name]["rows"]]
        compare(store, question, sorted(rows), sorted(theirs[question]))
    then = [[row["budget_line"], row["month"], row["movement"]["forecast_before_pence"]] for row in ours[MOVEMENT]["rows"]]
    question = f"{questions.year}@{questions.since}"
    compare(store, question, sorted(then), sorted([line, month, actual + open_] for line, month, actual, open_ in theirs[question]))
    # The store, asked now, says what the snapshot does.
    control = store.get("auditor", f"/v1/budget-control?year={questions.year}")["items"]
    sums = collections.Counter()
    for row in ours[MOVEMENT]["rows"]:
        sums[row["budget_line"]] += row["actual_pence"] + row["committed_pence"]
    compare(store, "budget control", sorted((one["budget_line"], whole(one)) for one in control), sorted(sums.items()))


def whole(control: dict) -> int:
    """Actual and open commitment of a line of budget control, with the ledger's signs."""
    sign = -1 if control["direction"] == "income" else 1
    return control["actual_pence"] + sign * control["open_commitment_pence"]


def compare(store: Store, question: str, ours: list, theirs: list) -> None:
    if ours != theirs:
        wrong = [(a, b) for a, b in zip(ours, theirs) if a != b] or [(len(ours), len(theirs))]
        sys.exit(f"{store.children:,} children, {question}: {len(wrong)} rows differ, ours first: {wrong[:3]}")
    if not any(row[-1] for row in ours):
        sys.exit(f"{store.children:,} children, {question}: nothing is compared")


def measure(stores: list[Store], questions: Questions, python: str, rounds: int) -> tuple[dict, dict]:
    """Seconds, and the most memory in MB, by what was asked and by store."""
    seconds, memory = {}, {}
    pages = [questions.pages(store) for store in stores]
    for turn in range(rounds + 1):
        if turn == 1:
            # The first round only warms everything up.
            seconds, memory = {}, {}
        for place, store in enumerate(stores):

            def note(what: str, taken: float, peak: float = 0.0) -> None:
                seconds.setdefault(what, [[] for _ in stores])[place].append(taken)
                memory.setdefault(what, [0.0 for _ in stores])
                memory[what][place] = max(memory[what][place], peak)

            _, *used = store.ours("etl", "--full")
            note(ETL, *used)
            _, *used = store.ours("etl")
            note("etl, what is new", *used)
            ours, theirs = {}, {}
            for what, words in questions.reports().items():
                printed, *used = store.ours(*words)
                ours[what] = json.loads(printed)
                note(what, *used)
            for what, asked in questions.peers().items():
                command = [python, str(panel.HERE / "forecast_pandas.py"), str(store.database), str(panel.PROFILE), *asked]
                printed, *used = finished(command)
                theirs |= json.loads(printed)["answers"]
                note(what, *used)
            store.log_in_anew("auditor")
            check_equal(store, questions, ours, theirs)
            for what, path in [*pages[place].items()] * PAGES_A_ROUND:
                started = time.perf_counter()
                store.get_bytes("auditor", path)
                note(what, time.perf_counter() - started)
    return seconds, memory


def show(stores: list[Store], seconds: dict, memory: dict, rounds: int) -> None:
    small, big = stores
    print(f"\nFive years; medians of {rounds} rounds; milliseconds, and the most memory in MB")
    print(f"{'':34} {f'{small.children:,} children':>18} {f'{big.children:,} children':>20} {'growth':>8}")
    for what, (few, many) in seconds.items():
        one, ten = statistics.median(few) * 1000, statistics.median(many) * 1000
        peaks = [f"{peak:7.0f}" if peak else "" for peak in memory[what]]
        print(f"{what:34} {one:10.1f} {peaks[0]:>7} {ten:12.1f} {peaks[1]:>7} {ten / one:8.2f}")
    for ours, theirs in ((MOVEMENT, PANDAS_MOVEMENT), (EARLIER, PANDAS_EARLIER)):
        ratios = [statistics.median(a) / statistics.median(b) for a, b in zip(seconds[theirs], seconds[ours])]
        print(f"{'pandas / ' + ours:34} {ratios[0]:10.1f} {'':7} {ratios[1]:12.1f}")
    print(f"{'ledger entries':34} {small.filled.entries:10,} {'':7} {big.filled.entries:12,}")
    print(f"{'store, MB':34} {small.database.stat().st_size / 1e6:10.0f} {'':7} {big.database.stat().st_size / 1e6:12.0f}")
    print(f"{'the server':34} {'':10} {small.peak_megabytes():7.0f} {'':12} {big.peak_megabytes():7.0f}")
    print("actual and committed equal to the penny in both stores, now and as known on earlier days")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(panel.HERE.parent / "target/release/short-breaks"))
    parser.add_argument("--python", default=sys.executable, help="a Python that has pandas")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--children", type=int, default=500, help="in the smaller store")
    parser.add_argument("--keep", type=pathlib.Path, help="leave the stores in this folder")
    arguments = parser.parse_args()
    # One day for everything, though the bench may run over midnight.
    today = datetime.datetime.now(datetime.timezone.utc).date()
    stores = []
    with tempfile.TemporaryDirectory() as made:
        folder = arguments.keep or pathlib.Path(made)
        try:
            for children in (arguments.children, arguments.children * GROWTH):
                print(f"filling {children:,} children", file=sys.stderr)
                (folder / str(children)).mkdir(parents=True)
                stores.append(Store(arguments.program, folder / str(children), children, today))
            seconds, memory = measure(stores, Questions(today), arguments.python, arguments.rounds)
            show(stores, seconds, memory, arguments.rounds)
        finally:
            for store in stores:
                store.stop()


if __name__ == "__main__":
    main()
