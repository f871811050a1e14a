"""Times our import of a folder of ledger files beside a pandas script doing the same reading, picking and adding.

    bench/run.sh FOLDER [--rounds N]

Both run as programs of their own, by turns, each of ours into a fresh database. Prints medians, the ratio and peak memory, and
fails if the totals differ.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


def run(command: list[str]) -> tuple[dict, float, float]:
    """A command's JSON answer, its seconds, and its peak memory in MB."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    answer = process.stdout.read()
    # wait4 and not wait: it tells the peak memory of this child alone.
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status != 0:
        sys.exit(f"{command[0]} failed: {os.waitstatus_to_exitcode(status)}")
    return json.loads(answer), seconds, usage.ru_maxrss / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, help="the twelve files of Devon County Council for 2024-25")
    parser.add_argument("--program", default=HERE.parent / "target/release/short-breaks")
    parser.add_argument("--python", default=sys.executable, help="a Python that has pandas")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    files = sorted(str(file) for file in arguments.folder.glob("*.csv"))
    if not files:
        sys.exit(f"there is no CSV file in {arguments.folder}")

    mapping = HERE.parent / "examples/mappings/devon.toml"
    ours, theirs = [], []
    for _ in range(arguments.rounds):
        with tempfile.TemporaryDirectory() as data:
            command = [str(arguments.program), "--data-dir", data, "import", "ledger", *files, "--mapping", str(mapping), "--json"]
            report, *cost = run(command)
            ours.append(cost)
        totals, *cost = run([str(arguments.python), str(HERE / "ledger_import_pandas.py"), *files])
        theirs.append(cost)
        answer = {key: report["total"][key] for key in ("lines_read", "by_budget_line")}
        if answer != totals:
            sys.exit(f"the totals differ:\n  ours   {answer}\n  pandas {totals}")

    print(f"{len(files)} files, {totals['lines_read']:,} lines, {arguments.rounds} rounds; medians")
    print(f"{'':14} {'seconds':>8} {'fastest':>8} {'peak MB':>8}")
    medians = {}
    for name, costs in (("short-breaks", ours), ("pandas", theirs)):
        seconds, memory = zip(*costs)
        medians[name] = statistics.median(seconds)
        print(f"{name:14} {medians[name]:8.3f} {min(seconds):8.3f} {max(memory):8.0f}")
    print(f"ratio          {medians['pandas'] / medians['short-breaks']:8.1f}")
    for line in totals["by_budget_line"]:
        print(f"{line['budget_line']}: {line['lines']} lines, £{line['amount_pence'] / 100:,.2f}, equal in both")


if __name__ == "__main__":
    main()
