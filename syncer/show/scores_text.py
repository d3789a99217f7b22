"""The scores at the end of a cycle, as markdown to discuss and to keep."""

from syncer.okr.score import Band, band_of, score_of
from syncer.show.figures import NOTHING, show_percent
from syncer.show.plan_markdown import cell
from syncer.survey import Survey
from syncer.words import say

_BANDS: dict[Band, tuple[str, str]] = {
    Band.COMPLETE: ("complete", "完全達成"),
    Band.SATISFYING: ("satisfying progress", "進展滿意"),
    Band.SOME_PROGRESS: ("some progress, to be reconsidered", "有進步，需重新評估"),
    Band.LITTLE_PROGRESS: ("little progress, to be reconsidered", "無明顯進展，需重新評估"),
}


def scores_markdown(survey: Survey) -> str:
    """One line per key result: progress, score, band."""
    language = survey.config.workspace.language
    cycle = survey.config.workspace.cycle
    running = survey.now.date() <= cycle.last
    lines = [f"# {cell(survey.image.title)} · {cycle.name}", ""]
    if running:
        lines += [
            say(
                language,
                f"The cycle runs until {cycle.last}; these scores are as of {survey.now.date()}.",
                f"週期至 {cycle.last} 結束；以下為 {survey.now.date()} 的暫定分數。",
            ),
            "",
        ]
    lines += [
        say(language, "| id | key result | progress | score | |", "| 編號 | 關鍵成果 | 進度 | 系統建議分數 | |"),
        "|---|---|---|---|---|",
    ]
    for state in survey.key_results:
        score = score_of(state.progress.progress)
        band = _BANDS[band_of(score)][language == "zh-TW"] if score is not None else cell(state.reason)
        lines.append(
            f"| {cell(state.definition.id)} | {cell(state.definition.title)} "
            f"| {show_percent(state.progress.progress)} | {NOTHING if score is None else score} | {band} |"
        )
    return "\n".join(lines) + "\n"
