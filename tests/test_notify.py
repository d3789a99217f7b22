"""Deliveries to every service, and the digest: who gets it, and that no secret gets out."""

import json
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import respx
from pydantic import TypeAdapter

from answers_kit import Answers, answering
from command_kit import Shell
from config.notify import Recipient
from connectors.http import Policy
from connectors.messages import Message, payload
from connectors.notify import SERVICES, Failure, send
from connectors.sandbox.server import Response
from demo_kit import close_issue, demo_workspace
from golden_files import check_golden
from hostile_kit import post_office
from sandbox_kit import Sandbox

PATH = "/T0/SECRET"
MESSAGE = Message("OKR", ("<!channel> *bold* [x](https://evil)", "二 @everyone"))
KINDS = ("slack", "teams", "google_chat", "discord")
ROOMS: TypeAdapter[Recipient] = TypeAdapter(Recipient)
SLACK = ROOMS.validate_python({"type": "slack", "url": "$HOOK"})


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
    recipient = ROOMS.validate_python({"type": kind, "url": "$HOOK"})
    assert send(MESSAGE, recipient, Policy()) is None
    assert [(one.path, one.json()) for one in room.seen] == [(PATH, payload(kind, MESSAGE))]


@respx.mock
def test_line_gets_its_token_and_its_receiver() -> None:
    route = respx.post(SERVICES.line).respond()
    line = ROOMS.validate_python({"type": "line", "token": "$LINE_TOKEN", "to": "C1", "owners": {"Kim": "U1"}})
    assert send(MESSAGE, line, Policy()) is None
    assert send(MESSAGE, line, Policy(), "Kim") is None
    assert {call.request.headers["Authorization"] for call in route.calls} == {"Bearer LINE-SECRET"}
    bodies = [json.loads(call.request.content) for call in route.calls]
    assert bodies == [{"to": to, "messages": [{"type": "text", "text": MESSAGE.text}]} for to in ("C1", "U1")]


@respx.mock
@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"ok": True, "ts": "1.2"}, None),
        ({"ok": False, "error": "channel_not_found"}, "Slack answers channel_not_found"),
        ([], "Slack answers no"),
    ],
)
def test_slack_gets_direct_messages_from_its_bot(monkeypatch: pytest.MonkeyPatch, answer: Any, why: str | None) -> None:
    monkeypatch.setenv("SLACK_TOKEN", "xoxb-SECRET")
    route = respx.post(SERVICES.slack).respond(json=answer)
    slack = ROOMS.validate_python({"type": "slack", "token": "$SLACK_TOKEN", "owners": {"Kim": "U012AB3CD"}})
    failure = send(MESSAGE, slack, Policy(), "Kim")
    assert (failure.why if failure else None) == why
    assert failure is None or not failure.uncertain
    request = route.calls.last.request
    assert request.headers["Authorization"] == "Bearer xoxb-SECRET"
    assert json.loads(request.content) == {**payload("slack", MESSAGE), "channel": "U012AB3CD"}


