"""The writes of a store's history, each with its audit event."""

import datetime
import hashlib
import sqlite3


class Trail:
    """The writes of the history: rows and one audit event each, put in the order of time when all are there."""

    def __init__(self):
        self.writes = []

    def add(self, at: datetime.datetime, actor: str, action: str, entity: str, entity_id: str, rows: list[tuple[str, dict]]) -> None:
        self.writes.append((at, len(self.writes), actor, action, entity, entity_id, rows))

    def store(self, database: sqlite3.Connection) -> None:
        """Numbers the writes after what the trail has already, and inserts everything."""
        self.writes.sort(key=lambda write: write[:2])
        seq, last = database.execute("SELECT seq, hash FROM audit_events ORDER BY seq DESC LIMIT 1").fetchone()
        tables, events = {}, []
        for at, _, actor, action, entity, entity_id, rows in self.writes:
            seq += 1
            micros = str(int(at.replace(tzinfo=datetime.timezone.utc).timestamp()) * 1_000_000)
            digest = hashlib.sha256()
            for part in (str(seq), micros, "user", actor, action, entity, entity_id, "", "{}", last):
                encoded = part.encode()
                digest.update(len(encoded).to_bytes(8, "big") + encoded)
            previous, last = last, digest.hexdigest()
            events.append((seq, str(at), "user", actor, action, entity, entity_id, None, "{}", previous, last))
            for table, row in rows:
                row["recorded_seq"] = seq
                tables.setdefault(table, []).append(row)
        database.executemany(f"INSERT INTO audit_events VALUES ({','.join('?' * 11)})", events)
        for table, rows in tables.items():
            columns = list(rows[0])
            names, marks = ", ".join(columns), ", ".join("?" * len(columns))
            database.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", ([row[c] for c in columns] for row in rows))
