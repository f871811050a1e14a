"""Runs each mart's SQL with DuckDB over a snapshot's Parquet files and compares the answer with the snapshot's own.

python3 compare_with_duckdb.py SNAPSHOT_DIRECTORY MARTS_DIRECTORY
"""

import json
import pathlib
import sys

import duckdb


def main(snapshot: pathlib.Path, marts: pathlib.Path) -> int:
    manifest = json.loads((snapshot / "manifest.json").read_text())
    engine = duckdb.connect()
    for table in manifest["tables"]:
        files = [str(snapshot / file["path"]) for file in table["files"]]
        name = "published_" + table["name"] if table["kind"] == "mart" else table["name"]
        engine.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({files!r}, hive_partitioning = false)")
    failures = 0
    for path in sorted(marts.glob("*.sql")):
        engine.execute(f"CREATE TABLE {path.stem} AS {path.read_text()}")
        ours, theirs = f"published_{path.stem}", path.stem
        columns = [engine.execute(f"DESCRIBE {name}").fetchall() for name in (ours, theirs)]
        names = [[(column[0], column[1]) for column in described] for described in columns]
        if names[0] != names[1]:
            print(f"{path.stem}: columns differ: {names[0]} and {names[1]}")
            failures += 1
            continue
        for one, other in ((ours, theirs), (theirs, ours)):
            rows = engine.execute(f"SELECT * FROM {one} EXCEPT ALL SELECT * FROM {other}").fetchall()
            if rows:
                print(f"{path.stem}: only in {one}: {rows[:5]}")
                failures += 1
        count = engine.execute(f"SELECT COUNT(*) FROM {ours}").fetchone()[0]
        print(f"{path.stem}: {count} rows compared")
    return 1 if failures else 0


sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))
