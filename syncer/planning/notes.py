"""What a plan says about the rows that okrsync leaves alone. Pure."""

from collections.abc import Sequence

from syncer.computing.compute import KeyResultState, ObjectiveState
from syncer.sheet.view import SheetView
from syncer.words import say


def notes(
    view: SheetView, key_results: Sequence[KeyResultState], objectives: Sequence[ObjectiveState], language: str
) -> tuple[str, ...]:
    """One line for each row that nobody defines, and for each id that stands in several rows."""
    known = {state.definition.id for state in key_results} | {state.definition.former_id for state in key_results}
    known |= {state.id for state in objectives}
    strange = [
        say(
            language,
            f"{row.id} ({row.layout.tab.title}!{row.number}) is not in the config and names no measure; left as is",
            f"{row.id}（{row.layout.tab.title}!{row.number}）不在設定檔中，也未指定資料來源；維持原樣",
        )
        for row in view.rows
        if row.id not in known
    ]
    doubled = [
        say(
            language,
            f"{key} stands in more than one row ({', '.join(places)}); none of them was touched",
            f"{key} 出現在多列（{'、'.join(places)}）；全部維持原樣",
        )
        for key, places in sorted(view.duplicates.items())
    ]
    return (*strange, *doubled)
