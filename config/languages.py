"""Languages of texts for people."""

from typing import Literal

Language = Literal["en", "zh-TW"]
