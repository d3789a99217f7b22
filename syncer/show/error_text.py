"""An error in the workspace's language: what it comes to, the facts as they were seen, what to do next."""

from config.errors import (
    AuthError,
    ConfigError,
    LedgerError,
    OkrsyncError,
    SheetError,
    SourceError,
    StaleSheetError,
    UncertainWriteError,
    UnsafePlanError,
)
from syncer.words import mark, say, translated

_SUMMARIES: tuple[tuple[type[OkrsyncError], str], ...] = (
    (AuthError, mark("The service refused the credentials.")),
    (SourceError, mark("A source could not be read.")),
    (UncertainWriteError, mark("Nobody knows whether the write arrived.")),
    (StaleSheetError, mark("Something changed after the plan was made.")),
    (SheetError, mark("The OKR sheet could not be read or written as planned.")),
    (LedgerError, mark("The ledger could not be read or written.")),
    (OkrsyncError, mark("It could not be done.")),
)


def error_text(error: OkrsyncError, language: str) -> str:
    """The error for people. Facts stay in English, the language of the services that state them."""
    if language == "en" or isinstance(error, ConfigError | UnsafePlanError):
        return str(error)
    summary = next(text for kind, text in _SUMMARIES if isinstance(error, kind))
    lines = [
        say(language, summary),
        f"  {error.doing}: {error.saw}",
        translated(language, error.effect),
        translated(language, error.advice),
    ]
    return "\n".join(line for line in lines if line)
