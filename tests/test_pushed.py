"""Numbers kept by `okrsync record` and read by measures with `from: pushed`."""

import json
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from command_kit import Shell
from connectors.pushed import with_values
from golden_files import check_golden
from json_kit import faults

CONFIG = """\
workspace:
  id: pushed-2222
cycle: 2026-Q4
timezone: Asia/Taipei
language: en
okr_sheet:
  file: okrs.xlsx
measures:
  nps:
    from: pushed
  demos:
    from: pushed
    value: sum(amount)
  asked:
    from: pushed
    value: count(*)
  uptime:
    from: pushed
    unit: percent
  done:
    from: files.rows
    path: rows.csv
    value: count(*)
objectives:
  O1:
    title: Customers love us
    key_results:
      KR1:
        title: NPS of 50
        measure: nps
        baseline: 20
        target: 50
      KR2:
        title: Give 20 demos
        measure: demos
        baseline: 0
        target: 20
      KR3:
        title: Ask 10 customers
        measure: asked
        baseline: 0
        target: 10
safety:
  max_drop: 100%
  max_rise: 100%
  max_falling: 100%
"""


@pytest.fixture
def team(shell: Shell) -> Shell:
    """A workspace whose sheet was made."""
    (shell.folder / "okrsync.yaml").write_text(CONFIG, "utf-8")
    (shell.folder / "rows.csv").write_text("id\n1\n", "utf-8")
    assert shell.run("init", "--sheet", "--yes").code == 0
    return shell


def values(team: Shell, *options: str) -> dict[str, object]:
    """The value of each key result in a plan."""
    lines = json.loads(team.run("dry-run", "--format", "json", *options).out)["lines"]
    return {line["id"]: line["after"]["current"] for line in lines if line["kind"] == "key_result"}


def recorded(team: Shell, *arguments: str) -> list[dict[str, object]]:
    found = json.loads(team.run("record", *arguments, "--format", "json").out)
    assert faults("record", found) == []
    return list(found["values"])


def test_without_a_number_nothing_is_known_not_even_a_count(team: Shell) -> None:
    assert values(team) == {"KR1": None, "KR2": None, "KR3": None}
    assert "no value was recorded in this cycle yet; `okrsync record asked NUMBER` does" in team.run("dry-run").out


def test_the_last_the_sum_and_the_count(team: Shell) -> None:
    for arguments in (["nps", "30"], ["nps", "42"], ["demos", "3"], ["demos", "4"], ["asked", "1"]):
        assert team.run("record", *arguments).code == 0
    assert values(team) == {"KR1": 42, "KR2": 7, "KR3": 1}


def test_what_was_true_later_is_the_last_in_whatever_order_it_is_recorded(team: Shell) -> None:
    team.run("record", "nps", "42", "--at", "2026-11-10")
    team.run("record", "nps", "30", "--at", "2026-11-03 18:00")
    assert values(team)["KR1"] == 42


def test_the_past_has_its_own_numbers(team: Shell) -> None:
    team.run("record", "nps", "30", "--at", "2026-11-03 18:00")
    team.run("record", "nps", "42", "--at", "2026-11-10")
    assert values(team, "--as-of", "2026-11-09")["KR1"] == 30
    assert values(team, "--as-of", "2026-11-02")["KR1"] is None


@pytest.mark.parametrize(("day", "counts"), [("2026-09-30", False), ("2026-10-01", True)])
def test_numbers_of_the_cycle_count(team: Shell, day: str, counts: bool) -> None:
    team.run("record", "nps", "30", "--at", day)
    assert (values(team)["KR1"] == 30) is counts


def test_numbers_after_the_cycle_do_not_count(team: Shell) -> None:
    team.run("record", "nps", "30", "--at", "2026-11-16")
    team.at("2027-01-05T09:30:00+08:00")
    team.run("record", "nps", "48")
    assert values(team)["KR1"] == 30


def test_increments_add_to_the_value_before() -> None:
    rows = [(10, False), (5, True), (-2, True), (40, False), (2.5, True)]
    time = datetime(2026, 11, 16, tzinfo=UTC)
    found = with_values([{"amount": amount, "increment": increment, "time": time} for amount, increment in rows])
    assert [row["value"] for row in found] == [10, 15, 13, 40, 42.5]
    assert [row["time"] for row in found] == [time + timedelta(microseconds=n) for n in range(5)]


def test_an_increment_without_a_number_before_starts_at_zero(team: Shell) -> None:
    assert team.run("record", "nps", "5", "--increment").out == (
        "Recorded nps +5 at 2026-11-16 09:30. It counts from the next sync on.\n"
    )
    team.at("2026-11-16T10:30:00+08:00")
    assert team.run("record", "nps", "-2", "--increment").code == 0
    assert values(team)["KR1"] == 3


def test_a_key_counts_once(team: Shell) -> None:
    first = team.run("record", "demos", "3", "--key", "crm-7")
    again = team.run("record", "demos", "3", "--key", "crm-7")
    assert (first.code, again.code) == (0, 0)
    assert again.out == "demos has 3 with the key crm-7 already; nothing was recorded.\n"
    assert team.run("record", "nps", "3", "--key", "crm-7").code == 0, "keys are of one measure"
    assert values(team) == {"KR1": 3, "KR2": 3, "KR3": None}


