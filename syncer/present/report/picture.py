"""The report as one self-contained SVG image, for a wiki or a README: the alignment tree with progress bars."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from html import escape

from rich.cells import cell_len

from config.dataclass import dataclass
from config.plain_text import one_line
from syncer.compute.assess import Assessment
from syncer.compute.states import KeyResultState, ObjectiveState
from syncer.i18n import translate
from syncer.present.notes_text import status_words
from syncer.present.report.chapters import Report
from syncer.present.report.groups import Node, alignment_tree
from syncer.present.status_text import SIGNS, heading
from syncer.present.text_width import fit
from syncer.sheet.number_text import show_percent

WIDTH, LINE, MARGIN = 960, 26, 16
BAR_X, BAR_WIDTH, PERCENT_X, STATUS_X = 560, 160, 772, 786
INDENT, LETTER = 18, 7.4
"""Pixels: the indent of a level of the tree, and the width of a letter; a Chinese character takes two letters."""
STATUS_LETTERS = 21

_STYLE = """\
text{font:14px system-ui,"Noto Sans TC","Noto Sans CJK TC","PingFang TC","Microsoft JhengHei",sans-serif;fill:#1c2430}
.paper{fill:#fff}.head{font-weight:700;font-size:16px}.o{font-weight:600}.track{fill:#dfe3ea}.due{fill:#1c2430}
.soft{fill:#566171}.good{fill:#1b7f4d}.warn{fill:#9a5600}.bad{fill:#b3261e}.idle{fill:#566171}
@media (prefers-color-scheme:dark){text,.due{fill:#e8ecf2}.paper{fill:#12161c}.track{fill:#303a48}
.soft,.idle{fill:#a0abba}
.good{fill:#5fce97}.warn{fill:#f0b35a}.bad{fill:#ff8a80}}"""
_TONES: Mapping[str, str] = {
    **dict.fromkeys(("done", "met", "on_track"), "good"),
    **dict.fromkeys(("at_risk", "stale"), "warn"),
    **dict.fromkeys(("off_track", "not_met"), "bad"),
}


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the image: `depth` is its level in the tree; `share` (None: unknown) and `due` are 0 to 1."""

    depth: int
    text: str
    share: Decimal | None = None
    due: Decimal = Decimal(0)
    status: str = ""
    tone: str = ""
    kind: str = ""


def report_svg(report: Report) -> str:
    """Draw a report as an SVG document; texts that do not fit on a line are cut."""
    lines = [line for chapter in report.chapters for line in _chapter(chapter.assessment)]
    for one in report.missing:
        text = translate(report.language, "{name} could not be read: {reason}", name=one.name, reason=one.reason)
        lines.append(_Line(0, one_line(text), kind="bad"))
    height = 2 * MARGIN + LINE * len(lines)
    drawn = [part for number, line in enumerate(lines) for part in _draw(line, MARGIN + LINE * number)]
    title = escape(" · ".join(dict.fromkeys(chapter.title for chapter in report.chapters)))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{title}">'
    )
    paper = f'<rect class="paper" width="{WIDTH}" height="{height}" rx="10"/>'
    return "\n".join([head, f"<title>{title}</title>", f"<style>{_STYLE}</style>", paper, *drawn, "</svg>"]) + "\n"


def _chapter(assessment: Assessment) -> Iterator[_Line]:
    language = assessment.config.workspace.language
    yield _Line(0, heading(assessment, language), kind="head")
    states = {state.id: state for state in assessment.objectives}
    below: dict[str, list[KeyResultState]] = {}
    for state in assessment.key_results:
        home = state.definition.objective if state.definition.objective in states else ""
        below.setdefault(home, []).append(state)

    def walk(nodes: Sequence[Node], depth: int) -> Iterator[_Line]:
        for node in nodes:
            yield _objective(states[node.id], depth, language)
            yield from (_key_result(state, depth + 1, language) for state in below.get(node.id, ()))
            yield from walk(node.below, depth + 1)

    yield from walk(alignment_tree(assessment.config), 0)
    if "" in below:
        yield _Line(0, translate(language, "Without an objective"), kind="o")
        yield from (_key_result(state, 1, language) for state in below[""])


def _objective(state: ObjectiveState, depth: int, language: str) -> _Line:
    status, text = state.effective, f"{state.id}  {one_line(state.title)}"
    shown = f"{SIGNS[status]} {status_words(state, language)}"
    return _Line(depth, text, state.rollup.progress, state.expected, shown, _TONES.get(status.value, "idle"), "o")


def _key_result(state: KeyResultState, depth: int, language: str) -> _Line:
    status, definition = state.effective, state.definition
    shown, text = f"{SIGNS[status]} {status_words(state, language)}", f"{definition.id}  {one_line(definition.title)}"
    return _Line(depth, text, state.progress.progress, state.expected, shown, _TONES.get(status.value, "idle"))


def _draw(line: _Line, top: int) -> Iterator[str]:
    x, base = MARGIN + INDENT * line.depth, top + 18
    room = int(((BAR_X if line.status else WIDTH) - MARGIN - x) / LETTER)
    kind = f' class="{line.kind}"' if line.kind else ""
    yield f'<text x="{x}" y="{base}"{kind}>{escape(_cut(line.text, room))}</text>'
    if not line.status:
        return
    yield f'<rect class="track" x="{BAR_X}" y="{top + 9}" width="{BAR_WIDTH}" height="9" rx="4.5"/>'
    if line.share:
        width = float(line.share) * BAR_WIDTH
        yield f'<rect class="{line.tone}" x="{BAR_X}" y="{top + 9}" width="{width:.1f}" height="9" rx="4.5"/>'
    yield f'<rect class="due" x="{BAR_X + float(line.due) * BAR_WIDTH - 1:.1f}" y="{top + 6}" width="2" height="15"/>'
    yield f'<text x="{PERCENT_X}" y="{base}" text-anchor="end">{show_percent(line.share)}</text>'
    status = escape(_cut(line.status, STATUS_LETTERS))
    yield f'<text x="{STATUS_X}" y="{base}" class="{line.tone}">{status}</text>'


def _cut(text: str, room: int) -> str:
    return text if cell_len(text) <= room else fit(text, room).rstrip()
