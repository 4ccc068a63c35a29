"""The lock files fit pyproject.toml on every platform, without asking anybody."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
#: sys_platform, platform_machine, os_name, platform_system of where the app runs.
PLATFORMS = (
    ("linux", "x86_64", "posix", "Linux"),
    ("linux", "aarch64", "posix", "Linux"),
    ("darwin", "arm64", "posix", "Darwin"),
    ("darwin", "x86_64", "posix", "Darwin"),
    ("win32", "AMD64", "nt", "Windows"),
)
LOCKS = ("requirements.txt", "requirements-test.txt", "requirements-bundle.txt")


def text_of(name: str) -> str:
    return (ROOT / "packaging" / name).read_text(encoding="utf-8")


@cache
def locked(name: str) -> tuple[tuple[Requirement, int], ...]:
    """Return each requirement of a lock file with the number of its hashes."""
    entries = []
    for entry in re.split(r"\n(?=\S)", text_of(name)):
        lines = [line.rstrip(" \\") for line in entry.splitlines() if not line.startswith("#")]
        if lines:
            entries.append((Requirement(lines[0]), sum("--hash=sha256:" in line for line in lines)))
    return tuple(entries)


def place(python: str, platform: tuple[str, str, str, str], extra: str = "") -> dict[str, str]:
    system, machine, os_name, name = platform
    return {
        "python_version": python, "python_full_version": f"{python}.0", "sys_platform": system, "os_name": os_name,
        "platform_machine": machine, "platform_system": name, "implementation_name": "cpython",
        "platform_python_implementation": "CPython", "extra": extra,
    }  # fmt: skip


def wanted(with_tests: bool) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [Requirement(one) for one in project["dependencies"] + project["optional-dependencies"]["test"] * with_tests]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_exact_versions_with_hashes_and_no_index(name):
    assert len(locked(name)) > 5
    for requirement, hashes in locked(name):
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert hashes, requirement
        assert requirement.url is None
    assert not re.search(r"https?:|--(extra-)?index|--find-links|file:", text_of(name))


@pytest.mark.parametrize("name", LOCKS[:2])
@pytest.mark.parametrize("python", PYTHONS)
def test_a_lock_gives_everything_that_is_asked_for_in_a_version_that_is_allowed(name, python):
    for platform in PLATFORMS:
        here = place(python, platform)
        versions: dict[str, str] = {}
        for requirement, _ in locked(name):
            if requirement.marker is None or requirement.marker.evaluate(here):
                assert canonicalize_name(requirement.name) not in versions, f"{requirement.name} twice on {platform}"
                versions[canonicalize_name(requirement.name)] = str(requirement.specifier).removeprefix("==")
        for asked in wanted(with_tests="test" in name):
            if asked.marker is None or asked.marker.evaluate(here):
                version = versions.get(canonicalize_name(asked.name))
                assert version is not None, f"{asked.name} is missing on {platform}"
                assert asked.specifier.contains(version), f"{asked.name} {version} on {platform}"


def test_what_is_tested_is_what_is_run_and_what_is_bundled():
    tested = {str(one): str(one.specifier) for one, _ in locked("requirements-test.txt")}
    assert {str(one) for one, _ in locked("requirements.txt")} <= set(tested)
    opencv = {one.name: str(one.specifier) for name in LOCKS for one, _ in locked(name) if "opencv" in one.name}
    assert opencv["opencv-python"] == opencv["opencv-python-headless"]


def test_the_pythons_are_those_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    told = [one.rsplit(" ", 1)[1] for one in project["classifiers"] if re.search(r":: Python :: 3\.\d", one)]
    allowed = Requirement(f"x{project['requires-python']}").specifier
    assert tuple(told) == PYTHONS
    assert all(allowed.contains(f"{python}.0") for python in PYTHONS)
    assert not allowed.contains("3.10.9")
    assert not allowed.contains("3.15.0")
