from decimal import Decimal

import pytest

from config.message import Message
from config.models import Safety
from syncer.i18n import localize
from syncer.model.plan import CellChange, Figures, Guard, Line, Mark, Refusal
from syncer.plan.guards import GuardInput, check, refused
from syncer.present.error_text import error_text

D = Decimal


def line(key: str, before: str | None, after: str | None, mark: Mark = Mark.CHANGE) -> Line:
    change = CellChange(key, "progress", "OKRs", 1, 1, None, None)
    return Line(
        key,
        key,
        "O1",
        mark,
        Figures(progress=D(before) if before else None),
        Figures(progress=D(after) if after else None),
        (change,) if mark is not Mark.SAME else (),
    )


def in_config(name: str) -> Message:
    place = Message("{name} ({place})", name=name, place="okrsync.yaml:7")
    return Message("measure {places}", "measures {places}", places=[place], count=1)


def reasons(
    *lines: Line,
    same_cycle: bool = True,
    rows_before: dict[str, int] | None = None,
    rows_now: dict[str, int] | None = None,
    allow_empty: frozenset[str] = frozenset(),
    lost: tuple[str, ...] = (),
    language: str = "en",
) -> list[str]:
    measures = {key: in_config(key.lower()) for key in rows_now or {}}
    given = GuardInput(lines, same_cycle, rows_before or {}, rows_now or {}, measures, allow_empty, lost)
    return [localize(language, refusal.reason) for refusal in check(given, Safety())]


def test_a_calm_plan_is_safe() -> None:
    assert reasons(line("KR1", "0.4", "0.6"), line("KR2", "0.6", "0.5")) == []


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("0.9", "0.1", "KR1 would go 90% -> 10% (limit 25% at once: safety.max_drop)"),
        ("0.1", "0.7", "KR1 would go 10% -> 70% (limit 50% at once: safety.max_rise)"),
    ],
)
def test_leaps_are_refused(before: str, after: str, reason: str) -> None:
    assert reasons(line("KR1", before, after)) == [reason]


@pytest.mark.parametrize(("before", "after"), [("0.5", "0.25"), ("0.2", "0.7"), (None, "1"), ("0.9", None)])
def test_at_the_limit_and_first_values_are_fine(before: str | None, after: str | None) -> None:
    assert reasons(line("KR1", before, after)) == []


def test_leaps_are_compared_within_one_cycle_only() -> None:
    assert reasons(line("KR1", "1", "0"), same_cycle=False) == []


def test_a_new_row_is_not_a_leap() -> None:
    assert reasons(line("KR1", "0", "1", Mark.NEW)) == []


def test_too_many_falling() -> None:
    falling = [line(f"KR{n}", "0.5", "0.4") for n in range(4)]
    steady = [line(f"KR{n}", "0.5", "0.5", Mark.SAME) for n in range(4, 10)]
    assert reasons(*falling, *steady) == ["4 of 10 key results would fall (40%, limit 30%: safety.max_falling)"]
    assert reasons(*falling[:3], *steady, line("KR99", "0.1", "0.2")) == []


def test_few_key_results_may_all_fall() -> None:
    assert reasons(*[line(f"KR{n}", "0.5", "0.4") for n in range(9)]) == []


def test_a_source_gone_empty() -> None:
    empty = reasons(rows_before={"KR1": 1240, "KR2": 3}, rows_now={"KR1": 0, "KR2": 2})
    end = "gave no rows now, 1,240 when it was last written (if that is right, set allow_empty: true)"
    assert empty == [f"KR1: measure kr1 (okrsync.yaml:7) {end}"]
    assert reasons(rows_before={"KR1": 9}, rows_now={"KR1": 0}, allow_empty=frozenset({"KR1"})) == []
    assert reasons(rows_before={"KR1": 9}, rows_now={}) == []


@pytest.mark.parametrize(
    ("before", "now", "refused"), [(100, 49, True), (100, 50, False), (9, 1, False), (10, 4, True)]
)
def test_rows_that_halve(before: int, now: int, refused: bool) -> None:
    found = reasons(rows_before={"KR1": before}, rows_now={"KR1": now})
    assert bool(found) is refused
    if before == 100 and refused:
        assert "49 rows now, 100 when it was last written (51% are gone, limit 50%: safety.max_rows_lost)" in found[0]


def test_rows_are_compared_within_one_cycle_only() -> None:
    before, now = {"KR1": 100, "KR2": 100}, {"KR1": 1, "KR2": 0}
    assert reasons(rows_before=before, rows_now=now, same_cycle=False) == []
    assert len(reasons(rows_before=before, rows_now=now)) == 2


def test_a_lost_row_is_not_lifted_by_force() -> None:
    refusals = check(GuardInput((), True, {}, {}, {}, frozenset(), ("KR1",)), Safety())
    assert [refusal.lifted_by_force for refusal in refusals] == [False]
    assert "KR1" in refusals[0].reason
    assert "--adopt" in refusals[0].reason


def test_all_reasons_are_listed_together() -> None:
    found = reasons(line("KR1", "0.9", "0.1"), rows_before={"KR2": 5}, rows_now={"KR2": 0}, lost=("KR3",))
    assert [reason.split(" ")[0].rstrip(":") for reason in found] == ["KR3", "KR1", "KR2"]


def test_every_reason_is_in_the_workspaces_language() -> None:
    falling = [line(f"KR{n}", "0.9", "0.8") for n in range(1, 10)]
    output = reasons(
        *falling,
        line("KR10", "0.9", "0.1"),
        rows_before={"KR1": 1240, "KR2": 100},
        rows_now={"KR1": 0, "KR2": 49},
        lost=("KR3",),
        language="zh-TW",
    )
    assert output == [
        "KR3：okrsync 寫過的這一列不見了；請把該列放回、從設定檔移除 KR3，或加上 --adopt 重新建立",
        "10 項關鍵成果中將有 10 項下降（100%，上限 30%：safety.max_falling）",
        "KR10 將從 90% 變為 10%（單次上限 25%：safety.max_drop）",
        "KR1：指標 kr1（okrsync.yaml:7）現在沒有任何列，上次寫入時有 1,240 列（若無誤，請設定 allow_empty: true）",
        "KR2：指標 kr2（okrsync.yaml:7）現在有 49 列，上次寫入時有 100 列（少了 51%，上限 50%：safety.max_rows_lost）",
    ]


@pytest.mark.parametrize(
    ("language", "head", "end", "way_out"),
    [
        ("en", "refusing to write this plan:\n  - ", "\nNothing was written.", " If these changes are right, run "),
        ("zh-TW", "拒絕寫入這份變更計畫：\n  - ", "\n未寫入任何資料。", "若變動無誤，請執行 "),
    ],
)
def test_the_refusal_names_force_only_where_it_helps(language: str, head: str, end: str, way_out: str) -> None:
    lost, leap = (
        Refusal(Guard.LOST_ROW, "KR1 is gone", "KR1", lifted_by_force=False),
        Refusal(Guard.MAX_DROP, "KR2 leaps", "KR2"),
    )
    assert error_text(refused([lost]), language) == f"{head}KR1 is gone{end}"
    assert error_text(refused([lost, leap]), language).startswith(
        f"{head}KR1 is gone\n  - KR2 leaps{end}{way_out}`okrsync sync --force`"
    )
