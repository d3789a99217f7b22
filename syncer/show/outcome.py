"""The last sentence of a run: what was and what was not written."""

from syncer.engine import RunReport
from syncer.words import say


def closing(report: RunReport, language: str, *, dry: bool) -> str:
    """One sentence."""
    if dry:
        return say(language, "Nothing was written (dry run).", "未寫入任何資料（試算）。")
    if report.refusal is not None:
        return say(language, "Nothing was written.", "未寫入任何資料。")
    if report.receipt is None:
        return say(language, "Nothing to write.", "沒有需要寫入的變更。")
    forced = say(language, " Guards were lifted (--force).", "已略過安全檢查（--force）。") if report.forced else ""
    return say(
        language,
        f"Written and verified: {report.receipt.written} cells, run {report.run}.{forced}",
        f"已寫入並核對 {report.receipt.written} 格，執行編號 {report.run}。{forced}",
    )
