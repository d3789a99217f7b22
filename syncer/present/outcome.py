"""Closing lines of a run: what was written and what was not."""

from syncer.i18n import translate
from syncer.run.pipeline import RunReport
from syncer.run.write import Receipt


def closing(report: RunReport, language: str, *, dry: bool) -> str:
    """Return what a run wrote, or why it wrote nothing; a second line lists cells that were not written."""
    if dry:
        return translate(language, "Nothing was written (dry run).")
    if report.refusal is not None:
        return translate(language, "Nothing was written.")
    if report.receipt is None:
        return translate(language, "Nothing to write.")
    forced = translate(language, " Guards were lifted (--force).") if report.forced else ""
    written = translate(
        language,
        "Written and verified: {written} cells, run {run}.{forced}",
        written=report.receipt.written,
        run=report.run,
        forced=forced,
    )
    return "\n".join([written, *_meanwhile(report.receipt, language)])


def _meanwhile(receipt: Receipt, language: str) -> list[str]:
    """List the cells that read back with another value than planned, in one line."""
    told = []
    if receipt.wrong:
        told.append(
            translate(language, "Not written, as the sheet changed: ") + translate(language, "; ").join(receipt.wrong)
        )
    return told
