"""The next cycle's config: derived from the text of this one."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from config.cycles import Cycle, parse_cycle
from config.dataclass import dataclass
from config.loading.loader import Config
from config.loading.workspace_files import shown
from config.message import Message
from syncer.compute.assess import Assessment
from syncer.cycle_end.carry import Carrier, Rebased
from syncer.cycle_end.close import ClosedKeyResult, Closing
from syncer.cycle_end.next_sheet import NextPlace, edit_place
from syncer.cycle_end.yaml_edit import YamlText
from syncer.i18n import localize

_USUAL = re.compile(r"(\d{4})(?:-([QH])(\d))?")
_PARTS = {"Q": 4, "H": 2}


def neighbour(cycle: Cycle, step: int) -> str | None:
    """Return the name of the cycle `step` cycles later: 2026-Q4 and 1 give 2027-Q1. None for custom names or dates."""
    match = _USUAL.fullmatch(cycle.name)
    if match is None or (parse_cycle(cycle.name).first, parse_cycle(cycle.name).last) != (cycle.first, cycle.last):
        return None
    year, letter, part = int(match[1]), match[2], match[3]
    if letter is None:
        return str(year + step)
    count = _PARTS[letter]
    years, rest = divmod(int(part) - 1 + step, count)
    return f"{year + years}-{letter}{rest + 1}"


@dataclass(frozen=True, slots=True)
class NextConfig:
    """Files of the next cycle by path, the config first, and what a person has to complete or check.

    `rebased` are the numbers of key results, by id, for those that are kept in the sheet. `sheet` is the name of the
    new sheet, once it is made. `follows` says whether the config of the cycle names the new one as its successor.
    """

    files: Mapping[Path, str]
    to_do: tuple[Message, ...]
    rebased: Mapping[str, Rebased]
    sheet: str = ""
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """A cycle that has ended: as assessed today, and with its scores and decisions."""

    assessment: Assessment
    closing: Closing

    @property
    def config(self) -> Config:
        """The config of the cycle."""
        return self.assessment.config


def next_config(ended: Ended, path: Path, cycle: Cycle, place: NextPlace) -> NextConfig:
    """Build the files of the next cycle. Changed included files are copied to a folder named like the new config.

    Reads the config's files and writes nothing. Raises OSError.
    """
    config, closing = ended.config, ended.closing
    closed = {one.id: one for one in closing.key_results}
    main = shown(config.path)
    before = {
        name: Path(name).read_text("utf-8-sig")
        for name in dict.fromkeys([main, *(place.file for place in config.places.values())])
    }
    edited = [*_edited(config, closed), "okr_sheet"]
    texts = {name: YamlText(text, edited) for name, text in before.items()}
    carrier = Carrier(config, closing.cycle)
    for text in texts.values():
        _edit(text, closed, cycle, carrier)
    for one in closed.values():
        if one.carried and not one.state.definition.in_config:
            carrier.carry_row(one)
    files: dict[Path, str] = {}
    included = []
    for name in list(texts)[1:]:
        inside = Path(name).absolute().relative_to(config.base_dir)
        after = texts[name].text()
        if after != before[name]:
            inside = Path(path.stem) / inside
            files[path.parent / inside] = after
        included.append(inside.as_posix())
    _edit_main(texts[main], config, cycle, included, carrier)
    edit_place(texts[main], place, carrier)
    head = _head(config, closing, cycle, carrier)
    return NextConfig({path: texts[main].text(head), **files}, tuple(carrier.to_do), carrier.rebased)


def parse_next_cycle(text: str, config: Config) -> Cycle:
    """Parse a cycle: `2027-Q1`, one of the config's `cycles`, or `NAME=FIRST..LAST`. Raises ValueError."""
    known = config.workspace.cycle_named(text)
    if known is not None:
        return known
    name, found, days = text.partition("=")
    if not found:
        return parse_cycle(text)
    first, _, last = days.partition("..")
    return parse_cycle({"name": name.strip(), "start": first, "end": last})