@pytest.mark.parametrize(("typed", "kept"), [("99.5%", 99.5), ("99.5", 99.5), ("1,250", 1250), ("1e3", 1000)])
def test_numbers_as_people_write_them(team: Shell, typed: str, kept: float) -> None:
    assert recorded(team, "uptime", typed)[0]["amount"] == kept


def test_a_share_without_a_unit_is_a_fraction(team: Shell) -> None:
    assert recorded(team, "nps", "75%")[0]["amount"] == 0.75


def test_long_numbers_are_kept_to_the_last_digit(team: Shell) -> None:
    assert recorded(team, "demos", "1234567890123457")[0]["amount"] == 1234567890123457


def test_what_is_refused_leaves_nothing(team: Shell) -> None:
    team.run("record", "demos", "5", "--key", "crm-7")
    lines = [
        team.output_of(["record", *arguments])
        for arguments in (
            ["nsp", "3"],
            ["done", "3"],
            ["nps", "many"],
            ["nps", ">3"],
            ["uptime", "8 h"],
            ["nps", "3", "--at", "2026-11-17"],
            ["demos", "6", "--key", "crm-7"],
            ["demos", "5", "--key", "crm-7", "--increment"],
            ["--restore", "none.json"],
            ["--restore", "rows.csv"],
        )
    ]
    check_golden("record_refused.txt", "\n".join(lines))
    assert [value["amount"] for value in recorded(team)] == [5]


def test_a_measure_without_a_name_cannot_be_recorded(team: Shell) -> None:
    config = team.folder / "okrsync.yaml"
    config.write_text(CONFIG.replace("measure: nps", "measure: {from: pushed}"), "utf-8")
    done = team.run("check")
    assert done.code == 1
    assert "line 30   objectives.O1.key_results.KR1.measure.from  `pushed` needs a measure with a name" in done.err


def test_a_list_of_what_was_recorded(team: Shell) -> None:
    assert team.run("record").out == "Nothing is recorded yet.\n"
    team.run("record", "nps", "30", "--at", "2026-11-03", "--who", "Kim", "--note", "survey\nof October")
    team.run("record", "demos", "5", "--increment", "--who", "陳美玲")
    team.run("record", "demos", "12", "--at", "2026-11-02", "--who", "Kim")
    assert team.run("record").out == (
        "demos\n"
        "  2026-11-02 00:00  12  Kim\n"
        "  2026-11-16 09:30  +5  陳美玲\n"
        "\n"
        "nps\n"
        "  2026-11-03 00:00  30  Kim  survey of October\n"
    )
    assert team.run("record", "nps").out == "nps\n  2026-11-03 00:00  30  Kim  survey of October\n"


def test_an_export_brings_the_numbers_to_another_ledger_once(team: Shell) -> None:
    for arguments in (["nps", "42", "--note", "調查"], ["demos", "3"], ["demos", "-1.5", "--increment"]):
        team.run("record", *arguments)
    before = recorded(team)
    (team.folder / "pushed.json").write_text(team.run("record", "--format", "json").out, "utf-8")
    (team.folder / ".okrsync" / "ledger.db").unlink()
    assert recorded(team) == []
    assert team.run("record", "--restore", "pushed.json").out == "3 values were recorded; 0 were there already.\n"
    assert team.run("record", "--restore", "pushed.json").out == "0 values were recorded; 3 were there already.\n"
    assert recorded(team) == before


def test_after_the_loss_of_a_ledger_nothing_becomes_smaller(team: Shell) -> None:
    for number in ("3", "4"):
        team.run("record", "demos", number)
    assert team.run("sync").code == 4
    (team.folder / ".okrsync" / "ledger.db").unlink()
    team.run("record", "demos", "1")
    done = team.run("sync")
    assert done.code == 4
    assert "which is not in this ledger. Values may be missing here" in done.err
    assert values(team)["KR2"] is None
    assert values(team, "--moved")["KR2"] == 1
    assert team.run("sync", "--moved", "--force").code == 4
    assert values(team)["KR2"] == 1


def test_a_ledger_that_cannot_be_read_leaves_the_values_unknown(team: Shell) -> None:
    team.run("record", "demos", "3")
    with sqlite3.connect(team.folder / ".okrsync" / "ledger.db") as ledger:
        ledger.execute("DROP TABLE pushed_values")
    ledger.close()
    done = team.run("dry-run")
    assert "reading the values recorded for demos" in done.err
    assert "no such table" in done.err
    assert values(team)["KR2"] is None


def test_explain_lists_who_recorded_what(team: Shell) -> None:
    team.run("record", "demos", "3", "--who", "Kim", "--note", "trade fair", "--key", "a")
    assert "✓ amount=3 id=a note=trade fair time=2026-11-16 09:30 who=Kim" in re.sub(
        " +", " ", team.run("explain", "KR2").out
    )


def test_secrets_do_not_reach_the_ledger(team: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from config.masking import keep_secret

    del monkeypatch
    keep_secret("s3cr3t-t0ken-of-somebody")
    team.run("record", "nps", "3", "--note", "token s3cr3t-t0ken-of-somebody")
    assert b"s3cr3t-t0ken" not in Path(team.folder / ".okrsync" / "ledger.db").read_bytes()
