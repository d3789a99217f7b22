"""The last sentence of a run: what was and what was not written."""

from syncer.i18n import translate
from syncer.run.pipeline import RunReport
from syncer.run.write import Receipt


def closing(report: RunReport, language: str, *, dry: bool) -> str:
    """One sentence."""
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
    """The cells that read back otherwise than written."""
    told = []
    if receipt.wrong:
        told.append(
            translate(language, "Not written, as the sheet changed: ") + translate(language, "; ").join(receipt.wrong)
        )
    return told
