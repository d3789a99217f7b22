"""The installed version of okrsync."""

from functools import cache


@cache
def installed_version() -> str:
    """Return the version that the installed package states, such as 0.1.0."""
    from importlib.metadata import version  # it takes a sixth of the time of `--help`

    return version("okrsync")
