"""The screen is kept on while armed, once, and let go; a system that refuses is told of in one log line."""

from __future__ import annotations

import logging
import os
import subprocess
import sys

import pytest

from app.ui.awake import APP_NAME, Caffeinate, KeepAwake, ScreenSaver, ThreadState, inhibitor_for


class Fake:
    """An inhibitor that writes down what it was told."""

    def __init__(self, problem: str = "") -> None:
        self.problem = problem
        self.done: list[str] = []

    def start(self, reason: str) -> str:
        self.done.append(reason)
        return self.problem

    def stop(self) -> None:
        self.done.append("stop")


def test_holding_twice_holds_once_and_letting_go_twice_lets_go_once() -> None:
    fake = Fake()
    awake = KeepAwake(fake)
    awake.release()
    assert awake.hold("running")
    assert awake.hold("running again")
    assert awake.held
    awake.release()
    awake.release()
    assert not awake.held
    assert fake.done == ["running", "stop"]


def test_it_can_be_held_again() -> None:
    fake = Fake()
    awake = KeepAwake(fake)
    for _ in range(2):
        awake.hold("set")
        awake.release()
    assert fake.done == ["set", "stop"] * 2


def test_it_follows_whether_the_runner_is_armed() -> None:
    fake = Fake()
    awake = KeepAwake(fake)
    for armed in (False, True, True, True, False, False, True):
        awake.follow(armed)
    assert fake.done == ["Watching you run", "stop", "Watching you run"]


def test_its_end_lets_go() -> None:
    fake = Fake()
    with KeepAwake(fake) as awake:
        awake.hold("running")
    assert fake.done == ["running", "stop"]


def test_a_refusal_is_told_once_and_not_asked_again_until_the_next_time(caplog: pytest.LogCaptureFixture) -> None:
    fake = Fake("no bus here")
    awake = KeepAwake(fake)
    for _ in range(100):
        awake.follow(True)
    assert not awake.held
    awake.follow(False)
    awake.follow(True)
    assert fake.done == ["Watching you run"] * 2
    assert [record.getMessage() for record in caplog.records] == ["the screen may go dark: no bus here"]


def test_a_system_without_a_way_is_no_error(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(sys, "platform", "plan9")
    awake = KeepAwake()
    assert not awake.hold("running")
    awake.release()
    assert "no way known" in caplog.text


@pytest.mark.parametrize(
    ("platform", "kind"),
    [("linux", ScreenSaver), ("win32", ThreadState), ("darwin", Caffeinate), ("emscripten", type(None))],
)
def test_each_system_has_its_way(platform: str, kind: type) -> None:
    assert type(inhibitor_for(platform)) is kind


def test_windows_is_told_to_keep_system_and_display_and_then_neither() -> None:
    states: list[int] = []

    def set_state(state: int) -> int:
        states.append(state)
        return 0x80000000

    windows = ThreadState(set_state)
    assert windows.start("running") == ""
    windows.stop()
    assert states == [0x80000003, 0x80000000]


def test_windows_may_refuse() -> None:
    assert "refused" in ThreadState(lambda _: 0).start("running")


class Process:
    """A command that ends when told, or only when killed."""

    def __init__(self, stubborn: bool = False) -> None:
        self.stubborn = stubborn
        self.done: list[str] = []

    def terminate(self) -> None:
        self.done.append("terminate")

    def kill(self) -> None:
        self.stubborn = False
        self.done.append("kill")

    def wait(self, timeout: float | None = None) -> int:
        if self.stubborn:
            raise subprocess.TimeoutExpired("caffeinate", timeout or 0.0)
        self.done.append("wait")
        return 0


@pytest.mark.parametrize(("stubborn", "done"), [(False, ["terminate", "wait"]), (True, ["terminate", "kill", "wait"])])
def test_macos_runs_its_command_as_long_as_this_process(stubborn: bool, done: list[str]) -> None:
    commands: list[list[str]] = []
    process = Process(stubborn)

    def run(command: list[str]) -> Process:
        commands.append(command)
        return process

    mac = Caffeinate(run)
    assert mac.start("running") == ""
    mac.stop()
    mac.stop()
    assert commands == [["caffeinate", "-d", "-i", "-w", str(os.getpid())]]
    assert process.done == done


def test_macos_without_its_command() -> None:
    def run(command: list[str]) -> Process:
        raise FileNotFoundError(2, "No such file or directory", command[0])

    assert "No such file" in Caffeinate(run).start("running")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks the session bus of Linux")
def test_linux_without_a_session_bus_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nothing'}")
    assert ScreenSaver().start("running") == "there is no session bus"


def test_linux_asks_by_the_words_of_the_specification(monkeypatch: pytest.MonkeyPatch) -> None:
    from PySide6 import QtDBus

    sent: list[tuple[str, ...]] = []
    closed: list[str] = []

    class Signal:
        def connect(self, slot: object) -> None:
            sent.append(("watched",))

    class Watcher:
        finished = Signal()

        def __init__(self, call: object) -> None:
            self.call = call

    class Bus:
        class BusType:
            SessionBus = "session"

        @staticmethod
        def connectToBus(kind: object, name: str) -> Bus:
            sent.append((str(kind), name))
            return Bus()

        @staticmethod
        def disconnectFromBus(name: str) -> None:
            closed.append(name)

        def isConnected(self) -> bool:
            return True

        def asyncCall(self, call: QtDBus.QDBusMessage) -> object:
            sent.append((call.service(), call.path(), call.interface(), call.member(), *call.arguments()))
            return object()

    monkeypatch.setattr(QtDBus, "QDBusConnection", Bus)
    monkeypatch.setattr(QtDBus, "QDBusPendingCallWatcher", Watcher)
    saver = ScreenSaver()
    assert saver.start("running") == ""
    name = "org.freedesktop.ScreenSaver"
    assert sent[1:] == [
        (name, "/org/freedesktop/ScreenSaver", name, "Inhibit", APP_NAME, "running"),
        ("watched",),
    ]
    saver.stop()
    assert closed == [sent[0][1]]
    saver.start("running")
    assert sent[3][1] != closed[0]  # a connection of its own each time


def test_a_screen_saver_that_refuses_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    class Error:
        def message(self) -> str:
            return "not provided"

    class Watcher:
        def isError(self) -> bool:
            return True

        def error(self) -> Error:
            return Error()

    saver = ScreenSaver()
    with caplog.at_level(logging.WARNING):
        saver._answered(Watcher())
        saver._answered(Watcher())
    assert [record.getMessage() for record in caplog.records] == [
        "the screen may go dark: the screen saver says: not provided"
    ]
