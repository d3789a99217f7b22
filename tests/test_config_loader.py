# ruff: noqa: E501 - a message is compared whole and stands on one line
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.errors import ConfigError, Problem
from config.expressions import Arithmetic
from config.findings import Place, find_place
from config.loading.loader import find_config, load_config
from config.message import Message
from config.models import HttpConnection, JiraConnection
from config.secrets import Secret
from config_workspaces import EXAMPLE, HEAD, SECRETS, load, problems, tables, write
from golden_files import check_golden
from syncer.present.error_text import error_data, error_text


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


def test_the_designs_example_loads(tmp_path: Path) -> None:
    config = load(tmp_path, EXAMPLE)
    assert config.workspace.cycle.name == "2026-Q4"
    assert [entry.id for entry in config.key_results] == ["KR1", "KR2", "KR3"]
    first, _, third = config.key_results
    assert (first.objective_id, first.path) == ("O1", "objectives.O1.key_results.KR1")
    assert first.measure == Arithmetic("bugs_resolved_share", '"bugs_resolved_share"', ("bugs_resolved_share",))
    assert (third.measure, [part.names for part in third.parts if part]) == (None, [("new_customers",), ("revenue",)])
    assert config.expressions["review_hours_p90"].columns == ("lead_time_hours",)
    assert config.base_dir == tmp_path


def test_it_knows_where_everything_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = load_config(write(tmp_path, EXAMPLE).relative_to(tmp_path), tables)
    assert str(find_place(config.places, "connections.jira.token", Place("okrsync.yaml"))) == "okrsync.yaml:10"
    assert str(find_place(config.places, "measures.revenue.unit", Place("okrsync.yaml"))) == "okrsync.yaml:42"
    assert (
        str(find_place(config.places, "objectives.O1.key_results.KR3.parts.2.target", Place("okrsync.yaml")))
        == "okrsync.yaml:71"
    )
    assert str(find_place(config.places, "status.rule", Place("okrsync.yaml"))) == "okrsync.yaml"


def test_inline_measures_have_names(tmp_path: Path) -> None:
    text = HEAD + (
        "key_results:\n"
        "  KR1: {target: 3, measure: {from: jira.issues, jql: x, value: count(*)}}\n"
        "  KR2:\n    parts:\n"
        "      - {target: 3, measure: bugs}\n"
        "      - target: 5\n        measure: {from: jira.issues, jql: y, value: count(*)}\n"
        "      - {target: 80%, baseline: 0, measure: done}\n"
        "      - target: 5\n        measure: {from: jira.issues, jql: z, value: sum(story_points)}\n"
    )
    config = load(tmp_path, text)
    assert set(config.measures) == set(config.expressions) == {"bugs", "done", "hours", "KR1#1", "KR2#1", "KR2#2"}
    assert config.measures["KR2#1"].jql == "y"
    line = config.path.read_text("utf-8").splitlines()[config.place_of("KR2#1").line - 1]
    assert line == "        measure: {from: jira.issues, jql: y, value: count(*)}"
    assert set(config.workspace.measures) == {"bugs", "done", "hours"}
    first, second = config.key_results
    assert first.measure == Arithmetic("KR1#1", '"KR1#1"', ("KR1#1",))
    assert [part.names for part in second.parts if part] == [("bugs",), ("KR2#1",), ("done",), ("KR2#2",)]


def test_secret_files_start_at_the_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    (tmp_path / "token").write_text("from a file", "utf-8")
    text = HEAD.replace("$JIRA_TOKEN", "file:token").replace(
        "https://stats.acme.test/api", "https://a, headers: {X: file:token}"
    )
    config = load(tmp_path, text)
    jira, stats = config.workspace.connections["jira"], config.workspace.connections["stats"]
    assert isinstance(jira, JiraConnection)
    assert isinstance(stats, HttpConnection)
    secrets = [secret.reveal() for secret in (jira.token, stats.headers["X"]) if isinstance(secret, Secret)]
    assert secrets == ["from a file", "from a file"]


