"""`sandbox` and `demo`: trackers and a sheet on loopback."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from config.errors import OkrsyncError
from syncer.commands import init, look, run, setup
from syncer.commands.init import Language

Port = Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 picks a free one.")]
DEFAULT_PORT = 8765


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("sandbox", epilog="Example: okrsync sandbox --jira-issues issues.csv")(sandbox)
    app.command("demo", epilog="Example: okrsync demo --language zh-TW")(demo)


def demo(
    *,
    folder: Annotated[Path, typer.Option(help="Folder for the demo's workspace.")] = Path("okrsync-demo"),
    language: Annotated[Language, typer.Option(help="en or zh-TW.")] = Language.EN,
    port: Port = DEFAULT_PORT,
) -> int:
    """Try okrsync on this machine, without any accounts."""
    from syncer.demo import run_demo

    return run_demo(folder, language.value, port, _STEPS, typer.echo)


_STEPS: Mapping[str, Callable[[Path], int]] = {
    "check --online": lambda path: setup.check(config=path, online=True),
    "init --sheet --yes": lambda path: init.init(config=path, sheet=True, yes=True),
    "dry-run": lambda path: run.dry_run(config=path),
    "sync": lambda path: run.sync(config=path),
    "sync --requests": lambda path: run.sync(config=path, requests=True),
    "status": lambda path: look.status(config=path),
    "explain KR1": lambda path: look.explain("KR1", config=path),
    "history KR1": lambda path: look.history("KR1", config=path),
}
"""Commands that the demo runs, by the words a user types."""


def sandbox(
    *,
    port: Port = DEFAULT_PORT,
    state: Annotated[
        Path | None, typer.Option(help="Load this state file if it exists, and save to it when stopped.")
    ] = None,
    jira_issues: Annotated[
        list[Path] | None,
        typer.Option(help="Load Jira issues from a CSV: issuekey, title, storypoint ... (repeatable)"),
    ] = None,
    secrets: Annotated[
        Path | None, typer.Option(help="Write the tokens and the service account's key into this folder.")
    ] = None,
    language: Annotated[Language, typer.Option(help="Language of the sample data.")] = Language.EN,
    latency_ms: Annotated[float, typer.Option(min=0, help="Delay each answer, for benchmarks.")] = 0,
) -> int:
    """Serve a local imitation of Jira, GitHub and Google Sheets.

    Jira Cloud is at /jira, Data Center at /jira-dc; all have sample data, which an admin path changes.
    """
    from connectors.sandbox import world
    from syncer.demo import ZONE, cycle_of, open_sandbox, write_secrets
    from syncer.schedule.schedule import stop_on_signals

    now = datetime.now(ZONE)
    services = world.sample_services(cycle_of(now).first, now, language.value)
    try:
        if state is not None and state.exists():
            world.load(services, state)
        loaded = sum(world.load_jira_csv(services, path) for path in jira_issues or ())
    except (OSError, ValueError, KeyError) as exc:
        raise OkrsyncError("loading the sandbox", f"{type(exc).__name__}: {exc}", advice="Check the file.") from exc
    with open_sandbox(services, port, latency_seconds=latency_ms / 1000) as running:
        found = world.secret_files(services, running.url)
        if secrets is not None:
            write_secrets(secrets, found)
        _introduce(running.url, found, loaded, secrets)
        stop_on_signals().wait()
        if state is not None:
            world.save(running, state)
    return 0


def _introduce(url: str, secrets: dict[str, str], loaded: int, kept: Path | None) -> None:
    typer.echo(f"okrsync's sandbox serves on {url} until you stop it (Ctrl-C).\n")
    typer.echo(f"  Jira Cloud        {url}/jira      e-mail demo@example.com, token {secrets['jira-token']}")
    typer.echo(f"  Jira Data Center  {url}/jira-dc   token {secrets['jira-token']}")
    typer.echo(f"  GitHub            {url}/github    token {secrets['github-token']}")
    key = f"file:{kept / 'service-account.json'}" if kept else "its key: run with --secrets FOLDER"
    typer.echo(f"  Google Sheets     {url}/sheets    token_url {url}/sheets/token, service_account {key}")
    typer.echo("                    spreadsheets demo-okrs (tab OKRs) and demo-sales (tabs Deals, Summary)")
    typer.echo(f"  its sheets in a browser: {url}/_sandbox/sheets/")
    typer.echo(f'  change things: POST {url}/_sandbox/jira/issues/CORE-5 with {{"status": "Done"}}')
    if loaded:
        typer.echo(f"\n{loaded:,} issues loaded into both Jiras.")
