"""`okrsync close` as a whole: scores, decisions, the retrospective, the next cycle's config, scores in the sheet."""

import csv
import json
import sys
from decimal import Decimal
from pathlib import Path

import docx
import pytest
from docx.text.paragraph import Paragraph
from openpyxl import Workbook, load_workbook

from command_kit import NOTHING_TO_WRITE, VERIFIED, Shell
from config.errors import ConfigError, Problem, SheetError
from config.loading.loader import Config, load_config
from config.message import Message
from config.scalars import Amount
from connectors import registry
from golden_files import check_golden
from lean_kit import NUMBERS, OWN, lean_workspace
from sheet_people import entered_by_id, shown_by_id

CONFIG = """\
# Our OKRs.
cycle: 2026-Q4          # the fourth quarter
timezone: Asia/Taipei
language: {language}
okr_sheet:
  file: okrs.xlsx
  tabs: [OKRs]
measures:
  signed:               # what happens in the cycle
    from: files.rows
    path: data/deals.csv
    value: count(*)
  visits:
    from: files.rows
    path: data/deals.csv
    value: sum(amount)
objectives:
  O1:
    title: Companies choose us
    # the sales ones
    key_results:
      # visits grow
      KR1:
        title: Visits grow by 30%
        baseline: 100        # in October
        change: +30%
        measure: visits
      KR2:
        title: NPS of 50
        kind: at_least
        target: 50
      KR3: {{title: Sign 10, baseline: 0, target: 10}}
      KR4:
        title: Two numbers
        parts:
          - measure: visits
            target: 120
          - target: 500
            measure: visits
            baseline: 0
  O2:
    title: People stay
    aligns_to: [O1, KR5]
    key_results:
      KR6:
        title: Three steps
        due: 2026-12-20
        steps:
          - {{title: one, done: true}}
          - title: two
      KR7:
        title: Replies within 4 hours
        baseline: 10
        target: 4
  O3:
    title: The old tool is gone
    key_results:
      # an old one
      KR5:
        title: Moved
        type: committed
        baseline: 40%
        target: 90%
"""
HEADERS = ["KR id", "Current value", "Progress", "Status", "Self score", "Decision", "Decided by", "Reason",
           "Computed score"]  # fmt: skip
ROWS: dict[str, list[object]] = {
    "KR1": [None, None, None, 0.9, "Continue", "Amy", "more to come"],
    "KR2": [55, None, None, 1, "繼續"],
    "KR3": [4, None, None, "great", "maybe"],
    "KR4": [],
    "KR5": [0.9, None, None, 1, "標記為完成"],
    "KR6": [None, None, None, 0.3, "continue"],
    "KR7": [12, None, None, None, "abandon"],
}


def workspace(shell: Shell, text: str = CONFIG, language: str = "en", headers: list[str] = HEADERS) -> None:
    (shell.folder / "okrsync.yaml").write_text(text.format(language=language), "utf-8")
    (shell.folder / "data").mkdir()
    (shell.folder / "data" / "deals.csv").write_text("amount\n60\n60\n", "utf-8")
    book = Workbook()
    tab = book.active
    assert tab is not None
    tab.title = "OKRs"
    tab.append(headers)
    for key, cells in ROWS.items():
        tab.append([key, *cells][: len(headers)])
    book.save(shell.folder / "okrs.xlsx")


def synced(shell: Shell, text: str = CONFIG, language: str = "en", headers: list[str] = HEADERS) -> None:
    """A workspace whose ledger has a reading of the day before the cycle's end; today is five days after it."""
    workspace(shell, text, language, headers)
    shell.at("2026-12-30T09:30:00+08:00")
    assert shell.run("sync", "--adopt").code in (0, 4)
    shell.at("2027-01-05T09:30:00+08:00")


def enter(shell: Shell, row: int, header: str, value: object) -> None:
    book = load_workbook(shell.folder / "okrs.xlsx")
    book["OKRs"].cell(row, HEADERS.index(header) + 1).value = value  # type: ignore[assignment]
    book.save(shell.folder / "okrs.xlsx")


def scores_in_sheet(shell: Shell) -> list[object]:
    tab = load_workbook(shell.folder / "okrs.xlsx")["OKRs"]
    return [tab.cell(row, len(HEADERS)).value for row in range(2, 2 + len(ROWS))]


def loaded(path: Path) -> Config:
    return load_config(path, registry.tables)