def test_an_owner_in_teams_has_a_webhook_of_their_own(room: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIM_HOOK", room.url + "/kim/SECRET")
    teams = ROOMS.validate_python({"type": "teams", "url": "$HOOK", "owners": {"Kim": "$KIM_HOOK"}})
    assert send(MESSAGE, teams, Policy(), "Kim") is None
    assert [one.path for one in room.seen] == ["/kim/SECRET"]


@pytest.mark.parametrize(
    ("answer", "why", "uncertain"),
    [
        (Response(403, b"SECRET"), "HTTP 403", False),
        (Response(503, b"SECRET"), "HTTP 503", True),
        (Response(302, headers={"Location": "https://evil.example"}), "HTTP 302", False),
        (Response(302, headers={"Location": "http://["}), "HTTP 302", False),
    ],
)
def test_what_goes_wrong_is_named_without_the_secret(
    room: Answers, answer: Response, why: str, *, uncertain: bool
) -> None:
    room.next[:] = [answer]
    assert send(MESSAGE, SLACK, Policy()) == Failure(why, uncertain)
    assert len(room.seen) == 1


@pytest.mark.parametrize(("url", "why"), [("http://127.0.0.1:1/SECRET", "ConnectError"), ("http://[", "ValueError")])
def test_an_address_of_nobody(monkeypatch: pytest.MonkeyPatch, url: str, why: str) -> None:
    monkeypatch.setenv("HOOK", url)
    failure = send(MESSAGE, SLACK, Policy())
    assert failure is not None
    assert failure.why == why


def test_an_unset_secret_and_plain_http_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", "http://hooks.example.com/T0/SECRET")
    assert send(MESSAGE, SLACK, Policy()) == Failure("its address is not https")
    monkeypatch.delenv("HOOK")
    assert send(MESSAGE, SLACK, Policy()) == Failure("the environment variable HOOK is not set")


def test_mail_has_its_subject_and_lines() -> None:
    with post_office() as office:
        mail = ROOMS.validate_python(
            {"type": "mail", "host": "127.0.0.1", "port": office.port, "sender": "OKR <okr@example.com>",
             "to": ["a@example.com", "b@example.com"]}
        )  # fmt: skip
        assert send(Message("OKR\nBcc: c@example.com", ("一", "二")), mail, Policy()) is None
    assert office.recipients == ["a@example.com", "b@example.com"]
    sent = message_from_bytes(office.mail.replace(b"\r\n", b"\n"), policy=policy.default)
    assert sent["Subject"] == "OKR Bcc: c@example.com"
    assert sent["To"] == "a@example.com, b@example.com"
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["Message-ID"].endswith("@example.com>")
    assert sent["Date"]
    assert sent.get_content() == "一\n二\n"


@pytest.mark.parametrize(
    ("stated", "path", "message"),
    [
        ("{type: mail, host: h, sender: a@b.c}", "", "needs `to`"),
        ("{type: slack}", "", "needs `url`"),
        ("{type: slack, owners: {Kim: U1}}", "", "`owners` needs `token`"),
        ("{type: teams, owners: {Kim: https://hooks.example.com/x}}", ".owners.Kim", "a secret does not belong in the"),
        ("{type: discord, url: $HOOK, owners: {Kim: x}}", ".owners", "does not belong here"),
        ("{type: line, token: $LINE_TOKEN, owner: {Kim: U1}}", ".owner", "did you mean 'owners'?"),
    ],
)
def test_a_recipient_that_reaches_no_one_is_an_error(shell: Shell, stated: str, path: str, message: str) -> None:
    text = f"cycle: 2026-Q4\ntimezone: Asia/Taipei\nokr_sheet: {{file: okrs.csv}}\nnotify:\n  a: {stated}\n"
    Path("okrsync.yaml").write_text(text, "utf-8")
    done = shell.run("check")
    assert done.code == 1
    (line,) = (line for line in done.err.splitlines() if f"notify.a{path}  " in line)
    assert message in line


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_the_digest_in_both_languages(shell: Shell, language: str) -> None:
    with demo_workspace(shell.folder, "zh-TW" if language == "zh-TW" else "en") as running:
        shell.at("2026-11-08T09:00:00+08:00")
        shell.run("sync")
        shell.at("2026-11-16T09:30:00+08:00")
        close_issue(running, "CORE-42")
        check_golden(f"digest.{language}.txt", shell.output_of(["notify", "--preview"]))


def test_the_digest_goes_to_the_rooms_that_take_it(shell: Shell, sandbox: Sandbox, room: Answers) -> None:
    add_notify("slack", "teams")
    done = shell.run("notify")
    assert (done.code, done.out) == (0, "The digest was sent to slack, teams.\n")
    assert len(room.seen) == 2
    assert sandbox.requests("sheets")
    room.next[:] = [Response(500)]
    lost = shell.run("notify")
    assert lost.code == 1
    assert "notify 'slack': the digest was not delivered (HTTP 500). The sheet is not affected." in lost.err


def test_a_digest_for_nobody_says_so(shell: Shell, sandbox: Sandbox) -> None:
    done = shell.run("notify")
    assert done.code == 1
    assert "has no recipient" in done.err
    assert sandbox.requests("sheets")
