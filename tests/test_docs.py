"""What the documentation says is what okrsync does: commands, configs, the first steps word by word."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from openpyxl import load_workbook

from command_kit import Shell
from config.loading.loader import load_config
from connectors import registry
from connectors.sandbox.google_sheets.book import Book
from connectors.sandbox.google_sheets.service import SheetsService
from people_sheets import CHINESE, CHINESE_MERGES, ENGLISH, MERGES, Merges, Tabs, workbook
from sandbox_kit import Sandbox
from syncer.cli import app

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh-TW.md")
README = (ROOT / "README.md").read_text("utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def commands() -> list[str]:
    named = [command.name for command in app.registered_commands] + [group.name for group in app.registered_groups]
    return sorted(name for name in named if name)


GROUPS = {"schedule": ("run", "print"), "fleet": ("check", "sync", "status", "run", "pause", "resume")}
"""Commands that hold others."""


@pytest.mark.parametrize("readme", READMES)
def test_every_command_is_in_the_readme(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")
    assert commands()
    for name in commands():
        assert f"| `okrsync {name}" in text, name


@pytest.mark.parametrize("name", commands())
def test_every_command_shows_an_example(shell: Shell, name: str) -> None:
    done = shell.run(name, "--help")
    assert done.code == 0
    if name not in GROUPS:
        assert f"Example: okrsync {name}" in done.out


@pytest.mark.parametrize(("group", "name"), [(group, name) for group, names in GROUPS.items() for name in names])
def test_commands_of_a_group_show_examples(shell: Shell, group: str, name: str) -> None:
    assert f"Example: okrsync {group} {name}" in shell.run(group, name, "--help").out


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = next(block.strip() for block in blocks(README, "sh") if "pytest" in block)
    assert command in (ROOT / ".ci" / "run").read_text("utf-8")


@pytest.mark.parametrize("readme", READMES)
def test_the_config_of_the_readme_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, readme: str) -> None:
    for name in ("JIRA_EMAIL", "JIRA_TOKEN", "GOOGLE_SERVICE_ACCOUNT"):
        monkeypatch.setenv(name, "a-secret")
    (tmp_path / "okrsync.yaml").write_text(blocks((ROOT / readme).read_text("utf-8"), "yaml")[0], "utf-8")
    assert len(load_config(tmp_path / "okrsync.yaml", registry.tables).key_results) == 2


@dataclass(frozen=True, slots=True)
class Steps:
    """The first steps in a language, and the words that okrsync says there."""

    page: str
    nothing: str
    value: str
    met: str
    off_track: str


STEPS = {
    "en": Steps("first-steps.md", "Nothing to write.", "Current value", "met", "off track"),
    "zh-TW": Steps("first-steps.zh-TW.md", "沒有需要寫入的變更。", "目前值", "達標", "進度落後"),
}


def arguments(line: str) -> list[str]:
    return line.partition(" #")[0].split()[1:]


@pytest.mark.parametrize("language", STEPS)
def test_the_first_steps_word_by_word(shell: Shell, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    steps = STEPS[language]
    page = (ROOT / "docs" / steps.page).read_text("utf-8")
    _, setup, run, own, look, every, _ = (block.splitlines() for block in blocks(page, "sh"))
    for line in setup:
        if line.startswith("cd "):
            monkeypatch.chdir(line.removeprefix("cd "))
        else:
            assert shell.run(*arguments(line)).code == 0
    assert [shell.run(*arguments(line)).code for line in run] == [4, 4]
    assert steps.nothing in shell.run("sync").out

    book = load_workbook("okrs.xlsx")
    column = [cell.value for cell in book["OKRs"][1]].index(steps.value) + 1
    row = next(row[0].row for row in book["OKRs"].iter_rows() if row[0].value == "KR3")
    assert row is not None
    book["OKRs"].cell(row, column).value = 0.93
    book.save("okrs.xlsx")
    assert shell.run("sync").code == 0

    config = blocks(page, "yaml")[0]
    Path("data/visits.csv").write_text(blocks(page, "csv")[0], "utf-8")
    Path("okrsync.yaml").write_text(config, "utf-8")
    done = [shell.run(*arguments(line)) for line in own]
    assert [one.code for one in done] == [0] * len(own), [one.err for one in done]
    assert re.search(r"KR1 .* 50%", done[-1].out)
    assert re.search(rf"KR2 .* 100%  {steps.met}  67%", done[-1].out)
    assert re.search(rf"KR3 .* 25%  {steps.off_track}  2 / 8", done[-1].out)

    report, why = (shell.run(*arguments(line)) for line in look)
    assert (report.code, why.code) == (0, 0)
    assert "KR3" in Path("okr.html").read_text("utf-8")
    assert "(2 - 0) / (8 - 0)" in why.out
    assert "50%" in why.out
    assert steps.off_track in why.out
    assert [shell.run(*arguments(line)).code for line in every] == [0]

    Path("okrsync.yaml").write_text(config.replace("from: files.rows", "from: files.row"), "utf-8")
    wrong = shell.run("check")
    assert wrong.code == 1
    assert sum(wrong.err.count(meant) for meant in ("did you mean 'rows'?", "是不是要寫「rows」？")) == 3


@pytest.mark.parametrize(("language", "tabs", "merges"), [("en", ENGLISH, MERGES), ("zh-TW", CHINESE, CHINESE_MERGES)])
def test_the_first_steps_from_a_sheet(shell: Shell, language: str, tabs: Tabs, merges: Merges) -> None:
    """What a colleague with a sheet of their own types, line by line; `--yes` answers both questions."""
    init, plan, sync = blocks((ROOT / "docs" / STEPS[language].page).read_text("utf-8"), "sh")[0].splitlines()
    workbook(Path("our-okrs.xlsx"), tabs, merges)
    assert shell.run(*arguments(init), "--yes").code == 0
    assert [shell.run(*arguments(line)).code for line in (plan, sync)] == [4, 4]
    assert STEPS[language].nothing in shell.run("sync").out


def test_init_sheet_speaks_the_language_of_the_config(shell: Shell) -> None:
    Path("okrsync.yaml").write_text(
        "cycle: 2026-Q4\ntimezone: Asia/Taipei\nokr_sheet: {file: okrs.xlsx}\nlanguage: zh-TW\n", "utf-8"
    )
    assert "下一步：okrsync dry-run" in shell.run("init", "--sheet").out


@pytest.mark.parametrize("language", STEPS)
def test_the_sheet_moves_to_google_word_by_word(shell: Shell, tmp_path: Path, language: str) -> None:
    page = (ROOT / "docs" / STEPS[language].page).read_text("utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "secrets").mkdir()
    (tmp_path / "data" / "visits.csv").write_text(blocks(page, "csv")[0], "utf-8")
    local, google = blocks(page, "yaml")
    (tmp_path / "okrsync.yaml").write_text(local, "utf-8")
    assert [shell.run(*line).code for line in (("init", "--sheet"), ("sync",))] == [0, 0]
    service = SheetsService(Book.of_values("1AbCdEfGhIjK", "OKR", {"Sheet1": []}))
    with Sandbox([service]) as sandbox:
        url = sandbox.service_url("sheets")
        key = tmp_path / "secrets" / "google.json"
        key.write_text(json.dumps(service.service_account_info(url)), "utf-8")
        key.chmod(0o600)
        moved = re.sub(r"^okr_sheet:\n(?: .*\n)+", google, local, flags=re.MULTILINE)
        (tmp_path / "okrsync.yaml").write_text(
            moved.replace("type: google_sheets", f"type: google_sheets\n    url: {url}\n    token_url: {url}/token"),
            "utf-8",
        )
        made = [shell.run(*arguments(line)) for line in blocks(page, "sh")[-1].splitlines()]
        assert [one.code for one in made] == [0, 0, 0], [one.out + one.err for one in made]
        assert STEPS[language].nothing in shell.run("sync").out


def words_of(readme: str) -> tuple[list[str], list[str], list[str], set[str]]:
    """Of a README: the levels of its headings, its commands, the first cells of its tables, what it links to."""
    text = (ROOT / readme).read_text("utf-8").replace(".zh-TW.md", ".md").replace(" --language zh-TW", "")
    text = text.replace("report-zh-TW.png", "report-laptop.png").replace("plan-zh-TW.png", "plan.png")
    headings = re.findall(r"^(#+) ", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    shell = [line.partition(" #")[0].strip() for block in blocks(text, "sh") for line in block.splitlines()]
    return headings, shell, re.findall(r"^\| (`[^`]+`)", text, re.MULTILINE), set(re.findall(r"\]\(([^)]+)\)", text))


def test_both_readmes_hold_the_same() -> None:
    for english, chinese in zip(words_of("README.md"), words_of("README.zh-TW.md"), strict=True):
        assert chinese == english
    options = [set(re.findall(r"--[a-z][a-z-]+", (ROOT / name).read_text("utf-8"))) for name in READMES]
    assert options[0] == options[1]


_TEXTS = re.compile(r"\b(title|mission|S1|theme|reason|what): [^,{}\n]+")
"""Texts for people within a config, which are written in the page's language."""

