"""The sentence under an objective whose key results are reached and do not carry it."""

from syncer.computing.states import ObjectiveState
from syncer.okr.coverage import Gap
from syncer.sheet.columns import header_of
from syncer.show.figures import one_line, show_percent
from syncer.words import say


def coverage_text(objective: ObjectiveState, gap: Gap | None, language: str) -> list[str]:
    """One sentence, or none. It asks for another look at the key results; nobody is named."""
    if gap is None:
        return []
    colon, comma = say(language, ": ", "："), say(language, ", ", "，")
    told = []
    if gap.below:
        names, progress = say(language, ", ", "、").join(gap.below), show_percent(objective.rollup.progress)
        told.append(
            say(
                language,
                f"{names} reached, the objective at {progress}",
                f"{names} 已達成，本目標的進度仍為 {progress}",
            )
        )
    if gap.confidence is not None or gap.judgement:
        told.append(say(language, "all of them reached", "關鍵成果皆已達成"))
    if gap.confidence is not None:
        told.append(f"{header_of('confidence', language)}{colon}{show_percent(gap.confidence)}")
    if gap.judgement:
        told.append(f"{header_of('judgement', language)}{colon}{one_line(gap.judgement)}")
    head = say(language, "the key results do not cover the objective", "關鍵成果不足以涵蓋目標")
    return [say(language, f"{head} ({comma.join(told)})", f"{head}（{comma.join(told)}）")]
