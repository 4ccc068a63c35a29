"""The note of a session: free words of its runner or coach, in a file of the session's folder.

The folder is the truth, as for everything else (`docs/adr/0010-a-session-is-a-file-of-poses.md`); the database holds a
copy to be searched. So a note goes along with an export, is deleted with the folder and comes back with it.
"""

from __future__ import annotations

from pathlib import Path

from app.store.atomic import write_text
from app.store.sessions.errors import HistoryError
from app.store.sessions.pose_file import telling

NAME = "note.txt"
#: Two printed pages.
MOST_CHARACTERS = 8000
#: Between letters of some scripts, and in some pictographs.
_JOINERS = "\u200c\u200d"


def tidy(text: str) -> str:
    """Return a note as it is kept: line ends as line feeds, no control characters, no space around it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").split("\n")
    kept = ["".join(map(_shown, line)) for line in lines]
    return "\n".join(line.rstrip() for line in kept).strip()


def _shown(sign: str) -> str:
    """Return a character of a note: a plain space for other spaces, nothing for what controls a machine."""
    if sign.isprintable() or sign in _JOINERS:
        return sign
    return " " if sign.isspace() else ""


def read(folder: Path) -> str:
    """Return the note in a session's folder, "" without one. Raises HistoryError."""
    path = folder / NAME
    with telling(path):
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            # Four bytes a character at most: a larger file is not ours.
            return tidy(file.read(4 * MOST_CHARACTERS).decode(errors="replace"))[:MOST_CHARACTERS]


def write(folder: Path, text: str) -> None:
    """Write a tidy note, whole or not at all and for its owner alone; "" removes it.

    Raises HistoryError: it is too long, or the folder is gone. OutputError: it cannot be written.
    """
    path = folder / NAME
    if len(text) > MOST_CHARACTERS:
        raise HistoryError(f"The note has {len(text)} characters: at most {MOST_CHARACTERS} are kept.")
    if text:
        write_text(path, text + "\n", private=True)
        return
    with telling(path):
        path.unlink(missing_ok=True)
