"""The ledger import's work as a pandas script would do it: read the files, pick the lines, add up to the penny.

It prints the same totals as `short-breaks import ledger … --mapping examples/mappings/devon.toml --json`, so that the two can be
compared. It stores nothing, refuses nothing and does not know a line it has seen before.
"""

import json
import sys
from decimal import ROUND_HALF_UP, Decimal

import pandas

NEEDED = ["Date", "Transaction Number", "Amount", "Expense Area", "Expense Code"]
BUDGET_LINES = {"6401": "direct_payments", "5732": "overnight_respite"}


def pence(amount: str) -> int:
    pounds = Decimal(amount.replace(",", "").replace("£", ""))
    return int(pounds.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP) * 100)


def main(files: list[str]) -> None:
    lines_read, picked = 0, []
    for file in files:
        # As text: a float is no place for money, and codes are not numbers.
        table = pandas.read_csv(file, usecols=NEEDED, dtype=str, encoding="utf-8-sig", keep_default_na=False)
        lines_read += len(table)
        ours = table["Expense Area"].str.startswith("Children") & table["Expense Code"].isin(BUDGET_LINES.keys())
        picked.append(table[ours])
    picked = pandas.concat(picked)
    picked["posted_on"] = pandas.to_datetime(picked["Date"], format="%Y-%m-%d %H:%M:%S")
    picked["budget_line"] = picked["Expense Code"].map(BUDGET_LINES)
    picked["amount_pence"] = picked["Amount"].map(pence)
    totals = picked.groupby("budget_line")["amount_pence"].agg(["size", "sum"])
    by_budget_line = [
        {"budget_line": line, "lines": int(row["size"]), "amount_pence": int(row["sum"])} for line, row in totals.iterrows()
    ]
    print(json.dumps({"lines_read": lines_read, "by_budget_line": by_budget_line}))


if __name__ == "__main__":
    main(sys.argv[1:])
