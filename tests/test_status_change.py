"""The change of each key result since the last check-in: one number for status, JSON and the page."""

import json
from pathlib import Path

from command_kit import Shell

CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
language: en
okr_sheet:
  file: okrs.csv
objectives:
  O1:
    title: No queues
    key_results:
      KR1:
        title: Six clinics
        baseline: 0
        target: 6
      KR2:
        title: At most 10 minutes
        baseline: 30
        target: 10
      KR3:
        title: Nothing typed
        baseline: 0
        target: 5
"""


def test_change_since_the_last_check_in(shell: Shell) -> None:
    Path("okrsync.yaml").write_text(CONFIG, "utf-8")
    for day, first, second in (("2026-11-09", 2, 20), ("2026-11-16", 5, 22)):
        shell.at(f"{day}T09:30:00+08:00")
        Path("okrs.csv").write_text(f"KR id,Current value\nKR1,{first}\nKR2,{second}\nKR3\n", "utf-8")
        shell.run("sync", "--adopt")
    found = json.loads(shell.run("status", "--format", "json").out)["key_results"]
    assert [one["change"] for one in found] == [
        {"since": "2026-11-09", "value": 3, "progress": 0.5},
        {"since": "2026-11-09", "value": 2, "progress": -0.1},
        None,
    ]
    lines = shell.run("status").out.splitlines()
    assert "+3 since 2026-11-09" in next(line for line in lines if "KR1" in line)
    assert "+2 since 2026-11-09" in next(line for line in lines if "KR2" in line)
    assert not any("since" in line for line in lines if "KR3" in line)
    shell.run("report", "--out", "page.html")
    page = Path("page.html").read_text("utf-8")
    assert [part.split('"')[0] for part in page.split('data-trend="')[1:]] == ["1", "-1", "0"]
