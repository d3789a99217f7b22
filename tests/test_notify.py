"""Messages: the words, the payloads, and that neither secrets nor hostile markup get through."""

import json
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Self

import httpx
import pytest
import respx

from command_kit import Shell
from config.notify import Line, Mail, Webhook
from config.secrets import Secret
from connectors.http import Policy
from connectors.notify import LINE_PUSH, Message, payload, send
from demo_kit import close_issue, demo_workspace
from golden_files import check_golden
from sandbox_kit import Sandbox

HOOK = "https://hooks.example.com/T0/SECRET"
MESSAGE = Message("OKR", ("<!channel> *bold* [x](https://evil)", "二 @everyone"))
KINDS = ("slack", "teams", "google_chat", "discord")


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", HOOK)
    monkeypatch.setenv("LINE_TOKEN", "LINE-SECRET")


@pytest.fixture
def sandbox(shell: Shell) -> Iterator[Sandbox]:
    with demo_workspace(shell.folder) as running:
        yield running


def add_notify(*kinds: str) -> None:
    rooms = "".join(f"  {kind}:\n    type: {kind}\n    url: $HOOK\n" for kind in kinds)
    path = Path("okrsync.yaml")
    path.write_text(path.read_text("utf-8") + f"notify:\n{rooms}", "utf-8")


@pytest.mark.parametrize("kind", KINDS)
@respx.mock
def test_a_webhook_gets_one_request(kind: str) -> None:
    route = respx.post(HOOK).mock(return_value=httpx.Response(200))
    recipient = Webhook.model_validate({"type": kind, "url": "$HOOK"})
    assert send(MESSAGE, recipient, Policy()) == ""
    assert json.loads(route.calls.last.request.content) == payload(kind, MESSAGE)
    assert route.call_count == 1


@respx.mock
def test_line_gets_its_token_and_its_receiver() -> None:
    route = respx.post(LINE_PUSH).mock(return_value=httpx.Response(200))
    assert send(MESSAGE, Line(type="line", token=Secret("$LINE_TOKEN"), to="U1"), Policy()) == ""
    request = route.calls.last.request
    assert request.headers["Authorization"] == "Bearer LINE-SECRET"
    assert json.loads(request.content) == {"to": "U1", "messages": [{"type": "text", "text": MESSAGE.text}]}


@pytest.mark.parametrize(
    ("kind", "field", "text"),
    [
        ("slack", "text", "OKR\n&lt;!channel&gt; \u200b*bold\u200b* [x](https://evil)\n二 @everyone"),
        ("google_chat", "text", "OKR\n‹!channel› \u200b*bold\u200b* [x](https://evil)\n二 @everyone"),
        ("discord", "content", "OKR\n<!channel\\> \\*bold\\* \\[x\\]\\(https://evil\\)\n二 @everyone"),
    ],
)
def test_markup_and_mentions_do_not_get_through(kind: str, field: str, text: str) -> None:
    assert payload(kind, MESSAGE)[field] == text
    if kind == "discord":
        assert payload(kind, MESSAGE)["allowed_mentions"] == {"parse": []}


def test_long_messages_are_cut_to_what_the_service_takes() -> None:
    long = Message("OKR", ("x" * 9000,))
    assert len(payload("discord", long)["content"]) == 2000
    assert len(payload("line", long)["messages"][0]["text"]) == 5000


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (httpx.Response(403, text=HOOK), "HTTP 403"),
        (httpx.Response(302, headers={"Location": "https://evil.example"}), "HTTP 302"),
        (httpx.ConnectTimeout(HOOK), "ConnectTimeout"),
    ],
)
@respx.mock
def test_what_goes_wrong_is_told_without_the_secret(answer: httpx.Response | Exception, why: str) -> None:
    respx.post(HOOK).mock(**{"side_effect" if isinstance(answer, Exception) else "return_value": answer})  # type: ignore[arg-type]
    assert send(MESSAGE, Webhook(type="slack", url=Secret("$HOOK")), Policy()) == why


def test_an_unset_secret_and_plain_http_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", "http://hooks.example.com/T0/SECRET")
    room = Webhook(type="slack", url=Secret("$HOOK"))
    assert send(MESSAGE, room, Policy()) == "its address is not https"
    monkeypatch.delenv("HOOK")
    assert send(MESSAGE, room, Policy()) == "the environment variable HOOK is not set"


def test_mail_has_its_subject_and_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[EmailMessage] = []

    class Server:
        def __init__(self, host: str, port: int, timeout: float) -> None:
            assert (host, port, timeout) == ("127.0.0.1", 587, 30.0)

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def send_message(self, mail: EmailMessage) -> None:
            sent.append(mail)

    monkeypatch.setattr(smtplib, "SMTP", Server)
    mail = Mail(type="mail", host="127.0.0.1", sender="okr@example.com", to=("a@example.com", "b@example.com"))
    assert send(Message("OKR\nBcc: c@example.com", ("一", "二")), mail, Policy()) == ""
    assert sent[0]["Subject"] == "OKR Bcc: c@example.com"
    assert sent[0]["To"] == "a@example.com, b@example.com"
    assert sent[0].get_content() == "一\n二\n"


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_the_digest_in_both_languages(shell: Shell, language: str) -> None:
    with demo_workspace(shell.folder, "zh-TW" if language == "zh-TW" else "en") as running:
        shell.at("2026-11-08T09:00:00+08:00")
        shell.run("sync")
        shell.at("2026-11-16T09:30:00+08:00")
        close_issue(running, "CORE-42")
        check_golden(f"digest.{language}.txt", shell.output_of(["notify", "--preview"]))


@pytest.mark.usefixtures("sandbox")
def test_a_refused_sync_alerts_and_a_failed_message_fails_nothing(shell: Shell, respx_mock: respx.MockRouter) -> None:
    add_notify("slack")
    route = respx_mock.post(HOOK).mock(return_value=httpx.Response(500))
    config = Path("okrsync.yaml").read_text("utf-8")
    Path("okrsync.yaml").write_text(config.replace("tabs: [OKRs]", "tabs: [Elsewhere]"), "utf-8")
    failed = shell.run("sync")
    assert failed.code == 1
    assert "it has no tab" in json.loads(route.calls.last.request.content)["text"]
    assert "notify 'slack': the alert was not delivered (HTTP 500). The sheet is not affected." in failed.err
    chinese = config.replace("tabs: [OKRs]", "tabs: [Elsewhere]").replace("language: en", "language: zh-TW")
    Path("okrsync.yaml").write_text(chinese, "utf-8")
    assert "notify「slack」：警示未送達（HTTP 500）。試算表不受影響。" in shell.run("sync").err
    assert "OKR 試算表無法依計畫讀取或寫入。" in json.loads(route.calls.last.request.content)["text"]
    Path("okrsync.yaml").write_text(config, "utf-8")
    fine = shell.run("sync")
    assert route.call_count == 2
    assert fine.code == 4
    assert HOOK not in failed.err + failed.out + fine.err + fine.out


def test_a_digest_for_nobody_says_so(shell: Shell, sandbox: Sandbox) -> None:
    done = shell.run("notify")
    assert done.code == 1
    assert "names nobody" in done.err
    assert sandbox.requests("sheets")
