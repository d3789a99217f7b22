"""Secrets appear nowhere, and go nowhere but to their own connection, whatever a service answers."""

import json
import os
import stat
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import pytest

from command_kit import Shell
from config.errors import OkrsyncError
from connectors.sandbox.server import Request, Response
from sandbox_kit import Fault
from security_kit import HIDDEN, Watched, watched_workspace
from syncer.cli import app
from syncer.demo import write_secrets
from syncer.run import pipeline

READING = (
    ("check", "--online"),
    ("dry-run", "--requests"),
    ("sync",),
    ("explain", "KR1"),
    ("report",),
)
ALL = (
    *READING,
    ("check",),
    ("dry-run", "--format", "json"),
    ("dry-run", "--format", "markdown"),
    ("dry-run", "--out", "plan.json"),
    ("sync", "--plan", "plan.json"),
    ("status",),
    ("status", "--format", "json"),
    ("explain", "O1"),
    ("history",),
    ("history", "KR1"),
    ("report", "--format", "html", "--out", "report.html"),
    ("lint",),
    ("close",),
    ("sources", "-c", "okrsync.yaml"),
    ("schedule", "print", "cron"),
    ("schedule", "print", "systemd"),
    ("schedule", "print", "github-actions"),
    ("schedule", "print", "kubernetes"),
    ("undo",),
)


def as_errors(request: Request, sent: str) -> Response:
    """Every key in which one of the services puts its reason, and the headers that tell more."""
    inner = {"code": 403, "message": f"x {sent}", "status": f"PERMISSION_DENIED {sent}"}
    body = {"errorMessages": [sent], "errors": {"jql": sent}, "message": sent, "error": inner, "detail": sent}
    if "token" in request.path:
        body = {"error": f"invalid_grant {sent}", "error_description": sent}
    return Response(403, body, {"X-Authentication-Denied-Reason": sent, "Location": f"http://x/{sent}"})


def as_page(_: Request, sent: str) -> Response:
    return Response(500, f"{'y' * 150} {sent}".encode(), {"Content-Type": "text/plain", "Retry-After": sent})


def as_answer(_: Request, sent: str) -> Response:
    return Response(200, {"errors": [{"message": sent, "type": sent}], "valueRanges": sent, "issues": sent, sent: sent})


def as_redirect(_: Request, sent: str) -> Response:
    return Response(302, sent.encode(), {"Location": f"http://127.0.0.1:1/{sent}?{sent}"})


@pytest.fixture
def watched(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    with watched_workspace(shell.folder, monkeypatch) as found:
        yield found


@pytest.mark.parametrize("answer", [as_errors, as_page, as_answer, as_redirect])
@pytest.mark.parametrize(
    ("service", "only"), [("jira", "/"), ("github", "/"), ("sheets", ""), ("sheets", "/token"), ("shop", "/")]
)
def test_a_service_that_echoes_credentials(
    watched: Watched, shell: Shell, service: str, only: str, answer: Callable[[Request, str], Response]
) -> None:
    echo = watched.echoes[service]
    echo.only, echo.failing = only, answer
    for command in READING:
        done = shell.run(*command)
        assert done.code in (0, 1, 4), done.err
        assert watched.leaks(done.out, done.err) == []
    assert len(watched.secrets) > len(watched.stated), "nothing was sent"


def test_every_command_on_a_good_day(watched: Watched, shell: Shell) -> None:
    for command in ALL:
        done = shell.run(*command)
        assert done.code in (0, 4), (command, done.err)
        assert watched.leaks(done.out, done.err) == [], command
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (Path("plan.json"), Path(".okrsync/ledger.db"))}
    assert modes == {"plan.json": 0o600, "ledger.db": 0o600}
    assert len(watched.seen) >= 5


class Broken(json.JSONDecoder):
    """Fails with all that it was given, as libraries do."""

    def decode(self, s: str, *_: object) -> None:
        raise ValueError(s)


