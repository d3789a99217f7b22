"""The end of a cycle as a page to discuss and to keep: scores, what is decided, what was learned, what to ask."""

from syncer.closing.close import DAYS_MEANT, Ambition, ClosedKeyResult, ClosedObjective, Closing, Verdict
from syncer.okr.score import SWEET_SPOT, Band, band_of
from syncer.show.figures import NOTHING, show_number, show_percent
from syncer.show.plan_markdown import cell
from syncer.words import say

BANDS: dict[Band, tuple[str, str]] = {
    Band.COMPLETE: ("complete", "完全達成"),
    Band.SATISFYING: ("satisfying progress", "進展滿意"),
    Band.SOME_PROGRESS: ("some progress, to be reconsidered", "有進步，需重新評估"),
    Band.LITTLE_PROGRESS: ("little progress, to be reconsidered", "無明顯進展，需重新評估"),
}
AMBITIONS: dict[Ambition, tuple[str, str]] = {
    "committed": ("committed", "承諾型"),
    "aspirational": ("aspirational", "挑戰型"),
}
VERDICTS: dict[Verdict, tuple[str, str]] = {
    "continue": ("continue", "繼續"),
    "abandon": ("abandon", "放棄"),
    "complete": ("complete", "標記為完成"),
}
QUESTIONS = (
    ("What did we achieve, and what did it change for whom?", "我們達成了什麼？為誰帶來什麼改變？"),
    ("Where we fell short: what stood in the way?", "沒達成的部分，遇到了什麼障礙？"),
    ("Which key results did not tell us what we wanted to know?", "哪些關鍵成果沒有反映我們真正想知道的事？"),
    ("Were the targets too easy or out of reach?", "目標值訂得太容易或太難嗎？"),
    ("What do we keep, what do we stop, what help do we need?", "下個週期要延續什麼、停止什麼、需要什麼協助？"),
)


def retrospective_markdown(closing: Closing, language: str, to_do: tuple[str, ...] = ()) -> str:
    """The whole page; `to_do` is what the next cycle's config leaves open."""
    heading = say(language, "retrospective", "季末回顧")
    lines = [f"# {cell(closing.title)} · {closing.cycle} · {heading}", "", *_standing(closing, language)]
    for objective in closing.objectives:
        lines += _objective(objective, language)
    if closing.others:
        lines += ["", f"## {say(language, 'Key results below no objective', '未歸屬目標的關鍵成果')}", ""]
        lines += _table(closing.others, language)
    lines += _section(say(language, "Where self score and computed score differ", "自評分數與系統建議分數不同"),
                      [_apart(one, language) for one in closing.key_results if _differs(one)])  # fmt: skip
    lines += _section(say(language, "Decisions", "季末決定"), [_decided(one, language) for one in closing.key_results])
    unreadable = [f"{cell(one.id)}: {cell(text)}" for one in closing.key_results for text in one.unreadable]
    lines += _section(say(language, "Cells that could not be read", "無法讀懂的儲存格"), unreadable)
    lines += _section(say(language, "Questions to ask", "一起討論"), [say(language, *pair) for pair in QUESTIONS])
    lines += _section(say(language, "Before the next cycle begins", "下個週期開始前"), [cell(text) for text in to_do])
    return "\n".join(lines) + "\n"


def _section(heading: str, items: list[str]) -> list[str]:
    return ["", f"## {heading}", "", *(f"- {item}" for item in items)] if items else []


def _standing(closing: Closing, language: str) -> list[str]:
    """What the scores stand on, and how long closing has taken."""
    if closing.ended:
        texts = [
            say(
                language,
                f"The cycle ended on {closing.last}; each score uses the last reading before its end.",
                f"週期已於 {closing.last} 結束；分數採用結束前的最後一次數值。",
            ),
            _days(closing.days, language),
        ]
    else:
        texts = [
            say(
                language,
                f"The cycle runs until {closing.last}; these scores are as of {closing.today}, from today's readings.",
                f"週期至 {closing.last} 結束；以下為 {closing.today} 依當天數值計算的暫定分數。",
            )
        ]
    low, high = SWEET_SPOT
    texts.append(
        say(
            language,
            f"A committed key result is meant to end at 1.0; for a stretch goal {low} to {high} is the sweet spot. "
            "Scores are for learning, not for appraisal.",
            f"承諾型應達 1.0；挑戰型落在 {low} 至 {high} 最理想。分數用來學習，不用於考核。",
        )
    )
    if closing.elsewhere:
        names = ", ".join(map(cell, closing.elsewhere))
        texts.append(
            say(language, f"Of other cycles, not closed here: {names}.", f"屬於其他週期，未在此結算：{names}。")
        )
    return texts


