"""`okrsync lint` as a whole: config and sheet, both languages, the last cycle; and its page in docs/."""

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from command_kit import Shell
from config.cycles import parse_cycle
from golden_files import check_golden
from syncer.cycle_end.next_files import neighbour
from syncer.i18n import translate
from syncer.method.advice_texts import EXAMPLES, TEXTS
from syncer.method.lint import RULES, LintKeyResult, LintObjective, advise, has_figure, is_task, is_vague, owner_count
from syncer.present.advice import not_above
from syncer.present.lint_text import PRINCIPLES, example
from workspace_kit import HEAD, load

DOCS = Path(__file__).resolve().parent.parent / "docs"
CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
language: {language}
okr_sheet:
  file: okrs.xlsx
teams:
  company: {{}}
  support:
    parent: company
measures:
  calls:
    from: files.rows
    path: missing.csv
    value: count(*)
objectives:
  O1:
    title: {objective}
    team: support
    key_results:
      KR1:
        title: {task}
        target: 10
        owner: Amy
      KR2:
        baseline: 10
"""
WORDS = {
    "en": {"objective": "Grow revenue by 30%", "task": "Publish 10 posts"},
    "zh-TW": {"objective": "優化客服", "task": "發 10 篇社群貼文"},
}


def workspace(shell: Shell, language: str = "en") -> None:
    text = CONFIG.format(language=language, **WORDS[language])
    (shell.folder / "okrsync.yaml").write_text(text, "utf-8")
    book = Workbook()
    tab = book.active
    assert tab is not None
    tab.append(["KR id", "Objective", "Key result", "Owner", "Target", "Baseline", "Source"])
    tab.append(["KR1", None, None, None, None, None, None])
    tab.append(["KR2", None, "Wait less", "Amy and Bob", 10, None, None])
    tab.append(["KR3", "Grow revenue by 30%" if language == "en" else "優化客服", "Calls", None, 5, 0, "calls"])
    tab.append(["KR4", "People stay", "Fewer leave", "Cid", 3, 0, "calls"])
    book.save(shell.folder / "okrs.xlsx")


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_advice_on_config_and_sheet(shell: Shell, language: str) -> None:
    workspace(shell, language)
    check_golden(f"lint.{language}.txt", shell.output_of(["lint"]))


def test_the_sheet_alone_knows_titles_owners_and_key_results(shell: Shell) -> None:
    workspace(shell)
    data = json.loads(shell.run("lint", "--format", "json").out)
    found = {(advice["rule"], advice["id"], advice["title"]) for advice in data["advice"]}
    assert data["version"] == 1
    assert data["sheet_read"] is True
    assert {
        ("several_owners", "KR2", "Wait less"),
        ("nothing_moves", "KR2", "Wait less"),
        ("no_owner", "KR3", "Calls"),
        ("key_result_count", "People stay", "People stay"),
    } <= found
    assert not any(key == "O1" and rule == "key_result_count" for rule, key, _ in found)
    first = data["advice"][0]
    assert (first["rule"], first["values"]) == ("key_result_count", {"count": 1})
    assert first["better"]["text"].startswith("Add what else would prove the objective")


def test_offline_says_nothing_on_what_the_sheet_may_know(shell: Shell) -> None:
    workspace(shell)
    (shell.folder / "okrs.xlsx").unlink()
    offline = json.loads(shell.run("lint", "--offline", "--format", "json").out)
    assert {advice["rule"] for advice in offline["advice"]} == {"objective_figure", "unaligned", "task"}
    assert offline["sheet_read"] is False
    unreadable = shell.run("lint")
    assert unreadable.code == 0
    assert "The OKR sheet was not read (" in unreadable.out
    assert "okrs.xlsx" in unreadable.out


def test_advice_is_no_failure_unless_strict(shell: Shell) -> None:
    workspace(shell)
    assert shell.run("lint").code == 0
    assert shell.run("lint", "--strict").code == 1
    shell.run("init", "good", "--template", "sales")
    good = shell.run("lint", "--strict", "-c", "good/okrsync.yaml")
    assert (good.code, good.out) == (0, "No advice on the OKRs of 2026-Q4.\n")


def test_markdown_groups_by_principle(shell: Shell) -> None:
    workspace(shell)
    text = shell.run("lint", "--format", "markdown").out
    places = [text.index(f"#### {name}") for name in ("Focus", "Alignment", "Commitment", "Tracking")]
    assert places == sorted(places)


@pytest.mark.parametrize(("value", "rule"), [("20", "too_easy"), ("0", "too_hard"), ("12", None)])
def test_the_last_cycles_scores_come_from_the_ledger(shell: Shell, value: str, rule: str | None) -> None:
    shell.at("2026-09-20T09:00:00+08:00")
    text = """\
