"""The workspaces of a fleet, each open or with the error that keeps it from being used."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextvars import copy_context
from dataclasses import replace
from pathlib import Path

from config.dataclass import dataclass
from config.errors import ConfigError, OkrsyncError
from config.identity import NO_ID, id_line
from config.loading.card import Card, read_card
from config.loading.loader import Config
from config.loading.workspace_files import shown
from config.message import Message
from config.terms import Terms
from connectors.google_sheets.links import spreadsheet_id
from connectors.microsoft.links import shown as shown_link
from syncer.fleet.cards import StatedIds, require_known
from syncer.run.same_sheet import scope_of
from syncer.run.workspace import Opened, open_workspace

_EFFECT = "This workspace was skipped; the others were not affected."


@dataclass(frozen=True, slots=True)
class Member:
    """One workspace of a fleet: `opened`, or the `error` that keeps it from being used.

    `card` is the head of a config that is wrong elsewhere. `foreign`: its id is that of another workspace.
    """

    file: Path
    opened: Opened | None = None
    error: OkrsyncError | None = None
    card: Card | None = None
    foreign: bool = False

    @property
    def id(self) -> str:
        """The workspace's id; empty where the config cannot be read."""
        return self.opened.config.workspace.id if self.opened else self.card.id if self.card else ""

    @property
    def name(self) -> str:
        """The workspace's title; its file where the config cannot be read."""
        title = self.opened.config.workspace.title if self.opened else self.card.name if self.card else ""
        return title or shown(self.file)


def open_members(terms: Mapping[Path, Terms], *, secrets: bool = True) -> list[Member]:
    """Open every workspace on its terms.

    Those that share an id or an OKR sheet with another are errors, as are those without id.
    """
    members = [_opened(file, one, secrets=secrets) for file, one in terms.items()]
    foreign = dict(_with_a_foreign_id(members, terms))
    opened = [one for one in members if one.opened and one.file not in foreign]
    errors = {**dict(_sharing_sheets(opened)), **dict(_sharing_ids(opened)), **dict(_without_id(opened)), **foreign}
    return [replace(one, error=errors.get(one.file, one.error), foreign=one.file in foreign) for one in members]


def chosen(members: Sequence[Member], wanted: Collection[str]) -> list[Member]:
    """Return the members with these ids or files; all if none are wanted. Raises OkrsyncError for an unknown one."""
    require_known(wanted, [name for one in members for name in _names(one)])
    return [one for one in members if not wanted or any(name in wanted for name in _names(one))]


def _names(member: Member) -> tuple[str, ...]:
    return tuple(name for name in (member.id, shown(member.file), str(member.file)) if name)


def _opened(file: Path, terms: Terms, *, secrets: bool) -> Member:
    try:
        opened = copy_context().run(open_workspace, file, secrets=secrets, terms=terms)  # keeps its language to itself
        return Member(file, opened)
    except OkrsyncError as error:
        return Member(file, error=error, card=_card(file, terms))


def _card(file: Path, terms: Terms) -> Card | None:
    try:
        return read_card(file, terms.grants)
    except ConfigError:
        return None


def _without_id(members: Iterable[Member]) -> Iterator[tuple[Path, OkrsyncError]]:
    for one in members:
        if one.id == NO_ID:
            advice = Message("Add a line to the config: {line}", line=id_line(one.file.parent))
            yield _refused(one, Message("its workspace has no id, which a fleet needs"), advice)


def _with_a_foreign_id(members: Iterable[Member], terms: Mapping[Path, Terms]) -> Iterator[tuple[Path, OkrsyncError]]:
    """Refuse workspaces whose id is not the one that the manifest states, or is stated for another."""
    stated = StatedIds(terms)
    for one in members:
        if one.opened and (saw := stated.problem(one.file, one.id)):
            yield _refused(one, saw, Message("Copied config? New id: {line}", line=id_line(one.file.parent)))


def _sharing_ids(members: Iterable[Member]) -> Iterator[tuple[Path, OkrsyncError]]:
    """Refuse workspaces with one id in one cycle: they would share history, lock and own tab."""
    by_scope = defaultdict(list)
    for one in members:
        if one.opened:
            by_scope[scope_of(one.opened.config)].append(one)
    for scope, several in by_scope.items():
        for one in several if len(several) > 1 else ():
            yield _refused(
                one,
                Message("its id '{id}' is also that of {others}", id=scope.workspace, others=_others(one, several)),
                Message("Copied config? New id: {line}", line=id_line(one.file.parent)),
            )


def _sharing_sheets(members: Iterable[Member]) -> Iterator[tuple[Path, OkrsyncError]]:
    """Refuse workspaces with different ids that write the same file, tab or own tab."""
    by_place = defaultdict(list)
    for one in members:
        for place in _places(one.opened.config) if one.opened else ():
            by_place[place].append(one)
    for several in by_place.values():
        for one in several if len({other.id for other in several}) > 1 else ():
            yield _refused(
                one,
                Message("its OKR sheet is also that of {others}", others=_others(one, several)),
                Message("Give each workspace a sheet of its own, or `tabs` and an `own_tab` of its own."),
            )


def _places(config: Config) -> Iterator[tuple[str, ...]]:
    """Yield what a workspace writes: a file, or its own tab and people's tabs of a spreadsheet."""
    sheet = config.workspace.okr_sheet
    if sheet.file is not None:
        yield (str((config.base_dir / sheet.file).resolve()),)
        return
    if sheet.link is not None:
        yield (shown_link(sheet.link),)
        return
    spreadsheet = spreadsheet_id(sheet.spreadsheet or "")
    yield spreadsheet, "own tab", sheet.own_tab
    for tab in sheet.tabs or ("",):
        yield spreadsheet, "tab", tab


def _refused(one: Member, saw: Message, advice: Message) -> tuple[Path, OkrsyncError]:
    doing = Message("adding {file} to the fleet", file=shown(one.file))
    return one.file, OkrsyncError(doing, saw, effect=_EFFECT, advice=advice)


def _others(one: Member, several: Sequence[Member]) -> list[str]:
    return [shown(other.file) for other in several if other is not one]