def closed(shell: Shell, *arguments: str) -> dict[str, dict[str, object]]:
    done = shell.run("close", "--format", "json", *arguments)
    assert done.code == 0, done.err
    return {one["id"]: one for one in json.loads(done.out)["key_results"]}


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_the_retrospective_and_the_next_config(shell: Shell, language: str) -> None:
    synced(shell, language=language)
    output = shell.output_of(["close", "--next", "okrsync-2027-Q1.yaml"])
    check_golden(f"close.{language}.txt", output)
    after = Path("okrsync-2027-Q1.yaml")
    check_golden(f"close_next.{language}.yaml", after.read_text("utf-8"))
    assert loaded(after).workspace.cycle.name == "2027-Q1"


def test_closing_writes_nothing_to_the_sheet_or_the_ledger(shell: Shell) -> None:
    synced(shell)
    before = {name: Path(name).read_bytes() for name in ("okrs.xlsx", ".okrsync/ledger.db", "okrsync.yaml")}
    shell.run("close", "--out", "retrospective.md")
    assert {name: Path(name).read_bytes() for name in before} == before
    assert Path("retrospective.md").read_text("utf-8").startswith("# okrs.xlsx · 2026-Q4 · retrospective\n")


def test_the_last_reading_before_the_end_is_scored(shell: Shell) -> None:
    synced(shell)
    Path("data/deals.csv").write_text("amount\n60\n70\n", "utf-8")
    shell.at("2027-01-02T09:30:00+08:00")
    shell.run("sync")
    one = closed(shell)["KR1"]
    assert (one["value"], one["progress"], one["score"], one["read_on"]) == (120, 0.666667, 0.7, "2026-12-30")


def test_without_a_reading_before_the_end_there_is_no_score_unless_late(shell: Shell) -> None:
    workspace(shell)
    shell.at("2027-01-05T09:30:00+08:00")
    one = closed(shell)["KR1"]
    assert (one["score"], one["read_on"]) == (None, None)
    assert "--late scores today's" in str(one["reason"])
    late = closed(shell, "--late")["KR1"]
    assert (late["score"], late["read_on"]) == (0.7, "2027-01-05")


def test_scores_of_a_running_cycle_are_provisional(shell: Shell) -> None:
    workspace(shell)
    done = shell.run("close")
    assert "these scores are as of 2026-11-16, from today's readings" in done.out
    assert "Closing and redrafting" not in done.out


def test_closing_is_meant_to_take_three_weeks(shell: Shell) -> None:
    synced(shell)
    assert "day 5 of 21 planned days" in shell.run("close").out
    shell.at("2027-01-25T09:30:00+08:00")
    assert "25 days so far, 4 more than the 21 planned" in shell.run("close").out


def test_types_bands_self_scores_and_decisions(shell: Shell) -> None:
    synced(shell)
    found = closed(shell)
    assert (found["KR5"]["type"], found["KR5"]["expected"], found["KR5"]["band"]) == ("committed", 1, "complete")
    assert (found["KR1"]["type"], found["KR1"]["expected"], found["KR1"]["band"]) == (
        "aspirational",
        0.7,
        "satisfying",
    )
    assert (found["KR1"]["self_score"], found["KR1"]["why_apart"]) == (0.9, "more to come")
    assert found["KR1"]["decision"] == {"verdict": "continue", "by": "Amy", "reason": "more to come"}
    assert found["KR7"]["progress"] == 0
    assert found["KR3"]["decision"] is None
    assert found["KR3"]["unreadable"] == [
        {"text": "self score 'great' is not between 0 and 1"},
        {"text": "decision 'maybe' is not one of continue, abandon, complete"},
    ]


def test_flags_decide_and_win_over_the_sheet(shell: Shell) -> None:
    synced(shell)
    done = shell.run(
        "close", "--decide", "KR1=abandon", "--decide", "KR3=標記為完成", "--decided-by", "Bea", "--reason", "moved on"
    )
    assert "- KR1: abandon, by Bea: moved on (the sheet says 'Continue')" in done.out
    assert "- KR3: complete, by Bea: moved on" in done.out


def test_a_decision_must_be_one_and_on_something(shell: Shell) -> None:
    workspace(shell)
    word = shell.run("close", "--decide", "KR1=perhaps")
    assert word.code == 2
    assert "write KR1=continue" in word.err.replace("\n", " ")
    key = shell.run("close", "--decide", "KR77=continue")
    assert key.code == 1
    assert "did you mean 'KR7'?" in key.err


