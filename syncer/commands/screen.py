"""What a person sees while a command works: on stderr, and only on a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def activity(doing: str) -> Iterator[None]:
    """Show that something is under way."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{doing} …"):
        yield
