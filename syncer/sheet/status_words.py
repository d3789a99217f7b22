"""Convert statuses to words of the sheet, and back."""

from syncer.i18n import status_label, translate
from syncer.method.status import Status
from syncer.sheet.columns import normal_header

_BY_WORD = {
    normal_header(status_label(status.value, language)): status for status in Status for language in ("en", "zh-TW")
}
_BY_WORD |= {normal_header(status.value): status for status in Status}


def status_of_text(text: str) -> Status | None:
    """Parse a status in either language; None for any other text."""
    return _BY_WORD.get(normal_header(text))


def status_text(status: Status, language: str) -> str:
    """Return the word for a status as written to the sheet."""
    return status_label(status.value, language)


def left_text(language: str) -> str:
    """Return the text in the status column for a key result that is no longer in the config."""
    return translate(language, "Not in the config")
