import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from config.checks.measures import known_unit
from config.goal_specs import spec_of
from config.goals import make_goal
from config.languages import Language
from config.loading.loader import load_config
from config.models import KeyResult, Workspace
from config.quantities import unit_key
from config.scaffold import render, templates
from connectors.registry import tables
from syncer.method.kinds import goal_of
from syncer.method.lint import LintKeyResult, LintObjective, advise

LANGUAGES: tuple[Language, ...] = ("en", "zh-TW")
EACH = [(template, language) for template in templates() for language in LANGUAGES]
_COMMENTED_SETTING = re.compile(r"^#(?=[a-z]|  )", re.MULTILINE)

VALUES: dict[str, dict[str, tuple[str, ...]]] = {
    "starter": {"KR1": ("12",), "KR2": ("7",), "KR3": ()},
    "sales": {"KR1": ("7", "400000"), "KR2": ("3", "150"), "KR3": ("0.6",)},
    "marketing": {"KR1": ("44230.771",), "KR2": ("13500",), "KR3": ("1", "300")},
    "customer_service": {"KR1": ("1.75",), "KR2": ("0.9",), "KR3": ("0.92", "0.0475")},
    "engineering": {"KR1": ("0.65",), "KR2": ("19",), "KR3": ("1",)},
    "public_service": {"KR1": ("0.85",), "KR2": ("1800",), "KR3": ("40",)},
}
PROGRESS = {
    "starter": ("0.6", "0.5", None),
    "sales": ("0.75", "0.875", "0.75"),
    "marketing": ("0.5", "0.75", "0.55"),
    "customer_service": ("0.75", "1", "0.75"),
    "engineering": ("0.5", "0.5", "1"),
    "public_service": ("0.75", "0.6", "0.5"),
}


def workspace_files(template: str, language: Language) -> dict[str, str]:
    return render(template, language, folder="acme", cycle="2026-Q4", timezone="Asia/Taipei")


def workspace_of(template: str, language: Language) -> Workspace:
    text = workspace_files(template, language)["okrsync.yaml"]
    return Workspace.model_validate(yaml.load(text, Loader=yaml.BaseLoader))  # noqa: S506 - makes nothing but texts


def key_results(workspace: Workspace) -> Iterator[tuple[str, KeyResult]]:
    return ((key, found) for objective in workspace.objectives.values() for key, found in objective.key_results.items())


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder / "okrsync.yaml"


def figure(workspace: Workspace, folder: Path, measure: Any) -> Decimal | None:
    """What the measure's expression gives over its file, by DuckDB alone."""
    if measure is None:
        return None
    stated = workspace.measures[measure]
    with duckdb.connect() as database:
        database.execute("create macro share(condition) as avg(condition::int)")
        query = f"select ({stated.value})::double from read_csv('{folder / str(stated.path)}', header = true)"  # noqa: S608 - our own template
        ((answer,),) = database.execute(query).fetchall()
    return Decimal(str(answer))


def test_the_templates_are_those_of_the_design() -> None:
    assert templates() == ("starter", "customer_service", "engineering", "marketing", "public_service", "sales")
    assert set(VALUES) == set(PROGRESS) == set(templates())


@pytest.mark.parametrize(("template", "language"), EACH)
def test_a_template_is_a_workspace_in_its_language(template: str, language: Language) -> None:
    workspace = workspace_of(template, language)
    assert workspace.language == language
    assert workspace.cycle.name == "2026-Q4"
    assert workspace.timezone.key == "Asia/Taipei"
    assert not workspace.okr_sheet.has_own_tab
    assert not workspace.connections


@pytest.mark.parametrize(("template", "language"), EACH)
def test_a_template_loads(template: str, language: Language, tmp_path: Path) -> None:
    config = load_config(written(tmp_path, workspace_files(template, language)), tables)
    assert set(VALUES[template]) == {entry.id for entry in config.key_results}


