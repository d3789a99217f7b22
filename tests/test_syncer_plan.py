import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from config.loading.loader import Config
from connectors.okr_sheet import MEMORY_TAB, Cell, CellValue, Merge
from golden_files import check_golden
from memory_sheet import MemorySheet
from syncer.i18n import localize
from syncer.model.plan import Mark, NoteKind, Plan
from syncer.plan.rows import Allowed
from syncer.present.plan_json import fingerprint, plan_json, plan_markdown
from syncer.present.plan_text import plan_text
from syncer.run.write import make_batch, verify
from syncer.sheet.view import read_last_written
from workspace_kit import HEAD, NOW, load, plan_of

D = Decimal
DEALS = "stage,amount\nwon,100\nwon,250\nopen,80\nlost,40\n"
CONFIG = (
    HEAD
    + """\
measures:
  won_share:
    from: files.rows
    path: deals.csv
    value: share(stage = 'won')
  revenue:
    from: files.rows
    path: deals.csv
    value: sum(amount) filter (stage = 'won')
  gone:
    from: files.rows
    path: missing.csv
    value: count(*)
objectives:
  O1:
    title: Companies choose us
    key_results:
      KR1:
        title: Win 80% of the deals
        baseline: 20%
        target: 80%
        measure: won_share
      KR2:
        title: Revenue of 500
        target: 500
        measure: revenue
      KR3:
        title: Visit 6 partners
        baseline: 0
        target: 6
      KR4:
        title: Something from a file that is gone
        target: 10
        measure: gone
"""
)
HEADERS = ("KR id", "Key result", "Target", "Current value", "Progress", "Expected", "Status", "Value updated", "Note")


def sheet_of(*rows: tuple[CellValue | Cell, ...]) -> MemorySheet:
    return MemorySheet({"OKRs": [("Acme 2026-Q4",), HEADERS, *rows]}, title="Acme")


def filled() -> MemorySheet:
    return sheet_of(("KR1",), ("KR2",), ("KR3", None, None, D(3)), ("KR4", "old title", None, D(7)))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(tmp_path, CONFIG, {"deals.csv": DEALS})


def apply(config: Config, sheet: MemorySheet, plan: Plan) -> None:
    stated = config.workspace.okr_sheet
    after = sheet.write(make_batch(plan, sheet.read(), "run-1", stated))
    assert verify(plan, after, stated).wrong == ()


def marks(plan: Plan) -> dict[str, Mark]:
    return {line.id: line.mark for line in plan.lines if not line.is_objective}


def test_the_plan_as_people_and_machines_read_it(config: Config) -> None:
    plan = plan_of(
        config, sheet_of(("KR1",), ("KR3", None, None, D(3)), ("X9", "not ours"), ("KR4", "old", None, D(7)))
    )
    check_golden("plan.txt", plan_text(plan, "en", "Nothing was written (dry run)."))
    check_golden("plan.zh-TW.txt", plan_text(plan, "zh-TW", "未寫入任何資料（預覽）。"))
    check_golden("plan.md", plan_markdown(plan, "en", "Nothing was written (dry run)."))
    data = json.loads(plan_json(plan))
    data["config_hash"] = data["fingerprint"] = "-"
    check_golden("plan.json", json.dumps(data, ensure_ascii=False, indent=1) + "\n")


def test_the_same_input_gives_the_same_bytes(config: Config) -> None:
    first, second = plan_of(config, filled()), plan_of(config, filled())
    assert plan_text(first, "en", "") == plan_text(second, "en", "")
    assert plan_json(first) == plan_json(second)


def test_applying_a_plan_leaves_nothing_to_plan(config: Config) -> None:
    sheet = filled()
    plan = plan_of(config, sheet, allowed=Allowed(adopt=True))
    assert plan.has_work
    apply(config, sheet, plan)
    assert not plan_of(config, sheet).has_work
    assert not plan_of(config, sheet, NOW + timedelta(hours=8)).has_work


