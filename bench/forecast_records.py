"""Rows of the made-up ledger and its variations that a plain dictionary would not do for, and days."""

import datetime
import hashlib

DAY = datetime.timedelta(days=1)


def label(starts: datetime.date) -> str:
    return f"{starts.year}-{(starts.year + 1) % 100:02}"


def next_month(on: datetime.date) -> datetime.date:
    return datetime.date(on.year + on.month // 12, on.month % 12 + 1, 1)


class Entry:
    """A row of the ledger; millions of them have to fit into memory until they are stored."""

    COLUMNS = (
        "id", "source", "file_id", "line_number", "line_hash", "occurrence", "posted_on", "year", "budget_line", "provider_id",
        "reference", "amount_pence", "reverses_id", "recodes_id", "reason", "recorded_by", "recorded_at", "recorded_seq",
        "purchase_order",
    )  # fmt: skip
    SAME = {"source": "bench", "occurrence": 1, "reference": None, "recodes_id": None, "reason": "Imported"}
    __slots__ = ("id", "file", "line_number", "posted_on", "year", "budget_line", "provider_id", "amount_pence", "reverses_id",
                 "purchase_order", "recorded_seq")  # fmt: skip

    def __iter__(self):
        return iter(self.COLUMNS)

    def __setitem__(self, column: str, value) -> None:
        setattr(self, column, value)

    def __getitem__(self, column: str):
        if column in self.SAME:
            return self.SAME[column]
        match column:
            case "file_id":
                return self.file["id"]
            case "recorded_by" | "recorded_at":
                return self.file[column]
            case "line_hash":
                return hashlib.sha256(self.id.encode()).hexdigest()
        return getattr(self, column)


class Step(dict):
    """A row that also keeps its write's number as that of the variation, which is of the same write."""

    def __setitem__(self, column: str, value) -> None:
        super().__setitem__(column, value)
        super().__setitem__("variation_seq", value)
