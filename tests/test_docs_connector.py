"""The guide to connectors, taken at its word: its package, its test, its config; and packages that are broken."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.loading.loader import load_config
from connectors import registry
from connectors.sandbox.server import Request, Response
from sandbox_kit import Sandbox
from source_contract import JsonService

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "add-a-connector.md").read_text("utf-8")
[PROJECT] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
CONNECTOR, CONTRACT = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
[CONFIG] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
HEAD = "cycle: 2026-Q4\ntimezone: Asia/Taipei\nokr_sheet: {file: okrs.xlsx}\n"
TOKEN = "x" * 9


def install(site: Path, project: str, module: str) -> None:
    """What pip makes of a package of one module: the module, and its entry points."""
    stated = tomllib.loads(project)["project"]
    [(name, value)] = stated["entry-points"]["okrsync.connectors"].items()
    (site / f"{value.partition(':')[0]}.py").write_text(module, "utf-8")
    info = site / f"{stated['name'].replace('-', '_')}-{stated['version']}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {stated['name']}\nVersion: {stated['version']}\n", "utf-8"
    )
    (info / "entry_points.txt").write_text(f"[okrsync.connectors]\n{name} = {value}\n", "utf-8")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with the guide's package, as it is installed."""
    folder = tmp_path / "site"
    folder.mkdir()
    install(folder, PROJECT, CONNECTOR)
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def run(site: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ, "PYTHONPATH": f"{site}:{ROOT}", "HELPDESK_TOKEN": TOKEN,
        "OKRSYNC_NOW": "2026-11-16T09:30+08:00",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, cwd=cwd, env=environment
    )


