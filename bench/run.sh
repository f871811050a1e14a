#!/bin/sh
# Times us beside pandas:
#   bench/run.sh FOLDER [--rounds N]   our ledger import; FOLDER has the twelve monthly files of Devon County Council for 2024-25
#                                      (github.com/Devon-County-Council/spending)
#   bench/run.sh panel [--rounds N]    a panel's agenda and sheets in a store of 10,000 requests, and of ten times as many
#   bench/run.sh forecast [--rounds N] forecast, movement and a child's pages in a store of 500 children over five years, and of 5,000
# PROGRAM names another program than the release build, which is built when it is not there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=${PROGRAM:-$here/../target/release/short-breaks}
if [ -z "${PROGRAM:-}" ]; then
    cargo build --release --manifest-path "$here/../Cargo.toml"
fi
venv=$here/../target/bench-venv
if ! [ -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import pandas, openpyxl' 2>/dev/null; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
fi
script=ledger_import.py
if [ "${1:-}" = panel ]; then
    script=panel.py
    shift
elif [ "${1:-}" = forecast ]; then
    script=forecast.py
    shift
fi
# No compiled files beside the sources.
export PYTHONDONTWRITEBYTECODE=1
exec "$venv/bin/python" "$here/$script" "$@" --program "$program"
