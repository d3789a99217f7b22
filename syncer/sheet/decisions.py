"""Decisions at the end of a cycle and their words in the sheet."""

from collections.abc import Mapping
from typing import Literal

from syncer.i18n import translatable
from syncer.sheet.columns import normal_header

Verdict = Literal["continue", "abandon", "complete"]


VERDICTS: dict[Verdict, str] = {
    "continue": translatable("continue", "decision"),
    "abandon": translatable("abandon", "decision"),
    "complete": translatable("complete", "decision"),
}


_BY_WORD: Mapping[str, Verdict] = {
    "continue": "continue", "繼續": "continue", "延續": "continue",
    "abandon": "abandon", "abandoned": "abandon", "放棄": "abandon",
    "complete": "complete", "completed": "complete", "done": "complete", "標記為完成": "complete", "完成": "complete",
}  # fmt: skip


def verdict_of(text: str) -> Verdict | None:
    """Parse a decision in either language; None for any other text."""
    return _BY_WORD.get(normal_header(text))