def okrsync(site: Path, work: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = run(site, work, "-m", "syncer", *arguments)
    assert "Traceback" not in done.stderr
    return done


def write_config(work: Path, *changes: tuple[str, str]) -> None:
    text = CONFIG
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (work / "okrsync.yaml").write_text(HEAD + text, "utf-8")


@contextmanager
def desk(work: Path, total: int) -> Iterator[list[Request]]:
    """A help desk that says it has so many tickets and gives one, with the guide's config for it; its requests."""
    found = [{"id": "1", "state": "closed", "opened": "2026-10-07T09:00:00+08:00", "reply_hours": 1.75}]
    came: list[Request] = []

    def answer(request: Request) -> Response:
        came.append(request)
        return Response(200, {"tickets": found if request.first("page") == "1" else [], "total": total})

    with Sandbox([JsonService("desk", answer)]) as sandbox:
        write_config(work, ("https://help.example.com/api", sandbox.service_url("desk")))
        yield came


def test_the_connector_is_complete_in_under_60_lines() -> None:
    assert len([line for line in CONNECTOR.splitlines() if line.strip()]) < 60


def test_it_holds_to_the_contract(site: Path) -> None:
    for kit in ("source_contract.py", "sandbox_kit.py"):
        shutil.copy(ROOT / "tests" / kit, site)
    (site / "test_okrsync_helpdesk.py").write_text(CONTRACT, "utf-8")
    done = run(site, site, "-m", "pytest", "-q", "-p", "no:cacheprovider", ".")
    assert done.returncode == 0, done.stdout
    assert re.search(r"^\d\d passed", done.stdout, re.MULTILINE), done.stdout


def test_the_types_are_right(site: Path) -> None:
    done = run(site, ROOT, "-m", "mypy", "--strict", "--cache-dir", os.devnull, str(site / "okrsync_helpdesk.py"))
    assert done.returncode == 0, done.stdout


def test_its_config_runs(site: Path, work: Path) -> None:
    with desk(work, 1) as came:
        assert okrsync(site, work, "check").returncode == 0
        assert came == []
        assert okrsync(site, work, "init", "--sheet").returncode == 0
        dry = okrsync(site, work, "dry-run", "--requests")
        done = okrsync(site, work, "sync")
    assert (done.returncode, done.stderr) == (0, "")
    for text in (dry.stdout, done.stdout):
        assert re.search(r"KR1 .* 1\.75 .* 75% .* desk\.tickets reply_hours", text), text
    assert came[0].first("search") == "team:north opened>=2026-10-01T00:00:00+08:00"
    assert came[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert "desk         tickets" in dry.stdout


def test_a_part_of_the_tickets_is_no_number(site: Path, work: Path) -> None:
    with desk(work, 2):
        assert okrsync(site, work, "init", "--sheet").returncode == 0
        done = okrsync(site, work, "dry-run")
    assert done.returncode == 4
    assert "helpdesk 'desk': tickets of" in done.stderr
    assert "fewer tickets came than its total says" in done.stderr


def test_sources_tell_of_it(site: Path, work: Path) -> None:
    short = okrsync(site, work, "sources").stdout
    assert "\nhelpdesk.tickets [okrsync-helpdesk]  (tickets)\n  The tickets of the help desk.\n" in short
    done = okrsync(site, work, "sources", "helpdesk")
    assert done.stdout.startswith("helpdesk [okrsync-helpdesk]  https://help.example.com/okrsync\n  A help desk.\n")
    for line in (
        "  token                A token that may read tickets, as a reference.",
        "  tickets              What the help desk's search field takes, such as team:north.",
        "    state                text            Where it stands. One of: open, closed.",
    ):
        assert line in done.stdout.splitlines()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("'closed'", "'Closed'", "did you mean 'closed'?"),
        ("type: helpdesk", "type: helpdsk", "connections.desk  'helpdsk' is not one of"),
        (
            "type: helpdesk",
            "type: helpdsk",
            "google_sheets, microsoft, sql, http, prometheus, helpdesk; did you mean 'helpdesk'?",
        ),
        ("    token:", "    tokn:", "connections.desk.tokn  unknown option; did you mean 'token'?"),
        (
            "    token: $HELPDESK_TOKEN\n",
            "",
            "connections.desk.token  is required: a token that may read tickets, as a reference",
        ),
        ("$HELPDESK_TOKEN", "abc123def456", "connections.desk.token  a secret does not belong in the config"),
        ("$HELPDESK_TOKEN", "$NOT_SET", "connections.desk.token  the environment variable NOT_SET is not set"),
        ("    tickets:", "    tikets:", "measures.reply_hours.tikets  unknown option; did you mean 'tickets'?"),
        ("tickets: team:north", "tickets: team:north #7", "measures.reply_hours.tickets  ends before '#7"),
        ("    tickets:", "    search:", "measures.reply_hours.tickets  is required for table desk.tickets"),
        ("    tickets:", "    search:", "search  does not belong to table desk.tickets; it takes tickets"),
        ("desk.tickets", "desk.tikets", "'desk' has no table 'tikets'; did you mean 'tickets'?"),
    ],
)
def test_a_mistake_in_its_config_is_reported_at_its_line(
    site: Path, work: Path, old: str, new: str, problem: str
) -> None:
    write_config(work, (old, new))
    done = okrsync(site, work, "check")
    assert done.returncode == 1
    assert problem in done.stderr
    assert done.stderr.startswith("okrsync.yaml: 1 problem\n") or new.strip() == "search:"
    assert "abc123def456" not in done.stderr + done.stdout


def test_an_unset_secret_names_its_connection(site: Path, work: Path) -> None:
    code = """
from pathlib import Path
from config.secrets import Secret
from connectors import registry
from okrsync_helpdesk import HelpdeskConnection

connection = HelpdeskConnection(type="helpdesk", url="http://127.0.0.1:9", token=Secret("$NOT_SET"))
try:
    registry.open_source("desk", connection, registry.Context(Path()))
except Exception as error:
    print(error)
"""
    assert run(site, work, "-c", code).stdout.startswith("helpdesk 'desk': opening http://127.0.0.1:9: the environment")


def test_without_the_package_its_type_is_unknown(site: Path, work: Path) -> None:
    write_config(work)
    shutil.rmtree(site)
    done = okrsync(site, work, "check")
    assert done.returncode == 1
    assert (
        "'helpdesk' is not one of jira, github, gitlab, google_sheets, microsoft, sql, http, prometheus; is the "
        "package that offers it" in done.stderr
    )


