"""Services that send the credentials they were sent back as data: in keys, titles, names, links and headers."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from command_kit import Shell
from connectors.sandbox.server import Request, Response
from security_kit import HIDDEN, Watched, watched_workspace

COMMANDS = (
    ("check", "--online"),
    ("dry-run",),
    ("dry-run", "--format", "json", "--out", "plan.json"),
    ("sync",),
    ("sync",),
    ("explain", "KR1"),
    ("explain", "KR1", "--format", "json"),
    ("history", "KR1"),
    ("history", "KR1", "--format", "json"),
    ("status", "--format", "json"),
    ("report", "--format", "html", "--out", "report.html"),
    ("report", "--format", "json"),
    ("notify", "--preview"),
)
TEXTS = re.compile(r'"(key|summary|name|displayName|title|url|nameWithOwner|html_url|branch|tagName)": "[^"]*"')
FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "percent": lambda text: quote(text, safe=""),
    "base64": lambda text: base64.b64encode(f"me:{text}".encode()).decode(),
    "cut short": lambda text: text[:12],
    "in JSON": lambda text: "".join(f"\\\\u{ord(char):04x}" for char in text),
}


@pytest.fixture
def watched(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    with watched_workspace(shell.folder, monkeypatch) as found:
        yield found


@pytest.mark.parametrize("service", ["jira", "github"])
@pytest.mark.parametrize("form", FORMS)
def test_credentials_sent_back_as_data(watched: Watched, shell: Shell, service: str, form: str) -> None:
    echo = watched.echoes[service]
    token = (shell.folder / "secrets" / f"{service}-token").read_text("utf-8")
    assert not token.isalpha()
    written = FORMS[form](token)
    answered = 0

    def as_data(request: Request, _: str) -> Response:
        nonlocal answered
        answer = echo.inner.handle(request)
        body, count = TEXTS.subn(lambda found: f'"{found[1]}": "{written}"', json.dumps(answer.body))
        answered += count
        return Response(answer.status, json.loads(body), {**answer.headers, "X-Echo": written})

    echo.only, echo.failing = "/", as_data
    shown: list[str] = []
    for command in COMMANDS:
        done = shell.run(*command)
        assert done.code in (0, 1, 4), done.err
        shown += [done.out, done.err]
    assert answered, "nothing was sent back"
    assert watched.leaks(*shown) == []
    sheet = json.dumps(watched.sandbox.services["sheets"].dump(), default=str)
    kept = [
        *shown,
        sheet,
        *(_texts(shell.folder / name) for name in (".okrsync/ledger.db", "plan.json", "report.html")),
    ]
    pieces = {written.replace("\\\\", "\\"), token[:8], token[-8:], base64.b64encode(token.encode()).decode()[:8]}
    assert service == "github" or any(HIDDEN in text for text in kept)  # the demo only counts in GitHub
    assert [piece for piece in pieces for text in kept if piece in text] == []


def _texts(path: Any) -> str:
    return str(path.read_bytes().decode("utf-8", "replace")) if path.exists() else ""
