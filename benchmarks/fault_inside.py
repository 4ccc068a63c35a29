"""Faults of what is behind the camera: the network, an observer, the coach, the disk, the sound; one function each."""

from __future__ import annotations

import itertools
import math
import os
import shutil
import threading
import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from app.cli.bench_watch import replaced
from app.coach.report import Cue
from app.session import Event, EventKind, Phase
from app.store.sessions import pose_file, recording
from app.store.sessions.recovery import SETTLED_S
from app.ui.aside_voice import AsideVoice
from app.ui.audio import CueAudio
from app.ui.sounds import SoundChoice
from benchmarks.fault_camera import wrong_of
from benchmarks.fault_runs import Outcome, running

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.session import Analysis


class BugError(RuntimeError):
    """What is raised on purpose."""


def network_raises(name: str, at: Callable[[int], bool]) -> Outcome:
    """The network raises at some turns, and the session goes on."""

    def before(turn: int) -> None:
        if at(turn):
            raise BugError("graph")

    with running(before=before) as run:
        judged_s = run.until_running()
        run.pass_by(2.0)
        told, frames = run.session.status().notice, len(run.reports)
        run.session.stop()
        lost = run.lost_frames()
        wrong = wrong_of(run, (math.isinf(judged_s), "not judged"), (lost != 0, "frames lost"), (not told, "not told"))
    return Outcome(
        f"the network raises {name}",
        f"leaves that picture out ({sum(at(k) for k in range(frames))} of {frames}) and goes on; five in a row: the "
        "network is made anew",
        f"“{told}”",
        f"{lost} frames",
        wrong=wrong,
    )


def network_raises_always() -> Outcome:
    """The network raises from some picture on, and so does the one that is made anew."""
    turns = itertools.count()

    def before(_turn: int) -> None:
        if next(turns) >= 200:
            raise BugError("graph")

    with running(before=before) as run:
        run.until(lambda: len(run.reports) >= 200)
        took_s = run.until(lambda: run.phase is Phase.FAULTED, 20.0)
        run.session.stop()
        status, lost, made = run.session.status(), run.lost_frames(), len(run.oracle)
        ours = status.error_is_ours
    return Outcome(
        "the network raises always, from then on",
        f"makes it anew once ({made} networks in all), then ends the session after 30 pictures; the recording is "
        "closed as usual, the last picture stays",
        "“Something went wrong inside Hinge Coach. The log file has the details.”",
        f"{lost} frames",
        took_s,
        "until it is given up",
        10.0,
        "" if ours and made == 2 and not lost else f"ours {ours}, {made} networks, {lost} frames lost",
    )


def network_hangs(seconds: float) -> Outcome:
    """The network takes very long for one picture."""

    def before(turn: int) -> None:
        if turn == 300:
            time.sleep(seconds)

    with running(before=before) as run:
        run.until(lambda: len(run.reports) >= 300)
        back_s = run.until_new(seconds + 10.0) - seconds
        judged_s = run.until_running()
        ages_ms = run.session.status().age_ms_p95
        run.session.stop()
        lost, marks = run.lost_frames(), run.marks()
        wrong = wrong_of(run, (math.isinf(judged_s), "not judged"), (len(marks) != 1, "gap not marked"),
                         (ages_ms > 100.0, f"frames {ages_ms:.0f} ms old"), (lost != 0, "frames lost"))  # fmt: skip
    return Outcome(
        f"the network hangs for {seconds:g} s",
        "goes on with the newest picture, no backlog; the gap is marked",
        "the card says “No picture” after 1.5 s",
        f"{lost} frames",
        back_s,
        "first picture judged after it",
        1.0,
        wrong,
    )


def observer_raises() -> Outcome:
    """Somebody who is shown every analysis raises always."""

    def observer(_analysis: Analysis) -> None:
        raise BugError("observer")

    with running(observer=observer) as run:
        judged_s = run.until_running()
        told = run.session.status().notice
        run.session.stop()
        lost = run.lost_frames()
        wrong = wrong_of(run, (math.isinf(judged_s), "not judged"), (not told, "not told"), (lost != 0, "frames lost"))
    return Outcome("an observer raises at every frame", "leaves it out after ten in a row; coach and recording go on",
                   f"“{told}”", f"{lost} frames", wrong=wrong)  # fmt: skip


def coach_raises() -> Outcome:
    """A bug of ours in the coach."""
    with running() as run:
        run.until_running()
        update = run.coach.update
        run.session.ask(lambda coach: setattr(coach, "update", _raises))
        took_s = run.until(lambda: run.phase is Phase.FAULTED, 5.0)
        run.session.stop()
        status = run.session.status()
        run.coach.update = update  # type: ignore[method-assign]  # as it was
        lost = run.lost_frames()
    return Outcome(
        "the coach raises (a bug of ours)",
        f"ends the session with one line ({status.error}) and the traceback in the log; what was recorded is closed",
        "“Something went wrong inside Hinge Coach. The log file has the details.”",
        f"{lost} frames",
        took_s,
        "until it is told",
        1.0,
        "" if status.error_is_ours and not lost else f"ours {status.error_is_ours}, {lost} frames lost",
    )