def _edited(config: Config, closed: Mapping[str, ClosedKeyResult]) -> list[str]:
    """Return the paths of entries to edit, which must not be in flow style (braces)."""
    paths = [f"objectives.{key}" for key in config.workspace.objectives]
    for entry in config.key_results:
        if entry.id in closed:
            lists = {"parts": len(entry.definition.parts), "steps": len(entry.definition.steps)}
            paths.append(entry.path)
            paths += [f"{entry.path}.{name}.{number + 1}" for name, count in lists.items() for number in range(count)]
    return paths


def _edit(text: YamlText, closed: Mapping[str, ClosedKeyResult], cycle: Cycle, carrier: Carrier) -> None:
    workspace = carrier.config.workspace
    goes_on = {one.state.definition.objective for one in closed.values() if one.carried}
    had = {one.state.definition.objective for one in closed.values()}
    gone = (had - goes_on) & set(workspace.objectives)
    left_out = {one.id for one in closed.values() if not one.carried} | gone
    for key, objective in workspace.objectives.items():
        path = f"objectives.{key}"
        if not text.has(path):
            continue
        if key in gone:
            note = carrier.translate("{id} ended with {cycle}.", id=key, cycle=carrier.cycle)
            text.remove(path, note)
            continue
        if objective.cycle == carrier.cycle:
            text.replace(f"{path}.cycle", f"cycle: {cycle.name}")
        if left_out & set(objective.aligns_to):
            above = [one for one in objective.aligns_to if one not in left_out]
            text.replace(f"{path}.aligns_to", f"aligns_to: [{', '.join(above)}]")
    for entry in carrier.config.key_results:
        inside_gone = entry.path.startswith("objectives.") and entry.objective_id in gone
        if entry.id not in closed or inside_gone or not text.has(entry.path):
            continue
        if closed[entry.id].carried:
            carrier.carry(text, entry, closed[entry.id])
        else:
            text.remove(entry.path, _left_out(closed[entry.id], carrier))


def _left_out(one: ClosedKeyResult, carrier: Carrier) -> str:
    cycle, score = carrier.cycle, "" if one.score is None else f" ({one.score})"
    if one.dropped or (one.decision is not None and one.decision.verdict == "abandon"):
        return carrier.translate("{id} was abandoned after {cycle}{score}.", id=one.id, cycle=cycle, score=score)
    return carrier.translate("{id} was completed in {cycle}{score}.", id=one.id, cycle=cycle, score=score)


def _edit_main(text: YamlText, config: Config, cycle: Cycle, included: list[str], carrier: Carrier) -> None:
    text.replace("cycle", f"cycle: {_cycle_text(cycle, config)}")
    if text.has("followed_by"):
        text.drop("followed_by")
    if text.has("pace") and config.workspace.pace.points:
        text.comment_out("pace", carrier.translate("of {cycle}:", cycle=carrier.cycle))
        carrier.ask("`pace` needs the dates of the new cycle")
    if included and text.has("include"):
        text.replace("include", f"include: [{', '.join(included)}]")


def _head(config: Config, closing: Closing, cycle: Cycle, carrier: Carrier) -> Iterable[str]:
    name, today = config.path.name, closing.today
    yield carrier.translate(
        "# {cycle}, made from {file} on {day} by `okrsync close`.", cycle=cycle.name, file=name, day=today
    )
    if carrier.to_do:
        yield carrier.translate("# To look at before the cycle begins:")
        yield from (f"#   - {localize(config.workspace.language, text)}" for text in carrier.to_do)


def _cycle_text(cycle: Cycle, config: Config) -> str:
    if cycle.name in config.workspace.cycles:
        return cycle.name
    try:
        usual = parse_cycle(cycle.name)
    except ValueError:
        usual = None
    if usual is not None and (usual.first, usual.last) == (cycle.first, cycle.last):
        return cycle.name
    return f'{{name: "{cycle.name}", start: {cycle.first}, end: {cycle.last}}}'
