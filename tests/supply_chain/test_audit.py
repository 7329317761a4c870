"""What pip-audit reports is read, and silence of its service is no finding."""

import json

import pytest
from pip_audit._service import ConnectionError as NotReachedError
from pip_audit._service import PyPIService

from tests.supply_chain import audit

REPORT = {
    "dependencies": [
        {"name": "safe", "version": "1", "vulns": []},
        {"name": "unknown", "skip_reason": "not found"},
        {"name": "weak", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"], "aliases": [], "description": ""}]},
    ]
}


def test_a_weakness_is_a_line() -> None:
    assert audit.weaknesses(json.dumps(REPORT)) == ["weak 2: PYSEC-1, mended in 3"]


def test_what_the_service_does_not_know_is_not_called_safe() -> None:
    assert audit.looked_up(json.dumps(REPORT)) == (2, 3)


def test_without_the_service_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise NotReachedError

    monkeypatch.setattr(PyPIService, "query", refuse)
    assert not audit.is_reachable()
