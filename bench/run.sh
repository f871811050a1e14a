#!/bin/sh
# Times our ledger import beside pandas: bench/run.sh FOLDER [--rounds N]
# FOLDER has the twelve monthly files of Devon County Council for 2024-25 (github.com/Devon-County-Council/spending).
# PROGRAM names another program than the release build, which is built when it is not there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=${PROGRAM:-$here/../target/release/short-breaks}
if [ -z "${PROGRAM:-}" ]; then
    cargo build --release --manifest-path "$here/../Cargo.toml"
fi
venv=$here/../target/bench-venv
if ! [ -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import pandas' 2>/dev/null; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
fi
exec "$venv/bin/python" "$here/ledger_import.py" "$@" --program "$program"
