"""What status, report and explain show beside the figures: golden files in both languages."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.okr_sheet import CellValue
from golden_files import check_golden
from memory_sheet import MemorySheet
from syncer.compute.assess import Assessment
from syncer.compute.objectives import compute_objectives
from syncer.ledger.recall import Recall
from syncer.method.progress import Progress
from syncer.method.status import Status
from syncer.model.history import DayValue, Past
from syncer.present.explain_text import explain_key_result, explain_objective
from syncer.present.plan_json import plan_json
from syncer.present.status_json import status_data
from syncer.present.status_text import status_markdown, status_text
from syncer.run.read_and_assess import read_and_assess
from workspace_kit import HEAD, NOW, context_of, load, plan_of

D = Decimal

TEXT = """\
pace: {country: TW}
cycles: {2026: {}}
company:
  mission: 讓每個人都看得到醫生
  vision: 偏鄉半小時就醫
  strategies: {S1: 行動診所, S2: 遠距看診}
measures:
  good: {from: files.rows, path: rows.csv, value: share(score >= 4)}
kpis:
  csat: {title: 客戶滿意度, measure: good, hold: at_least 90%}
  stock: {title: 庫存天數, measure: {from: files.rows, path: none.csv, value: sum(days)}, hold: between 3 and 5}
  rows: {title: 問卷數, measure: {from: files.rows, path: rows.csv, value: count(*)}, unit: 份}
objectives:
  C1: {title: 人人有醫生, cycle: 2026, supports: S1, key_results: {KR0: {title: 看診人次, baseline: 0, target: 30}}}
  O1:
    title: 讓看診不用等
    aligns_to: [C1, KR0]
    theme: 新價值
    rollup: include
    key_results:
      KR1:
        title: 等候時間縮短
        baseline: 40
        target: 10
        work: {from: files.rows, path: rows.csv, done: state = 'done'}
        revisions: [{date: 2026-11-02, reason: 新增一位醫師, what: 目標 15 改為 10}]
      KR2: {title: 滿意度維持, kind: at_least, target: 90, over: {each: week}, weight: 2}
      KR3: {title: 問卷回收, baseline: 0, target: 9, theme: 技術債, dropped: {date: 2026-11-01, reason: 與他案合併}}
"""
HEADERS = [
    "KR id", "Current value", "Status override", "Override by", "Override reason", "Override until",
]  # fmt: skip


def seen(folder: Path, language: str) -> Assessment:
    config = load(folder, f"{HEAD}language: {language}\n{TEXT}", {"rows.csv": "state,score\ndone,5\ndone,4\nopen,2\n"})
    rows: list[list[CellValue]] = [
        ["KR0", D(10), None, None, None, None],
        ["KR1", D(40), "如期進行", "安", "設備下週到", date(2026, 11, 20)],
        ["KR2", D(91), "fine", None, None, None],
        ["KR3", D(3), None, None, None, None],
    ]
    weeks = tuple(DayValue(date(2026, 11, day), None, None, (D(value),)) for day, value in ((1, 95), (8, 85), (15, 93)))
    past = Past(first_values={"KR1": (D(40),)}, days={"KR2": weeks})
    return read_and_assess(
        config, MemorySheet({"OKRs": [[*HEADERS], *rows]}), context_of(config), NOW, recall=Recall(past=past)
    )


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_what_is_shown_with_the_figures(tmp_path: Path, language: str) -> None:
    found = seen(tmp_path, language)
    check_golden(f"method_status.{language}.txt", status_text(found))
    check_golden(f"method_report.{language}.md", status_markdown(found))
    check_golden(f"method_explain.{language}.txt", explain_key_result(found, found.key_results[2]))


def test_machines_get_it_too(tmp_path: Path) -> None:
    check_golden("method_status.json", status_data(seen(tmp_path, "en")))


def test_an_objective_can_be_added_up_by_hand(tmp_path: Path) -> None:
    found = seen(tmp_path, "en")
    for objective in found.objectives:
        output = explain_objective(found, objective)
        terms = re.findall(r"^  \S+  (-?[\d.]+)% × ([\d.]+)  ", output, re.MULTILINE)
        total = sum((D(progress) * D(weight) for progress, weight in terms), D(0))
        stated = re.search(r"weighted mean  ([\d.]+)%", output)
        assert stated is not None
        by_hand = total / sum((D(weight) for _, weight in terms), D(0))
        assert abs(by_hand - D(stated[1])) <= D("0.00005")
        assert objective.rollup.progress == D(stated[1]) / 100
    assert "KR3  dropped" in explain_objective(found, found.objectives[1])
    assert "O1  " in explain_objective(found, found.objectives[0])


def test_the_same_readings_give_the_same_bytes(tmp_path: Path) -> None:
    output = [
        (status_text(found), status_markdown(found), status_data(found))
        for found in (seen(tmp_path, "en"), seen(tmp_path, "en"))
    ]
    assert output[0] == output[1]


ADDED_UP = """\
objectives:
  O1:
    title: one
    key_results:
      KR1: {title: a, baseline: 0, target: 10}
      KR2: {title: b, baseline: 0, target: 10}
      KR3: {title: c, baseline: 0, target: 10}
      KR4: {title: d, baseline: 0, target: 10}
  O2: {title: two, aligns_to: O1, rollup: include, weight: 2.5, key_results: {KR5: {title: e, baseline: 0, target: 1}}}
