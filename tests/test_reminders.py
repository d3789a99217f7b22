"""Reminders: to each owner by the address that the config states, at most once in seven days, and never a ranking."""

import json
import threading
from collections.abc import Iterator
from datetime import date

import pytest

from answers_kit import Answers, answering
from command_kit import Shell
from connectors.sandbox.server import Response
from golden_files import check_golden
from hostile_kit import post_office
from past_kit import make_workspace, type_in
from syncer.ledger.ledger import open_ledger

IDENTITY = """\
workspace: {id: core-okrs-1a2b, name: 核心團隊}
report: {url: https://okr.example.com/core.html}
"""
BY_TEAMS = "notify:\n  chat: {type: teams, owners: {kim: $KIM_HOOK, Lee: $LEE_HOOK}}\n"


@pytest.fixture(autouse=True)
def chat(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    with answering() as made:
        monkeypatch.setenv("KIM_HOOK", made.url + "/kim/SECRET")
        monkeypatch.setenv("LEE_HOOK", made.url + "/lee/SECRET")
        made.give()
        yield made


@pytest.fixture
def workspace(shell: Shell) -> Shell:
    """First run on a Tuesday; Kim has KR1 and the typed KR3, Lee KR2; all are due on Friday the 6th."""
    make_workspace(shell.folder)
    write_config(shell, BY_TEAMS)
    type_in(shell.folder, "KR3", {"Current value": "1"})
    shell.at("2026-11-03T09:30:00+08:00")
    assert shell.run("sync").code == 0
    return shell


def write_config(shell: Shell, notify: str, language: str = "en") -> None:
    text = (shell.folder / "okrsync.yaml").read_text("utf-8").partition("notify:")[0]
    text = text.removeprefix(IDENTITY).partition("language:")[0]
    (shell.folder / "okrsync.yaml").write_text(f"{IDENTITY}{text}language: {language}\n{notify}", "utf-8")


def remind_on(workspace: Shell, day: int, *options: str) -> tuple[int, str, str]:
    workspace.at(f"2026-11-{day:02}T08:00:00+08:00")
    done = workspace.run("notify", "--remind", *options)
    return done.code, done.out, done.err


def paths(chat: Answers) -> list[str]:
    return [one.path.split("/")[1] for one in chat.seen]


def test_each_owner_is_reminded_once_in_seven_days(workspace: Shell, chat: Answers) -> None:
    assert remind_on(workspace, 5) == (0, "No check-in is due.\n", "")
    assert remind_on(workspace, 6) == (0, "Reminded Kim, Lee.\n", "")
    assert remind_on(workspace, 12)[1] == "Reminded within the last 7 days already: Kim, Lee.\n"
    assert remind_on(workspace, 13) == (0, "Reminded Kim, Lee.\n", "")
    assert paths(chat) == ["kim", "lee", "kim", "lee"]
    assert "KR3" not in json.dumps(chat.seen[0].json())  # whose value was typed that week
    assert "KR3" in json.dumps(chat.seen[2].json())


def test_who_checked_in_is_not_reminded(workspace: Shell, chat: Answers) -> None:
    for key in ("KR1", "KR3"):
        type_in(workspace.folder, key, {"Note": "on it"})
    assert remind_on(workspace, 9)[1] == "Reminded Lee.\n"  # no run has recorded the notes yet
    assert workspace.run("sync").code == 0
    assert paths(chat) == ["lee"]
    assert remind_on(workspace, 15)[1] == "Reminded within the last 7 days already: Lee.\n"
    assert remind_on(workspace, 16)[1] == "Reminded Lee.\n"
    assert remind_on(workspace, 20)[1] == "Reminded Kim.\nReminded within the last 7 days already: Lee.\n"
    assert paths(chat) == ["lee", "lee", "kim"]


def test_two_processes_remind_once(workspace: Shell) -> None:
    claimed, barrier = [], threading.Barrier(8)

    def claim() -> None:
        with open_ledger(".okrsync/ledger.db", workspace.folder) as ledger:
            barrier.wait()
            claimed.append(ledger.sent.claim_reminder("w", "kim", date(2026, 11, 9)))

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == [False] * 7 + [True]
    with open_ledger(".okrsync/ledger.db", workspace.folder) as ledger:
        assert not ledger.sent.claim_reminder("w", "kim", date(2026, 11, 15))
        assert ledger.sent.claim_reminder("other workspace", "kim", date(2026, 11, 15))
        assert ledger.sent.claim_reminder("w", "kim", date(2026, 11, 16))
        assert ledger.sent.reminded("w") == {"kim": date(2026, 11, 16)}


def test_a_refused_reminder_is_sent_again_and_an_uncertain_one_is_not(workspace: Shell, chat: Answers) -> None:
    chat.next[:] = [Response(404), Response(502), Response(200)]
    code, out, err = remind_on(workspace, 9)
    assert (code, out) == (1, "")
    assert "notify 'chat': the reminder to Kim was not delivered (HTTP 404)." in err
    assert "whether the reminder to Lee arrived is not known (HTTP 502). None is sent again this week." in err
    assert "SECRET" not in err
    assert remind_on(workspace, 10)[:2] == (0, "Reminded Kim.\nReminded within the last 7 days already: Lee.\n")


def test_an_owner_without_an_address_is_named_and_no_error(workspace: Shell, chat: Answers) -> None:
    write_config(workspace, "notify:\n  chat: {type: teams, owners: {Lee: $LEE_HOOK, Amy: $KIM_HOOK}}\n")
    code, out, err = remind_on(workspace, 9)
    assert (code, out) == (0, "Reminded Lee.\n")
    assert err == "Not reminded, because `notify` has no address for them: Kim\n"
    assert paths(chat) == ["lee"]
    assert workspace.run("sync").code == 0


def test_no_owner_at_all_and_no_cadence(workspace: Shell) -> None:
    write_config(workspace, "notify:\n  room: {type: discord, url: $KIM_HOOK}\n")
    code, _, err = remind_on(workspace, 9)
    assert code == 1
    assert "the config maps no owner to an address" in err
    config = workspace.folder / "okrsync.yaml"
    config.write_text(config.read_text("utf-8").replace("check_in:\n  every: week\n", ""), "utf-8")
    write_config(workspace, BY_TEAMS)
    assert "No check-ins are configured" in remind_on(workspace, 9)[1]


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_a_preview_shows_all_and_sends_nothing(workspace: Shell, chat: Answers, language: str) -> None:
    write_config(workspace, BY_TEAMS, language)
    type_in(workspace.folder, "KR2", {"Blocker": "no car", "Help needed": "a car on Fridays", "Helper": "Amy"})
    workspace.at("2026-11-09T08:00:00+08:00")
    assert workspace.run("sync").code == 0
    assert remind_on(workspace, 9)[0] == 0
    chat.seen.clear()
    write_config(workspace, "notify:\n  chat: {type: teams, owners: {kim: $KIM_HOOK}}\n", language)
    workspace.at("2026-11-15T08:00:00+08:00")
    check_golden(f"reminders.{language}.txt", workspace.output_of(["notify", "--preview"]))
    assert chat.seen == []


def test_notify_sends_digest_and_reminders(workspace: Shell, chat: Answers) -> None:
    write_config(workspace, BY_TEAMS + "  room: {type: google_chat, url: $LEE_HOOK}\n")
    workspace.at("2026-11-09T08:00:00+08:00")
    done = workspace.run("notify")
    assert (done.code, done.out) == (0, "The digest was sent to room.\nReminded Kim, Lee.\n")
    assert "There are no values from a week ago to compare with yet." in json.dumps(chat.seen[0].json())
    assert paths(chat) == ["lee", "kim", "lee"]


def test_mail_and_the_first_recipient_with_an_address(workspace: Shell, chat: Answers) -> None:
    with post_office() as office:
        mail = f"{{type: mail, host: 127.0.0.1, port: {office.port}, sender: okr@example.com, owners: {{Kim: k@b.c}}}}"
        write_config(workspace, f"notify:\n  post: {mail}\n  {BY_TEAMS.partition(chr(10))[2].strip()}\n")
        assert remind_on(workspace, 9)[:2] == (0, "Reminded Kim, Lee.\n")
    assert office.recipients == ["k@b.c"]
    assert paths(chat) == ["lee"]


def test_a_reminder_ranks_no_one(workspace: Shell, chat: Answers) -> None:
    remind_on(workspace, 9)
    kim, lee = (json.dumps(one.json(), ensure_ascii=False) for one in chat.seen)
    assert "Lee" not in kim
    assert "KR2" not in kim
    assert "Kim" not in lee


def test_an_owner_of_several_workspaces_gets_one_reminder(workspace: Shell, chat: Answers) -> None:
    text = (workspace.folder / "okrsync.yaml").read_text("utf-8")
    text = text.replace("core-okrs-1a2b, name: 核心團隊", "sales-okrs-3c4d, name: Sales").replace(
        "okrs.csv", "sales.csv"
    )
    (workspace.folder / "sales.yaml").write_text(text, "utf-8")
    (workspace.folder / "sales.csv").write_text((workspace.folder / "okrs.csv").read_text("utf-8"), "utf-8")
    assert workspace.run("sync", "-c", "sales.yaml").code == 0
    workspace.at("2026-11-09T08:00:00+08:00")
    both = ("notify", "--remind", "okrsync.yaml", "sales.yaml")
    preview = workspace.run(*both, "--preview").out
    assert preview.count("--- Reminder to Kim") == 1
    assert workspace.run(*both).out == "Reminded Kim, Lee.\n"
    assert paths(chat) == ["kim", "lee"]
    message = json.dumps(chat.seen[0].json(), ensure_ascii=False)
    assert "核心團隊, Sales: your OKR check-in is due" in message
    assert message.count("KR1") == 2
    assert workspace.run(*both).out == "Reminded within the last 7 days already: Kim, Lee.\n"
    assert workspace.run("notify", "--remind", "sales.yaml").out.startswith("Reminded within")