cycle: 2026-Q3
timezone: Asia/Taipei
okr_sheet:
  file: okrs.csv
objectives:
  O1:
    title: Customers trust us
    key_results:
      KR1: {title: Visits, owner: Amy, target: 20, baseline: -1}
      KR2: {title: Calls, owner: Amy, target: 20, baseline: -1}
      KR3: {title: Letters, owner: Amy, target: 20, baseline: -1}
"""
    (shell.folder / "okrsync.yaml").write_text(text, "utf-8")
    rows = "".join(f"KR{n},{value},,\n" for n in (1, 2, 3))
    (shell.folder / "okrs.csv").write_text(f"KR id,Current value,Progress,Status\n{rows}", "utf-8")
    assert shell.run("sync", "--adopt").code == 0
    shell.at("2026-10-01T09:00:00+08:00")
    (shell.folder / "okrs.csv").write_text(f"KR id,Current value,Progress,Status\n{rows.replace(value, '6')}", "utf-8")
    assert shell.run("sync", "--adopt", "--force").code == 0
    (shell.folder / "okrsync.yaml").write_text(text.replace("2026-Q3", "2026-Q4"), "utf-8")
    shell.at("2026-10-05T09:00:00+08:00")
    data = json.loads(shell.run("lint", "--format", "json").out)
    assert data["last_cycle"] == "2026-Q3"
    assert [advice["rule"] for advice in data["advice"]] == ([rule] if rule else [])


def test_a_cycle_of_ones_own_naming_follows_the_one_that_ended_last(shell: Shell) -> None:
    shell.at("2026-06-20T09:00:00+08:00")
    cycle = "cycle: {{name: {name}, start: {start}, end: {end}}}\n".format
    text = """\
timezone: Asia/Taipei
okr_sheet: {file: okrs.csv}
objectives:
  O1: {title: Customers trust us, key_results: {KR1: {title: Visits, owner: Amy, target: 20, baseline: 0}}}
"""

    def scored(value: str, name: str, start: str, end: str, more: str = "") -> None:
        (shell.folder / "okrsync.yaml").write_text(cycle(name=name, start=start, end=end) + text + more, "utf-8")
        (shell.folder / "okrs.csv").write_text(f"KR id,Current value,Progress,Status\nKR1,{value},,\n", "utf-8")
        assert shell.run("sync", "--adopt", "--force").code == 0

    def found() -> tuple[str | None, list[str]]:
        data = json.loads(shell.run("lint", "--format", "json").out)
        rules = [advice["rule"] for advice in data["advice"] if advice["principle"] == "stretch"]
        return data["last_cycle"], rules

    scored("20", "spring", "2026-03-01", "2026-06-30")
    assert found() == (None, [])
    shell.at("2026-09-20T09:00:00+08:00")
    scored("1", "summer", "2026-07-01", "2026-09-30")
    assert found() == ("spring", ["too_easy"])
    shell.at("2026-11-01T09:00:00+08:00")
    scored("10", "autumn", "2026-10-01", "2026-12-31")
    assert found() == ("summer", ["too_hard"])
    known = "cycles: {summer: {start: 2026-07-01, end: 2026-11-30}}\n"  # and so it had not ended
    scored("10", "autumn", "2026-10-01", "2026-12-31", known)
    assert found() == ("spring", ["too_easy"])


@pytest.mark.parametrize(
    ("added", "advised"),
    [
        ("", ["O2"]),
        ("      C2: {title: A year of trust, cycle: 2026, team: support}\n", []),
        ("      C1: {title: Everybody is heard, team: company}\n", []),
    ],
)
def test_what_is_aligned_stands_below_at_least_one(shell: Shell, added: str, advised: list[str]) -> None:
    name = added.strip()[:2]
    text = f"""\
cycle: 2026-Q4
cycles: {{2026: {{}}}}
timezone: Asia/Taipei
okr_sheet: {{file: okrs.csv}}
teams:
  company: {{}}
  support: {{parent: company}}
  sales: {{parent: company, level: department}}
objectives:
{added.removeprefix("    ")}  O2:
    title: Customers get help
    team: support
    aligns_to: [O5, {name or "KR5"}]
  O5: {{title: Companies choose us, team: sales, key_results: {{KR5: {{title: Visits, target: 5, baseline: 0}}}}}}