def _raises(_pose: object) -> None:
    raise BugError("coach")


def slow_disk(seconds: float = 2.0) -> Outcome:
    """Every write takes long."""
    write_all, rows = pose_file.write_all, recording.Recording.write_rows

    def slow(file: int, data: bytes) -> None:
        time.sleep(seconds)
        write_all(file, data)

    def slow_rows(self: recording.Recording, derived: Any) -> None:
        time.sleep(seconds)
        rows(self, derived)

    with (
        replaced(pose_file, "write_all", slow),
        replaced(recording.Recording, "write_rows", slow_rows),
        running() as run,
    ):
        judged_s = run.until_running()
        run.pass_by(6.0)
        late = max(b - a for a, b in zip(run.arrived_s, run.arrived_s[1:], strict=False))
        began_s = time.monotonic()
        run.session.stop(20.0)
        took_s = time.monotonic() - began_s
        lost = run.lost_frames()
        wrong = wrong_of(run, (math.isinf(judged_s), "not judged"), (lost != 0, f"{lost} frames lost"),
                         (late > 0.5, f"held up by {late:.1f} s"))  # fmt: skip
    return Outcome(
        f"slow disk: every write takes {seconds:g} s",
        f"writes in a thread of its own; the coach is never held up (longest pause {1e3 * late:.0f} ms); the window "
        "vanishes at once, the process stays up to 8 s longer to write what waits",
        "nothing; where even that is too short, at the next start “… had been cut off; … were recovered”",
        f"{lost} frames", took_s, "stopping and closing the recording", 15.0, wrong,
    )  # fmt: skip


def full_disk() -> Outcome:
    """The disk becomes full in mid-session."""
    full = threading.Event()
    write_all = pose_file.write_all

    def write(file: int, data: bytes) -> None:
        if full.is_set():
            raise OSError(28, "No space left on device")
        write_all(file, data)

    with replaced(pose_file, "write_all", write), running() as run:
        run.until_running()
        return _disk_fails(run, full.set, "disk full in mid-session")


def _disk_fails(run: Any, fail: Callable[[], object], happens: str) -> Outcome:
    """Have the disk fail, and see what is told and what stays."""
    before = len(run.reports)
    fail()
    told_s = run.until(lambda: "Recording stopped" in run.session.status().notice, 10.0)
    told = run.session.status().notice.replace(str(run.folder), "…").replace(run.records.session, "SESSION")
    run.pass_by(1.0)
    judging = run.reports[-1].verdict == "good"
    run.session.stop()
    kept = len(run.reports) - run.lost_frames()
    lost_s = run.reports[before - 1].t_s - run.reports[max(kept, 1) - 1].t_s
    wrong = wrong_of(run, (not judging, "the coach stopped"), (lost_s > 1.0, f"{lost_s:.1f} s before the fault lost"))
    does, lost = (
        "the coach goes on without recording; what was recorded is recovered at the next start",
        max(lost_s, 0.0),
    )
    return Outcome(happens, does, f"“{told}”", f"{lost:.2f} s before the fault", told_s, "until it is told", 6.5, wrong)


def database_gone() -> Outcome:
    """The database is overwritten in mid-session."""
    with running() as run:
        run.until_running()
        path = run.folder / "history.db"
        with path.open("r+b") as file:
            file.write(os.urandom(path.stat().st_size))
        run.pass_by(3.0)
        told = run.session.status().notice
        run.session.stop()
        after = (told or run.records.notice).replace(str(run.folder), "…")
        time.sleep(SETTLED_S + 0.5)  # a folder without a row that is younger may be of somebody who is just beginning
        lost = run.lost_frames()
        wrong = wrong_of(run, (lost != 0, f"{lost} frames lost"))
    return Outcome(
        "the database is overwritten in mid-session",
        "poses are written on, rows wait; at the next start it is set aside and made again from the poses",
        f"“{after}”" if after else "nothing", f"{lost} frames", wrong=wrong,
    )  # fmt: skip


