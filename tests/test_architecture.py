"""The house rules a machine can check: one-way imports, pure coach, small files, one place for OpenCV's Qt paths."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOST_LINES_A_FILE = 400
MOST_LINES_A_FUNCTION = 60


def python(code, **variables):
    """Run a snippet in a fresh interpreter and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def rooms(forbidden, imports):
    """Return which of the forbidden packages some imports pull in."""
    code = f"import sys; {imports}; print(*sorted({set(forbidden)!r} & set(sys.modules)))"
    return python(code).split()


def modules_of(room):
    return [
        ".".join(("app", *path.relative_to(ROOT / "app").with_suffix("").parts))
        for path in sorted((ROOT / "app" / room).rglob("*.py"))
    ]


def test_the_coach_needs_numpy_only():
    imports = "import " + ", ".join(modules_of("coach"))
    assert rooms({"PySide6", "cv2", "mediapipe", "rich", "typer"}, imports) == []


def test_the_session_needs_no_window_and_no_network():
    assert rooms({"PySide6", "cv2", "mediapipe"}, "import app.session") == []


def test_the_command_line_starts_without_the_heavy_rooms():
    assert rooms({"PySide6", "cv2", "mediapipe"}, "import app.cli") == []


def test_imports_run_one_way():
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_and_functions_stay_small():
    too_big = []
    for path in sorted((ROOT / "app").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT).as_posix()
        lines = text.count("\n")
        if lines > MOST_LINES_A_FILE:
            too_big.append(f"{name}: {lines} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > MOST_LINES_A_FUNCTION:
                    too_big.append(f"{name}:{node.lineno} {node.name}: {length} lines")
    assert too_big == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only OpenCV's Linux wheels set Qt's variables")
def test_opencvs_qt_paths_are_gone_before_qt_starts():
    report = "print([n for n in ('QT_QPA_PLATFORM_PLUGIN_PATH', 'QT_QPA_FONTDIR') if n in os.environ])"
    rooms_first = "import app.capture.opencv, app.sim.render, app.pose.mediapipe_estimator"
    take_back = "app.keep_opencv_out_of_qt()"
    for code in (
        f"import os, app; {rooms_first}; {take_back}; {report}",
        f"import os, app; {take_back}; {rooms_first}; {report}",
    ):
        assert python(code) == "[]"


def test_a_qt_path_the_user_chose_is_kept():
    code = "import os, app; app.keep_opencv_out_of_qt(); print(os.environ['QT_QPA_FONTDIR'])"
    assert python(code, QT_QPA_FONTDIR="/usr/share/fonts") == "/usr/share/fonts"