def test_the_next_config_rebases_what_goes_on(shell: Shell) -> None:
    synced(shell)
    shell.run("close", "--decide", "KR3=continue", "--next", "next.yaml")
    config = loaded(Path("next.yaml"))
    found = {entry.id: entry.definition for entry in config.key_results}
    assert list(found) == ["KR1", "KR2", "KR3", "KR4", "KR6"]
    one = found["KR1"]
    assert (one.kind, str(one.stated_baseline), str(one.target)) == (
        "increase",
        "Amount(value=Decimal('120'), percent=False)",
        "Amount(value=Decimal('130'), percent=False)",
    )
    assert one.change is None
    assert (found["KR2"].kind, found["KR2"].target) == ("at_least", Amount(Decimal(50)))
    assert len(found["KR4"].parts) == 1
    assert [step.title for step in found["KR6"].steps] == ["two"]
    assert found["KR6"].due is None
    assert config.workspace.objectives["O2"].aligns_to == ("O1",)
    assert list(config.workspace.objectives) == ["O1", "O2"]


@pytest.mark.parametrize(
    "goal",
    ["{kind: at_least, target: 100}", "{kind: at_most, target: 130}", "{kind: between, min: 100, max: 130}"],
)
@pytest.mark.parametrize("is_part", [False, True])
def test_a_threshold_that_was_met_has_to_be_met_again(shell: Shell, goal: str, *, is_part: bool) -> None:
    text = goal.replace("{", "{measure: visits, ").replace("}", "}}").replace("{", "{{", 1)
    text = f"{{{{title: T, parts: [{text}]}}}}" if is_part else text.replace("{{", "{{title: T, ", 1)
    synced(shell, CONFIG.replace("KR3: {{title: Sign 10, baseline: 0, target: 10}}", f"KR3: {text}"))
    done = shell.run("close", "--decide", "KR3=continue", "--next", "next.yaml")
    assert done.code == 0, done.err
    before, after = (
        loaded(Path(name)).workspace.objectives["O1"].key_results["KR3"] for name in ("okrsync.yaml", "next.yaml")
    )
    assert after == before
    assert "KR3: it was reached" not in done.out
    assert "KR3 (1): this part was reached" not in done.out


def test_parts_go_on_from_the_last_reading_before_the_end(shell: Shell) -> None:
    synced(shell)
    (shell.folder / "data" / "deals.csv").write_text("amount\n60\n60\n5000\n", "utf-8")
    assert shell.run("close", "--next", "next.yaml").code == 0
    (second,) = loaded(Path("next.yaml")).workspace.objectives["O1"].key_results["KR4"].parts
    assert (second.target, second.stated_baseline) == (Amount(Decimal(500)), Amount(Decimal(120)))


def test_parts_without_a_reading_before_the_end_ask_for_their_baselines(shell: Shell) -> None:
    workspace(shell)
    shell.at("2027-01-05T09:30:00+08:00")
    done = shell.run("close", "--next", "next.yaml")
    assert "KR4 (2): its value is unknown; write its baseline" in done.out
    parts = loaded(Path("next.yaml")).workspace.objectives["O1"].key_results["KR4"].parts
    assert [part.stated_baseline for part in parts] == [None, Amount(Decimal(0))]


def test_what_overshot_keeps_its_kind(shell: Shell) -> None:
    synced(shell, CONFIG.replace("baseline: 10\n        target: 4", "baseline: 20\n        target: 15"))
    shell.run("close", "--decide", "KR7=continue", "--next", "next.yaml")
    text = Path("next.yaml").read_text("utf-8")
    assert "KR7: it was reached; it needs a new target" in text
    assert "        # target: 15\n" in text
    seven = next(entry.definition for entry in loaded(Path("next.yaml")).key_results if entry.id == "KR7")
    assert (seven.kind, seven.target) == ("decrease", None)


