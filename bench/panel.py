"""Times a panel of 40 items in a store of 10,000 requests and in one of ten times as many, and how each page grows.

    bench/run.sh panel [--rounds N] [--requests N]

Two fresh SQLite stores are filled with five years of history, and each is served by a process of its own. The panel is made over HTTP
by the people who would make it: 40 requests with assessments, lines and bookings, 25 of them decided. Then every page is asked for by
turns. Beside them a pandas script writes the same projection workbook from the same file; the figures have to be equal to the penny.
"""

import argparse
import datetime
import http.client
import io
import json
import pathlib
import re
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

import openpyxl
import panel_records
import panel_store

HERE = pathlib.Path(__file__).resolve().parent
PROFILE = HERE.parent / "domain/profiles/tameside.toml"
ITEMS, DECIDED, GROWTH = 40, 25, 10
PEOPLE = {
    "finance.officer": "finance_officer",
    "panel.support": "panel_support",
    "service.unit.manager": "manager",
    "team.manager": "manager",
    "partnership.manager": "manager",
    "head.of.service": "head_of_service",
    "assistant.director": "assistant_director",
    "social.worker": "practitioner",
    "intervention.worker": "practitioner",
    "it.support": "administrator",
    "it.second": "administrator",
    "auditor": "auditor",
}
POSTS = {
    "service.unit.manager": "service_unit_manager",
    "team.manager": "team_manager",
    "partnership.manager": "partnership_manager",
    "head.of.service": "head_of_service",
    "assistant.director": "assistant_director",
}
MEMBERS = {
    "service.unit.manager": ("service_unit_manager", "chair"),
    "partnership.manager": ("partnership_manager", "deputy_chair"),
    "team.manager": ("team_manager", "member"),
    None: ("health_representative", "member"),
}