def test_the_hash_moves_with_every_file_and_only_with_them(tmp_path: Path) -> None:
    text = HEAD + "include: teams/*.yaml\n"
    (tmp_path / "teams").mkdir()
    team = tmp_path / "teams" / "a.yaml"
    team.write_text("objectives:\n  O1:\n", "utf-8")
    first = load(tmp_path, text).hash
    assert load(tmp_path, text).hash == first
    team.write_text("objectives:\n  O2:\n", "utf-8")
    second = load(tmp_path, text).hash
    team.rename(tmp_path / "teams" / "b.yaml")
    third = load(tmp_path, text).hash
    fourth = load(tmp_path, text + "# \n").hash
    assert len({first, second, third, fourth}) == 4


def included(folder: Path, text: str, **files: str) -> Path:
    (folder / "teams").mkdir(exist_ok=True)
    return write(folder, text, **{f"teams_{name}": content for name, content in files.items()})


def test_included_files_bring_objectives_key_results_and_measures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = included(
        tmp_path,
        HEAD + "include: [teams/*.yaml, teams/a.yaml, '*.yaml']\n",
        a="objectives:\n  O1: {key_results: {KR1: {measure: late, target: 3}}}\n",
        b="measures:\n  late: {from: jira.issues, jql: x, value: count(*)}\nkey_results:\n\n  KR2: {objective: O1}\n",
        c="# nothing but this\nobjectives:\n",
    )
    config = load_config(path, tables)
    assert [entry.id for entry in config.key_results] == ["KR1", "KR2"]
    assert "late" in config.expressions
    assert str(find_place(config.places, "key_results.KR2", Place("okrsync.yaml"))) == "teams/b.yaml:5"
    assert str(config.place_of("bugs")) == "okrsync.yaml:17"


