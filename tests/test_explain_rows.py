"""The rows behind a figure are told on the clocks of the workspace."""

from pathlib import Path

import pytest

from command_kit import Shell
from workspace_kit import HEAD

CONFIG = (
    HEAD.replace("okrs.xlsx", "okrs.csv")
    + """\
measures:
  visits:
    from: files.rows
    path: visits.csv
    value: count(*)
objectives:
  O1:
    title: Companies choose us
    key_results:
      KR1:
        title: Visit 6 partners
        target: 6
        measure: visits
"""
)
VISITS = """\
partner,day,met,paid
Dahe,2026-10-07,2026-10-07T01:30:00Z,11857
Yongkang,2026-10-06,2026-10-06T15:00:00+00:00,0.5
Nimbus,2026-10-08,2026-10-08T01:30:00Z,
"""


def test_a_day_is_shown_as_that_day_an_instant_in_the_time_zone_and_a_whole_number_as_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "okrsync.yaml").write_text(CONFIG + "retention:\n  rows: 30\n", "utf-8")
    (tmp_path / "visits.csv").write_text(VISITS, "utf-8")
    shell = Shell(tmp_path, capsys, monkeypatch)
    assert shell.run("init", ".", "--sheet").code == 0
    assert shell.run("sync").code == 0
    for asked in (("explain", "KR1", "--rows", "50"), ("explain", "KR1", "--rows", "50", "--at", "2026-11-16")):
        output = shell.run(*asked).out
        assert "✓ partner=Dahe day=2026-10-07 met=2026-10-07 09:30 paid=11857\n" in output
        assert "✓ partner=Yongkang day=2026-10-06 met=2026-10-06 23:00 paid=0.5\n" in output
        assert "✓ partner=Nimbus day=2026-10-08 met=2026-10-08 09:30 paid=–\n" in output


LOG = """\
measures:
  visits: {from: files.rows, path: log.csv, value: max(case when measure = 'visits' then value end)}
objectives:
  O1:
    title: Companies choose us
    key_results:
      KR1:
        title: Visit 80 partners
        baseline: 0
        target: 80
        measure: visits
        work: {from: files.rows, path: steps.csv, done: state = 'done'}
"""


def test_of_a_log_the_rows_that_count_come_first_with_the_number_of_those_left_out(shell: Shell) -> None:
    (shell.folder / "okrsync.yaml").write_text(
        HEAD.replace("okrs.xlsx", "okrs.csv") + LOG + "retention:\n  rows: 30\n", "utf-8"
    )
    rows = "".join(f"{'visits' if n % 10 == 9 else 'calls'},{n}\n" for n in range(427))
    (shell.folder / "log.csv").write_text(f"measure,value\n{rows}", "utf-8")
    (shell.folder / "steps.csv").write_text("step,state\ninvite,done\nmeet,open\nagree,open\n", "utf-8")
    assert shell.run("init", ".", "--sheet").code == 0
    assert shell.run("sync").code == 0
    for asked in (("explain", "KR1", "--rows", "50"), ("explain", "KR1", "--rows", "50", "--at", "2026-11-16")):
        output = shell.run(*asked).out.splitlines()
        listed = [line for line in output if "measure=" in line]
        assert len(listed) == 50
        assert listed[:42] == [f"    ✓ measure=visits value={n}" for n in range(9, 427, 10)]
        assert listed[42].split() == ["measure=calls", "value=0"]
        assert "    … and 377 more rows" in output
    short = shell.run("explain", "KR1").out
    assert "1 of 3 actions done, value +419\n" in short
    assert (short.count("measure="), "    … and 422 more rows" in short) == (5, True)
    assert shell.run("explain", "KR1", "--rows", "all").out.count("measure=") == 427
    assert "neither a number nor `all`" in shell.run("explain", "KR1", "--rows", "many").err