class Server:
    """A store of so many requests, and the process that serves it."""

    def __init__(self, program: str, folder: pathlib.Path, requests: int, today: datetime.date):
        self.program, self.folder, self.requests, self.today = program, folder, requests, today
        self.database = folder / "short-breaks.sqlite"
        self.passwords = {name: self.command("user", "add", name, "--role", role).split()[-1] for name, role in PEOPLE.items()}
        self.filled = panel_store.fill(self.database, requests, today, ITEMS)
        self.command("audit", "verify")
        self.panel = self.filled.panel
        self.users = self.user_ids()
        self.serve()

    def command(self, *words: str) -> str:
        done = subprocess.run([self.program, "--data-dir", str(self.folder), *words], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"`{' '.join(words)}` failed: {done.stdout}{done.stderr}")
        return done.stdout

    def user_ids(self) -> dict[str, str]:
        database = sqlite3.connect(self.database)
        try:
            return dict(database.execute("SELECT username, id FROM users"))
        finally:
            database.close()

    def serve(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        log = open(self.folder / "serve.log", "wb")
        command = [self.program, "--data-dir", str(self.folder), "--listen", f"127.0.0.1:{self.port}", "serve"]
        self.process = subprocess.Popen(command, stdout=log, stderr=log)
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                break
            except OSError:
                if self.process.poll() is not None:
                    sys.exit(f"the server stopped: {(self.folder / 'serve.log').read_text()}")
                time.sleep(0.1)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        self.used_at = time.monotonic()
        self.tokens = {}

    def log_in_anew(self, who: str) -> None:
        """Tokens live for 15 minutes, which is less than the timing takes."""
        self.tokens.pop(who, None)
        self.token(who)

    def token(self, who: str) -> str:
        if who not in self.tokens:
            body = {"grant_type": "password", "username": who, "password": self.passwords[who]}
            self.tokens[who] = json.loads(self.send("POST", "/v1/tokens", {"Content-Type": "application/json"}, json.dumps(body)))[
                "access_token"
            ]
        return self.tokens[who]

    def send(self, method: str, path: str, headers: dict, body: str | None = None) -> bytes:
        # The server closes a connection that is idle for a while.
        if time.monotonic() - self.used_at > 1:
            self.connection.close()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        self.used_at = time.monotonic()
        if answer.status >= 300:
            sys.exit(f"{method} {path} answered {answer.status}: {content.decode(errors='replace')}\n{body}")
        return content

    def get_bytes(self, who: str, path: str) -> bytes:
        return self.send("GET", path, {"Authorization": f"Bearer {self.token(who)}"})

    def get(self, who: str, path: str):
        return json.loads(self.get_bytes(who, path))

    def post(self, who: str, path: str, body: dict) -> str:
        headers = {"Authorization": f"Bearer {self.token(who)}", "Content-Type": "application/json"}
        return json.loads(self.send("POST", path, headers, json.dumps(body))).get("id", "")

    def peak_megabytes(self) -> float:
        """Linux tells; elsewhere it is not known."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status")
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
        return int(found[1]) / 1000 if found else float("nan")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def hold_panel(server: Server, among: int) -> str:
    """Fills posts and seats, puts requests of 40 among the first children on the agenda, and decides 25; answers with a request that is
    not decided."""
    today = server.today
    for name, post in POSTS.items():
        holding = {
            "post": post,
            "user_id": server.users[name],
            "capacity": "holder",
            "valid_from": str(today - datetime.timedelta(days=900)),
            "reason": "Appointment",
        }
        held = server.post("it.support", "/v1/post-holdings", holding)
        server.post("it.second", f"/v1/post-holdings/{held}/agreement", {})
    members = []
    for name, (role, attendance) in MEMBERS.items():
        member = server.post(
            "panel.support", "/v1/panel-members", {"role": role, "title": role.replace("_", " "), "user_id": server.users.get(name)}
        )
        for document in ("terms_of_reference", "confidentiality"):
            signature = {"document": document, "signed_on": str(today - datetime.timedelta(days=30))}
            server.post("panel.support", f"/v1/panel-members/{member}/signatures", signature)
        members.append((member, attendance))
    with_lines = [case for case in server.filled.children[:among] if case in server.filled.running]
    cases = [with_lines[(17 * n + 3) % len(with_lines)] for n in range(ITEMS)]
    requests = [ask(server, number, case) for number, case in enumerate(cases)]
    for request in requests:
        server.post("panel.support", f"/v1/panels/{server.panel}/bookings", {"request_id": request})
    for member, attendance in members:
        server.post("panel.support", f"/v1/panels/{server.panel}/attendances", {"member_id": member, "attendance": attendance})
    server.post("panel.support", f"/v1/panels/{server.panel}/notes", {"notes": "Minutes of the last panel agreed."})
    for number, request in enumerate(requests[:DECIDED]):
        decide(server, number, request)
    return requests[-1]


def before(server: Server, days: int) -> str:
    return str(server.today - datetime.timedelta(days=days))


def ask(server: Server, number: int, case: str) -> str:
    """A request that is ready for the panel."""
    worker = ("social.worker", "intervention.worker")[number % 2]
    child = server.post(worker, "/v1/child-lookups", {"case_reference": case})
    assessment = server.post(
        worker,
        "/v1/assessments",
        {"child_id": child, "kind": "child_and_family", "started_on": before(server, 45), "assessor_id": server.users[worker]},
    )
    for step, days in (("consent_given", 44), ("checkpoint", 35), ("completed", 14)):
        who = "team.manager" if step == "checkpoint" else worker
        server.post(who, f"/v1/assessments/{assessment}/steps", {"step": step, "taken_on": before(server, days)})
    server.post("team.manager", f"/v1/assessments/{assessment}/authorisation", {"authorised_on": before(server, 12)})
    lines = []
    for place in range(1 + number % 3):
        service, budget_line, unit, frequency, quantities, rate = panel_records.SUPPORT[(number + 3 * place) % len(panel_records.SUPPORT)]
        lines.append(
            {
                "service": service,
                "budget_line": budget_line,
                "unit": unit,
                "frequency": frequency,
                "quantity_thousandths": quantities[0],
                "unit_rate_ten_thousandths": rate + 37 * number,
                "valid_from": str(panel_records.first_of_month_after(server.today, 10)),
            }
        )
    if number % 4 == 0:
        lines[0]["replaces_line_id"] = server.filled.running[case][0]
    fields = ("strengths", "worries", "unmet_need", "outcomes", "outcome_measures", "in_place", "impact")
    paperwork = dict(zip(fields, panel_store.TEXTS)) | {
        "local_offer_used": "A weekly open club.",
        "assessment_id": assessment,
        "lines": lines,
        "presenter_id": server.users[worker],
        "coster_id": server.users[worker],
    }
    request = server.post(worker, "/v1/requests", {"reference": f"BENCH-{number:03}", "child_id": child, "paperwork": paperwork})
    server.post(worker, f"/v1/requests/{request}/submission", {})
    return request


def decide(server: Server, number: int, request: str) -> None:
    """The chair's decision, and of every other one above the chair's authority that of the post which has it."""
    chair, today = "service.unit.manager", server.today
    action = {"action": "Send the profile to the framework of providers", "owner_id": server.users["social.worker"], "due_on": str(today)}
    decision = {"rationale": panel_store.TEXTS[2], "actions": [action], "kind": "approved"}
    match number % 8:
        case 1:
            asked = server.get(chair, f"/v1/requests/{request}")["lines"]
            kept = ("service", "budget_line", "unit", "frequency", "unit_rate_ten_thousandths", "valid_from", "replaces_line_id")
            lines = [{key: line[key] for key in kept} | {"quantity_thousandths": line["quantity_thousandths"] // 2} for line in asked]
            decision |= {"kind": "approved_in_part", "lines": lines}
        case 3:
            decision |= {"kind": "declined", "decline_reason": "met_by_existing_package"}
        case 5:
            decision |= {"kind": "signposted", "signposted_to": ["Saturday club", "Family information service"]}
        case 7:
            decision |= {
                "kind": "deferred",
                "deferred_until": str(today + datetime.timedelta(days=14)),
                "deferred_for": "A report from the school",
            }
    if decision["kind"].startswith("approved"):
        decision["authority_hearing_on"] = str(today + datetime.timedelta(days=5))
    id_ = server.post(chair, f"/v1/requests/{request}/decisions", decision)
    if number % 4 == 0 and server.get(chair, f"/v1/requests/{request}")["state"] == "awaiting_authority":
        people = server.get(chair, f"/v1/requests/{request}/authority")["people"]
        able = next(person["username"] for person in people if person["may_authorise"])
        server.post(able, f"/v1/decisions/{id_}/authorisation", {"outcome": "given", "reason": "Heard with the worker"})


def pages(server: Server, request: str) -> dict[str, str]:
    """What is timed, and its path."""
    path, listed, cursor, last_full = f"/v1/panels/{server.panel}", "/v1/requests?state=booked", "", ""
    while following := (page := server.get("auditor", listed + cursor))["next_cursor"]:
        last_full, cursor = cursor, f"&cursor={following}"
    if len(page["items"]) == 50:
        last_full = cursor
    return {
        "agenda, JSON": f"{path}/agenda",
        "agenda, workbook": f"{path}/agenda?format=xlsx",
        "projection, JSON": f"{path}/projection",
        "projection, workbook": f"{path}/projection?format=xlsx",
        "minutes, JSON": f"{path}/minutes",
        "minutes, workbook": f"{path}/minutes?format=xlsx",
        "outcomes, JSON": f"{path}/outcomes",
        "outcomes, workbook": f"{path}/outcomes?format=xlsx",
        "panel with its slots": path,
        "requests booked, first page": listed,
        "requests booked, last full page": listed + last_full,
        "requests of a child, booked": f"{listed}&child_id={server.get('auditor', f'/v1/requests/{request}')['child_id']}",
        "authority for a request": f"/v1/requests/{request}/authority",
        "decisions without a case note": "/v1/decisions?case_management_outstanding=true",
        "actions not done": "/v1/decision-actions",
    }


def peer(server: Server, python: str, workbook: pathlib.Path) -> tuple[dict, float]:
    """The pandas script's answer, and the seconds of its whole process."""
    started = time.perf_counter()
    command = [python, str(HERE / "panel_pandas.py"), str(server.database), server.panel, str(PROFILE), str(workbook)]
    done = subprocess.run(command, stdout=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit("the pandas script failed")
    return json.loads(done.stdout), time.perf_counter() - started


def sheet_rows(workbook, title: str) -> list[list]:
    """The cells of a sheet between its header and its totals, money to the penny."""
    rows = [list(row) for row in workbook[title].iter_rows(values_only=True)]
    header = next(place for place, row in enumerate(rows) if row[0] in ("budget_line", "Budget line"))
    body = []
    for row in rows[header + 1 :]:
        if row[0] in (None, "Total") or any(isinstance(cell, str) and cell.startswith("=SUM") for cell in row):
            break
        body.append([round(cell * 100) if isinstance(cell, float | int) else cell for cell in row])
    return body


def check_equal(server: Server, theirs: dict, workbook: pathlib.Path) -> None:
    """Fails unless both have the same figures, as JSON and in their workbooks."""
    ours = server.get("auditor", f"/v1/panels/{server.panel}/projection")
    steps = [{key: value for key, value in step.items() if key != "request_id"} for step in ours["steps"]]
    for name, one, other in (("budget_lines", ours["budget_lines"], theirs["budget_lines"]), ("steps", steps, theirs["steps"])):
        if one != other:
            wrong = [(a, b) for a, b in zip(one, other) if a != b] or [(len(one), len(other))]
            sys.exit(f"{server.requests:,} requests: {name} differ, ours first: {wrong[0]}")
    own = openpyxl.load_workbook(io.BytesIO(server.get_bytes("auditor", f"/v1/panels/{server.panel}/projection?format=xlsx")))
    other = openpyxl.load_workbook(workbook)
    for title in ("Budget lines", "Items"):
        if not sheet_rows(own, title) or sheet_rows(own, title) != sheet_rows(other, title):
            sys.exit(f"{server.requests:,} requests: the workbooks' sheets `{title}` differ")


def agenda_facts(server: Server) -> list[dict]:
    """The agenda without what differs between stores by nature."""
    items = server.get("auditor", f"/v1/panels/{server.panel}/agenda")["items"]
    return [{key: value for key, value in item.items() if key != "request_id"} for item in items]


def measure(servers: list[Server], undecided: list[str], python: str, rounds: int) -> dict[str, list[list[float]]]:
    """Seconds by page and store, all asked for by turns."""
    paths = [pages(server, request) for server, request in zip(servers, undecided)]
    seconds = {page: [[] for _ in servers] for page in [*paths[0], "pandas", "pandas, whole process"]}
    with tempfile.TemporaryDirectory() as folder:
        workbook = pathlib.Path(folder) / "projection.xlsx"
        for turn in range(rounds + 1):
            for place, server in enumerate(servers):
                server.log_in_anew("auditor")
                for page, path in paths[place].items():
                    started = time.perf_counter()
                    server.get_bytes("auditor", path)
                    seconds[page][place].append(time.perf_counter() - started)
                theirs, whole = peer(server, python, workbook)
                seconds["pandas"][place].append(theirs["seconds"])
                seconds["pandas, whole process"][place].append(whole)
                check_equal(server, theirs, workbook)
            if turn == 0:
                # The first round only warms both up.
                seconds = {page: [[] for _ in servers] for page in seconds}
    return seconds


def show(servers: list[Server], seconds: dict[str, list[list[float]]], rounds: int) -> None:
    small, big = servers
    print(f"\nA panel of {ITEMS} items, {DECIDED} decided; {rounds} rounds; milliseconds")
    print(f"{'':32} {small.requests:>16,} {big.requests:>18,}")
    print(f"{'':32} {'median':>8} {'fastest':>8} {'median':>9} {'fastest':>8} {'growth of the':>17}")
    print(f"{'':70} {'median':>8} {'fastest':>8}")
    for page, (few, many) in seconds.items():
        one, ten = statistics.median(few) * 1000, statistics.median(many) * 1000
        print(
            f"{page:32} {one:8.1f} {min(few) * 1000:8.1f} {ten:9.1f} {min(many) * 1000:8.1f} {ten / one:8.2f} {min(many) / min(few):8.2f}"
        )
    ratios = [
        statistics.median(theirs) / statistics.median(ours) for theirs, ours in zip(seconds["pandas"], seconds["projection, workbook"])
    ]
    print(f"{'pandas / projection workbook':32} {ratios[0]:8.1f} {'':8} {ratios[1]:9.1f}")
    print(f"{'peak memory of the server, MB':32} {small.peak_megabytes():8.0f} {'':8} {big.peak_megabytes():9.0f}")
    print(f"{'store, MB':32} {small.database.stat().st_size / 1e6:8.0f} {'':8} {big.database.stat().st_size / 1e6:9.0f}")
    print("figures equal to the penny, and the agendas alike, in both stores")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(HERE.parent / "target/release/short-breaks"))
    parser.add_argument("--python", default=sys.executable, help="a Python that has pandas and openpyxl")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=10_000, help="in the smaller store")
    parser.add_argument("--keep", type=pathlib.Path, help="leave the stores in this folder")
    arguments = parser.parse_args()
    # One day for everything, though the bench may run over midnight.
    today = datetime.datetime.now(datetime.timezone.utc).date()
    servers = []
    with tempfile.TemporaryDirectory() as made:
        folder = arguments.keep or pathlib.Path(made)
        try:
            for requests in (arguments.requests, arguments.requests * GROWTH):
                print(f"filling {requests:,} requests", file=sys.stderr)
                (folder / str(requests)).mkdir(parents=True)
                servers.append(Server(arguments.program, folder / str(requests), requests, today))
            # All but the last child of the smaller store are the same in both.
            among = len(servers[0].filled.children) - 1
            undecided = [hold_panel(server, among) for server in servers]
            if agenda_facts(servers[0]) != agenda_facts(servers[1]):
                sys.exit("the agendas of the two stores differ")
            seconds = measure(servers, undecided, arguments.python, arguments.rounds)
            show(servers, seconds, arguments.rounds)
            for server in servers:
                server.command("audit", "verify")
        finally:
            for server in servers:
                server.stop()


if __name__ == "__main__":
    main()