def problems_of(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config(path, tables)
    return [f"{one.file}:{one.line} {one.path}: {one.message}" for one in caught.value.problems]


@pytest.mark.parametrize(
    ("include", "files", "expected"),
    [
        ("teams/*.yml", {}, ["okrsync.yaml:20 include: no file matches 'teams/*.yml' below the config's folder"]),
        ("[teams/a.yaml, x]", {"a": "objectives: {}"}, ["okrsync.yaml:20 include.2: no file matches 'x' below the config's folder"]),
        ("''", {}, ["okrsync.yaml:20 include: no file matches '' below the config's folder"]),
        ("'.'", {}, ["okrsync.yaml:20 include: no file matches '.' below the config's folder"]),
        (r'"a\0b"', {}, ["okrsync.yaml:20 include: no file matches 'a b' below the config's folder"]),
        ("../*.yaml", {}, ["okrsync.yaml:20 include: is outside the config's folder; included files must be below it"]),
        ("/etc/*.yaml", {}, ["okrsync.yaml:20 include: is outside the config's folder; included files must be below it"]),
        (
            "teams/*",
            {"a": "measures:\n  bugs: {from: jira.issues, jql: x, value: count(*)}\n", "b": "key_results:\n  K:\n", "c": "key_results:\n\n  K:\n"},
            [
                "teams/a.yaml:2 measures.bugs: appears more than once; first at okrsync.yaml:17",
                "teams/c.yaml:3 key_results.K: appears more than once; first at teams/b.yaml:2",
            ],
        ),
        (
            "teams/*",
            {"a": "connections:\n  x: {type: github, token: ghp_hush}\nkey_result:\n  K:\ninclude: x\n"},
            [
                "teams/a.yaml:1 connections: does not belong in an included file; it brings objectives, key_results, measures",
                "teams/a.yaml:3 key_result: does not belong in an included file; did you mean 'key_results'?",
                "teams/a.yaml:5 include: does not belong in an included file; it brings objectives, key_results, measures",
            ],
        ),
        (
            "teams/*",
            {"a": "measures: x\n", "b": "key_results:\n  K: {target: x}\n"},
            [
                "teams/a.yaml:1 measures: must hold entries by name, one a line",
                "teams/b.yaml:2 key_results.K.target: 'x' is not a number; write 1234, 1,234, 12.5, 40% or 50萬",
            ],
        ),
        (
            "teams/*",
            {"a": "measures:\n\tx: y\n", "b": "key_results:\n  K: {measure: x}\n"},
            ["teams/a.yaml:2 : a tab indents this line; indent with spaces"],
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_includes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, include: str, files: dict[str, str], expected: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert problems_of(included(tmp_path, HEAD + f"include: {include}\n", **files)) == expected


def test_what_a_missing_include_would_bring_is_not_called_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (
        HEAD
        + "include: x.yaml\nkey_results:\n  KR1: {measure: elsewhere, target: 1, objective: O1}\n  KR2: {kind: x}\n"
    )
    assert [line.partition(": ")[0] for line in problems_of(write(tmp_path, text))] == [
        "okrsync.yaml:20 include",
        "okrsync.yaml:23 key_results.KR2.kind",
    ]


def test_a_link_does_not_lead_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    monkeypatch.chdir(workspace)
    (tmp_path / "secret.yaml").write_text("objectives:\n  O1:\n", "utf-8")
    (workspace / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    assert problems_of(write(workspace, HEAD + "include: link.yaml\n")) == [
        "okrsync.yaml:20 include: 'link.yaml' is a link to a place outside the config's folder"
    ]


def test_a_config_is_found_by_name_variable_or_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OKRSYNC_CONFIG", raising=False)
    here, named, given_path = (tmp_path / name for name in ("okrsync.yaml", "named.yaml", "given.yaml"))
    for path in (here, named, given_path):
        path.touch()
    assert find_config(None) == Path("okrsync.yaml")
    monkeypatch.setenv("OKRSYNC_CONFIG", "named.yaml")
    assert find_config(None) == Path("named.yaml")
    assert find_config(given_path) == given_path


@pytest.mark.parametrize(
    ("given", "named", "expected"),
    [
        (None, "", "okrsync.yaml: 1 problem\n  file      there is no such file\nCreate one with `okrsync init`, or pass yours with `-c FILE`."),
        (None, "x.yaml", "x.yaml: 1 problem\n  file      there is no such file (named by $OKRSYNC_CONFIG)\nCreate one with `okrsync init`, or pass yours with `-c FILE`."),
        ("y.yaml", "x.yaml", "y.yaml: 1 problem\n  file      there is no such file\nCreate one with `okrsync init`, or pass yours with `-c FILE`."),
        ("folder", "", "folder: 1 problem\n  file      is a folder\nName the file in it: -c folder/okrsync.yaml"),
    ],
)  # fmt: skip
def test_no_config_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str | None, named: str, expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OKRSYNC_CONFIG", named)
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigError) as caught:
        find_config(Path(given) if given else None)
    assert str(caught.value) == expected


def test_a_config_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert problems_of(Path("none.yaml")) == ["none.yaml:0 : cannot be read (FileNotFoundError)"]
    path = write(tmp_path, HEAD)
    path.chmod(0)
    try:
        path.read_text("utf-8")
    except PermissionError:
        assert problems_of(Path("okrsync.yaml")) == ["okrsync.yaml:0 : cannot be read (PermissionError)"]
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)


BROKEN = """\
cycle: 2026-Q5
timezone: Asia/Taipe
okr_sheet:
  connection: gogle
  spreadsheet: 1AbC
  columns:
    titel: 標題
connections:
  jira:
    type: jira
    url: https://acme.atlassian.net
    token: $UNSET_TOKEN
  github:
    type: github
    token: ghp_0123456789abcdef
  google:
    type: google_sheets
measures:
  closed_bugs:
    from: jira.issues
    jqll: project = CORE
    value: count(*) filter (status_category = 'Done')
  points:
    from: jira.issues
    jql: project = CORE
    value: sum(storypoints)
  points:
    from: jira.issue
    jql: project = CORE AND created > {cycle.begin} #now
    value: count(*)
objectives:
  O1:
    title: x
    aligns_to: O2
    key_results:
      KR1: {target: 90%, baseline: 90%, measure: closed_bug}
      KR2:
        change: +30%
        measure: points
  O2:
    aligns_to: O1
    key_results:
      KR1:
        target: ten
"""
ACCEPTED = (
    BROKEN.replace("2026-Q5", "2026-Q4")
    .replace("Asia/Taipe", "Asia/Taipei")
    .replace("ghp_0123456789abcdef", "$GITHUB_TOKEN")
    .replace("jqll", "jql")
    .replace("ten", "10")
    .replace("  points:\n    from: jira.issue\n", "  late:\n    from: jira.issue\n")
    .replace(" #now", "")
)
"""The same with every fault of its form mended."""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("broken", BROKEN),
        ("accepted_by_the_models", ACCEPTED),
        ("tab", HEAD + "\tm: {from: jira.issues}\n"),
        ("full_width_colon", HEAD + "objectives:\n  O1:\n    title：客戶\n"),
        ("empty", ""),
    ],
)
def test_the_whole_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("UNSET_TOKEN", raising=False)
    write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_config(Path("okrsync.yaml"), tables)
    check_golden(f"config_{name}.txt", str(caught.value) + "\n")


_LINES = st.sampled_from(
    [*EXAMPLE.splitlines(), "  KR1:", "- x", "    measure: {from: a.b}", "include: ['**', 1]", "\t", "a: *b"]
)
_FREE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)


