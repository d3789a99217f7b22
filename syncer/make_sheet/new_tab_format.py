"""How a new OKR sheet looks, whatever program shows it: widths, colours, and what may be chosen in a cell."""

from collections.abc import Mapping

from config.loading.loader import Config
from syncer.i18n import status_label, translate, translate_in_context
from syncer.method.status import Status
from syncer.sheet.decisions import VERDICTS

WIDTHS = {
    "id": 10, "objective": 28, "title": 40, "status": 14, "source": 22, "note": 34, "blocker": 28, "help": 28,
    "team": 20, "override_reason": 24, "reason": 24,
    "updated": 15, "override_expiry": 15, "override": 15, "judgement": 16,
}  # fmt: skip
"""In characters of a digit's width; a Chinese character takes two."""
USUAL_WIDTH = 13
VALUE_COLUMNS = frozenset({"baseline", "target", "current", "forecast"})
DATE_COLUMNS = frozenset({"updated", "override_expiry"})
LONG_COLUMNS = frozenset({"objective", "title", "note", "blocker", "help", "override_reason", "reason"})

COLOURS = {
    **dict.fromkeys((Status.OFF_TRACK, Status.NOT_MET), ("FBD5D5", "8E1B1B")),
    **dict.fromkeys((Status.AT_RISK, Status.STALE), ("FDECC8", "7A4B00")),
    **dict.fromkeys((Status.ON_TRACK, Status.MET, Status.DONE), ("D3EFDC", "14532D")),
    Status.JUST_STARTED: ("DCE9FB", "1E3F73"),
    **dict.fromkeys((Status.NOT_STARTED, Status.UNKNOWN, Status.DROPPED), ("E7E9EC", "40464F")),
}
"""Fill and text by status; the word itself always stands in the cell."""
OWN_HEAD, PEOPLES_HEAD, OBJECTIVE = "DDE6F3", "FFF3CF", "F3F6FA"
"""Behind okrsync's headers, people's, and an objective's row."""
BAR_COLOUR = "8FB4E8"


def choices_of(config: Config) -> Mapping[str, tuple[str, ...]]:
    """What may be chosen, by column."""
    language = config.workspace.language
    stated = (entry.definition.measure for entry in config.key_results if isinstance(entry.definition.measure, str))
    return {
        "source": tuple(dict.fromkeys([*config.workspace.measures, *stated])),
        "override": tuple(status_label(status.value, language) for status in Status),
        "judgement": (translate(language, "reached"), translate(language, "not reached")),
        "decision": tuple(translate_in_context("decision", language, text) for text in VERDICTS.values()),
    }