def test_the_date_of_a_value_that_was_missed_is_written_later(config: Config) -> None:
    sheet = filled()
    apply(config, sheet, plan_of(config, sheet, allowed=Allowed(adopt=True)))
    base = sheet.values("_okrsync")
    row = next(row for row, cells in enumerate(base) if cells[:2] == ["KR1", "updated"])
    sheet.set("_okrsync", row, 3, "run-0")
    tomorrow = plan_of(config, sheet, NOW + timedelta(days=1))
    assert [change.id for change in tomorrow.changes if change.column == "updated"] == ["KR1"]


def test_the_values_written_are_the_figures(config: Config) -> None:
    sheet = filled()
    apply(config, sheet, plan_of(config, sheet, allowed=Allowed(adopt=True)))
    rows = {row[0]: row for row in sheet.values("OKRs")[2:]}
    assert rows["KR1"][1:7] == ["Win 80% of the deals", D("0.8"), D("0.5"), D("0.5"), D("0.5"), "on track"]
    assert rows["KR1"][7] == NOW.date()
    assert rows["KR2"][3:5] == [D(350), D("0.7")]
    assert rows["KR3"][3:5] == [D(3), D("0.5")]


def test_a_failed_read_leaves_every_figure_as_it_was(config: Config) -> None:
    sheet = filled()
    plan = plan_of(config, sheet)
    line = next(line for line in plan.lines if line.id == "KR4")
    assert not {change.column for change in line.changes} & {"current", "progress", "expected", "status", "updated"}
    assert "missing.csv" in line.reason


def test_tomorrow_only_the_calendar_moves(config: Config) -> None:
    sheet = filled()
    apply(config, sheet, plan_of(config, sheet, allowed=Allowed(adopt=True)))
    plan = plan_of(config, sheet, NOW + timedelta(days=1))
    assert marks(plan)["KR1"] is Mark.CALENDAR
    assert {change.column for line in plan.lines for change in line.changes} == {"expected"}
    assert "Changed only by the date: KR1, KR2, KR3" in plan_text(plan, "en", "")


def test_the_update_date_moves_only_with_the_value(config: Config) -> None:
    sheet = filled()
    apply(config, sheet, plan_of(config, sheet, allowed=Allowed(adopt=True)))
    (config.base_dir / "deals.csv").write_text(DEALS + "won,50\n", "utf-8")
    later = NOW + timedelta(days=3)
    apply(config, sheet, plan_of(config, sheet, later))
    rows = {row[0]: row for row in sheet.values("OKRs")[2:]}
    assert rows["KR1"][7] == later.date()
    assert rows["KR2"][7] == later.date()


def test_a_hand_edit_is_kept_shown_and_taken_back_by_name(config: Config) -> None:
    sheet = filled()
    apply(config, sheet, plan_of(config, sheet, allowed=Allowed(adopt=True)))
    sheet.set("OKRs", 2, 3, D("0.99"))
    plan = plan_of(config, sheet)
    assert marks(plan)["KR1"] is Mark.CONFLICT
    assert "kept Current value '99%' (wanted 50%): was changed by hand; --overwrite KR1" in plan_text(plan, "en", "")
    assert "current" not in {change.column for change in plan.changes}
    taken = plan_of(config, sheet, allowed=Allowed(overwrite=frozenset({"KR1"})))
    assert [(change.id, change.column, change.after) for change in taken.changes] == [("KR1", "current", D("0.5"))]


def test_clearing_a_cell_gives_it_back(config: Config) -> None:
    sheet = filled()
    apply(config, sheet, plan_of(config, sheet, allowed=Allowed(adopt=True)))
    sheet.set("OKRs", 2, 3, None)
    assert [(change.id, change.column) for change in plan_of(config, sheet).changes] == [("KR1", "current")]


def test_a_changed_definition_holds_the_whole_row(config: Config) -> None:
    sheet = filled()
    apply(config, sheet, plan_of(config, sheet, allowed=Allowed(adopt=True)))
    sheet.set("OKRs", 2, 2, D("0.7"))
    (config.base_dir / "deals.csv").write_text(DEALS + "won,50\n", "utf-8")
    plan = plan_of(config, sheet)
    assert marks(plan)["KR1"] is Mark.CONFLICT
    assert {change.id for change in plan.changes} == {"KR2"}