def test_a_count_from_the_start_of_the_cycle_begins_at_zero_again(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = CONFIG.replace("KR3: {{title: Sign 10, baseline: 0, target: 10}}", "KR3: {{title: Sign, baseline: 1, target: 9, measure: signed}}")  # fmt: skip  # noqa: E501 - one line of YAML
    text = text.replace("connections:", "").replace(
        "    from: files.rows\n    path: data/deals.csv\n    value: count(*)",
        "    from: tracker.issues\n    jql: created >= {{cycle.start}}\n    value: count(*)",
    )
    text = text.replace("measures:", "connections:\n  tracker: {{type: jira, url: 'http://127.0.0.1:9', email: $X, token: $X}}\nmeasures:")  # fmt: skip  # noqa: E501 - one line of YAML
    workspace(shell, text)
    monkeypatch.setenv("X", "a-secret")
    shell.run("close", "--decide", "KR3=continue", "--next", "next.yaml")
    assert "baseline: 0  # counted again from the start of the cycle" in Path("next.yaml").read_text("utf-8")


def test_included_files_get_copies_of_their_own(shell: Shell) -> None:
    head, objectives = CONFIG.split("objectives:\n")
    Path("teams").mkdir()
    own = "objectives:\n  O2:" + objectives.split("  O2:")[1].split("  O3:")[0].replace(", KR5", "")
    Path("teams/people.yaml").write_text(own.replace("{{", "{").replace("}}", "}"), "utf-8")
    Path("teams/more.yaml").write_text(
        "measures:\n  rows: {from: files.rows, path: data/deals.csv, value: count(*)}\n", "utf-8"
    )
    synced(shell, head + "include: [teams/*.yaml]\nobjectives:\n" + objectives.split("  O2:")[0])
    done = shell.run("close", "--next", "okrsync-2027-Q1.yaml")
    assert done.code == 0, done.err
    config = loaded(Path("okrsync-2027-Q1.yaml"))
    assert set(config.workspace.include) == {"okrsync-2027-Q1/teams/people.yaml", "teams/more.yaml"}
    assert "KR7" not in {entry.id for entry in config.key_results}
    assert "KR7" in {entry.id for entry in loaded(Path("okrsync.yaml")).key_results}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--next", "okrsync.yaml"], "okrsync.yaml already exists"),
        (["--next", "elsewhere/next.yaml"], "Write it in the same folder"),
        (["--next", "next.yaml", "--next-cycle", "soon"], "'soon' is not a cycle"),
        (["--next", "next.yaml", "--next-cycle", "2026-Q3"], "does not begin after 2026-Q4"),
    ],
)
def test_a_next_config_that_cannot_be_is_refused(shell: Shell, arguments: list[str], says: str) -> None:
    workspace(shell)
    done = shell.run("close", *arguments)
    assert done.code == 1
    assert says in done.err
    assert not Path("next.yaml").exists()


def test_problems_of_a_next_config_are_in_the_language_of_the_workspace(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, _tables: object, **_: object) -> Config:
        raise ConfigError([Problem(path.name, 3, "okr_sheet", Message("is empty"))])

    synced(shell, language="zh-TW")
    monkeypatch.setattr("syncer.cycle_end.write_next.load_config", refuse)
    done = shell.run("close", "--next", "next.yaml")
    assert done.code == 1
    assert "已經寫入，但需要手動修正：\n  next.yaml:3 okr_sheet  是空的\n" in done.err


def test_the_name_of_a_cycle_alone_names_the_file_too(shell: Shell) -> None:
    synced(shell)
    done = shell.run("close", "--next", "2027-Q2")
    assert done.code == 0, done.err
    assert "Wrote okrsync-2027-Q2.yaml." in done.err.replace(f"{shell.folder}/", "")
    assert loaded(Path("okrsync-2027-Q2.yaml")).workspace.cycle.name == "2027-Q2"
    assert not Path("2027-Q2").exists()


@pytest.mark.parametrize("arguments", [("--next", "next"), ("--next", "2027-Q1", "--next-cycle", "2027-Q2")])
def test_a_next_config_is_a_yaml_file(shell: Shell, arguments: tuple[str, ...]) -> None:
    synced(shell)
    done = shell.run("close", *arguments)
    assert done.code == 1
    assert "neither a .yaml file nor the name of a cycle" in done.err
    assert "--next okrsync-2027-Q1.yaml" in done.err
    assert not Path(arguments[1]).exists()


def test_stderr_names_the_file_of_a_written_result(shell: Shell) -> None:
    synced(shell)
    for command, name in (("close", "retrospective.md"), ("report", "okr.html")):
        done = shell.run(command, "--out", name)
        assert done.out == ""
        assert f"Wrote {Path(name).resolve()}." in done.err


def test_a_cycle_of_ones_own_is_named_with_its_days(shell: Shell) -> None:
    workspace(shell, CONFIG.replace("cycle: 2026-Q4 ", "cycle: {{name: autumn, start: 2026-10-01, end: 2026-12-31}} "))
    unnamed = shell.run("close", "--next", "next.yaml")
    assert "the cycle after autumn is not known" in unnamed.err
    done = shell.run("close", "--next", "next.yaml", "--next-cycle", "winter=2027-01-01..2027-02-28")
    assert done.code == 0, done.err
    cycle = loaded(Path("next.yaml")).workspace.cycle
    assert (cycle.name, cycle.first.isoformat(), cycle.last.isoformat()) == ("winter", "2027-01-01", "2027-02-28")


