"""Key results that are reached while their objective is not: said in status, markdown, explain and meeting."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from config.loading.loader import Config
from connectors.okr_sheet import CellValue
from memory_sheet import MemorySheet
from syncer.compute.assess import Assessment
from syncer.compute.coverage import Gap, coverage_gap, gap_of, says_not_reached
from syncer.present.explain_text import explain_objective
from syncer.present.meeting import Agenda, Topic
from syncer.present.meeting_text import meeting_text
from syncer.present.status_text import status_markdown, status_text
from workspace_kit import HEAD, load, look

D = Decimal
ONE = D(1)

TEXT = """\
confidence: {scale: 10}
objectives:
  O1: {title: 讓客戶信賴, key_results: {KR1: {title: 十家客戶, baseline: 0, target: 10}}}
  O2: {title: 讓客戶留下, aligns_to: O1, key_results: {KR2: {title: 續約, baseline: 0, target: 5}}}
"""


def config_of(folder: Path, language: str = "en", text: str = TEXT) -> Config:
    return load(folder, f"{HEAD}language: {language}\n{text}")


def seen(config: Config, *rows: tuple[str, CellValue, CellValue, CellValue]) -> Assessment:
    head = ["KR id", "Current value", "Confidence", "目標達成判斷"]
    return look(config, MemorySheet({"OKRs": [head, *[list(row) for row in rows]]}))


def test_low_confidence_with_reached_key_results() -> None:
    assert coverage_gap([ONE, ONE], D("0.3"), "", ONE, []) == Gap(confidence=D("0.3"))
    assert coverage_gap([ONE, ONE], D("0.5"), "", ONE, []) is None
    assert coverage_gap([ONE, D("0.9")], D("0.3"), "no", D("0.95"), []) is None
    assert coverage_gap([ONE, None], D("0.3"), "no", ONE, []) is None
    assert coverage_gap([], D("0.3"), "no", None, []) is None


@pytest.mark.parametrize("text", ["未達成", "尚未達成", "沒有達到", "否", "低", "no", "Not yet", "low", "0.3", "30%"])
def test_a_judgement_that_denies(text: str) -> None:
    assert says_not_reached(text)
    assert coverage_gap([ONE], None, text, ONE, []) == Gap(judgement=text)


@pytest.mark.parametrize("text", ["", "已達成", "達成", "是", "yes", "reached", "nothing missing", "0.7", "70%", "1"])
def test_a_judgement_that_does_not(text: str) -> None:
    assert not says_not_reached(text)


def test_objectives_below_that_are_reached_while_it_is_not() -> None:
    assert coverage_gap([D("0.4")], None, "", D("0.4"), [("O2", ONE), ("O3", ONE)]) == Gap(below=("O2", "O3"))
    assert coverage_gap([D("0.4")], None, "", D("0.4"), [("O2", ONE), ("O3", None)]) is None
    assert coverage_gap([D("0.4")], None, "", None, [("O2", ONE)]) is None
    assert coverage_gap([ONE], None, "", ONE, [("O2", ONE)]) is None


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "en",
            (
                "the key results do not cover the objective (all of them reached, "
                "Confidence: 30%, Objective reached: 未達成)"
            ),
        ),
        ("zh-TW", "關鍵成果不足以涵蓋目標（關鍵成果皆已達成，信心指數：30%，目標達成判斷：未達成）"),
    ],
)  # fmt: skip
def test_status_markdown_explain_and_meeting_say_it(tmp_path: Path, language: str, sentence: str) -> None:
    found = seen(config_of(tmp_path, language), ("O1", None, D(3), "未達成"), ("KR1", D(10), None, None))
    for text in (status_text(found), status_markdown(found), explain_objective(found, found.objectives[0])):
        assert text.count(sentence) == 1
    gap = gap_of(found, found.objectives[0])
    assert gap is not None
    topics = (Topic(found.key_results[0]),)
    agenda = Agenda("", found.now.date(), found.now.date(), ((found.objectives[0], topics),), 10, {"O1": gap})
    assert meeting_text(agenda, language, markdown=False).count(sentence) == 1
    assert "cover" not in meeting_text(replace(agenda, gaps={}), language, markdown=True)


def test_the_objectives_below_are_named(tmp_path: Path) -> None:
    found = seen(config_of(tmp_path), ("KR1", D(4), None, None), ("KR2", D(5), None, None))
    assert "the key results do not cover the objective (O2 reached, the objective at 40%)" in status_text(found)


def test_a_year_goes_on_after_a_quarter_that_reached_its_goal(tmp_path: Path) -> None:
    year = TEXT.replace("title: 讓客戶信賴", "title: 讓客戶信賴, cycle: 2027") + "cycles: {2027: {}}\n"
    found = seen(config_of(tmp_path, text=year), ("KR1", D(4), None, None), ("KR2", D(5), None, None))
    assert gap_of(found, found.objectives[0]) is None
