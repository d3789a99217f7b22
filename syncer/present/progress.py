"""Live progress of a run's reads on stderr. Imported only when a run takes longer than a moment."""

from collections import Counter
from collections.abc import Callable
from dataclasses import field

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from config.dataclass import dataclass
from config.plain_text import one_line
from connectors.http import Meter
from syncer.i18n import join, localize, translate, translate_count
from syncer.present.text_width import fit, widest

BAR = 20
_LEAST_BAR = 4
_WIDEST_NAME = 28
_A_SECOND = 8
"""Redraws per second."""


@dataclass(slots=True)
class Progress:
    """One line per connection: reads answered, requests made, and the time until its last read was answered.

    Attributes:
        doing: a translatable message, shown until a read or a request is counted.
        clock: returns seconds; `began` is its value when the run began.
    """

    doing: str
    language: str
    meter: Meter
    clock: Callable[[], float]
    began: float
    _ended: dict[str, tuple[int, float]] = field(default_factory=dict)

    def live(self) -> Live:
        """Return the Rich display, which draws on stderr and is erased at the end; other output is not redirected."""
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
        """Return the current lines, each less than `width` terminal cells wide."""
        meter = self.meter
        made = Counter(call.connection for call in tuple(meter.calls))
        reads = {name: (meter.answered[name], meter.reads[name]) for name in [*tuple(meter.reads), *made]}
        shown = {name: one_line(name) for name in reads}
        counts = {name: self._count(*reads[name], made[name]) for name in reads}
        column = widest(list(shown.values()), min(_WIDEST_NAME, width // 3))
        numbers = widest(list(counts.values()), width * 2 // 5)
        bar = max(min(BAR, width - column - numbers - len("  ") * 3 - len("00:00") - 1), _LEAST_BAR)
        lines = [
            Text.assemble(
                fit(shown[name], column) + "  ",
                (_bar(answered, asked, bar), "cyan"),
                "  " + _right(counts[name], numbers) + "  ",
                _time(self._seconds(name, answered, asked)),
            )
            for name, (answered, asked) in reads.items()
        ]
        lines = lines or [Text(f"{localize(self.language, self.doing)} …  {_time(self.clock() - self.began)}")]
        for line in lines:
            line.no_wrap = True
            line.truncate(width - 1, overflow="ellipsis")
        return lines

    def _count(self, answered: int, asked: int, made: int) -> str:
        requests = translate_count(self.language, "{count:,} request", "{count:,} requests", made)
        if not asked:
            return requests
        reads = translate(self.language, "{answered:,} of {asked:,} reads", answered=answered, asked=asked)
        return join(self.language, [reads, requests])

    def _seconds(self, name: str, answered: int, asked: int) -> float:
        """Return the seconds from the beginning to now, or to when all reads so far were answered."""
        if answered < asked or not asked:
            return self.clock() - self.began
        if self._ended.get(name, (-1, 0.0))[0] != asked:
            self._ended[name] = (asked, self.clock() - self.began)
        return self._ended[name][1]


def _bar(answered: int, asked: int, width: int) -> str:
    if not asked:
        return " " * width  # the OKR sheet alone
    full = width * answered // asked
    return "█" * full + "░" * (width - full)


def _right(text: str, width: int) -> str:
    return " " * max(width - widest([text], width), 0) + fit(text, widest([text], width))


def _time(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
