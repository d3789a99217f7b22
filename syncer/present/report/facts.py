"""Facts about a key result or objective for the HTML report: pairs of a translated name and a text."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from config.expressions import Arithmetic
from config.plain_text import one_line
from connectors.protocol import Reading
from syncer.compute.assess import Assessment
from syncer.compute.check_ins import confidence_of
from syncer.compute.states import KeyResultState
from syncer.i18n import translatable, translate
from syncer.ledger.records import CheckIn
from syncer.present.notes_text import forecast_text
from syncer.present.report.figures import baseline_text


def facts(
    assessment: Assessment, state: KeyResultState, check_in: CheckIn | None, teams: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield facts about a key result: its figures, owner and team, last check-in, and when its sources were read.

    `teams` are the display names of teams by id.
    """
    language, definition = assessment.config.workspace.language, state.definition
    if baseline := baseline_text(definition, language):
        yield translate(language, "Baseline"), baseline
    forecast = forecast_text(state.projection, definition.due, language, definition.style)
    yield translate(language, "Forecast"), forecast
    people = (
        (translate(language, "Team"), teams.get(definition.team, one_line(definition.team))),
        (translate(language, "Theme"), one_line(definition.theme)),
        (translate(language, "Kind"), translate(language, "committed") if definition.type == "committed" else ""),
    )
    yield from (pair for pair in people if pair[1])
    yield from check_in_facts(assessment, check_in, language)
    if read := read_at(assessment, definition.measures):
        yield translate(language, "Read at"), read.astimezone(assessment.now.tzinfo).strftime("%Y-%m-%d %H:%M")


def read_at(assessment: Assessment, measures: Iterable[Arithmetic | None]) -> datetime | None:
    """Return the time of the oldest reading used by measures; None when nothing was read."""
    names = {name for measure in measures if measure for name in measure.names}
    answers = (assessment.results[name].answer for name in names if name in assessment.results)
    return min((answer.read_at for answer in answers if isinstance(answer, Reading)), default=None)


def last_check_in(assessment: Assessment, key: str) -> CheckIn | None:
    """Return the newest check-in of a key result or objective that is not empty; None when there is none."""
    return next((each for each in reversed(assessment.recall.check_ins.get(key, ())) if each.texts), None)


def check_in_facts(assessment: Assessment, check_in: CheckIn | None, language: str) -> Iterator[tuple[str, str]]:
    """Yield the day and the cells of a check-in, each with its translated name; nothing for None."""
    if check_in is None:
        return
    yield translate(language, "Last check-in"), check_in.day.isoformat()
    for column, name in (
        ("confidence", translatable("Confidence")),
        ("note", translatable("Note")),
        ("blocker", translatable("Blocker")),
        ("help", translatable("Help needed")),
        ("helper", translatable("Helper")),
    ):
        if text := one_line(check_in.texts.get(column, "")):
            scale = assessment.config.workspace.confidence.scale
            of_scale = column == "confidence" and confidence_of(check_in, scale) is not None and "%" not in text
            yield translate(language, name), f"{text}/{scale}" if of_scale else text