"""
    (shell.folder / "okrsync.yaml").write_text(text, "utf-8")
    advice = json.loads(shell.run("lint", "--offline", "--format", "json").out)["advice"]
    assert [one["id"] for one in advice if one["rule"] == "not_above"] == advised


def test_a_companys_objective_does_not_hang_on_a_teams(tmp_path: Path) -> None:
    text = "teams: {core: {}}\nobjectives:\n  C1: {title: All, aligns_to: O1}\n  O1: {title: Some, team: core}\n"
    config = load(tmp_path, HEAD + text)
    assert [not_above(config, key) for key in ("C1", "O1")] == [("O1",), ()]
    config = load(tmp_path, HEAD + text.replace(", team: core", ""))
    assert not_above(config, "C1") == ()  # nothing says what stands above what


@pytest.mark.parametrize(
    ("name", "step", "expected"),
    [
        ("2026-Q4", 1, "2027-Q1"),
        ("2026-Q1", -1, "2025-Q4"),
        ("2026-Q2", 1, "2026-Q3"),
        ("2026-H2", 1, "2027-H1"),
        ("2026", -1, "2025"),
    ],
)
def test_usual_cycles_have_neighbours(name: str, step: int, expected: str) -> None:
    assert neighbour(parse_cycle(name), step) == expected


def test_cycles_of_ones_own_have_none() -> None:
    own = parse_cycle({"name": "spring", "start": "2026-03-01", "end": "2026-05-31"})
    shifted = parse_cycle({"name": "2026-Q4", "start": "2026-11-01", "end": "2027-01-31"})
    assert neighbour(own, 1) is None
    assert neighbour(shifted, 1) is None


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_the_examples_are_what_the_rules_mean(language: str) -> None:
    assert set(EXAMPLES) == set(TEXTS)
    for rule, sees in {"objective_figure": has_figure, "objective_vague": is_vague, "task": is_task}.items():
        instead, better = example(rule, language)
        assert sees(instead), instead
        assert not sees(better), better
    several = example("several_owners", language)[0]
    assert owner_count(several) > 1


def test_an_example_is_advised_on_and_its_better_wording_is_not() -> None:
    def rules(objective: str, key_result: str) -> set[str]:
        below = LintKeyResult("KR1", key_result, "Amy", baseline=Decimal(0), target=Decimal(1))
        return {advice.rule for advice in advise([LintObjective("O1", objective, key_results=(below, below, below))])}

    assert rules("優化客服", "發 10 篇社群貼文") == {"objective_vague", "task"}
    assert rules("讓客戶第一次詢問就得到解答", "社群互動數增加 2,000 次") == set()


HEADS = {
    "en": """\
# Advice: `okrsync lint`

[繁體中文](lint.zh-TW.md)

`okrsync lint` reads the config and the OKR sheet (not the trackers) and advises where the OKRs could be written
better. It enforces nothing: it exits with 0 unless `--strict` is given. `--offline` reads the config alone and
skips advice on what the sheet may hold. `--format json` and `--format markdown` are for machines and chats. The scores
of the last cycle come from the ledger. OKRs are not appraisal: no rule is about people.

The rules, by the five principles:
""",
    "zh-TW": """\
# OKR 寫法建議：`okrsync lint`

[English](lint.md)

`okrsync lint` 讀取設定檔與 OKR 試算表（不讀取來源系統），指出 OKR 可以怎麼寫得更好。它不強制任何事：除非加上
`--strict`，結束代碼都是 0。`--offline` 只讀設定檔，並略過可能寫在試算表的項目。`--format json` 與
`--format markdown` 供程式與聊天室使用。上個週期的評分取自同步紀錄。OKR 不是績效考核：沒有一條規則是針對人。

以下依五項原則列出所有規則：
""",
}
OWNERS = {"en": "Amy", "zh-TW": "王小明"}


def document(language: str) -> str:
    """The page on lint, made from the rules' own texts."""
    lines = [HEADS[language].rstrip()]
    for principle, name in PRINCIPLES.items():
        lines += ["", f"## {translate(language, name)}"]
        for rule in [*(name for name, (of, _) in RULES.items() if of == principle), *_of_last_cycle(principle)]:
            values = {"owner": OWNERS[language], "count": 5 if "many" in rule else 2, "names": "O5"}
            why = (" " if language == "en" else "").join(translate(language, text, **values) for text in TEXTS[rule])
            instead_of, instead = example(rule, language)
            lines += ["", f"### `{rule}`", "", why, "", f"*{instead_of}* → *{instead}*"]
    return "\n".join(lines) + "\n"


def _of_last_cycle(principle: str) -> list[str]:
    return ["too_easy", "too_hard"] if principle == "stretch" else []


@pytest.mark.parametrize(("language", "name"), [("en", "lint.md"), ("zh-TW", "lint.zh-TW.md")])
def test_the_page_on_lint_lists_every_rule(language: str, name: str) -> None:
    text, page = document(language), DOCS / name
    if os.environ.get("OKRSYNC_GOLDEN") == "write":
        page.write_text(text, "utf-8")
    assert page.read_text("utf-8") == text
    assert all(f"### `{rule}`" in text for rule in TEXTS)
