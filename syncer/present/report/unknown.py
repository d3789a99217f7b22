"""Why a key result has no value, in the words of a reader; the technical reason is shown on demand."""

from config.message import Message
from syncer.compute.states import KeyResultState
from syncer.i18n import translate
from syncer.model.history import Cause

_NO_BASELINE = "has no baseline"
_NO_TARGET = "has no target"


def unknown_text(state: KeyResultState, language: str) -> str:
    """Describe why a key result has no value; empty when it has one."""
    if not state.reason:
        return ""
    match state.cause:
        case Cause.NO_GOAL:
            return _not_measurable(state.definition.problem, language)
        case Cause.READ_FAILED:
            return translate(language, "No value today: its source could not be read")
        case Cause.NOT_TYPED:
            return translate(language, "No value entered yet")
        case Cause.DUPLICATE_ID:
            return translate(language, "No value: two rows of the sheet have its id")
        case _:
            return translate(language, "No value yet: its source has no number")


def _not_measurable(problem: str, language: str) -> str:
    template = problem.template if isinstance(problem, Message) else problem
    if template.startswith(_NO_BASELINE):
        return translate(language, "Not measurable yet: baseline missing")
    if template.startswith(_NO_TARGET):
        return translate(language, "Not measurable yet: target missing")
    return translate(language, "Not measurable yet: the goal is incomplete")