def test_a_bug_leaves_no_secret_in_its_traceback(
    watched: Watched, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = Path("secrets/jira-token").read_text("utf-8")

    def broken(*_: object) -> None:
        try:
            json.loads(f"inner {token}", cls=Broken)
        except ValueError as exc:
            raise RuntimeError(f"outer {token}") from exc

    monkeypatch.setattr(pipeline, "dry_run", broken)
    done = shell.run("dry-run")
    assert done.code == 3
    logs = list(shell.folder.glob("okrsync-*.log"))
    assert len(logs) == 1
    text = logs[0].read_text("utf-8")
    assert f"outer {HIDDEN}" in text
    assert f"inner {HIDDEN}" in text
    assert stat.S_IMODE(logs[0].stat().st_mode) == 0o600
    assert watched.leaks(done.out, done.err) == []


def test_no_option_takes_a_secret() -> None:
    """What stands in a command line is seen by everybody who runs `ps`."""
    shown = json.dumps([(command.name, str(command.callback)) for command in app.registered_commands])
    assert "token" not in shown
    from typer.main import get_command

    names = [
        option.lower()
        for command in get_command(app).commands.values()  # type: ignore[attr-defined]
        for parameter in command.params
        for option in parameter.opts
    ]
    assert names
    names.remove("--secrets")  # the folder into which the sandbox writes its own
    assert not [name for name in names if any(word in name for word in ("token", "password", "secret", "key-file"))]


class Elsewhere:
    """Another server on this machine, to which nothing may ever be sent."""

    def __init__(self) -> None:
        self.got: list[tuple[str, Mapping[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _take(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                outer.got.append((self.path, dict(self.headers.items()), self.rfile.read(length)))
                self.send_response(200)
                self.end_headers()

            do_GET = do_POST = do_PUT = _take  # noqa: N815 - names of the base class

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_carries_anything_to_another_place(watched: Watched, shell: Shell, status: int) -> None:
    with Elsewhere() as elsewhere:
        for service in ("jira", "github", "sheets", "shop"):
            headers = {"Location": f"{elsewhere.url}/taken"}
            watched.sandbox.faults.append(Fault(service, "", status, headers=headers, times=1000))
        done = shell.run("sync")
        assert done.code in (1, 4), done.err
        assert elsewhere.got == []
        watched.sandbox.faults[:] = [fault for fault in watched.sandbox.faults if fault.service != "sheets"]
        headers = {"Location": f"{elsewhere.url}/taken"}
        watched.sandbox.faults.append(Fault("sheets", ":batchUpdate", status, headers=headers, times=1000))
        done = shell.run("sync")
        assert done.code == 1, done.err
        assert "writing spreadsheet" in done.err
        assert elsewhere.got == []


def test_clear_text_to_this_machine_passes_no_proxy(
    watched: Watched, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jira, GitHub, Google and HTTP alike: a proxy would see the credentials."""
    with Elsewhere() as proxy:
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "intranet.example.com")
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        done = shell.run("sync")
        assert (done.code, proxy.got) == (4, []), done.err
        assert {entry.service for entry in watched.sandbox.requests()} == {"jira", "github", "sheets", "shop"}
        assert os.environ["no_proxy"].startswith("intranet.example.com,127.0.0.1")


@pytest.mark.parametrize(
    "address",
    ["{elsewhere}/x", "//{host}/x", "/../../{host}", "\\\\{host}\\x", "@{host}/x", "/%2e%2e/@{host}", "{elsewhere}"],
)
def test_a_measure_cannot_name_another_origin(watched: Watched, shell: Shell, address: str) -> None:
    with Elsewhere() as elsewhere:
        url = address.format(elsewhere=elsewhere.url, host=elsewhere.url.removeprefix("http://"))
        text = Path("okrsync.yaml").read_text("utf-8")
        assert "url: /uptime" in text
        Path("okrsync.yaml").write_text(text.replace("url: /uptime", f"url: '{url}'"), "utf-8")
        done = shell.run("dry-run")
        assert done.code in (1, 4)
        assert "KR9" in done.out or "below the connection's url" in done.err
        assert elsewhere.got == []
        assert not [entry for entry in watched.sandbox.requests("shop") if "uptime" in entry.target]


INCLUDED = {
    "a connection": ("connections:\n  jira2:\n    type: jira\n    url: {url}\n    token: $SHOP_TOKEN\n", "does not"),
    "a secret": ("secrets:\n  a: $SHOP_TOKEN\n", "does not belong in an included file"),
    "a recipient": ("notify:\n  a:\n    type: slack\n    url: $SHOP_TOKEN\n", "does not belong"),
    "a sheet": ("okr_sheet:\n  connection: google\n  spreadsheet: theirs\n", "does not belong"),
    "a ledger": ("ledger: postgresql://evil/x\n", "does not belong"),
    "a second include": ("include: ['*.yaml']\n", "does not belong"),
    "another connection of the same name": ("connections:\n  shop:\n    url: {url}\n", "does not belong"),
    "an address": ("measures:\n  m:\n    from: shop.json\n    url: {url}/x\n    value: count(*)\n", "below the"),
    "a secret's file": (
        "measures:\n  m:\n    from: files.rows\n    path: teams/../secrets/jira-token\n    value: count(*)\n",
        "holds a secret",
    ),
    "a file above": (
        "measures:\n  m:\n    from: files.rows\n    path: ../x.csv\n    value: count(*)\n",
        "outside the config's folder",
    ),
    "an absolute path": (
        "measures:\n  m:\n    from: files.rows\n    path: /etc/passwd\n    value: count(*)\n",
        "outside the config's folder",
    ),
    "a path of one's home": (
        "measures:\n  m:\n    from: files.rows\n    path: ~/x.csv\n    value: count(*)\n",
        "outside the config's folder",
    ),
    "a link that leads out": (
        "measures:\n  m:\n    from: files.rows\n    path: teams/out/passwd\n    value: count(*)\n",
        "outside the config's folder",
    ),
    "an object of Python": ("measures: !!python/object/apply:os.system ['touch owned']\n", "tags are not supported"),
}


@pytest.mark.parametrize("name", INCLUDED)
def test_an_included_file_cannot_reach_for(watched: Watched, shell: Shell, name: str) -> None:
    text, refused = INCLUDED[name]
    with Elsewhere() as elsewhere:
        Path("teams").mkdir()
        Path("teams/out").symlink_to("/etc")
        Path("teams/a.yaml").write_text(text.replace("{url}", elsewhere.url), "utf-8")
        config = Path("okrsync.yaml").read_text("utf-8")
        Path("okrsync.yaml").write_text(f"include: [teams/*.yaml]\n{config}", "utf-8")
        done = shell.run("sync")
        assert done.code == 1
        assert refused in done.err
        assert "teams/a.yaml" in done.err
        assert elsewhere.got == []
        assert watched.sandbox.requests() == []
        assert not Path("owned").exists()
        assert watched.leaks(done.out, done.err) == []


@pytest.mark.parametrize("pattern", ["../*.yaml", "/etc/*.yaml", "teams/../../x.yaml", "linked/*.yaml", "~/x.yaml"])
def test_include_stays_below_the_config(watched: Watched, shell: Shell, pattern: str) -> None:
    assert watched.secrets
    Path("linked").symlink_to("/tmp")  # noqa: S108 - any folder elsewhere
    config = Path("okrsync.yaml").read_text("utf-8")
    Path("okrsync.yaml").write_text(f"include: ['{pattern}']\n{config}", "utf-8")
    done = shell.run("check")
    assert done.code == 1
    assert "config's folder" in done.err


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("url: {url}/jira\n", "url: http://jira.example.com\n"),
        ("url: {url}/github\n", "url: http://10.0.0.1/github\n"),
        ("token_url: {url}/sheets/token", "token_url: http://oauth.example.com/token"),
        ("url: {url}/shop\n", "url: http://127.0.0.1.example.com\n"),
        ("url: {url}/shop\n", "url: https://user:pw@example.com\n"),
    ],
)
def test_clear_text_only_on_this_machine(watched: Watched, shell: Shell, old: str, new: str) -> None:
    text = Path("okrsync.yaml").read_text("utf-8")
    old = old.format(url=watched.sandbox.url)
    assert old in text
    Path("okrsync.yaml").write_text(text.replace(old, new), "utf-8")
    done = shell.run("dry-run")
    assert done.code == 1
    assert "clear text" in done.err or "must not contain credentials" in done.err
    assert watched.sandbox.requests() == []


def test_a_key_that_sends_its_token_requests_in_clear_text(watched: Watched, shell: Shell) -> None:
    place = Path("secrets/service-account.json")
    info = json.loads(place.read_text("utf-8"))
    place.write_text(json.dumps({**info, "token_uri": "http://oauth.example.com/token"}), "utf-8")
    text = Path("okrsync.yaml").read_text("utf-8")
    line = f"    token_url: {watched.sandbox.url}/sheets/token\n"
    assert line in text
    Path("okrsync.yaml").write_text(text.replace(line, ""), "utf-8")
    done = shell.run("dry-run")
    assert done.code == 1
    assert "its token_uri is not an https address" in done.err


def test_only_a_sync_asks_for_the_scope_that_writes(watched: Watched, shell: Shell) -> None:
    def scopes() -> set[str]:
        import base64

        found = set()
        for entry in watched.sandbox.requests("sheets"):
            if entry.target == "/token":
                claims = entry.body.decode().partition("assertion=")[2].split(".")[1]
                found.add(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["scope"])
        watched.sandbox.log.clear()
        return found

    reading = {"https://www.googleapis.com/auth/spreadsheets.readonly"}
    for command in (("check", "--online"), ("dry-run",), ("status",), ("explain", "KR6"), ("report",), ("close",)):
        shell.run(*command)
        assert scopes() == reading, command
    shell.run("sync")
    assert scopes() == {"https://www.googleapis.com/auth/spreadsheets"}


def test_check_warns_of_keys_that_everybody_may_read(
    watched: Watched, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = shell.run("check")
    assert (done.code, done.err) == (0, "")
    Path("secrets/jira-token").chmod(0o644)
    Path("secrets/service-account.json").chmod(0o604)
    text = Path("okrsync.yaml").read_text("utf-8")
    Path("okrsync.yaml").write_text(text.replace("file:secrets/service-account.json", "$GOOGLE_KEY"), "utf-8")
    monkeypatch.setenv("GOOGLE_KEY", "secrets/service-account.json")
    done = shell.run("check")
    assert done.code == 0
    warned = [line.partition(": every user")[0] for line in done.err.splitlines()]
    assert warned == ["warning: connections.jira.token", "warning: connections.google.service_account"]
    Path("okrsync.yaml").write_text(
        text.replace("    service_account: file:secrets/service-account.json\n", ""), "utf-8"
    )
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(Path("secrets/service-account.json").absolute()))
    assert "connections.google: every user" in shell.run("check").err
    assert watched.leaks(done.out, done.err) == []


def test_an_out_file_that_cannot_be_written_is_no_bug(watched: Watched, shell: Shell) -> None:
    for command in (("dry-run",), ("report",), ("close",)):
        done = shell.run(*command, "--out", "nowhere/x")
        assert done.code == 1
        assert done.err.startswith("writing nowhere/x: FileNotFoundError")
    assert watched.secrets


def test_the_sandbox_hands_out_its_secrets_for_their_owner_alone(watched: Watched, shell: Shell) -> None:
    folder = shell.folder / "kept"
    write_secrets(folder, {"jira-token": "a", "service-account.json": "{}"})
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with pytest.raises(OkrsyncError, match="writing secrets to"):
        write_secrets(shell.folder / "okrsync.yaml", {"a": "b"})
    assert watched.secrets
