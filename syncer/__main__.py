"""Entry point. Checks that `config`, `connectors` and `syncer` are okrsync's own packages before importing them."""

import atexit
import gc
import os
import sys
from importlib.util import find_spec
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
"""Folder that holds okrsync's three packages."""

_FEW_COLLECTIONS = 500_000
"""Objects made between two collections of garbage, which took a sixth of the time of importing."""


def stranger() -> str | None:
    """Return an error message when an okrsync package is missing or shadowed by another; None when all are its own."""
    for name in ("config", "connectors", "syncer"):
        spec = find_spec(name)
        origin = spec.origin if spec else None
        if origin is None:
            return (
                f"okrsync: its package '{name}' is gone or incomplete; reinstall okrsync in an environment of its own"
            )
        if Path(origin).resolve().parent != HOME / name:
            return f"okrsync: {origin} hides okrsync's own package '{name}'; rename it, or install okrsync with pipx"
    return None


def main() -> None:
    """Run the command line and exit with its exit code; 1 when another package shadows one of okrsync's."""
    if problem := stranger():
        sys.stderr.write(problem + "\n")
        sys.exit(1)
    os.environ |= {"OPENPYXL_LXML": "False", "OPENPYXL_DEFUSEDXML": "False"}  # the standard library is twice as fast
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # it would read about every package
    gc.set_threshold(_FEW_COLLECTIONS)
    from syncer.cli import EXIT_INTERRUPTED, run_guarded

    code = run_guarded(sys.argv[1:])
    if code != EXIT_INTERRUPTED:  # after Ctrl-C, requests may be under way; they only read
        atexit._run_exitfuncs()  # noqa: SLF001 - nothing else runs them before os._exit
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        sys.exit(code)
    os._exit(code)  # without freeing every object first, which takes a tenth of the time of a run


if __name__ == "__main__":
    main()
