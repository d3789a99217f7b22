"""Describe the forecast of a key result, or why it has none."""

from datetime import date

from syncer.compute.projection import Projection
from syncer.i18n import translate
from syncer.method.forecast import FEWEST
from syncer.present.number_text import show_value


def forecast_text(projection: Projection, last: date, language: str, *, percent: bool = False) -> str:
    """Describe a forecast: its value on `last`, the day the target is met, and the number of days it is based on."""
    found = projection.forecast
    if found is None:
        return translate(
            language,
            "none: it needs values on {FEWEST} different days of the cycle, there are {days}",
            FEWEST=FEWEST,
            days=projection.days,
        )
    end = show_value(projection.end_value, percent=percent or projection.is_progress)
    if found.met_on is None:
        met = translate(language, "no day on which the target is met")
    elif found.met_on > last:
        met = translate(language, "target met {met_on}, after the end", met_on=found.met_on)
    else:
        met = translate(language, "target met {met_on}", met_on=found.met_on)
    return translate(
        language,
        "{end} on {last}; {met} (a straight line through {points} days)",
        end=end,
        last=last,
        met=met,
        points=found.points,
    )
