"""What the documentation says is what okrsync does: commands, configs, the first steps word by word."""

import csv
import re
from pathlib import Path

import pytest
import yaml
from openpyxl import load_workbook

from command_kit import Shell
from config.loading.loader import load_config
from connectors import registry
from syncer.cli import app

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
FIRST_STEPS = (ROOT / "docs" / "first-steps.md").read_text("utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def commands() -> list[str]:
    named = [command.name for command in app.registered_commands] + [group.name for group in app.registered_groups]
    return sorted(name for name in named if name)


@pytest.mark.parametrize("readme", ["README.md", "README.zh-TW.md"])
def test_every_command_is_in_the_readme(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")
    assert commands()
    for name in commands():
        assert f"| `okrsync {name}" in text, name


@pytest.mark.parametrize("name", commands())
def test_every_command_shows_an_example(shell: Shell, name: str) -> None:
    done = shell.run(name, "--help")
    assert done.code == 0
    if name != "schedule":
        assert f"Example: okrsync {name}" in done.out


@pytest.mark.parametrize("name", ["run", "print"])
def test_schedule_shows_examples(shell: Shell, name: str) -> None:
    assert f"Example: okrsync schedule {name}" in shell.run("schedule", name, "--help").out


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = next(block.strip() for block in blocks(README, "sh") if "pytest" in block)
    assert command in (ROOT / ".ci" / "run").read_text("utf-8")


@pytest.mark.parametrize("readme", ["README.md", "README.zh-TW.md"])
def test_the_config_of_the_readme_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, readme: str) -> None:
    for name in ("JIRA_EMAIL", "JIRA_TOKEN", "GOOGLE_SERVICE_ACCOUNT"):
        monkeypatch.setenv(name, "a-secret")
    (tmp_path / "okrsync.yaml").write_text(blocks((ROOT / readme).read_text("utf-8"), "yaml")[0], "utf-8")
    assert len(load_config(tmp_path / "okrsync.yaml", registry.tables).key_results) == 2


def test_the_first_steps_word_by_word(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    setup, run, own = (block.splitlines() for block in blocks(FIRST_STEPS, "sh")[:3])
    for line in setup:
        if line.startswith("cd "):
            monkeypatch.chdir(line.removeprefix("cd "))
        else:
            assert shell.run(*line.split()[1:]).code == 0
    assert [shell.run(*line.split()[1:]).code for line in run] == [4, 4]
    assert "Nothing to write." in shell.run("sync").out

    book = load_workbook("okrs.xlsx")
    column = [cell.value for cell in book["OKRs"][1]].index("Current value") + 1
    row = next(row[0].row for row in book["OKRs"].iter_rows() if row[0].value == "KR3")
    assert row is not None
    book["OKRs"].cell(row, column).value = 0.93
    book.save("okrs.xlsx")
    assert shell.run("sync").code == 0

    Path("data/visits.csv").write_text(blocks(FIRST_STEPS, "csv")[0], "utf-8")
    Path("okrsync.yaml").write_text(blocks(FIRST_STEPS, "yaml")[0], "utf-8")
    done = [shell.run(*line.split()[1:]) for line in own]
    assert [one.code for one in done] == [0] * len(own), [one.err for one in done]
    assert re.search(r"KR1 .* 50%", done[-1].out)
    assert re.search(r"KR2 .* 100%  met  66\.7%", done[-1].out)
    Path("okrsync.yaml").write_text(
        blocks(FIRST_STEPS, "yaml")[0].replace("from: files.rows", "from: files.row"), "utf-8"
    )
    wrong = shell.run("check")
    assert wrong.code == 1
    assert wrong.err.count("did you mean 'rows'?") == 2


BASE = """\
cycle: 2026-Q4
timezone: Asia/Taipei
okr_sheet:
  file: okrs.xlsx
"""
CONNECTIONS = """\
connections:
  jira:
    type: jira
    url: https://acme.atlassian.net
    email: $DOCS_SECRET
    token: $DOCS_SECRET
    fields:
      story_points: customfield_10016
  github:
    type: github
    token: $DOCS_SECRET
  google:
    type: google_sheets
    service_account: $DOCS_SECRET
"""
FRAGMENTS = [
    (path.name, number, block)
    for path in sorted((ROOT / "docs").glob("*.md"))
    for number, block in enumerate(blocks(path.read_text("utf-8"), "yaml"), 1)
]


@pytest.mark.parametrize(("name", "number", "block"), FRAGMENTS, ids=[f"{one[0]}-{one[1]}" for one in FRAGMENTS])
def test_every_config_of_the_documents_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, number: int, block: str
) -> None:
    for secret in {"DOCS_SECRET", *re.findall(r"\$(\w+)", block)}:
        monkeypatch.setenv(secret, "a-secret")
    text = block if "cycle:" in block else BASE + block
    if "connections:" not in text:
        text = CONNECTIONS + text
    (tmp_path / "okrsync.yaml").write_text(text, "utf-8")
    assert load_config(tmp_path / "okrsync.yaml", registry.tables).base_dir == tmp_path, f"{name} {number}"


def test_init_sheet_speaks_the_language_of_the_config(shell: Shell) -> None:
    Path("okrsync.yaml").write_text(BASE + "language: zh-TW\n", "utf-8")
    assert "下一步：okrsync dry-run" in shell.run("init", "--sheet").out


def test_documents_name_only_files_that_are_there() -> None:
    for path in [*ROOT.glob("*.md"), *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_yaml_and_csv_of_the_documents_are_whole() -> None:
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for block in blocks(path.read_text("utf-8"), "yaml"):
            assert yaml.safe_load(block)
        for block in blocks(path.read_text("utf-8"), "csv"):
            widths = {len(row) for row in csv.reader(block.splitlines())}
            assert len(widths) == 1