def folder_removed() -> Outcome:
    """Somebody removes the data folder in mid-session."""
    with running() as run:
        run.until_running()
        shutil.rmtree(run.folder)
        told_s = run.until(lambda: "Recording stopped" in run.session.status().notice, 15.0)
        told = run.session.status().notice.replace(str(run.folder), "…").replace(run.records.session, "SESSION")
        judging = run.reports[-1].verdict == "good"
        began_s = time.monotonic()
        run.session.stop()
        stop_s = time.monotonic() - began_s
        wrong = wrong_of(run, (not judging, "the coach stopped"), (stop_s > 2.0, f"stopping took {stop_s:.1f} s"))
    return Outcome("data folder removed in mid-session", "notices it within 5 s; the coach goes on without recording",
                   f"“{told}”", "what was removed", told_s, "until it is told", 6.5, wrong)  # fmt: skip


def read_only() -> Outcome:
    """The disk becomes read-only in mid-session, as Linux does with a failing one."""
    only = threading.Event()
    write_all = pose_file.write_all

    def write(file: int, data: bytes) -> None:
        if only.is_set():
            raise OSError(30, os.strerror(30))
        write_all(file, data)

    with replaced(pose_file, "write_all", write), running() as run:
        run.until_running()
        return _disk_fails(run, only.set, "disk read-only in mid-session")


class _Ear:
    """Sounds and a voice that can be broken.

    Attributes:
        broken: it raises. slow_s: how long starting to speak takes. speaks: it says that it speaks.
    """

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.broken, self.slow_s, self.speaks, self.given_up = False, 0.0, False, False
        self.now_s = 100.0

    def play(self, sound: str) -> None:
        if self.broken:
            raise BugError("no device")
        self.heard.append(sound)

    def say(self, words: str) -> None:
        if not self.given_up:
            self.now_s += self.slow_s
        self.heard.append(words)

    def busy(self) -> bool:
        return self.speaks and not self.given_up

    def stop(self) -> None:
        """Fall silent."""

    def give_up(self) -> None:
        self.given_up = True

    def use(self, choice: SoundChoice) -> None:
        """Take over what was chosen."""

    def close(self) -> None:
        """Let go."""


def _cue(t_s: float) -> Event:
    return Event(EventKind.CUE, t_s, t_s + 2.0, Cue("praise", "Good", "GOOD", t_s, t_s + 2.0, 90))


def sounds() -> list[Outcome]:
    """The sound device is lost and comes back; the voice hangs, in its two ways."""
    ear = _Ear()
    audio = CueAudio(ear, ear, lambda: ear.now_s)

    def heard(seconds: float) -> list[str]:
        ear.heard.clear()
        audio.take(_cue(ear.now_s), ear.now_s)
        for _ in range(round(seconds / 0.05)):
            ear.now_s += 0.05
            audio.tick()
        return list(ear.heard)

    fine = heard(1.9)
    ear.broken = True
    heard(1.9)
    told = audio.problem
    ear.broken = False
    back = heard(1.9) == fine and not audio.problem
    ear.speaks = True
    heard(14.0)
    spoken_again = heard(1.9) == fine and ear.given_up
    ear.speaks, ear.given_up, ear.slow_s = False, False, 10.0
    heard(1.9)
    ear.slow_s = 10.0
    slow_given_up = ear.given_up
    return [
        Outcome("sound device fails in mid-session and comes back", "goes on in silence, tries each sound anew; an "
                "output that is plugged in or out is followed", f"“{told}”", wrong="" if told and back else "not back"),
        Outcome("the voice says for ever that it speaks", "gives it up after 12 s; the shipped phrases speak",
                "the next cues, by the shipped voice", wrong="" if spoken_again else "no cue is heard any more"),
        Outcome("starting to speak takes 10 s, in the window's thread (not on Linux)", "does not ask that voice again; "
                "the shipped phrases speak", "the window stands still once", wrong="" if slow_given_up else "asked"),
        _hanging_engine(),
    ]  # fmt: skip


def _hanging_engine() -> Outcome:
    """The system's speech service does not answer; with the voice as it is on Linux."""
    may_go_on = threading.Event()
    application = QCoreApplication.instance() or QCoreApplication([])

    class Hangs(_Ear):
        voices = ()

        def say(self, words: str) -> None:
            may_go_on.wait(30.0)

    voice = AsideVoice(Hangs)
    voice.wait_until_ready()
    began_s = time.monotonic()
    voice.say("Hips back")
    held_up_s = time.monotonic() - began_s
    while not voice.broken and time.monotonic() - began_s < 10.0:
        time.sleep(0.01)
    noticed_s = time.monotonic() - began_s
    may_go_on.set()
    application.processEvents()
    return Outcome(
        "the speech service never answers (Linux)",
        f"asks it in a thread of its own (the window waits {1e3 * held_up_s:.1f} ms); then the shipped phrases speak",
        "the next cues, by the shipped voice",
        "nothing",
        noticed_s,
        "until it is given up",
        4.0,
        "" if held_up_s < 0.1 else "the window stood still",
    )
