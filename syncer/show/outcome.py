"""The last sentence of a run: what was and what was not written."""

from connectors.grids.a1 import cell_name
from syncer.engine import RunReport
from syncer.words import listed, say
from syncer.writing.write import Receipt


def closing(report: RunReport, language: str, *, dry: bool) -> str:
    """One sentence."""
    if dry:
        return say(language, "Nothing was written (dry run).")
    if report.refusal is not None:
        return say(language, "Nothing was written.")
    if report.receipt is None:
        return say(language, "Nothing to write.")
    forced = say(language, " Guards were lifted (--force).") if report.forced else ""
    written = say(
        language,
        "Written and verified: {written} cells, run {run}.{forced}",
        written=report.receipt.written,
        run=report.run,
        forced=forced,
    )
    return "\n".join([written, *_meanwhile(report.receipt, language)])


def _meanwhile(receipt: Receipt, language: str) -> list[str]:
    """What people moved or took away while the sheet was written."""
    told = []
    if receipt.put_back:
        rows = listed(language, sorted({one.id or f"{one.tab}!{one.row + 1}" for one in receipt.put_back}))
        count = len(receipt.put_back)
        told.append(
            say(
                language,
                "Somebody moved rows or columns meanwhile: {count} cells of {rows} were hit and hold "
                "again what they held; what was planned stands in its own rows.",
                count=count,
                rows=rows,
            )
        )
        blank = sorted({f"{one.tab}!{cell_name(one.row, one.column)}" for one in receipt.put_back if not one.known})
        if blank:
            told.append(
                say(
                    language,
                    "Nobody can tell what stood in {places}, new at that moment; it was cleared.",
                    places=listed(language, blank),
                )
            )
    if receipt.wrong:
        told.append(say(language, "Not written, as the sheet changed: ") + say(language, "; ").join(receipt.wrong))
    return told
