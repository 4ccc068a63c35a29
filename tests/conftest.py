"""Fixtures for every test: no screen, no sound card, no trace left on the machine, nothing left running.

Qt may be missing a system library (a bare Linux has no libEGL). pytest-qt would then end the whole run while it is
being configured, so `pyproject.toml` keeps it from loading itself (``-p no:pytest-qt``) and it is loaded here, only
where Qt imports. Where it does not, the tests in `tests/ui` are skipped and say why.

The whole suite is shared among several processes (pytest-xdist), a choice of tests is not: starting those costs more
than they save there. ``-n 0`` keeps everything in one process, ``-n 2`` shares a choice too.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from pathlib import Path

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["PYTEST_QT_API"] = "pyside6"

try:
    from PySide6 import QtCore, QtGui, QtTest, QtWidgets  # noqa: F401 -- QtTest: what pytest-qt imports

    NO_QT = ""
except ImportError as error:
    NO_QT = f"Qt does not import here: {error}"

if not NO_QT:
    # PySide6 6.12.0 loses references to None on Python before 3.12 and crashes after a few hundred calls.
    _probe, _before = QtCore.QObject(), sys.getrefcount(None)
    for _ in range(100):
        _probe.setObjectName("")
    if _before - sys.getrefcount(None) > 50:
        NO_QT = f"this PySide6 crashes with this Python ({sys.version.split()[0]}): install PySide6 before 6.12"

pytest_plugins = [] if NO_QT else ["pytestqt.plugin"]

#: Modules of tests/ui that need no Qt.
NEEDS_NO_QT = frozenset({"test_sounds.py", "test_display.py", "test_without_qt.py"})
#: How long a thread may take to end after its test.
GRACE_S = 2.0
#: The pose network has threads of its own, and some tests watch the clock: more processes than these get in their way.
MOST_PROCESSES = 4
#: Options of who looks for something: one test, the last failure, a debugger, live output, a list.
LOOKING = ("keyword", "lf", "failedfirst", "stepwise", "usepdb", "trace", "collectonly", "showfixtures",
           "show_fixtures_per_test", "setuponly", "setupshow", "setupplan")  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Share the whole suite among processes, before pytest-xdist reads its options; whatever was asked for stays."""
    option = config.option
    if getattr(option, "numprocesses", 0) is not None or option.dist != "no" or hasattr(config, "workerinput"):
        return  # there is no pytest-xdist, or it was told what to do, or this is one of its processes
    looking = option.capture == "no" or any(getattr(option, name, None) for name in LOOKING)
    if not looking and _is_whole_suite(config.args, config.invocation_params.dir):
        option.numprocesses = processes(_cores())
        # Neighbours stay together until one process has nothing left: tests of a module share what they computed.
        option.dist = "worksteal"