TRANSLATED = ("check-ins", "closing-a-cycle", "messages", "okr-method", "operating", "report")


@pytest.mark.parametrize("page", TRANSLATED)
def test_both_languages_of_a_page_hold_the_same(page: str) -> None:
    def skeleton(name: str) -> tuple[list[str], list[str]]:
        text = (ROOT / "docs" / name).read_text("utf-8")
        code = [
            _TEXTS.sub(r"\1: ", re.sub(r" *#.*", "", one))
            for language in ("sh", "yaml")
            for one in blocks(text, language)
        ]
        return code, re.findall(r"^(#+) ", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)

    assert skeleton(f"{page}.zh-TW.md") == skeleton(f"{page}.md")


@pytest.mark.parametrize("readme", READMES)
def test_the_readmes_own_steps_show_why_a_key_result_is_as_it_is(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, readme: str
) -> None:
    block = next(one for one in blocks((ROOT / readme).read_text("utf-8"), "sh") if "okrsync init my-okrs" in one)
    codes = []
    for line in block.splitlines():
        if line.startswith("cd "):
            monkeypatch.chdir(line.removeprefix("cd "))
        else:
            done = shell.run(*arguments(line))
            codes.append(done.code)
    assert codes == [0, 4, 4, 0, 0]
    assert "(12 - 0) / (20 - 0)" in done.out
    assert Path("okr.html").exists()
