"""Tests of a service that is missing are skipped, or fail where it is required."""

import pytest

from services_needed import VARIABLE, need


def is_run(*, found: bool) -> bool:
    try:
        need("libreoffice", found=found)
    except (pytest.skip.Exception, pytest.fail.Exception):
        return False
    return True


@pytest.mark.parametrize("required", ["", "postgres", "libreoffice"])
def test_a_test_runs_only_where_its_service_is_found(required: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, required)
    assert is_run(found=True)
    assert not is_run(found=False)


@pytest.mark.parametrize("required", ["", "postgres", "office"])
def test_a_missing_service_skips_its_tests(required: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, required)
    with pytest.raises(pytest.skip.Exception, match="libreoffice was not found"):
        need("libreoffice", found=False)


@pytest.mark.parametrize("required", ["libreoffice", "postgres, libreoffice"])
def test_a_missing_service_that_is_required_fails_them(required: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, required)
    with pytest.raises(pytest.fail.Exception, match=f"and {VARIABLE} names it"):
        need("libreoffice", found=False)
