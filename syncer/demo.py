"""The main job with no accounts: a sandbox on loopback, a workspace folder, and the commands people use."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from config.cycles import Cycle, parse_cycle
from config.errors import OkrsyncError
from config.message import Message
from config.private_files import write_private
from connectors.sandbox import world
from connectors.sandbox.server import Request, Sandbox, Service
from connectors.sandbox.world import Language
from syncer.i18n import join, translate

ZONE = ZoneInfo("Asia/Taipei")
STATE = "sandbox.json"
EXPECTED = (0, 4)
"""One key result of the demo has no value yet, so that its runs end with 4."""
SHEET_STEP = "init --sheet --yes"
FIRST_STEPS = ("check --online", SHEET_STEP, "dry-run", "sync", "sync")
CLOSED = ("CORE-42", "CORE-44", "CORE-46")
"""Bugs that somebody closes in the middle of the demo."""
LAST_STEPS = ("sync --requests", "status", "explain KR1", "history KR1")


def cycle_of(day: datetime) -> Cycle:
    """The quarter of a day."""
    return parse_cycle(f"{day.year}-Q{(day.month + 2) // 3}")


def open_sandbox(services: list[Service], port: int, *, latency_seconds: float = 0.0) -> Sandbox:
    """A sandbox on that port. Raises OkrsyncError when it is taken."""
    try:
        return Sandbox(services, port=port, latency_seconds=latency_seconds)
    except OSError as exc:
        raise OkrsyncError(
            Message("serving the sandbox on port {port}", port=port),
            f"{type(exc).__name__}: {exc.strerror}",
            advice="Another program uses it; choose a port with --port.",
        ) from exc


Steps = Mapping[str, Callable[[Path], int]]
"""The commands by the words a person types; each takes the config's path and gives its exit code."""


def run_demo(folder: Path, language: Language, port: int, steps: Steps, echo: Callable[[str], None]) -> int:
    """Make the workspace, run the steps in it, keep the sandbox's state beside it. 0 when every step went well."""
    if (folder / "okrsync.yaml").exists():
        raise OkrsyncError(
            Message("making the demo in {folder}", folder=folder),
            "a workspace stands there already",
            effect="It was left as it is.",
            advice=Message(
                "Run `okrsync sandbox --state {folder}` to go on with it, or name another --folder.",
                folder=folder / STATE,
            ),
        )
    now = datetime.now(ZONE)
    cycle = cycle_of(now)
    services = world.sample_services(cycle.first, now, language)
    with open_sandbox(services, port) as sandbox:
        write_workspace(folder, sandbox, services, cycle.name, language)
        config = folder / "okrsync.yaml"
        codes = [_step(step, steps[step], config, echo) for step in FIRST_STEPS]
        for key in CLOSED:
            sandbox.answer(Request("POST", f"/_sandbox/jira/issues/{key}", {}, {}, b'{"status": "Done"}', sandbox.url))
        closed = join(language, CLOSED)
        echo(translate(language, "\n# Somebody closes {closed} in Jira.", closed=closed))
        codes += [_step(step, steps[step], config, echo) for step in LAST_STEPS]
        world.save(sandbox, folder / STATE)
    echo(_next(folder, urlsplit(sandbox.url).port or port, language))
    return max((code for code in codes if code not in EXPECTED), default=0)


def _step(words: str, step: Callable[[Path], int], config: Path, echo: Callable[[str], None]) -> int:
    told = words.replace("init", f"init {config.parent}", 1) if words == SHEET_STEP else f"{words} -c {config}"
    echo(f"\n$ okrsync {told}\n")
    return step(config)


def write_workspace(folder: Path, sandbox: Sandbox, services: list[Service], cycle: str, language: Language) -> None:
    """The config and the files its secret references lead to."""
    write_secrets(folder / "secrets", world.secret_files(services, sandbox.url))
    (folder / "okrsync.yaml").write_text(world.demo_config(sandbox.url, cycle, language), "utf-8")


def write_secrets(folder: Path, secrets: Mapping[str, str]) -> None:
    """Write each secret into a file of its own. Raises OkrsyncError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, text in secrets.items():
            write_private(folder / name, text)
    except OSError as exc:
        advice = "Name a folder that may be written."
        raise OkrsyncError(
            Message("writing secrets to {folder}", folder=folder),
            f"{type(exc).__name__}: {exc.strerror}",
            advice=advice,
        ) from exc


def _next(folder: Path, port: int, language: str) -> str:
    serve = f"okrsync sandbox --state {folder / STATE} --port {port}"
    change = f'curl -X POST http://127.0.0.1:{port}/_sandbox/jira/issues/CORE-43 -d \'{{"status": "Done"}}\''
    return translate(
        language,
        "\nWhat to try next:\n  {serve}\n      serves the demo's trackers again; the sheet is at "
        "http://127.0.0.1:{port}/_sandbox/sheets/\n  {change}\n      closes an issue; then `cd "
        "{folder} && okrsync dry-run` shows what moved\n  okrsync init my-okrs\n      makes a "
        "workspace of your own, with a local XLSX and no accounts",
        serve=serve,
        port=port,
        change=change,
        folder=folder,
    )