def _days(days: int, language: str) -> str:
    if days > DAYS_MEANT:
        return say(
            language,
            f"Closing and redrafting: {days} days so far; {DAYS_MEANT} are meant for it, {days - DAYS_MEANT} fewer.",
            f"結算與重新擬定：已 {days} 天，超過預定的 {DAYS_MEANT} 天 {days - DAYS_MEANT} 天。",
        )
    return say(
        language,
        f"Closing and redrafting: day {days} of the {DAYS_MEANT} meant for it.",
        f"結算與重新擬定：第 {days} 天，預定 {DAYS_MEANT} 天。",
    )


def _objective(objective: ClosedObjective, language: str) -> list[str]:
    known = say(
        language,
        f"{objective.known} of {objective.total} known",
        f"{objective.total} 項中已知 {objective.known} 項",
    )
    score = NOTHING if objective.score is None else objective.score
    lines = ["", f"## {cell(objective.id)} {cell(objective.title)}: {score} ({known})", ""]
    lines += _table(objective.key_results, language)
    return [
        *lines,
        "",
        say(language, "- What we learned: …", "- 我們學到：…"),
        say(language, "- What we do differently next time: …", "- 下次會怎麼做：…"),
    ]


def _table(key_results: tuple[ClosedKeyResult, ...], language: str) -> list[str]:
    heads = say(
        language,
        "| id | key result | type | progress | read on | computed score | expected | what it says | self score |",
        "| 編號 | 關鍵成果 | 類型 | 進度 | 數值日 | 系統建議分數 | 期望 | 意義 | 自評分數 |",
    )
    return [heads, f"|{'---|' * 9}", *(_row(one, language) for one in key_results)]


def _row(one: ClosedKeyResult, language: str) -> str:
    definition = one.state.definition
    if one.dropped:
        band = say(language, "dropped", "已取消")
    else:
        band = cell(one.state.reason) if one.score is None else say(language, *BANDS[band_of(one.score)])
    return (
        f"| {cell(definition.id)} | {cell(definition.title)} | {say(language, *AMBITIONS[one.ambition])} "
        f"| {show_percent(one.state.progress.progress)} | {one.as_of or NOTHING} "
        f"| {NOTHING if one.score is None else one.score} | {one.expected} | {band} "
        f"| {NOTHING if one.self_score is None else show_number(one.self_score)} |"
    )


def _differs(one: ClosedKeyResult) -> bool:
    return one.self_score is not None and one.self_score != one.score


def _apart(one: ClosedKeyResult, language: str) -> str:
    computed = NOTHING if one.score is None else one.score
    given = NOTHING if one.self_score is None else show_number(one.self_score)
    reason = cell(one.why_apart) or say(language, "no reason is given yet; ask for it", "尚未說明原因，請補上")
    return say(
        language,
        f"{cell(one.id)}: computed {computed}, self score {given}: {reason}",
        f"{cell(one.id)}：系統 {computed}、自評 {given}：{reason}",
    )


def _decided(one: ClosedKeyResult, language: str) -> str:
    if one.dropped:
        return f"{cell(one.id)}: {say(language, 'dropped in mid-cycle', '週期中已取消')}"
    if one.decision is None:
        return f"{cell(one.id)}: {say(language, '**to be decided**', '**尚待決定**')}"
    verdict = say(language, *VERDICTS[one.decision.verdict])
    by = say(language, f", by {cell(one.decision.by)}", f"，{cell(one.decision.by)} 決定") if one.decision.by else ""
    reason = f": {cell(one.decision.reason)}" if one.decision.reason else ""
    written = cell(one.decision.overruled)
    overruled = say(language, f" (the sheet says '{written}')", f"（試算表寫「{written}」）") if written else ""
    return f"{cell(one.id)}: {verdict}{by}{reason}{overruled}"
