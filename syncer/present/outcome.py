"""The last sentence of a run: what was and what was not written."""

from connectors.grids.a1 import cell_name
from syncer.i18n import join, translate
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
    """What people moved or took away while the sheet was written."""
    told = []
    if receipt.put_back:
        rows = join(language, sorted({one.id or f"{one.tab}!{one.row + 1}" for one in receipt.put_back}))
        count = len(receipt.put_back)
        told.append(
            translate(
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
                translate(
                    language,
                    "Nobody can tell what stood in {places}, new at that moment; it was cleared.",
                    places=join(language, blank),
                )
            )
    if receipt.wrong:
        told.append(
            translate(language, "Not written, as the sheet changed: ") + translate(language, "; ").join(receipt.wrong)
        )
    return told
