"""What goes into the wheel and the sdist: all that the app loads, nothing of how it was made."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

builders = pytest.importorskip("hatchling.builders.wheel", exc_type=ImportError)

ROOT = Path(__file__).parents[2]
#: Folders of assets that the app loads from.
LOADED = ("i18n", "icons", "phrases", "sounds")
CACHES = ("__pycache__", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache")


def files_of(folder: Path, but: tuple[str, ...] = (".pyc",)) -> set[str]:
    """Return every file below a folder as a path from it, caches left out."""
    found = (path for path in folder.rglob("*") if path.is_file() and not set(CACHES) & set(path.parts))
    return {path.relative_to(folder).as_posix() for path in found if path.suffix not in but}


@pytest.fixture(scope="module")
def wheel() -> set[str]:
    builder = builders.WheelBuilder(str(ROOT))
    return {
        PurePosixPath(one.distribution_path.replace("\\", "/")).as_posix() for one in builder.recurse_included_files()
    }


@pytest.fixture(scope="module")
def sdist() -> set[str]:
    from hatchling.builders.sdist import SdistBuilder

    return {one.relative_path.replace("\\", "/") for one in SdistBuilder(str(ROOT)).recurse_included_files()}


def test_the_wheel_holds_the_package_and_the_assets_it_loads_and_nothing_else(wheel):
    package = {f"app/{name}" for name in files_of(ROOT / "app")}
    assets = {f"app/_assets/{part}/{name}" for part in LOADED for name in files_of(ROOT / "assets" / part)}
    assert {"app/coach/rules.toml", "app/store/report/template.html.j2", "app/py.typed"} <= package
    assert {"app/_assets/i18n/es.json", "app/_assets/sounds/bump.wav", "app/_assets/icons/hingecoach_32.png"} <= assets
    assert sorted(wheel - package - assets) == []
    assert sorted((package | assets) - wheel) == []


def test_every_asset_folder_that_the_code_names_is_in_the_wheel():
    named = {path.name for path in (ROOT / "assets").iterdir() if path.is_dir() and path.name not in CACHES}
    assert named == set(LOADED), "a new folder of assets: pyproject.toml's force-include needs it, too"


def test_the_sdist_holds_what_its_tests_need(sdist):
    for folder in ("app", "assets", "tests", "docs", "benchmarks", "packaging"):
        expected = {f"{folder}/{name}" for name in files_of(ROOT / folder)}
        assert sorted(name for name in expected - sdist if not name.endswith(".task")) == [], folder
    assert {"README.md", "CHANGELOG.md", "LICENSE", "NOTICE", ".ci/run"} <= sdist
    assert not [name for name in sdist if set(CACHES) & set(name.split("/")) or name.startswith(("build/", "dist/"))]
