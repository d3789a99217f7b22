"""Tests that need a service of the machine: skipped where it is missing, failed where `OKRSYNC_REQUIRE` names it."""

import os

import pytest

VARIABLE = "OKRSYNC_REQUIRE"
"""Services whose tests must run, separated by commas: `OKRSYNC_REQUIRE=libreoffice pytest`."""


def need(service: str, found: bool) -> None:
    """Skip the test unless the service was found; fail it if the service is required."""
    if found:
        return
    if service in (name.strip() for name in os.environ.get(VARIABLE, "").split(",")):
        pytest.fail(f"{service} was not found, and {VARIABLE} names it", pytrace=False)
    pytest.skip(f"{service} was not found; {VARIABLE}={service} makes this a failure")