@pytest.mark.parametrize(("template", "language"), EACH)
def test_the_commented_settings_load_too(
    template: str, language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GOOGLE_SERVICE_ACCOUNT", "JIRA_EMAIL", "JIRA_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.setenv(name, "a-secret")
    files = workspace_files(template, language)
    stated, found = _COMMENTED_SETTING.subn("", files["okrsync.yaml"])
    assert found
    merged = yaml.load(stated, Loader=yaml.BaseLoader)  # noqa: S506 - makes nothing but texts; the later duplicate wins
    path = written(tmp_path, {**files, "okrsync.yaml": yaml.safe_dump(merged, allow_unicode=True)})
    config = load_config(path, tables)
    used = {measure.connection for measure in config.workspace.measures.values()}
    assert set(config.workspace.connections) == used - {"files"}
    assert used != {"files"}


@pytest.mark.parametrize(("template", "language"), EACH)
def test_the_data_gives_the_figures_of_the_examples(template: str, language: Language, tmp_path: Path) -> None:
    written(tmp_path, workspace_files(template, language))
    workspace = workspace_of(template, language)
    for (key, found), expected in zip(key_results(workspace), PROGRESS[template], strict=True):
        measured = [part.measure for part in found.parts] or [found.measure]
        values = [figure(workspace, tmp_path, measure) for measure in measured]
        assert tuple(value for value in values if value is not None) == tuple(map(Decimal, VALUES[template][key]))
        progress = goal_of(make_goal(spec_of(found, additive=False))).progress(values)
        assert progress.progress == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize("template", templates())
def test_both_languages_say_the_same(template: str) -> None:
    english, chinese = (dict(key_results(workspace_of(template, language))) for language in LANGUAGES)
    words: dict[str, Any] = {"title": None, "owner": None, "parts": (), "unit": None}
    assert {key: found.model_copy(update=words) for key, found in english.items()} == {
        key: found.model_copy(update=words) for key, found in chinese.items()
    }
    units = [[known_unit(found.unit) or found.unit for found in each.values()] for each in (english, chinese)]
    assert units[0] == units[1]
    for key, found in english.items():
        bare: dict[str, Any] = {"title": None, "unit": None}
        parts = (found.parts, chinese[key].parts)
        first, second = ([part.model_copy(update=bare) for part in each] for each in parts)
        assert first == second
        kinds = [[unit_key(part.unit or "") for part in each] for each in parts]
        assert kinds[0] == kinds[1]


@pytest.mark.parametrize(("template", "language"), EACH)
def test_lint_has_no_advice_on_a_template(template: str, language: Language) -> None:
    objectives = [
        LintObjective(
            key,
            objective.title or "",
            objective.owner or "",
            key_results=tuple(
                LintKeyResult(name, found.title or "", found.owner or "")
                for name, found in objective.key_results.items()
            ),
        )
        for key, objective in workspace_of(template, language).objectives.items()
    ]
    assert advise(objectives) == ()


@pytest.mark.parametrize(("template", "language"), EACH)
def test_every_data_file_has_ten_to_twenty_rows(template: str, language: Language) -> None:
    files = workspace_files(template, language)
    assert len(files) > 1
    for name, text in files.items():
        if name.endswith(".csv"):
            assert 10 <= len(text.splitlines()) - 1 <= 20


def test_the_worked_examples_keep_their_titles() -> None:
    titles = {found.title for template in templates() for _, found in key_results(workspace_of(template, "zh-TW"))}
    assert titles >= {
        "新簽約 10 家企業客戶，達成 50 萬營收",
        "完成 3 場產品展示會，並吸引 200 名潛在客戶",
        "完成 80% 的 CRM 資料更新",
        "網站月流量成長 30%，達 5 萬次瀏覽",
        "社群互動數增加 2,000 次",
        "完成 2 場線上直播，參與人數達 500 人",
        "平均客服回應時間縮短至 1 小時以內",
        "客戶滿意度達 90% 以上",
        "每月解決 90% 的客戶問題，客訴率降低 10%",
        "九成民眾 45 分鐘內可達診所",
    }


def test_an_unknown_template_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no template 'sale'; there are starter, "):
        render("sale", "en", folder="acme", cycle="2026-Q4", timezone="Asia/Taipei")
