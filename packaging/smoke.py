"""Try what was built or installed: ``python packaging/smoke.py BUNDLE_OR_COMMAND [--cache FOLDER]``.

BUNDLE_OR_COMMAND is a bundle's folder, an .app, or the ``hingecoach`` command of any installation. Everything runs
from another folder, with empty data, an empty model cache (so that the model is fetched, unless ``--cache`` names one)
and no Python on the PATH: version, help, rules, the demo without a window on both engines, a clip rendered and analysed
with report and tables, worker processes, and the window: offscreen, and under Xvfb where there is one. Ends with 1
where a try fails.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

LONGEST_S: Final = 300.0
#: What of the environment a user's programs get everywhere; how the network is reached belongs to it.
KEPT: Final = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE")
KEPT_BEGINNINGS: Final = ("PIP_", "SSL_", "HTTP", "HTTPS", "NO_PROXY", "ALL_PROXY")
#: Endings of files that hold a network's weights.
WEIGHTS: Final = (".task", ".tflite", ".binarypb")


class Failed(Exception):  # noqa: N818 - a verdict
    """A try that did not come out as it must."""


class Smoke:
    """The tries, one after the other, in folders of their own.

    Args:
        command: the program that is tried.
        folder: a folder of ours, empty.
        cache: the model cache, or None: an empty one.

    """

    def __init__(self, command: Path, folder: Path, cache: Path | None) -> None:
        self._command, self._folder = command, folder
        self._cache = cache or folder / "cache"
        self.failed: list[str] = []
        (folder / "nothing").mkdir()

    def try_(self, name: str, what: Callable[[], str]) -> None:
        """Carry out one try and say how it went."""
        began_s = time.monotonic()
        try:
            told, word = what(), "ok    "
        except (Failed, OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
            told, word = f"{type(error).__name__}: {error}", "FAILED"
            self.failed.append(name)
        print(f"{word} {name} ({time.monotonic() - began_s:.1f} s) {told}", flush=True)

    def run(self, words: Iterable[str], *before: str, **variables: str) -> str:
        """Run the program with ``words`` and return its stdout; ``before`` are words in front of it.

        Raises:
            Failed: it ended with another code than 0, or with a traceback.

        """
        command = [*before, str(self._command), *words]
        done = subprocess.run(
            command,
            cwd=self._folder,
            env={**self._environment(), **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONGEST_S,
            check=False,
        )
        out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        if done.returncode or "Traceback" in err:
            raise Failed(f"{' '.join(command)} ended with {done.returncode}: {err.strip()[-1500:]}")
        return out

    def _environment(self) -> dict[str, str]:
        """Return an environment in which nothing of a Python is to be found."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name.upper() in KEPT or name.upper().startswith(KEPT_BEGINNINGS)
        }
        home = str(self._folder)
        system = os.path.join(os.environ.get("SYSTEMROOT", ""), "System32")  # noqa: PTH118
        return {
            **kept,
            "PATH": system if os.name == "nt" else str(self._folder / "nothing"),
            "HOME": home,
            "USERPROFILE": home,
            "LOCALAPPDATA": home,
            "APPDATA": home,
            "TEMP": tempfile.gettempdir(),
            "TMP": tempfile.gettempdir(),
            "LC_ALL": "C.UTF-8",
            "HINGECOACH_DATA": str(self._folder / "data"),
            "HINGECOACH_CACHE": str(self._cache),
        }

    # ---- the tries ------------------------------------------------------------------------------------------------

    def version(self) -> str:
        """``--version`` and ``--help`` answer."""
        told = self.run(["--version"]).strip()
        if not told.startswith("hingecoach ") or "analyze" not in self.run(["--help"]):
            raise Failed(told)
        return told

    def rules(self) -> str:
        """The data inside the package is found."""
        if "[running.tunnel" not in (told := self.run(["rules", "show"])) and "[" not in told:
            raise Failed("no rules")
        return f"{len(told.splitlines())} lines"

    def demo(self, engine: str = "") -> str:
        """The virtual runner through the real network, without a window."""
        variables = {"HINGECOACH_ENGINE": engine} if engine else {}
        self.run(["demo", "--headless", "--seconds", "5", "--json", "demo.json"], **variables)
        demo = json.loads((self._folder / "demo.json").read_text(encoding="utf-8"))
        if demo["schema"] != "hingecoach.analysis/1" or demo["tracking"]["coverage"] < 0.95:
            raise Failed(f"{demo['schema']}, coverage {demo['tracking']['coverage']}")
        if not demo["app"]["model_sha256"] or (engine and demo["app"]["engine"] != engine):
            raise Failed(f"{demo['app']}")
        app = demo["app"]
        return f"{app['version']}, {app['engine']}, model {app['model_sha256'][:8]}, {demo['source']['frames']} frames"

    def clip(self) -> str:
        """A clip is written, read, analysed; tables and page are made."""
        words = ["demo", "--headless", "--oracle", "--seconds", "4", "--fps", "30", "--size", "320x240"]
        self.run([*words, "--render", "one.mp4"])
        self.run(["analyze", "one.mp4", "--json", "one.json", "--csv", "tables", "--report", "one.html"])
        made = ["one.json", "tables", "one.html"]
        if missing := [name for name in made if not (self._folder / name).exists()]:
            raise Failed(f"not written: {missing}")
        page = (self._folder / "one.html").read_text(encoding="utf-8")
        return f"a page of {len(page) // 1000} kB"

    def workers(self) -> str:
        """A folder of clips is shared among processes."""
        clips = self._folder / "clips"
        clips.mkdir(exist_ok=True)
        for name in ("a.mp4", "b.mp4"):
            shutil.copyfile(self._folder / "one.mp4", clips / name)
        if "--jobs" not in self.run(["analyze", "--help"]):
            return "this version takes no folders"
        self.run(["analyze", "clips", "--jobs", "2", "--json", "results"])
        made = sorted(path.name for path in (self._folder / "results").rglob("*.json"))
        if len(made) < 2:
            raise Failed(f"only {made}")
        return ", ".join(made)

    def doctor(self) -> str:
        """The doctor looks at this machine; what it finds here is its own affair."""
        if "doctor" not in self.run(["--help"]):
            return "this version has none"
        try:
            self.run(["doctor", "--json", "doctor.json"])
        except Failed as error:
            if "ended with 2" not in str(error) or "Traceback" in str(error):
                raise
        found = json.loads((self._folder / "doctor.json").read_text(encoding="utf-8"))
        return f"{len(found.get('checks', found))} checks"

    def window(self, language: str = "") -> str:
        """The window opens without a screen, and closes by itself."""
        variables = {"LANG": f"{language}.UTF-8", "LC_ALL": f"{language}.UTF-8"} if language else {}
        self.run(["demo", "--seconds", "3"], QT_QPA_PLATFORM="offscreen", **variables)
        return ""

    def window_on_x11(self) -> str:
        """The window opens on a real X server, the display being found by the app itself."""
        server = shutil.which("Xvfb")
        if server is None:
            return "no Xvfb here"
        reader, writer = os.pipe()
        words = [server, "-displayfd", str(writer), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
        process = subprocess.Popen(words, pass_fds=(writer,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            os.close(writer)
            number = os.read(reader, 16).decode().strip()
            told = self.run(["demo", "--seconds", "3"], DISPLAY=f":{number}")
        finally:
            os.close(reader)
            process.terminate()
            process.wait()
        if told.strip():
            raise Failed(f"no window was opened: {told.strip()[:300]}")
        return f"on display {number}"


def program_of(told: Path) -> tuple[Path, Path | None]:
    """Return the program in a bundle, and the bundle's folder; a command is its own program."""
    candidates = ("hingecoach", "hingecoach.exe", "Contents/MacOS/hingecoach")
    if told.is_dir():
        for name in candidates:
            if (told / name).is_file():
                return (told / name).resolve(), told.resolve()
        raise SystemExit(f"{told} is no bundle: it holds none of {', '.join(candidates)}.")
    if not told.is_file():
        raise SystemExit(f"There is no {told}.")
    return told.absolute(), None


def contents(bundle: Path) -> set[tuple[str, int]]:
    """Return every file of a bundle with its size in bytes."""
    return {(str(path), path.lstat().st_size) for path in bundle.rglob("*") if not path.is_dir()}


def look_inside(bundle: Path) -> str:
    """Return what a bundle holds. Raises Failed where something is missing, or the network's weights are in it."""
    names = {path.name: path for path in bundle.rglob("*") if path.is_file()}
    if weights := [name for name in names if name.endswith(WEIGHTS)]:
        raise Failed(f"weights inside: {weights}")
    wanted = {"NOTICE", "LICENSE", "rules.toml", "es.json", "bump.wav", "hingecoach_32.png", "LGPL-3", "index.txt"}
    if missing := wanted - set(names):
        raise Failed(f"missing: {sorted(missing)}")
    return f"{len(names)} files"


def main() -> int:
    """Try everything; return 0 where all went well."""
    told = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    told.add_argument("what", type=Path, metavar="BUNDLE_OR_COMMAND")
    told.add_argument("--cache", type=Path, help="a folder that holds the pose model already")
    words = told.parse_args()
    program, bundle = program_of(words.what)
    with tempfile.TemporaryDirectory(prefix="hingecoach smoke ") as name:
        smoke = Smoke(program, Path(name), words.cache and words.cache.absolute())
        before = contents(bundle) if bundle else set()
        if bundle:
            smoke.try_("what is inside", lambda: look_inside(bundle))
        smoke.try_("version", smoke.version)
        smoke.try_("rules", smoke.rules)
        smoke.try_("demo, model fetched", smoke.demo)
        smoke.try_("demo on MediaPipe", lambda: smoke.demo("mediapipe"))
        smoke.try_("clip, tables, report", smoke.clip)
        smoke.try_("worker processes", smoke.workers)
        smoke.try_("doctor", smoke.doctor)
        smoke.try_("window offscreen", smoke.window)
        smoke.try_("window offscreen, Spanish", lambda: smoke.window("es_ES"))
        if sys.platform == "linux":
            smoke.try_("window under Xvfb", smoke.window_on_x11)
        if bundle and (new := contents(bundle) ^ before):
            print(f"FAILED the bundle was changed by being used: {sorted(new)[:5]}")
            smoke.failed.append("unchanged")
    print(f"{len(smoke.failed)} failed" if smoke.failed else "All is well.")
    return 1 if smoke.failed else 0


if __name__ == "__main__":
    sys.exit(main())
