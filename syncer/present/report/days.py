"""Days and months as people write them: `16 Nov`, `11月16日`."""

from datetime import date

from syncer.i18n import translatable, translate

_MONTHS = (
    translatable("Jan"),
    translatable("Feb"),
    translatable("Mar"),
    translatable("Apr"),
    translatable("May"),
    translatable("Jun"),
    translatable("Jul"),
    translatable("Aug"),
    translatable("Sep"),
    translatable("Oct"),
    translatable("Nov"),
    translatable("Dec"),
)


def show_month(day: date, language: str) -> str:
    """Return the short name of a day's month."""
    return translate(language, _MONTHS[day.month - 1])


def show_day(day: date, language: str) -> str:
    """Format a day without its year."""
    return translate(language, "{day} {month}", day=day.day, month=show_month(day, language))
