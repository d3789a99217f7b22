"""What a run says whose write people got in the way of; `told` are the cells of which nobody can tell. Pure."""

from collections.abc import Sequence

from config.errors import SheetError
from config.message import Message, in_turn
from connectors.okr_sheet import MEMORY_TAB
from syncer.model.cells import as_text
from syncer.run.owed import Owed


def in_doubt(told: Sequence[str]) -> SheetError:
    """What a killed run had hit is put back as far as it is certain."""
    return SheetError(
        "putting back what a killed run had hit",
        Message(
            "people moved rows or columns since, and nobody can tell of some cells: {doubtful}",
            doubtful=in_turn(told),
        ),
        effect="What was certain is put back; this run wrote nothing else.",
        advice="Look at those cells, put right what is not theirs, and run `okrsync sync` again.",
    )


def unclear(told: Sequence[str]) -> SheetError:
    """The write is done, and of some cells nobody can tell."""
    return SheetError(
        "writing the OKR sheet",
        Message(
            "people moved rows or columns meanwhile, and nobody can tell of some cells: {doubtful}",
            doubtful=in_turn(told),
        ),
        effect="What else was written stands in its own row.",
        advice="Look at those cells, put right what is not theirs, and run `okrsync sync` again.",
    )


def unreadable(error: SheetError, put_back: int, told: Sequence[str]) -> SheetError:
    """The sheet changed so that nothing can be planned on it any more; `put_back` cells were."""
    return SheetError(
        error.doing,
        Message("{saw}; it changed while it was written", saw=error.saw),
        effect=Message("{hit} What else was written stands in its own row.", hit=_hit(put_back, told)),
        advice=error.advice,
    )


def too_many_rounds(rounds: int, put_back: int, told: Sequence[str]) -> SheetError:
    """People never stopped moving rows and columns; `put_back` cells were put back."""
    return SheetError(
        "writing the OKR sheet",
        Message(
            "somebody kept moving rows or columns while it was written; stopped after {rounds} rounds", rounds=rounds
        ),
        effect=Message("{hit} What else was written stands in its own row.", hit=_hit(put_back, told)),
        advice="Run `okrsync sync` again when the sheet is quiet, or use `layout: data_tab`.",
    )


def not_put_back(owed: Sequence[Owed], told: Sequence[str]) -> SheetError:
    """Cells hold what belongs elsewhere, and could not be put right."""
    shown = [
        Message("{cell} held '{text}'", cell=one.cell, text=one.before.formula or as_text(one.before.value))
        for one in owed
        if one.tab != MEMORY_TAB
    ]
    return SheetError(
        "putting back what the write had hit",
        Message("rows and columns kept moving, or are protected by now: {told}", told=in_turn((*shown, *told))),
        effect=Message("{count} cells hold a value of okrsync's that belongs elsewhere.", count=len(shown)),
        advice="Run `okrsync sync` again: it begins by putting them back. Or type in what they held.",
    )


def _hit(put_back: int, told: Sequence[str]) -> str:
    back = Message("{count} cells that were hit by mistake hold again what they held before.", count=put_back)
    return back + Message(" Nobody can tell of some: {doubtful}.", doubtful=in_turn(told)) if told else back
