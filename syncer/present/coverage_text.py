"""The sentence under an objective whose key results are reached and do not carry it."""

from config.plain_text import one_line
from syncer.compute.states import ObjectiveState
from syncer.i18n import bracketed, join, join_clauses, translate
from syncer.method.coverage import Gap
from syncer.present.number_text import show_percent
from syncer.sheet.columns import header_of


def coverage_text(objective: ObjectiveState, gap: Gap | None, language: str) -> list[str]:
    """One sentence, or none. It asks for another look at the key results; nobody is named."""
    if gap is None:
        return []
    colon = translate(language, ": ")
    parts = []
    if gap.below:
        names, progress = join(language, gap.below), show_percent(objective.rollup.progress)
        parts.append(
            translate(language, "{names} reached, the objective at {progress}", names=names, progress=progress)
        )
    if gap.confidence is not None or gap.judgement:
        parts.append(translate(language, "all of them reached"))
    if gap.confidence is not None:
        parts.append(f"{header_of('confidence', language)}{colon}{show_percent(gap.confidence)}")
    if gap.judgement:
        parts.append(f"{header_of('judgement', language)}{colon}{one_line(gap.judgement)}")
    head = translate(language, "the key results do not cover the objective")
    return [head + bracketed(language, join_clauses(language, parts))]