@given(st.text(max_size=200) | st.lists(_LINES, max_size=60).map("\n".join))
@_FREE
def test_any_text_loads_or_is_refused_at_its_lines(tmp_path: Path, text: str) -> None:
    path = tmp_path / "okrsync.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert loads_or_is_refused_at_its_lines(path)


def loads_or_is_refused_at_its_lines(path: Path) -> bool:
    """Whether a config loads with all its expressions, or each problem names one of its lines."""
    try:
        loaded = load_config(path, tables)
    except ConfigError as refused:
        lines = len(path.read_bytes().decode("utf-8", "replace").splitlines())
        placed = [problem.message and 0 <= problem.line <= lines + 1 for problem in refused.problems]
        return bool(placed) and all(placed)
    return set(loaded.expressions) == set(loaded.measures)


@given(st.data())
@_FREE
def test_one_wrong_character_is_harmless_or_refused_at_its_lines(tmp_path: Path, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(EXAMPLE) - 1))
    character = data.draw(st.sampled_from(list("\t #:：{}[]'\"|>&*!?,-%@\n\0　０")))
    changed = EXAMPLE[:position] + character + EXAMPLE[position + data.draw(st.integers(0, 1)) :]
    path = tmp_path / "okrsync.yaml"
    path.write_text(changed, "utf-8")
    assert loads_or_is_refused_at_its_lines(path)


def test_a_literal_token_is_never_repeated(tmp_path: Path) -> None:
    text = HEAD.replace("$GITHUB_TOKEN", "ghp_0123456789abcdef")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    shown = f"{caught.value!s} {caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert "ghp_" not in shown


def test_unset_secrets_are_problems_only_where_they_are_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    text = HEAD.replace("  hours: {from: github.issues, search: repo:acme/app, value: avg(lead_time_hours)}\n", "")
    load(tmp_path, text)
    assert problems(tmp_path, HEAD) == ["13 connections.github.token: the environment variable GITHUB_TOKEN is not set"]


def test_of_many_problems_the_first_fifty_are_shown_and_the_others_counted() -> None:
    error = ConfigError([Problem("okrsync.yaml", line, f"k{line}", Message("is empty")) for line in range(60, 0, -1)])
    lines = str(error).splitlines()
    assert lines[0] == "okrsync.yaml: 60 problems"
    assert [line.split()[1] for line in lines[1:51]] == [str(number) for number in range(1, 51)]
    assert lines[51:] == ["  ... and 10 more; correct these first", "Nothing was read or written."]
    chinese = error_text(error, "zh-TW").splitlines()
    assert (len(chinese), "10" in chinese[51]) == (53, True)
    data = error_data(error)
    assert ([one["line"] for one in data["problems"]], data["more_problems"]) == (list(range(1, 51)), 10)
