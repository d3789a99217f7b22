"""Demo without accounts: a sandbox on loopback, a workspace folder, and the usual commands run in it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from config.cycles import Cycle, parse_cycle
from config.errors import OkrsyncError
from config.languages import Language
from config.message import Message
from config.secrets import write_private
from connectors.sandbox import world
from connectors.sandbox.server import Request, Sandbox, Service
from syncer.i18n import join, translate

ZONE = ZoneInfo("Asia/Taipei")
STATE = "sandbox.json"
EXPECTED = (0, 4)
"""Exit codes that count as success: one key result of the demo has no value yet, so its runs exit 4."""
SHEET_STEP = "init --sheet --yes"
FIRST_STEPS = ("check --online", SHEET_STEP, "dry-run", "sync", "sync")
CLOSED = ("CORE-42", "CORE-44", "CORE-46")
"""Jira bugs that the demo closes between the two groups of steps."""
LAST_STEPS = ("sync --requests", "status", "explain KR1", "history KR1")


def cycle_of(day: datetime) -> Cycle:
    """Return the calendar quarter that contains a day."""
    return parse_cycle(f"{day.year}-Q{(day.month + 2) // 3}")


def open_sandbox(services: list[Service], port: int, *, latency_seconds: float = 0.0) -> Sandbox:
    """Start a sandbox on a port of 127.0.0.1 (0: any free one). Raises OkrsyncError when the port cannot be bound."""
    try:
        return Sandbox(services, port=port, latency_seconds=latency_seconds)
    except OSError as exc:
        raise OkrsyncError(
            Message("serving the sandbox on port {port}", port=port),
            f"{type(exc).__name__}: {exc.strerror}",
            advice="Another program is using it; choose another port with --port.",
        ) from exc


Steps = Mapping[str, Callable[[Path], int]]
"""Demo commands by the words a user types; each takes the config's path and returns its exit code."""


def run_demo(folder: Path, language: Language, port: int, steps: Steps, echo: Callable[[str], None]) -> int:
    """Create a workspace in `folder`, run the demo's steps in it, and save the sandbox's state there.

    Returns 0 when every step exits with a code of `EXPECTED`, else the highest other code. Raises OkrsyncError when
    the folder already holds a workspace, the secrets cannot be written, or the port is taken.
    """
    if (folder / "okrsync.yaml").exists():
        raise OkrsyncError(
            Message("making the demo in {folder}", folder=folder),
            "the folder already holds a workspace",
            effect="It was left unchanged.",
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
        echo(translate(language, "\n# Close {closed} in Jira.", closed=closed))
        codes += [_step(step, steps[step], config, echo) for step in LAST_STEPS]
        world.save(sandbox, folder / STATE)
    echo(_next(folder, urlsplit(sandbox.url).port or port, language))
    return max((code for code in codes if code not in EXPECTED), default=0)


def _step(words: str, step: Callable[[Path], int], config: Path, echo: Callable[[str], None]) -> int:
    command = words.replace("init", f"init {config.parent}", 1) if words == SHEET_STEP else f"{words} -c {config}"
    echo(f"\n$ okrsync {command}\n")
    return step(config)


def write_workspace(folder: Path, sandbox: Sandbox, services: list[Service], cycle: str, language: Language) -> None:
    """Write the demo's config and the secret files that it references. Raises OkrsyncError."""
    write_secrets(folder / "secrets", world.secret_files(services, sandbox.url))
    (folder / "okrsync.yaml").write_text(world.demo_config(sandbox.url, cycle, language), "utf-8")


def write_secrets(folder: Path, secrets: Mapping[str, str]) -> None:
    """Write each secret to a private file in `folder`. Raises OkrsyncError when the folder cannot be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, text in secrets.items():
            write_private(folder / name, text)
    except OSError as exc:
        advice = "Choose a writable folder."
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
