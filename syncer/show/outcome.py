"""The last sentence of a run: what was and what was not written."""

from connectors.grids.a1 import cell_name
from syncer.engine import RunReport
from syncer.words import say
from syncer.writing.write import Receipt


def closing(report: RunReport, language: str, *, dry: bool) -> str:
    """One sentence."""
    if dry:
        return say(language, "Nothing was written (dry run).", "未寫入任何資料（試算）。")
    if report.refusal is not None:
        return say(language, "Nothing was written.", "未寫入任何資料。")
    if report.receipt is None:
        return say(language, "Nothing to write.", "沒有需要寫入的變更。")
    forced = say(language, " Guards were lifted (--force).", "已略過安全檢查（--force）。") if report.forced else ""
    written = say(
        language,
        f"Written and verified: {report.receipt.written} cells, run {report.run}.{forced}",
        f"已寫入並核對 {report.receipt.written} 格，執行編號 {report.run}。{forced}",
    )
    return "\n".join([written, *_meanwhile(report.receipt, language)])


def _meanwhile(receipt: Receipt, language: str) -> list[str]:
    """What people moved or took away while the sheet was written."""
    told = []
    if receipt.put_back:
        rows = ", ".join(sorted({one.id or f"{one.tab}!{one.row + 1}" for one in receipt.put_back}))
        count = len(receipt.put_back)
        told.append(
            say(
                language,
                f"Somebody moved rows or columns meanwhile: {count} cells of {rows} were hit and hold again what they "
                "held; what was planned stands in its own rows.",
                f"寫入時有人移動了列或欄：{rows} 的 {count} 格曾被寫錯，已改回原值；應寫入的值已寫在正確的列。",
            )
        )
        blank = sorted({f"{one.tab}!{cell_name(one.row, one.column)}" for one in receipt.put_back if not one.known})
        if blank:
            told.append(
                say(
                    language,
                    f"Nobody can tell what stood in {', '.join(blank)}, new at that moment; it was cleared.",
                    f"{'、'.join(blank)} 是當下新增的，無法得知原值，已清空。",
                )
            )
    if receipt.wrong:
        told.append(
            say(language, "Not written, as the sheet changed: ", "試算表已變動，以下未寫入：")
            + "; ".join(receipt.wrong)
        )
    return told