def test_a_filled_sheet_waits_for_adoption(config: Config) -> None:
    sheet = sheet_of(("KR1", "Win 80% of the deals", D("0.8"), D("0.3")), ("KR2",), ("KR3",), ("KR4",))
    plan = plan_of(config, sheet)
    assert marks(plan)["KR1"] is Mark.ADOPT
    assert "--adopt takes it over" in plan_text(plan, "en", "")
    adopted = plan_of(config, sheet, allowed=Allowed(adopt=True))
    assert [c.after for c in adopted.changes if (c.id, c.column) == ("KR1", "current")] == [D("0.5")]


def test_a_formula_is_never_replaced(config: Config) -> None:
    sheet = sheet_of(("KR1", None, None, Cell(D(1), formula="=1")), ("KR2",), ("KR3",), ("KR4",))
    plan = plan_of(config, sheet, allowed=Allowed(adopt=True, overwrite=frozenset({"KR1"})))
    assert "current" not in {change.column for change in plan.changes if change.id == "KR1"}
    assert "holds a formula" in plan_text(plan, "en", "")


def test_duplicate_ids_are_left_alone_and_reported(config: Config) -> None:
    sheet = sheet_of(("KR1",), ("KR2",), ("KR1",), ("KR3", None, None, D(3)), ("KR4",))
    plan = plan_of(config, sheet)
    assert marks(plan)["KR1"] is Mark.CONFLICT
    assert not [change for change in plan.changes if change.id == "KR1"]
    assert "KR1 is in more than one row (OKRs!3, OKRs!5); none of them was changed" in [
        note.text for note in plan.notes
    ]


@pytest.mark.parametrize("ids", [("KR7", "KR7"), ("KR 1", "KR 2"), ("KR7", "KR 2")], ids=str)
def test_the_plan_names_a_new_row_whose_title_another_row_has(config: Config, ids: tuple[str, str]) -> None:
    titles = [str(entry.definition.title) for entry in config.key_results]
    named = zip((*ids, "KR3", "KR4"), (titles[0], f" {titles[1].upper()}", *titles[2:]), strict=True)
    rows: list[tuple[CellValue | Cell, ...]] = [("KR id", "Key result", "Target")]
    rows += [(key, title, D(9)) for key, title in named]
    plan = plan_of(config, MemorySheet({"OKRs": rows}))
    found = [(note.id, note.place, note.text) for note in plan.notes if note.kind is NoteKind.TITLE_IN_ROW]
    assert [(key, place) for key, place, _ in found] == [("KR1", "OKRs!2"), ("KR2", "OKRs!3")]
    assert found[0][2] == (
        f"KR1 gets a new row, but OKRs!2 has its title, with the id {ids[0]}; if that row is meant, write KR1 there "
        "as its id first"
    )


def test_missing_rows_are_made_below_the_last_id_and_above_the_notes(config: Config) -> None:
    sheet = MemorySheet({"OKRs": [("Acme",), HEADERS, ("KR1",), ("KR3", None, None, D(3)), (), ("", "Sum", None)]})
    apply(config, sheet, plan_of(config, sheet))
    column = [row[0] if row else None for row in sheet.values("OKRs")]
    assert column == ["Acme", "KR id", "KR1", "KR3", "KR2", "KR4", None, ""]


def test_a_lost_row_is_a_refusal_until_adopted(config: Config) -> None:
    sheet = filled()
    apply(config, sheet, plan_of(config, sheet, allowed=Allowed(adopt=True)))
    del sheet.tabs["OKRs"][3]
    assert [refusal.lifted_by_force for refusal in plan_of(config, sheet).guards] == [False]
    assert plan_of(config, sheet, allowed=Allowed(adopt=True)).guards == ()


