"""A check-up as JSON and as plain text, and what can be done on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import app as package
from app.validation.checkup.finding import Finding, Job, Outcome, System
from app.validation.checkup.parts import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SCHEMA: Final = "hingecoach.doctor/1"
#: How an outcome is written in a line of text.
SIGNS: Final = {Outcome.OK: "ok", Outcome.NOTE: "note", Outcome.TROUBLE: "TROUBLE", Outcome.NOT_CHECKED: "-"}
_ORDER: Final = {name: place for place, name in enumerate(name for part in PARTS for name in part.ids)}
_DIGITS: Final = 4


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings in the order of the parts."""
    return sorted(findings, key=lambda finding: _ORDER.get(finding.id, len(_ORDER)))


def stopped_by(findings: Iterable[Finding], job: Job) -> list[str]:
    """Return the ids of what stops a job on this machine."""
    return [finding.id for finding in findings if job in finding.stops]


def document(
    findings: Sequence[Finding], system: System, seconds: float, latency: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the check-up as the JSON of docs/formats.md."""
    ordered = in_order(findings)
    return {
        "schema": SCHEMA,
        "app": {"version": package.__version__},
        "system": {
            "platform": system.platform,
            "release": system.release or None,
            "packages": system.packages or None,
            "wsl": system.wsl,
            "sandbox": system.sandbox or None,
            "bundled": system.bundled,
        },
        "seconds": round(seconds, 1),
        "jobs": {job.value: _job(ordered, job) for job in Job},
        "checks": [_check(finding) for finding in ordered],
        "latency": None if latency is None else dict(latency),
    }


def _job(findings: Sequence[Finding], job: Job) -> dict[str, Any]:
    stopped = stopped_by(findings, job)
    return {"works": not stopped, "stopped_by": stopped}


def _check(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "outcome": finding.outcome.value,
        "fact": finding.fact,
        "remedy": finding.remedy or None,
        "stops": sorted(job.value for job in finding.stops),
        "values": {
            name: round(value, _DIGITS) if isinstance(value, float) else value for name, value in finding.values.items()
        },
    }


def finding_of(check: Mapping[str, Any]) -> Finding:
    """Return a check of a document as the finding it was."""
    stops = frozenset(Job(name) for name in check.get("stops", ()))
    outcome, values = Outcome(check["outcome"]), check.get("values", {})
    return Finding(str(check["id"]), outcome, str(check["fact"]), str(check.get("remedy") or ""), stops, values)


def lines(findings: Iterable[Finding]) -> list[str]:
    """Return the check-up as plain lines: one for each check, an indented one for each remedy."""
    written = []
    for finding in in_order(findings):
        written.append(f"{SIGNS[finding.outcome]:<8}{finding.id:<22}{finding.fact}")
        if finding.remedy:
            written.append(f"{'':<30}-> {finding.remedy}")
    return written
