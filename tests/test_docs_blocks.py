"""Every block of every page is loaded or parsed, and every command that a page names is one that okrsync takes.

Commands are run in `test_docs.py` (first steps), `test_docs_operating.py` and the tests of what they do; here each is
parsed with its options. `test_docs_json.py` validates JSON. Exempt: `ILLUSTRATIONS`, `OTHER_PROGRAMS`, and the configs
of `add-a-connector.md` and `fleet.md`, which `test_docs_connector.py` and `test_fleet.py` read; `configuration.md`'s
examples are the parts of `example.yaml` (`test_config_reference.py`).
"""

import csv
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import yaml

from config.loading.loader import load_config
from connectors import registry
from syncer.cli import app

ROOT = Path(__file__).resolve().parent.parent
PAGES = {path.name: path.read_text("utf-8") for path in [*ROOT.glob("*.md"), *sorted((ROOT / "docs").glob("*.md"))]}
BLOCKS = [
    (name, number, *block)
    for name, text in PAGES.items()
    for number, block in enumerate(re.findall(r"^```(\w*)\n(.*?)^```", text, re.DOTALL | re.MULTILINE), 1)
]
ELSEWHERE = {"add-a-connector.md": 2, "configuration.md": 2, "fleet.md": 1}
"""Pages whose configs have tests of their own, named above, from which block on."""

ILLUSTRATIONS = {"text", "console"}
"""What a terminal shows; the golden files hold the real words."""

OTHER_PROGRAMS = {
    "curl",
    "python3",
    "python",
    "cd",
    "cp",
    "mv",
    "pip",
    "pip-audit",
    "pipx",
    "OKRSYNC_BENCH=1",
    ".venv/bin/python",
}
"""Programs that are not ours: `.ci/run` runs the README's set-up, `test_docs_operating.py` the `cp` and `mv`."""

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
  gitlab:
    type: gitlab
    token: $DOCS_SECRET
  google:
    type: google_sheets
    service_account: $DOCS_SECRET
