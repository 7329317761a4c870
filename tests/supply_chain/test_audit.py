"""What pip-audit reports is read, and silence of its service is no finding."""

import json
import subprocess

import pytest
from pip_audit._service import ConnectionError as NotReachedError
from pip_audit._service import PyPIService, SkippedDependency
from requests.exceptions import SSLError

from tests.supply_chain import audit
from tests.supply_chain.pinned import ROOT

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


@pytest.mark.parametrize("error", [NotReachedError(), SSLError("self-signed certificate in certificate chain")], ids=repr)
def test_without_the_service_nothing_is_asked(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(PyPIService, "query", refuse)
    assert not audit.is_reachable()


def test_a_service_that_knows_nothing_is_no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    skipped = SkippedDependency("pip", "not found")
    monkeypatch.setattr(PyPIService, "query", lambda *_args, **_options: (skipped, []))
    assert not audit.is_reachable()


@pytest.mark.parametrize(("weak", "code"), [(True, 1), (False, 0)])
def test_a_weakness_fails_the_step(monkeypatch: pytest.MonkeyPatch, weak: bool, code: int) -> None:
    report = REPORT if weak else {"dependencies": REPORT["dependencies"][:2]}
    monkeypatch.setattr(audit, "is_reachable", lambda: True)
    monkeypatch.setattr(audit, "audit", lambda: json.dumps(report))
    assert audit.main() == code


def test_without_the_service_the_step_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(audit, "is_reachable", lambda: False)
    assert audit.main() == 0
    assert "nothing was looked up" in capsys.readouterr().out


def test_what_pip_audit_cannot_do_is_no_clean_report(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def fail(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 2, "", "broken")

    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(subprocess.CalledProcessError):
        audit.audit()
    assert {"--require-hashes", str(ROOT / "requirements.txt")} <= set(asked[0])
