"""What is kept: the pose model, the app's folders, the history of sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.pose.model import VARIANTS
from app.validation.checkup.finding import EVERY_JOB, fine, not_checked, note, trouble

if TYPE_CHECKING:
    from app.validation.checkup.facts import FolderFacts, HistoryFacts, ModelFacts
    from app.validation.checkup.finding import Finding, System, Value

#: An hour of poses is about 25 MB; below the first there is no room for a run, below the second soon none.
LEAST_FREE_BYTES: Final = 200_000_000
LOW_FREE_BYTES: Final = 1_000_000_000
DATA_VARIABLE, CACHE_VARIABLE = "HINGECOACH_DATA", "HINGECOACH_CACHE"


def check_model(facts: ModelFacts, system: System) -> list[Finding]:
    """Judge the pose model."""
    variant, path, sha256 = facts.variant, facts.path, facts.sha256
    values: dict[str, Value] = {
        "variant": variant,
        "path": path,
        "sha256": sha256 or None,
        "origin": facts.origin or None,
    }
    if facts.valid:
        short, origin = sha256[:12], facts.origin
        if facts.notice:
            return [note("model.file", facts.notice, "", **values)]
        return [fine("model.file", f"{variant}, whole ({origin}, SHA-256 {short}), in {path}", **values)]
    if variant not in VARIANTS:
        what, _, remedy = facts.problem.partition(": ")
        remedy = remedy[:1].upper() + remedy[1:]
        return [
            trouble("model.file", f"{what}", remedy or f"hingecoach model status --model {path}", EVERY_JOB, **values)
        ]
    if not facts.cache_writable:
        return [
            trouble(
                "model.file", f"The pose model {variant} is missing and cannot be saved in {path}",
                f"Make that folder writable, or set {CACHE_VARIABLE} to another one.", EVERY_JOB, **values,
            )
        ]  # fmt: skip
    if facts.present:
        return [
            trouble(
                "model.file", f"The pose model {variant} is damaged: {path}",
                f"hingecoach model fetch --model {variant}", **values,
            )
        ]  # fmt: skip
    return [
        note(
            "model.file", f"The pose model {variant} is not here yet; the first start fetches it (9 MB, once).",
            f"hingecoach model fetch --model {variant}", **values,
        )
    ]  # fmt: skip


def check_folders(folders: tuple[FolderFacts, ...], system: System) -> list[Finding]:
    """Judge where the app keeps its things."""
    return [finding for folder in folders for finding in _folder(folder, system)]


def _folder(facts: FolderFacts, system: System) -> list[Finding]:
    found = [_writable(facts, system)]
    if facts.name != "logs":
        found.append(_room(facts))
    if facts.name == "data":
        found += [_place(facts), _wal(facts)]
    return found


def _writable(facts: FolderFacts, system: System) -> Finding:
    name, path, error = f"folders.{facts.name}", facts.path, facts.error
    variable = CACHE_VARIABLE if facts.name == "cache" else DATA_VARIABLE
    if error:  # which stops nothing: without it the coach goes on, and says that nothing is recorded
        return trouble(
            name, f"{path} cannot be written: {error}", f"Make it writable, or set {variable} to another folder.",
            path=path,
        )  # fmt: skip
    if facts.readable_by_others and facts.name == "data" and not system.windows:
        return note(name, f"Others on this computer may read {path}", f"chmod -R go-rwx '{path}'", path=path)
    if not facts.there:
        return fine(name, f"Made when it is needed: {path}", path=path)
    return fine(name, f"Can be written: {path}", path=path)


def _room(facts: FolderFacts) -> Finding:
    name, free = f"folders.{facts.name}_room", facts.free_bytes
    if free is None:
        return not_checked(name, "The system does not tell how much room there is.")
    gigabytes = free / 1e9
    values: dict[str, Value] = {"free_bytes": free}
    if free < LEAST_FREE_BYTES:
        megabytes = free / 1e6
        return trouble(name, f"Only {megabytes:.0f} MB are free.", "Make room on that disk.", **values)
    if free < LOW_FREE_BYTES:
        return note(name, f"Only {gigabytes:.1f} GB are free.", "Make room on that disk.", **values)
    return fine(name, f"{gigabytes:.0f} GB are free", **values)


def _place(facts: FolderFacts) -> Finding:
    kind, service = facts.file_system, facts.synced
    remedy = f"Set {DATA_VARIABLE} to a folder on this computer's own disk."
    if service:
        return note(
            "folders.place", f"The data folder is synchronised by {service}: it leaves this computer.", remedy,
            service=service, file_system=kind,
        )  # fmt: skip
    if facts.remote:
        return note(
            "folders.place", f"The data folder is on another machine ({kind}): slow, and locks may not hold.", remedy,
            file_system=kind,
        )  # fmt: skip
    where = f" ({kind})" if kind else ""
    return fine("folders.place", f"On this computer's own disk{where}", file_system=kind)


def _wal(facts: FolderFacts) -> Finding:
    if facts.wal is None:
        return not_checked("folders.database", "The folder cannot be written.")
    if not facts.wal:
        error = facts.wal_error or "SQLite's log does not work there"
        remedy = f"Set {DATA_VARIABLE} to a folder on this computer's own disk."
        if "full" in error:
            remedy = "Make room on that disk."
        return trouble("folders.database", f"The history cannot be kept safely: {error}", remedy)
    return fine("folders.database", "The history can be written (SQLite with its log)")


def check_history(facts: HistoryFacts, system: System) -> list[Finding]:
    """Judge the database, recordings that were cut off, and other Hinge Coaches."""
    return [_whole(facts), _interrupted(facts), _others(facts)]


def _whole(facts: HistoryFacts) -> Finding:
    sessions = facts.sessions
    if facts.unread:
        why = facts.unread
        return not_checked("history.whole", f"The history could not be looked through: {why}")
    if not facts.there:
        return fine("history.whole", "No sessions yet", sessions=0)
    if facts.newer:
        return trouble("history.whole", "The history was written by a newer Hinge Coach.", "Update Hinge Coach.")
    if facts.problem:
        problem = facts.problem
        return trouble(
            "history.whole", f"The history is damaged: {problem}",
            "Start Hinge Coach: it sets the damaged file aside and reads the sessions in again.",
        )  # fmt: skip
    return fine("history.whole", f"{sessions} sessions, the database is whole", sessions=sessions)


def _interrupted(facts: HistoryFacts) -> Finding:
    count = facts.interrupted
    if count:
        return note(
            "history.interrupted", f"{count} recordings were cut off.",
            "Start Hinge Coach, or list the sessions: they are recovered.", count=count,
        )  # fmt: skip
    return fine("history.interrupted", "No recording was cut off", count=0)


def _others(facts: HistoryFacts) -> Finding:
    recording = facts.recording
    if facts.others:
        pid, command = facts.others[0]
        return note(
            "history.running", f"Another Hinge Coach runs (process {pid}: {command}).",
            "Close it if it holds the camera.", pid=pid, recording=recording,
        )  # fmt: skip
    if recording:
        return note(
            "history.running", f"Another Hinge Coach is recording ({recording}).", "Close it if it holds the camera.",
            recording=recording,
        )  # fmt: skip
    return fine("history.running", "No other Hinge Coach runs", recording=0)