"""


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    config = load(tmp_path_factory.mktemp("added-up"), HEAD + ADDED_UP)
    return read_and_assess(config, MemorySheet({"OKRs": [["KR id", "Current value"]]}), context_of(config), NOW)


progress = st.none() | st.decimals(0, 1, places=6)
weights = st.integers(1, 10**6).map(lambda thousandths: D(thousandths) / 1000)


typed = st.none() | st.decimals(-20, 20, places=2)


@settings(deadline=None, max_examples=20)  # each is three runs
@given(st.lists(typed, min_size=5, max_size=5), st.permutations(range(5)))
def test_whatever_the_readings_are_the_same_ones_give_the_same_bytes(
    blank: Assessment, values: list[Decimal | None], order: list[int]
) -> None:
    def counted_text(places: Iterable[int]) -> tuple[str, ...]:
        rows = [[f"KR{place + 1}", None if values[place] is None else D(str(values[place]))] for place in places]
        sheet = MemorySheet({"OKRs": [["KR id", "Current value"], *rows]})
        found = read_and_assess(blank.config, sheet, context_of(blank.config), NOW)
        plan = plan_of(blank.config, sheet)
        pages = (explain_objective(found, objective) for objective in found.objectives)
        return plan_json(plan), status_text(found), status_markdown(found), status_data(found), *pages

    first = counted_text(range(5))
    assert counted_text(range(5)) == first
    assert counted_text(order)[1:] == first[1:]  # nor does the order of the rows matter


@given(st.lists(st.tuples(progress, weights, st.booleans()), min_size=5, max_size=5))
def test_whatever_the_progress_and_weights_explain_adds_up(
    blank: Assessment, drawn: list[tuple[Decimal | None, Decimal, bool]]
) -> None:
    states = [
        replace(
            state,
            progress=Progress(found, found),
            status=Status.DROPPED if dropped else Status.ON_TRACK,
            definition=replace(state.definition, weight=weight),
        )
        for state, (found, weight, dropped) in zip(blank.key_results, drawn, strict=True)
    ]
    found = replace(blank, key_results=tuple(states), objectives=compute_objectives(blank.config, states, NOW.date()))
    for objective in found.objectives:
        output = explain_objective(found, objective)
        terms = [
            (D(share), D(weight.replace(",", "")))
            for share, weight in re.findall(r"^  \S+  ([\d.]+)% × ([\d.,]+)  ", output, re.MULTILINE)
        ]
        stated = re.search(r"weighted mean  ([\d.]+)%", output)
        assert (stated is None) == (not terms)
        if stated is not None:
            by_hand = sum((share * weight for share, weight in terms), D(0)) / sum(weight for _, weight in terms)
            assert D(stated[1]) == by_hand.quantize(D("0.0001"), ROUND_HALF_UP)