def test_scores_are_written_once_confirmed(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    synced(shell)
    answers = iter([False, True])
    monkeypatch.setattr("typer.confirm", lambda _text, **_options: next(answers))
    refused = shell.run("close", "--write-scores")
    assert refused.out.endswith("7 cells to write.\nNothing was written.\n")
    assert scores_in_sheet(shell) == [None] * 7
    done = shell.run("close", "--write-scores")
    assert done.out.endswith(f"{VERIFIED}: 7 cells.\n")
    assert scores_in_sheet(shell) == [0.7, 1, 0.4, 0.6, 1, 0.5, 0]
    assert shell.run("close", "--write-scores", "--yes").out.endswith(f"{NOTHING_TO_WRITE}.\n")
    assert "close" in shell.run("history").out
    shell.run("undo")
    assert scores_in_sheet(shell) == [None] * 7


def test_a_score_typed_by_hand_is_kept(shell: Shell) -> None:
    synced(shell)
    enter(shell, 2, "Computed score", 0.8)
    done = shell.run("close", "--write-scores", "--yes")
    assert "kept '0.8' (computed 0.7): was filled before okrsync" in done.out
    assert scores_in_sheet(shell)[0] == 0.8
    enter(shell, 3, "Computed score", 0.1)
    assert "kept '0.1' (computed 1): was changed by hand" in shell.run("close", "--write-scores", "--yes").out
    shell.run("close", "--write-scores", "--yes", "--adopt")
    assert scores_in_sheet(shell)[:2] == [0.7, 0.1]


def test_the_marks_of_the_scores_are_explained_in_a_terminal(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    synced(shell)
    enter(shell, 2, "Computed score", 0.8)
    meanings = "\n~ will change   a filled before okrsync, kept without --adopt\n6 cells to write.\n"
    monkeypatch.setattr("typer.confirm", lambda _text, **_options: False)
    assert meanings not in shell.run("close", "--write-scores").out
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda stream: stream is sys.stdout)
    monkeypatch.setenv("COLUMNS", "80")
    assert shell.run("close", "--write-scores").out.count(meanings) == 1


def test_scores_need_a_column_which_init_adds(shell: Shell) -> None:
    synced(shell, headers=HEADERS[:-1])
    done = shell.run("close", "--write-scores", "--yes")
    assert done.code == 1
    assert "the sheet has no column 'Computed score'" in done.err
    assert "`okrsync init --sheet` adds it" in done.err
    assert "Computed score" in shell.run("init", "--sheet", "--yes").out
    assert shell.run("close", "--write-scores", "--yes").out.endswith(f"{VERIFIED}: 7 cells.\n")
    tab = load_workbook("okrs.xlsx")["OKRs"]
    column = [cell.value for cell in tab[1]].index("Computed score") + 1
    assert [tab.cell(row, column).value for row in range(2, 9)] == [0.7, 1, 0.4, 0.6, 1, 0.5, 0]


@pytest.mark.parametrize("file", ["new.xlsx", "new.csv"])
def test_a_new_sheet_has_a_column_for_the_scores(shell: Shell, file: str) -> None:
    text = CONFIG.replace("  file: okrs.xlsx\n  tabs: [OKRs]\n", f"  file: {file}\n")
    (shell.folder / "okrsync.yaml").write_text(text.format(language="en"), "utf-8")
    (shell.folder / "data").mkdir()
    (shell.folder / "data" / "deals.csv").write_text("amount\n60\n60\n", "utf-8")
    assert shell.run("init", "--sheet").code == 0
    shell.at("2026-12-30T09:30:00+08:00")
    shell.run("sync")
    shell.at("2027-01-05T09:30:00+08:00")
    assert shell.run("close", "--write-scores", "--yes").code == 0
    assert {row["KR id"]: row["Computed score"] for row in _rows(Path(file))} == {
        **dict.fromkeys(("O1", "O2", "O3", "KR2", "KR3", "KR5", "KR7")), "KR1": "0.7", "KR4": "0.6", "KR6": "0.5",
    }  # fmt: skip
    shell.run("undo")
    assert {row["Computed score"] for row in _rows(Path(file))} == {None}


def _rows(path: Path) -> list[dict[str, str | None]]:
    """The rows of a new sheet as texts, by header."""
    if path.suffix == ".csv":
        cells: list[list[object]] = [list(row) for row in csv.reader(path.read_text("utf-8-sig").splitlines())]
    else:
        cells = [list(row) for row in load_workbook(path)["OKRs"].iter_rows(values_only=True)]
    head, *rows = cells
    return [{str(k): None if v in (None, "") else str(v) for k, v in zip(head, row, strict=True)} for row in rows]


def test_a_sheet_that_changes_while_somebody_thinks_is_not_written(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced(shell)

    def think(_text: str, **_options: bool) -> bool:
        enter(shell, 2, "Computed score", 0.8)
        return True

    monkeypatch.setattr("typer.confirm", think)
    done = shell.run("close", "--write-scores")
    assert done.code == 1
    assert "the sheet changed since the plan was shown" in done.err
    assert scores_in_sheet(shell) == [0.8, *[None] * 6]


def test_okrsyncs_own_tab_gets_the_scores(shell: Shell) -> None:
    with lean_workspace(shell.folder) as sandbox:
        shell.at("2026-12-30T09:30:00+08:00")
        assert shell.run("sync").code == 0
        theirs = entered_by_id(sandbox)
        shell.at("2027-01-05T09:30:00+08:00")
        done = shell.run("close", "--write-scores", "--yes")
        assert done.code == 0, done.err
        scores = {key: row.get("Computed score") for key, row in entered_by_id(sandbox, OWN).items()}
        assert {key: score for key, score in scores.items() if key.startswith("KR")} == {f"KR{n}": 0.1 for n in NUMBERS}
        assert entered_by_id(sandbox) == theirs
        assert shell.run("close", "--write-scores", "--yes").out.endswith(f"{NOTHING_TO_WRITE}.\n")


def test_a_sheet_in_google_looks_the_scores_up(shell: Shell) -> None:
    with lean_workspace(shell.folder) as sandbox:
        shell.at("2026-12-30T09:30:00+08:00")
        assert shell.run("sync").code == 0
        added = shell.run("init", "--sheet", "--yes")
        assert "Computed score" in added.out
        assert not any(row.get("Computed score") for row in shown_by_id(sandbox).values())
        shell.at("2027-01-05T09:30:00+08:00")
        assert shell.run("close", "--write-scores", "--yes").code == 0
        shown = {key: row.get("Computed score") for key, row in shown_by_id(sandbox).items()}
        assert {key: score for key, score in shown.items() if key.startswith("KR")} == {f"KR{n}": 0.1 for n in NUMBERS}
        assert shell.run("init", "--sheet").out.startswith("The OKR sheet has its ids, columns and lookups")


def test_a_closed_cycle_is_never_written_again(shell: Shell) -> None:
    synced(shell)
    text = Path("okrsync.yaml").read_text("utf-8")
    Path("okrsync.yaml").write_text(text.replace("timezone:", "cycles: {2026-Q4: {phase: closed}}\ntimezone:"), "utf-8")
    before = Path("okrs.xlsx").read_bytes()
    for command in (["sync"], ["sync", "--force", "--adopt"], ["close", "--write-scores", "--yes"]):
        done = shell.run(*command)
        assert done.code == 1
        assert "2026-Q4 is closed, and a closed cycle is never written again" in done.err
    assert Path("okrs.xlsx").read_bytes() == before
    assert shell.run("dry-run").code == 0
    assert shell.run("close", "--next", "next.yaml").code == 0
    assert loaded(Path("next.yaml")).workspace.cycle.phase == "running"


@pytest.mark.parametrize("language", ["en", "zh-TW"])
@pytest.mark.parametrize("template", ["starter", "sales", "marketing", "customer_service", "public_service"])
def test_every_template_can_be_closed_and_goes_on(shell: Shell, template: str, language: str) -> None:
    shell.run("init", "own", "--template", template, "--language", language)
    shell.at("2026-12-30T09:30:00+08:00")
    config = ["-c", "own/okrsync.yaml"]
    assert shell.run("sync", *config).code in (0, 4)
    shell.at("2027-01-05T09:30:00+08:00")
    done = shell.run("close", *config, "--next", "own/okrsync-2027-Q1.yaml")
    assert done.code == 0, done.err
    before, after = loaded(Path("own/okrsync.yaml")), loaded(Path("own/okrsync-2027-Q1.yaml"))
    assert [entry.id for entry in after.key_results] == [entry.id for entry in before.key_results]
    assert after.workspace.measures == before.workspace.measures
    assert after.workspace.teams == before.workspace.teams
    assert after.workspace.cycle.name == "2027-Q1"
    kept = [line for line in Path("own/okrsync.yaml").read_text("utf-8").splitlines() if line.startswith("#")]
    assert set(kept) <= set(Path("own/okrsync-2027-Q1.yaml").read_text("utf-8").splitlines())


def test_objectives_of_other_cycles_run_on(shell: Shell) -> None:
    text = CONFIG.replace("objectives:\n", "cycles:\n  2026: {{}}\n  2027: {{}}\nobjectives:\n").replace(
        "    title: The old tool is gone\n", "    title: The old tool is gone\n    cycle: 2027\n"
    )
    synced(shell, text)
    done = shell.run("close", "--next", "next.yaml")
    assert "Belongs to other cycles, not closed here: O3." in done.out
    assert "KR5" not in closed(shell)
    assert loaded(Path("next.yaml")).workspace.objectives["O3"].key_results["KR5"].target is not None


def test_dropped_dated_and_from_the_start(shell: Shell) -> None:
    text = CONFIG.replace(
        "        title: Moved\n", "        title: Moved\n        dropped: {{date: 2026-11-01, reason: gone}}\n"
    )
    text = text.replace("baseline: 100        # in October", "baseline: {{at: cycle.start}}").replace(
        "        title: NPS of 50\n",
        "        title: NPS of 50\n        pace:\n          points:\n            2026-10-31: 20%\n"
        "        revisions:\n          - {{date: 2026-11-02, reason: too low}}\n",
    )
    text = text.replace("        change: +30%\n", "        target: 200\n")
    synced(shell, text)
    done = shell.run("close", "--next", "next.yaml")
    assert done.code == 0, done.err
    assert "- KR5: dropped in mid-cycle" in done.out
    text = Path("next.yaml").read_text("utf-8")
    assert "# O3 ended with 2026-Q4." in text
    assert "baseline: {at: cycle.start}\n" in text
    assert "        # of 2026-Q4:\n        # pace:\n        #   points:\n" in text
    found = {entry.id: entry.definition for entry in loaded(Path("next.yaml")).key_results}
    assert found["KR1"].starts_with_the_cycle
    assert found["KR2"].pace is None
    assert found["KR2"].revisions == ()


def test_a_baseline_of_the_sheet_goes_to_the_new_sheet(shell: Shell) -> None:
    headers = [*HEADERS[:2], "Baseline", *HEADERS[3:]]
    ROWS_BEFORE = ROWS["KR7"]  # noqa: N806 - a constant for a moment
    ROWS["KR7"] = [8, 10, None, None, "continue"]
    try:
        synced(
            shell, CONFIG.replace("        baseline: 10\n        target: 4\n", "        target: 4\n"), headers=headers
        )
    finally:
        ROWS["KR7"] = ROWS_BEFORE
    done = shell.run("close", "--next", "next.yaml")
    assert done.code == 0, done.err
    tab = load_workbook("okrs-2027-Q1.xlsx")["OKRs"]
    heads = [cell.value for cell in tab[1]]
    row = next(row for row in tab.iter_rows(min_row=2) if row[0].value == "KR7")
    assert row[heads.index("Baseline")].value == 8
    seven = next(entry.definition for entry in loaded(Path("next.yaml")).key_results if entry.id == "KR7")
    assert (seven.kind, seven.baseline) == ("decrease", None)


def test_with_json_the_plan_of_the_scores_goes_to_stderr(shell: Shell) -> None:
    synced(shell)
    done = shell.run("close", "--write-scores", "--yes", "--format", "json")
    assert json.loads(done.out)["version"] == 1
    assert done.err.endswith(f"{VERIFIED}: 7 cells.\n")


def test_a_file_of_the_next_cycle_is_never_written_over(shell: Shell) -> None:
    synced(shell)
    Path("okrs-2027-Q1.xlsx").write_text("mine", "utf-8")
    done = shell.run("close", "--next", "2027-Q1")
    assert done.code == 1
    assert "okrs-2027-Q1.xlsx already exists" in done.err
    assert not Path("okrsync-2027-Q1.yaml").exists()
    assert Path("okrs-2027-Q1.xlsx").read_text("utf-8") == "mine"


def test_without_its_sheet_no_next_config_is_left(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> str:
        raise SheetError("making the OKR sheet", "the disk is full")

    synced(shell)
    monkeypatch.setattr("syncer.cycle_end.write_next.make_next_sheet", refuse)
    assert shell.run("close", "--next", "2027-Q1").code == 1
    assert not list(shell.folder.glob("*2027*"))


def test_the_next_sheet_has_the_tabs_of_the_old_one_and_the_headers_of_the_config(shell: Shell) -> None:
    text = CONFIG.replace(
        "  tabs: [OKRs]\n", "  tabs: [OKRs, 業務部]\n  header_row: 1\n  columns: {{unit: 我們的單位}}\n"
    )
    workspace(shell, text, headers=[*HEADERS[:2], "我們的單位", *HEADERS[3:]])
    book = load_workbook("okrs.xlsx")
    other = book.create_sheet("業務部")
    other.append([*HEADERS[:2], "我們的單位"])
    other.append(["KR7", 12, "hours"])
    book["OKRs"].delete_rows(8)
    book.save("okrs.xlsx")
    done = shell.run("close", "--next", "2027-Q1", "--decide", "KR7=continue", "--decide", "KR5=abandon")
    assert done.code == 0, done.err
    made = load_workbook("okrs-2027-Q1.xlsx")
    assert made.sheetnames == ["OKRs", "業務部"]
    first, second = ([row[0].value for row in tab.iter_rows(min_row=2)] for tab in made.worksheets)
    assert "KR7" in second
    assert not {"KR5", "KR7"} & set(first)
    heads = [cell.value for cell in made["業務部"][1]]
    shown = next(row for row in made["業務部"].iter_rows(min_row=2) if row[0].value == "KR7")
    assert shown[heads.index("我們的單位")].value == "hours"
    assert shell.run("dry-run", "-c", "okrsync-2027-Q1.yaml").code in (0, 4)
    assert loaded(Path("okrsync-2027-Q1.yaml")).workspace.okr_sheet.header_row is None


def style_of(paragraph: Paragraph) -> str:
    return (paragraph.style.name if paragraph.style else None) or ""


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_the_retrospective_as_a_page_and_as_a_word_document(shell: Shell, language: str) -> None:
    synced(shell, language=language)
    for name in ("r.md", "r.html", "r.docx", "r.json"):
        assert shell.run("close", "--out", name).code == 0
    markdown, page = Path("r.md").read_text("utf-8"), Path("r.html").read_text("utf-8")
    headings = [line.lstrip("# ") for line in markdown.splitlines() if line.startswith("#")]
    written = docx.Document("r.docx")
    assert [one.text for one in written.paragraphs if style_of(one).startswith(("Heading", "Title"))] == headings
    assert len(written.tables) == page.count("<table>") == markdown.count("\n|---")
    assert written.tables[0].cell(1, 0).text == "KR1"
    items = [line for line in markdown.splitlines() if line.startswith("- ")]
    assert sum(style_of(one) == "List Bullet" for one in written.paragraphs) == page.count("<li>") == len(items)
    assert page.startswith("<!doctype html>")
    assert json.loads(Path("r.json").read_text("utf-8"))["cycle"] == "2026-Q4"


def test_markup_in_a_title_is_text_in_the_page(shell: Shell) -> None:
    synced(shell)
    config = Path("okrsync.yaml")
    config.write_text(
        config.read_text("utf-8").replace("title: Companies choose us", "title: <script>x</script>"), "utf-8"
    )
    shell.run("close", "--out", "r.html")
    assert "<script>x" not in Path("r.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--out", "r.pdf"), "a retrospective cannot end in .pdf: use .md, .html, .htm, .docx, .json"),
        (("--out", "r.md", "--format", "json"), "--format json needs a file that ends in .json"),
    ],
)
def test_other_endings_are_refused_before_anything_is_written(
    shell: Shell, arguments: tuple[str, ...], message: str
) -> None:
    synced(shell)
    done = shell.run("close", *arguments, "--next", "2027-Q1")
    assert done.code == 2
    assert message in done.err
    assert not Path("okrsync-2027-Q1.yaml").exists()


def test_a_word_document_needs_python_docx(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    synced(shell)
    monkeypatch.setitem(sys.modules, "docx", None)
    done = shell.run("close", "--out", "r.docx", "--next", "2027-Q1")
    assert done.code == 1
    assert not Path("okrsync-2027-Q1.yaml").exists()
    assert "python-docx is not installed" in done.err
    assert not Path("r.docx").exists()