def _is_whole_suite(arguments: list[str], folder: Path) -> bool:
    tests = Path(__file__).parent
    return any((folder / argument).resolve() in (tests, tests.parent) for argument in arguments)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processes(cores: int) -> int:
    """Return how many processes share the suite; 0: only this one. Of three cores and more every other stays free."""
    return 0 if cores < 2 else min(max(2, cores // 2), MOST_PROCESSES)


if NO_QT:

    def pytest_addoption(parser: pytest.Parser) -> None:
        """Know pytest-qt's settings, which pyproject may hold, where pytest-qt is not loaded."""
        for name in ("qt_api", "qt_log_level_fail", "qt_default_raising", "qt_qapp_name"):
            parser.addini(name, "of pytest-qt, which is not loaded here")


class _Skipped(pytest.Module):
    """A test module that cannot be imported here and says so."""

    def _getobj(self):
        pytest.skip(NO_QT, allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Skip the window's tests where there is no Qt."""
    if NO_QT and module_path.parent.name == "ui" and module_path.name not in NEEDS_NO_QT:
        return _Skipped.from_parent(parent, path=module_path)
    return None


@pytest.fixture(scope="session")
def model_path() -> Path:
    """The real pose model. Where the cache has none it is fetched, as the app itself would on its first start."""
    from app.pose.model import ModelMissing, ensure_model

    try:
        return ensure_model("full").path
    except ModelMissing as error:
        pytest.skip(f"no pose model here: {error}")


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's data and settings out of reach. The model cache stays: it is only read, and large."""
    monkeypatch.setenv("HINGECOACH_DATA", str(tmp_path / "data"))
    if not NO_QT:
        kind, scope = QtCore.QSettings.Format.IniFormat, QtCore.QSettings.Scope.UserScope
        QtCore.QSettings.setPath(kind, scope, str(tmp_path / "settings"))


@pytest.fixture(autouse=True)
def no_modal_dialog(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail instead of waiting for ever where a dialog would wait for a click."""
    if NO_QT:
        return

    def waits(*_args: object, **_kwargs: object) -> None:
        pytest.fail("a modal dialog was opened: it would wait for a click")

    for dialog in (QtWidgets.QDialog, QtWidgets.QMessageBox, QtWidgets.QFileDialog):
        monkeypatch.setattr(dialog, "exec", waits)
    for name in ("information", "warning", "critical", "question", "about"):
        monkeypatch.setattr(QtWidgets.QMessageBox, name, waits)
    for name in ("getOpenFileName", "getOpenFileNames", "getSaveFileName", "getExistingDirectory"):
        monkeypatch.setattr(QtWidgets.QFileDialog, name, waits)


@pytest.fixture(autouse=True)
def nothing_left_running(request: pytest.FixtureRequest):
    """Fail a test that leaves a thread, a running QThread, an active QTimer or a top-level widget behind.

    What there was before the test is hidden from the collector meanwhile: of hundreds of thousands of objects only
    those of the test need to be looked at.
    """
    if (recorders := sys.modules.get("app.session.recorder")) is not None:
        recorders._open.clear()  # those that a test before left unclosed on purpose are no business of this one
    threads_before = set(threading.enumerate())
    uses_qt = "qapp" in request.fixturenames or "qtbot" in request.fixturenames
    widgets_before = _top_level_widgets() if uses_qt else set()
    if uses_qt:
        gc.freeze()
    yield
    left = [*_threads_left(threads_before)]
    if uses_qt:
        QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
        left += [f"widget {widget}" for widget in _top_level_widgets() - widgets_before]
        left += _live_qt_objects()
        gc.unfreeze()
    assert not left, f"left behind: {left}"


def _threads_left(before: set[threading.Thread]) -> list[str]:
    deadline_s = time.monotonic() + GRACE_S
    if set(threading.enumerate()) - before:
        gc.collect()  # an executor's threads end when it is collected, and MediaPipe's sits in a reference cycle
    left = []
    for thread in set(threading.enumerate()) - before:
        # A daemon ends with the process, but one of ours (named) must end with its session all the same.
        if not thread.daemon or thread.name in ("capture", "analysis"):
            thread.join(max(0.0, deadline_s - time.monotonic()))
            if thread.is_alive():
                left.append(f"thread {thread.name}")
    return left


def _top_level_widgets() -> set[object]:
    app = QtWidgets.QApplication.instance()
    # Menus and tool tips are top-level widgets of Qt's own making: they go with their parents.
    return {one for one in app.topLevelWidgets() if one.parent() is None and _is_ours(one)} if app else set()


def _is_ours(widget: object) -> bool:
    return type(widget).__module__.startswith("app.") or isinstance(widget, QtWidgets.QMainWindow | QtWidgets.QDialog)


def _live_qt_objects() -> list[str]:
    from shiboken6 import isValid

    left = []
    for one in gc.get_objects():
        if isinstance(one, QtCore.QTimer) and isValid(one) and one.isActive():
            left.append(f"active timer {one}")
        elif isinstance(one, QtCore.QThread) and isValid(one) and one.isRunning():
            left.append(f"thread {one}")
    return left
