"""The worked examples of docs/okr-method.md, from the config's text and the sources' data to the sheet's cell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest

from memory_sheet import MemorySheet
from syncer.compute.states import KeyResultState
from workspace_kit import HEAD, load, look, plan_of

D = Decimal
PAGE = Path(__file__).parent.parent / "docs" / "okr-method.md"


@dataclass(frozen=True)
class Example:
    """`typed` is what a person typed as the current value; `files` are the sources."""

    title: str
    key_result: str
    progress: str
    raw: str = ""
    measures: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    typed: str = ""


def rows(header: str, *groups: tuple[int, str]) -> str:
    return "\n".join([header, *(line for count, line in groups for _ in range(count))]) + "\n"


def measure(name: str, file: str, value: str) -> str:
    return f"  {name}:\n    from: files.rows\n    path: {file}\n    value: {value}\n"


DEALS = {"deals.csv": rows("stage,amount", (6, "成交,50000"), (1, "成交,100000"), (5, "洽談中,80000"))}
DEAL_MEASURES = measure("customers", "deals.csv", "count(*) filter (stage = '成交')") + measure(
    "revenue", "deals.csv", "sum(amount) filter (stage = '成交')"
)
DEAL_PARTS = "parts:\n- {measure: customers, target: 10}\n- {measure: revenue, target: 50萬}"

EXAMPLES = [
    Example("新簽約 10 家企業客戶，達成 50 萬營收", DEAL_PARTS, "0.75", "0.75", DEAL_MEASURES, DEALS),
    Example(
        "完成 3 場產品展示會，並吸引 200 名潛在客戶",
        "parts:\n- {measure: demos, target: 3}\n- {measure: leads, target: 200}",
        "0.875",
        "0.875",
        measure("demos", "demos.csv", "count(*)") + measure("leads", "leads.csv", "count(*)"),
        {"demos.csv": rows("day", (3, "2026-11-01")), "leads.csv": rows("name", (150, "甲"))},
    ),
    Example(
        "完成 80% 的 CRM 資料更新",
        "baseline: 0\ntarget: 80%\nmeasure: updated",
        "0.75",
        "0.75",
        measure("updated", "crm.csv", "share(updated = '是')"),
        {"crm.csv": rows("updated", (60, "是"), (40, "否"))},
    ),
    Example("網站月流量成長 30%，達 5 萬次瀏覽", "baseline: 38461.54\nchange: +30%", "0.5", "0.5", typed="44230.771"),
    Example(
        "社群互動數增加 2,000 次",
        "baseline: 12000\nchange: +2000\nmeasure: interactions",
        "0.75",
        "0.75",
        measure("interactions", "posts.csv", "sum(interactions)"),
        {"posts.csv": rows("interactions", (27, "500"))},
    ),
    Example(
        "完成 2 場線上直播，參與人數達 500 人",
        "parts:\n- {measure: streams, target: 2}\n- {measure: viewers, target: 500}",
        "0.55",
        "0.55",
        measure("streams", "streams.csv", "count(*)") + measure("viewers", "streams.csv", "sum(viewers)"),
        {"streams.csv": rows("viewers", (1, "300"))},
    ),
    Example(
        "平均客服回應時間縮短至 1 小時以內",
        "baseline: 4\ntarget: 1\nunit: hours\nmeasure: response",
        "0.75",
        "0.75",
        measure("response", "tickets.csv", "avg(hours)"),
        {"tickets.csv": rows("hours", (2, "1.5"), (2, "2"))},
    ),
    Example(
        "客戶滿意度達 90% 以上",
        "kind: at_least\ntarget: 90%\nmeasure: satisfied",
        "1",
        "1",
        measure("satisfied", "survey.csv", "share(score >= 4)"),
        {"survey.csv": rows("score", (9, "5"), (1, "3"))},
    ),
    Example(
        "每月解決 90% 的客戶問題，客訴率降低 10%",
        "parts:\n- {measure: solved, kind: at_least, target: 90%}\n"
        "- {measure: complaints / orders, baseline: 5%, change: -10%}",
        "0.75",
        "0.75",
        measure("solved", "tickets.csv", "share(state = '已解決')")
        + measure("complaints", "orders.csv", "count(*) filter (complaint = '有')")
        + measure("orders", "orders.csv", "count(*)"),
        {
            "tickets.csv": rows("state", (92, "已解決"), (8, "處理中")),
            "orders.csv": rows("complaint", (19, "有"), (381, "無")),
        },
    ),
    Example(
        "九成民眾 45 分鐘內可達診所",
        "baseline: 70%\ntarget: 90%\nmeasure: reached",
        "0.75",
        "0.75",
        measure("reached", "trips.csv", "avg((minutes <= 45)::int)"),
        {"trips.csv": rows("minutes", (17, "45"), (3, "46"))},
    ),
    Example(
        "做到 13 件，目標 10 件",
        "baseline: 0\ntarget: 10\nmeasure: cases",
        "1",
        "1.3",
        measure("cases", "cases.csv", "count(*)"),
        {"cases.csv": rows("name", (13, "甲"))},
    ),
    Example("比起點還差", "baseline: 40\ntarget: 80", "0", "-0.1", typed="36"),
]


def sheet(typed: str = "") -> MemorySheet:
    return MemorySheet({"OKRs": [["KR 編號", "關鍵成果", "目前值", "進度", "達成率"], ["KR1", None, typed or None]]})


def indented(text: str, depth: int) -> str:
    return "".join(f"{' ' * depth}{line}\n" for line in text.splitlines())


def state_of(folder: Path, example: Example, more: str = "") -> KeyResultState:
    sections = f"measures:\n{example.measures}" if example.measures else ""
    text = f"{HEAD}language: zh-TW\n{sections}objectives:\n  O1:\n    key_results:\n      KR1:\n"
    text += indented(f"title: {example.title}\n{example.key_result}\n{more}", 8)
    config = load(folder, text, example.files)
    plan = plan_of(config, sheet(example.typed))
    (state,) = look(config, sheet(example.typed)).key_results
    written = {change.column: change.after for change in plan.changes if change.id == "KR1"}
    assert written["progress"] == state.progress.progress
    assert written["attainment"] == state.progress.raw
    return state


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.title for example in EXAMPLES])
def test_worked_example(tmp_path: Path, example: Example) -> None:
    state = state_of(tmp_path, example)
    assert state.definition.title == example.title
    assert (state.progress.progress, state.progress.raw) == (D(example.progress), D(example.raw))
    assert state.reason == ""


def test_all_takes_the_part_that_lags(tmp_path: Path) -> None:
    assert state_of(tmp_path, EXAMPLES[0], "combine: all").progress.progress == D("0.7")


def test_the_page_for_people_says_the_same() -> None:
    cells = [line.split("|") for line in PAGE.read_text("utf-8").splitlines() if line.count("|") == 6]
    page = {row[1].strip(): row[5].split()[0] for row in cells}
    assert {example.title: D(page[example.title]) for example in EXAMPLES} == {
        example.title: D(example.progress) for example in EXAMPLES
    }
    assert len(EXAMPLES) == 12
