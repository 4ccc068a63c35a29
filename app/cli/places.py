"""Where outputs may go: never over an input, never two into one file. Asked before any work."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from app.coach.errors import WorldError

#: What a folder of tables holds, see `app.store.csv_export`.
TABLES = ("frames.csv", "steps.csv", "holds.csv", "cues.csv", "marks.csv", "session.csv")


def require_name(option: str, name: str | Path | None) -> None:
    """Raise WorldError where an option that wants a file got an empty name."""
    if name is not None and not str(name).strip():
        raise WorldError(f"{option}: a file name is missing.")


def tables_in(folder: str | None) -> dict[str, Path]:
    """Return option -> file for the tables in ``folder``. Raises WorldError where it names no folder."""
    if folder is None:
        return {}
    if not folder.strip() or folder == "-":
        raise WorldError(f"--csv {folder}: a folder is needed, for it writes several tables.")
    return {f"--csv ({name})": Path(folder) / name for name in TABLES}


def kept_in(folder: Path) -> Iterator[str]:
    """Yield every file of the app's data: no output may lie over one, for nobody has it twice."""
    return (str(file) for file in folder.rglob("*") if file.is_file())


def check_places(inputs: Iterable[str | None], outputs: Mapping[str, str | Path | None]) -> None:
    """Raise WorldError where an output would overwrite an input, or two outputs would share a file.

    Links count as what they lead to.

    Args:
        inputs: paths that are read; None and what is no file are passed over.
        outputs: option -> path as given; None is passed over, so are ``-`` and devices, which hold many.
    """
    read = [Path(name).expanduser() for name in inputs if name]
    taken: dict[str, Path] = {}
    for option, name in outputs.items():
        require_name(option, name)
        if name is None or str(name) == "-":
            continue
        path = Path(name).expanduser()
        if any(_same(path, other) for other in read):
            raise WorldError(f"{option.split()[0]} {name} would overwrite the input: give it another name.")
        for other_option, other in taken.items():
            if _same(path, other):
                first, second = other_option.split()[0], option.split()[0]
                raise WorldError(f"{first} and {second} would both write {name}: give them different names.")
        taken[option] = path


def _same(one: Path, other: Path) -> bool:
    """Return whether two paths are one file, or would become one."""
    try:
        if one.exists() and other.exists():
            return one.is_file() and one.samefile(other)
        return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))
    except (OSError, ValueError):
        return False  # no such place: told by whoever reads or writes it