def test_a_row_that_names_a_measure_is_a_key_result(config: Config) -> None:
    sheet = MemorySheet(
        {
            "OKRs": [
                ("KR id", "Key result", "Source", "Target", "Current value", "Progress"),
                ("S1", "From the sheet", "revenue", D(700)),
                ("S2", "Arithmetic", "revenue / 2", D(350)),
                ("S3", "Misspelt", "revenu", D(350)),
                ("S4", "Not a number", "revenue", "N/A"),
            ]
        }
    )
    plan = plan_of(config, sheet)
    lines = {line.id: line for line in plan.lines}
    assert lines["S1"].after.progress == D("0.5")
    assert lines["S2"].after.current == D(175)
    assert lines["S3"].reason == "its source 'revenu' is not the name of a measure; did you mean 'revenue'?"
    assert lines["S4"].reason == "the Target in row 5 is 'N/A', which is not a number"
    assert localize("zh-TW", lines["S4"].reason) == "第 5 列的「目標值」是「N/A」，不是數字"


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (Cell("N/A"), "holds 'N/A', which is not a number"),
        (Cell(error="#REF!"), "holds '#REF!', which is not a number"),
        (Cell(), "no value was typed in the sheet yet"),
        (Cell("三"), "holds '三', which is not a number"),
    ],
)
def test_what_is_no_number_is_unknown(config: Config, cell: Cell, reason: str) -> None:
    plan = plan_of(config, sheet_of(("KR1",), ("KR2",), ("KR3", None, None, cell), ("KR4",)))
    line = next(line for line in plan.lines if line.id == "KR3")
    assert line.mark is Mark.UNKNOWN
    assert reason in line.reason


def test_a_sheet_without_a_column_for_values_is_named(config: Config) -> None:
    plan = plan_of(config, MemorySheet({"OKRs": [["KR id", "Key result"], *([f"KR{n}"] for n in range(1, 5))]}))
    reason = next(line for line in plan.lines if line.id == "KR3").reason
    assert reason == "the sheet has no column for its value; `okrsync init --sheet` adds one"


@pytest.mark.parametrize(("text", "progress"), [("50%", None), ("3", "0.5"), ("３", "0.5"), ("1,200", "1")])
def test_typed_texts_are_numbers_where_they_read_so(config: Config, text: str, progress: str | None) -> None:
    plan = plan_of(config, sheet_of(("KR1",), ("KR2",), ("KR3", None, None, text), ("KR4",)))
    line = next(line for line in plan.lines if line.id == "KR3")
    assert line.after.progress == (D(progress) if progress else D("0.083333"))


def test_a_renamed_key_result_keeps_its_row_and_its_base(tmp_path: Path, config: Config) -> None:
    sheet = filled()
    apply(config, sheet, plan_of(config, sheet, allowed=Allowed(adopt=True)))
    renamed = load(tmp_path, CONFIG.replace("      KR1:\n", "      K1:\n        was: KR1\n"))
    plan = plan_of(renamed, sheet)
    assert [(change.column, change.after) for change in plan.changes] == [("id", "K1")]
    apply(renamed, sheet, plan)
    assert not plan_of(renamed, sheet).has_work
    assert "KR1" not in read_last_written(sheet.read().tabs[MEMORY_TAB]).ids()


def test_the_fingerprint_is_about_cells_not_about_places(config: Config) -> None:
    first = plan_of(config, filled())
    moved = MemorySheet({"OKRs": [("Title",), (), HEADERS, *filled().tabs["OKRs"][2:]]}, title="Acme")
    assert fingerprint(first) == fingerprint(plan_of(config, moved))
    changed = sheet_of(("KR1",), ("KR2",), ("KR3", None, None, D(4)), ("KR4",))
    assert fingerprint(first) != fingerprint(plan_of(config, changed))


def test_a_merged_objective_cell_is_read_for_all_its_rows(tmp_path: Path) -> None:
    config = load(tmp_path, CONFIG, {"deals.csv": DEALS})
    sheet = MemorySheet(
        {
            "OKRs": [
                ("編號", "目標", "關鍵成果", "資料來源", "目標值", "目前值", "進度"),
                ("S1", "Companies choose us", "a", "revenue", D(700)),
                ("S2", None, "b", "revenue", D(350)),
            ]
        }
    )
    image = sheet.read()
    assert image.tabs["OKRs"].merges == ()
    sheet.merges["OKRs"] = (Merge(1, 1, 3, 2),)
    plan = plan_of(config, sheet)
    assert [line.objective for line in plan.lines if line.id in ("S1", "S2")] == ["O1", "O1"]
