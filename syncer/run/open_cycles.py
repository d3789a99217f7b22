"""Refuse to write closed cycles."""

from collections.abc import Iterable

from config.cycles import Cycle
from config.errors import SheetError
from config.loading.loader import Config
from config.message import Message


def cycles_of(config: Config) -> tuple[Cycle, ...]:
    """Return the workspace's own cycle and those of its objectives."""
    workspace = config.workspace
    return (workspace.cycle, *(workspace.cycle_of(key) for key in workspace.objectives))


def require_open(doing: str, cycles: Iterable[Cycle]) -> None:
    """Check that at least one of these cycles is open. Raises SheetError if all are closed."""
    names = {cycle.name: cycle.phase == "closed" for cycle in cycles}
    if names and all(names.values()):
        raise SheetError(
            doing,
            Message("{names} is closed, and a closed cycle is never written again", names=list(names)),
            effect="Nothing was written.",
            advice="Sync the next cycle's config (`okrsync close --next FILE` drafts it), or set its phase to closing.",
        )
