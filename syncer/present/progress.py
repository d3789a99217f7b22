"""How far a run's requests are, drawn anew while it works. Imported only once that takes a moment."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from config.plain_text import one_line
from connectors.http import Meter
from syncer.i18n import localize, translate
from syncer.present.number_text import fit, widest

BAR = 20
_LEAST_BAR = 4
_WIDEST_NAME = 28
_A_SECOND = 8
"""How often it is drawn."""

Planned = Mapping[tuple[str, str], int]
"""Requests by connection and kind."""


@dataclass(slots=True)
class Progress:
    """One line for each connection: requests made of those planned so far, and the time it took until they were.

    `doing` is what is said where no connection is asked; `clock` gives seconds, `began` was its beginning.
    """

    doing: str
    language: str
    meter: Meter
    planned: Planned
    clock: Callable[[], float]
    began: float
    _ended: dict[str, tuple[int, float]] = field(default_factory=dict)

    def live(self) -> Live:
        """What draws it on stderr and takes it away at the end. What others print is left alone."""
        console = Console(stderr=True)
        return Live(
            get_renderable=lambda: Group(*self.lines(console.width)),
            console=console,
            refresh_per_second=_A_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def lines(self, width: int) -> list[Text]:
        """The lines as they are now, none wider than `width` terminal cells."""
        made, planned = _by_connection(self._made()), self._total()
        names = list(dict.fromkeys([*planned, *made]))
        shown = {name: one_line(name) for name in names}
        counts = {name: self._count(made[name], planned[name]) for name in names}
        column = widest(list(shown.values()), min(_WIDEST_NAME, width // 3))
        numbers = widest(list(counts.values()), width // 3)
        bar = max(min(BAR, width - column - numbers - len("  ") * 3 - len("00:00") - 1), _LEAST_BAR)
        lines = [
            Text.assemble(
                fit(shown[name], column) + "  ",
                (_bar(made[name], planned[name], bar), "cyan"),
                "  " + _right(counts[name], numbers) + "  ",
                _time(self._seconds(name, made[name], planned[name])),
            )
            for name in names
        ]
        lines = lines or [Text(f"{localize(self.language, self.doing)} …  {_time(self.clock() - self.began)}")]
        for line in lines:
            line.no_wrap = True
            line.truncate(width - 1, overflow="ellipsis")
        return lines

    def _made(self) -> Counter[tuple[str, str]]:
        return Counter((call.connection, call.kind) for call in tuple(self.meter.calls))

    def _total(self) -> Counter[str]:
        """What is planned as far as it is known now; of a kind that took more, what it took."""
        made, foreseen = self._made(), dict(self.meter.foreseen)
        kinds = dict.fromkeys([*self.planned, *foreseen, *made])
        expected = {kind: self.planned.get(kind, 0) + foreseen.get(kind, 0) for kind in kinds}
        return _by_connection({kind: max(expected[kind], made[kind]) for kind in kinds})

    def _count(self, made: int, planned: int) -> str:
        return translate(self.language, "{made:,} of {planned:,} requests", made=made, planned=planned)

    def _seconds(self, name: str, made: int, planned: int) -> float:
        """Until now, or until the connection had made what was planned."""
        if made < planned:
            return self.clock() - self.began
        if self._ended.get(name, (-1, 0.0))[0] != made:
            self._ended[name] = (made, self.clock() - self.began)
        return self._ended[name][1]


def _by_connection(counts: Mapping[tuple[str, str], int]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (connection, _), count in counts.items():
        found[connection] += count
    return found


def _bar(made: int, planned: int, width: int) -> str:
    full = width * made // max(planned, 1)
    return "█" * full + "░" * (width - full)


def _right(text: str, width: int) -> str:
    return " " * max(width - widest([text], width), 0) + fit(text, widest([text], width))


def _time(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