"""


def those_of(language: str) -> list[tuple[str, int, str]]:
    return [(name, number, text) for name, number, found, text in BLOCKS if found == language]


def ids(one: object) -> str | None:
    return str(one) if isinstance(one, int) or (isinstance(one, str) and len(one) < 40) else ""


def test_every_block_has_a_test() -> None:
    tested = {"yaml", "sh", "csv", "json", "powershell"}
    found = {(language, name) for name, _, language, _ in BLOCKS if language not in tested | ILLUSTRATIONS}
    assert found == {("python", "add-a-connector.md"), ("toml", "add-a-connector.md")}


@pytest.mark.parametrize(("name", "number", "block"), those_of("yaml"), ids=ids)
def test_every_config_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, number: int, block: str
) -> None:
    if number >= ELSEWHERE.get(name, number + 1):
        assert yaml.safe_load(block)
        return
    for secret in {"DOCS_SECRET", *re.findall(r"\$(\w+)", block)}:
        monkeypatch.setenv(secret, "a-secret")
    for secret in re.findall(r"file:([\w/.-]+)", block):
        (tmp_path / secret).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / secret).write_text("a-secret", "utf-8")
    base = BASE.partition("okr_sheet:")[0] if "okr_sheet:" in block else BASE
    text = block if "cycle:" in block else base + block
    if "connections:" not in text:
        text = CONNECTIONS + text
    (tmp_path / "okrsync.yaml").write_text(text, "utf-8")
    assert load_config(tmp_path / "okrsync.yaml", registry.tables).base_dir == tmp_path


@pytest.mark.parametrize(("name", "number", "block"), those_of("csv"), ids=ids)
def test_every_csv_is_whole(name: str, number: int, block: str) -> None:
    assert len({len(row) for row in csv.reader(block.splitlines())}) == 1, f"{name} {number}"


def lines() -> Iterator[tuple[str, str]]:
    """The shell lines of all pages, one command each."""
    for name, _, block in those_of("sh"):
        for line in block.replace("\\\n", " ").splitlines():
            yield from ((name, part.strip()) for part in line.partition(" #")[0].split("&&") if part.strip())


def inline() -> Iterator[tuple[str, str]]:
    """The commands within sentences and tables: `okrsync sync --force`."""
    for name, text in PAGES.items():
        prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
        for found in re.findall(r"`(okrsync [^`]+)`", prose):
            command = re.sub(r"[\[\]]", "", " ".join(found.split()))
            if not re.search(r"COMMAND|\.\.\.|…|, ", command):
                yield from ((name, part.strip()) for part in command.split("&&"))


@pytest.mark.parametrize(("name", "line"), sorted(set(lines())), ids=ids)
def test_every_line_of_a_shell_is_a_command_of_ours_or_exempt(name: str, line: str) -> None:
    program, *arguments = shlex.split(line)
    program = program.removeprefix(".venv/bin/")
    if program == "okrsync":
        assert parse(arguments)
    else:
        assert program in OTHER_PROGRAMS | {"pytest"}, f"{name}: {line}"


@pytest.mark.parametrize(("name", "number", "block"), those_of("powershell"), ids=ids)
def test_every_command_of_ours_in_powershell_is_one(name: str, number: int, block: str) -> None:
    commands = re.findall(r"\\Scripts\\okrsync(?:\.exe)? ([^\n\"]+)", block)
    assert commands, f"{name}: {number}"
    assert all(parse(command.split()) in command for command in commands)


@pytest.mark.parametrize("line", sorted({line for _, line in inline()}))
def test_every_command_in_a_sentence_is_one(line: str) -> None:
    arguments = shlex.split(line)[1:]
    if len(arguments) == 1:  # a command's name alone: what it needs stands elsewhere
        arguments.append("--help")
    assert parse(arguments) in (arguments[0], arguments[1], "okrsync")


def parse(arguments: list[str]) -> str:
    """Return the name of the command that these arguments are for, without running it.

    Raises typer's usage error where okrsync would not take them.
    """
    if arguments[:1] in (["--version"], ["--help"]):
        return "okrsync"
    command = typer.main.get_command(app)
    context = None
    while hasattr(command, "resolve_command"):
        context = typer.Context(command, parent=context)
        if arguments == ["--help"]:
            break
        _, command, arguments = command.resolve_command(context, arguments)
    if arguments[-1:] != ["--help"]:
        command.make_context(command.name, arguments, parent=context)
    return str(command.name)


def test_a_wrong_option_would_be_found() -> None:
    for wrong in (["sync", "--fource"], ["report", "--format", "docx"], ["schedule", "show"], ["explain"]):
        with pytest.raises(typer.TyperException):
            parse(wrong)


def test_pages_name_only_files_that_are_there() -> None:
    for folder, paths in ((ROOT, ROOT.glob("*.md")), (ROOT / "docs", (ROOT / "docs").glob("*.md"))):
        for path in paths:
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", PAGES[path.name]):
                assert (folder / target).exists(), f"{path.name}: {target}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), ["README.md"]
    while waiting:
        name = waiting.pop()
        if name not in reached and name in PAGES:
            reached.add(name)
            waiting += [Path(target).name for target in re.findall(r"\]\(([^)#:]+\.md)", PAGES[name])]
    assert reached >= set(PAGES)


def test_the_cookbook_has_every_key_result_of_the_method() -> None:
    table = PAGES["okr-method.md"].partition("### Worked examples")[2].partition("\n## ")[0]
    titles = re.findall(r"^\| ([^|`]+?) \|", table, re.MULTILINE)[1:]
    assert len(titles) == 12
    for title in titles:
        assert f"### {title}\n" in PAGES["cookbook.md"]
        assert f"title: {title}\n" in PAGES["cookbook.md"]
