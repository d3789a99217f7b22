"""Messages: the words, the payloads, and that neither secrets nor hostile markup get through."""

import json
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import respx

from answers_kit import Answers, answering
from command_kit import Shell
from config.notify import Line, Mail, Webhook
from config.secrets import Secret
from connectors.http import Policy
from connectors.notify import LINE_PUSH, Message, payload, send
from connectors.sandbox.server import Response
from demo_kit import close_issue, demo_workspace
from golden_files import check_golden
from hostile_kit import post_office
from sandbox_kit import Sandbox

PATH = "/T0/SECRET"
MESSAGE = Message("OKR", ("<!channel> *bold* [x](https://evil)", "二 @everyone"))
KINDS = ("slack", "teams", "google_chat", "discord")


@pytest.fixture(autouse=True)
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    """The service behind the webhook."""
    with answering() as made:
        monkeypatch.setenv("HOOK", made.url + PATH)
        monkeypatch.setenv("LINE_TOKEN", "LINE-SECRET")
        made.give()
        yield made


@pytest.fixture
def sandbox(shell: Shell) -> Iterator[Sandbox]:
    with demo_workspace(shell.folder) as running:
        yield running


def add_notify(*kinds: str) -> None:
    rooms = "".join(f"  {kind}:\n    type: {kind}\n    url: $HOOK\n" for kind in kinds)
    path = Path("okrsync.yaml")
    path.write_text(path.read_text("utf-8") + f"notify:\n{rooms}", "utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_a_webhook_gets_one_request(room: Answers, kind: str) -> None:
    recipient = Webhook.model_validate({"type": kind, "url": "$HOOK"})
    assert send(MESSAGE, recipient, Policy()) == ""
    assert [(one.path, one.json()) for one in room.seen] == [(PATH, payload(kind, MESSAGE))]


@respx.mock
def test_line_gets_its_token_and_its_receiver() -> None:
    route = respx.post(LINE_PUSH).respond()
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
        (Response(403, b"SECRET"), "HTTP 403"),
        (Response(302, headers={"Location": "https://evil.example"}), "HTTP 302"),
        (Response(302, headers={"Location": "http://["}), "HTTP 302"),
    ],
)
def test_what_goes_wrong_is_named_without_the_secret(room: Answers, answer: Response, why: str) -> None:
    room.next[:] = [answer]
    assert send(MESSAGE, Webhook(type="slack", url=Secret("$HOOK")), Policy()) == why
    assert len(room.seen) == 1


@pytest.mark.parametrize(("url", "why"), [("http://127.0.0.1:1/SECRET", "ConnectError"), ("http://[", "ValueError")])
def test_an_address_of_nobody(monkeypatch: pytest.MonkeyPatch, url: str, why: str) -> None:
    monkeypatch.setenv("HOOK", url)
    assert send(MESSAGE, Webhook(type="slack", url=Secret("$HOOK")), Policy()) == why


def test_an_unset_secret_and_plain_http_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", "http://hooks.example.com/T0/SECRET")
    room = Webhook(type="slack", url=Secret("$HOOK"))
    assert send(MESSAGE, room, Policy()) == "its address is not https"
    monkeypatch.delenv("HOOK")
    assert send(MESSAGE, room, Policy()) == "the environment variable HOOK is not set"


def test_mail_has_its_subject_and_lines() -> None:
    with post_office() as office:
        mail = Mail(
            type="mail",
            host="127.0.0.1",
            port=office.port,
            sender="okr@example.com",
            to=("a@example.com", "b@example.com"),
        )
        assert send(Message("OKR\nBcc: c@example.com", ("一", "二")), mail, Policy()) == ""
    assert office.recipients == ["a@example.com", "b@example.com"]
    sent = message_from_bytes(office.mail.replace(b"\r\n", b"\n"), policy=policy.default)
    assert sent["Subject"] == "OKR Bcc: c@example.com"
    assert sent["To"] == "a@example.com, b@example.com"
    assert sent.get_content() == "一\n二\n"


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_the_digest_in_both_languages(shell: Shell, language: str) -> None:
    with demo_workspace(shell.folder, "zh-TW" if language == "zh-TW" else "en") as running:
        shell.at("2026-11-08T09:00:00+08:00")
        shell.run("sync")
        shell.at("2026-11-16T09:30:00+08:00")
        close_issue(running, "CORE-42")
        check_golden(f"digest.{language}.txt", shell.output_of(["notify", "--preview"]))


@pytest.mark.usefixtures("sandbox")
def test_a_refused_sync_alerts_and_a_failed_message_fails_nothing(shell: Shell, room: Answers) -> None:
    add_notify("slack")
    room.next[:] = [Response(500)]
    config = Path("okrsync.yaml").read_text("utf-8")
    Path("okrsync.yaml").write_text(config.replace("tabs: [OKRs]", "tabs: [Elsewhere]"), "utf-8")
    failed = shell.run("sync")
    assert failed.code == 1
    assert "it has no tab" in room.seen[-1].json()["text"]
    assert "notify 'slack': the alert was not delivered (HTTP 500). The sheet is not affected." in failed.err
    chinese = config.replace("tabs: [OKRs]", "tabs: [Elsewhere]").replace("language: en", "language: zh-TW")
    Path("okrsync.yaml").write_text(chinese, "utf-8")
    assert "notify「slack」：警示未送達（HTTP 500）。試算表不受影響。" in shell.run("sync").err
    assert "OKR 試算表無法依計畫讀取或寫入。" in room.seen[-1].json()["text"]
    Path("okrsync.yaml").write_text(config, "utf-8")
    fine = shell.run("sync")
    assert len(room.seen) == 2
    assert fine.code == 4
    assert PATH not in failed.err + failed.out + fine.err + fine.out


def test_a_digest_for_nobody_says_so(shell: Shell, sandbox: Sandbox) -> None:
    done = shell.run("notify")
    assert done.code == 1
    assert "names nobody" in done.err
    assert sandbox.requests("sheets")