BROKEN = {
    "no import": ("import nowhere\n", "ModuleNotFoundError: No module named 'nowhere'"),
    "no syntax": ("def\n", "SyntaxError"),
    "no record": ("TYPE = 7\n", "okrsync_helpdesk:TYPE is not a ConnectionType of that name with settings"),
    "another name": (
        CONNECTOR.replace('"helpdesk", __name__', '"desk", __name__'),
        "is not a ConnectionType",
    ),
    "no settings": (CONNECTOR.replace("__name__, HelpdeskConnection", "__name__"), "is not a ConnectionType"),
    "no connector": (CONNECTOR.replace("__name__, Help", "'nowhere', Help"), "No module named 'nowhere'"),
    "no tables": (CONNECTOR.replace("def tables", "def tabels").replace(" tables()", " {}"), "AttributeError"),
    "no table": (CONNECTOR.replace('return {"tickets": Table', 'return {"tickets": print'), "TypeError"),
    "a validator that fails": (
        CONNECTOR.replace("\n\nTYPE", "\n    def model_post_init(self, _: object) -> None:\n        1 / 0\n\n\nTYPE"),
        "ZeroDivisionError: division by zero",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_package_is_named(site: Path, work: Path, name: str) -> None:
    module, saw = BROKEN[name]
    (site / "okrsync_helpdesk.py").write_text(module, "utf-8")
    write_config(work)
    done = okrsync(site, work, "check")
    assert done.returncode == 1
    first, advice = done.stderr.splitlines()
    assert first.startswith("loading the connection type 'helpdesk': ")
    assert saw in first
    assert first.endswith(" Nothing was read or written.")
    assert advice == "Update or uninstall okrsync-helpdesk."


def test_a_type_of_two_packages_is_refused(site: Path, work: Path) -> None:
    other = PROJECT.replace("okrsync-helpdesk", "other-desk").replace("okrsync_helpdesk", "other_desk")
    install(site, other, CONNECTOR)
    write_config(work)
    done = okrsync(site, work, "check")
    assert done.returncode == 1
    assert "several installed packages offer it: okrsync-helpdesk, other-desk." in done.stderr
    assert "Traceback" not in okrsync(site, work, "sources", "helpdesk").stderr


def test_a_broken_package_costs_nobody_else_anything(site: Path, work: Path) -> None:
    (site / "okrsync_helpdesk.py").write_text("raise SystemError", "utf-8")
    (work / "rows.csv").write_text("place\n1\n", "utf-8")
    measure = "measures:\n  rows:\n    from: files.rows\n    path: rows.csv\n    value: count(*)\n"
    (work / "okrsync.yaml").write_text(HEAD + measure, "utf-8")
    assert okrsync(site, work, "check").returncode == 0
    assert okrsync(site, work, "sources", "jira").returncode == 0
    done = okrsync(site, work, "sources")
    assert done.returncode == 1
    assert "jira.issues  (jql, [types], [numbers], [dates])\n" in done.stdout
    assert "loading the connection type 'helpdesk': SystemError. Nothing was read or written.\n" in done.stderr


@pytest.mark.parametrize(
    ("old", "new"), [("        search, kept = ", "        1 / 0\n        search, kept = "),
     ("    return Helpdesk(", "    1 / 0\n    return Helpdesk(")]
)  # fmt: skip
def test_what_its_code_raises_costs_its_reads(site: Path, work: Path, old: str, new: str) -> None:
    assert old in CONNECTOR
    (site / "okrsync_helpdesk.py").write_text(CONNECTOR.replace(old, new), "utf-8")
    with desk(work, 1):
        assert okrsync(site, work, "init", "--sheet").returncode == 0
        done = okrsync(site, work, "dry-run")
    assert done.returncode == 4
    assert (
        "helpdesk 'desk': ZeroDivisionError: division by zero. Its key results were left as they were." in done.stderr
    )
    assert "This is a bug in okrsync-helpdesk; please report it there." in done.stderr


def test_packages_are_not_looked_for_where_types_are_built_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda **_: pytest.fail("looked for packages"))
    monkeypatch.setenv("HELPDESK_TOKEN", TOKEN)
    write_config(
        tmp_path, ("helpdesk", "jira"), ("tickets:", "jql:"), ("desk.tickets", "desk.issues"),
        ("avg(reply_hours) filter (state = 'closed')", "avg(lead_time_hours)"),
    )  # fmt: skip
    assert load_config(tmp_path / "okrsync.yaml", registry.tables).workspace.connections["desk"].type == "jira"
