"""What a start does not load: each of these was found to take a part of the time to the window, for nothing yet."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

#: Neither the command line nor the window needs these before something is asked for.
NETWORK = {"http.client", "ssl", "email", "urllib.request"}
#: The pages that nobody sees at first, and what they alone need.
PAGES = {f"app.ui.pages.{name}_page" for name in ("about", "history", "review", "settings")}
CHECKS = {"app.validation", "app.validation.checkup.parts", "app.ui.pages.doctor_section"}
#: None of these is needed for pictures of a virtual runner in a window.
LIBRARIES = {"mediapipe", "scipy", "jinja2", "pyqtgraph", "matplotlib", "pandas", "rich.table", "rich.console"}

WINDOW = """
import gc, json, sys
from app.cli.window import open_window
from app.coach.errors import WorldError
from app.ui.choice import Choice, SourceKind

def make(choice):
    raise WorldError("no session today")

code = open_window(make, Choice(SourceKind.VIRTUAL), seconds=0.0)
print(json.dumps([code, sorted(sys.modules), gc.isenabled(), gc.get_freeze_count()]))
"""


def told(code, folder):
    """Return what a snippet printed as JSON in a fresh interpreter."""
    variables = {"QT_QPA_PLATFORM": "offscreen", "HINGECOACH_DATA": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_command_line_loads_little(tmp_path):
    modules = told("import json, sys, app.cli.main; print(json.dumps(sorted(sys.modules)))", tmp_path)
    unwanted = {*NETWORK, *LIBRARIES, "numpy", "cv2", "PySide6", "sqlite3", "app.ui", "app.session", "app.coach.model"}
    assert unwanted & set(modules) == set()


def test_the_window_comes_without_what_is_not_seen_yet(tmp_path):
    _code, modules, collecting, frozen = told(WINDOW, tmp_path)
    assert "app.ui.main_window" in modules
    assert {*NETWORK, *PAGES, *CHECKS, *LIBRARIES} & set(modules) == set()
    assert collecting  # garbage is looked for again,
    assert frozen > 10_000  # but not among the modules
