"""How the numbers of a key result are shown. It changes no value that is compared or written."""

from decimal import Decimal

from config.dataclass import dataclass
from config.models import LargeNumbers


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """Style of the numbers of a key result, a KPI or a part.

    Attributes:
        percent: numbers are fractions, shown as percentages.
        large: how numbers from 10,000 on are shown.
        marks: numbers such as the target: a rounded number never seems to be on one of them, or beyond it.
        parts: the style of each of several numbers.
    """

    percent: bool = False
    unit: str = ""
    large: LargeNumbers = "digits"
    marks: tuple[Decimal, ...] = ()
    parts: "tuple[NumberStyle, ...]" = ()


PLAIN_NUMBERS = NumberStyle()
