"""The log file: small, rotating, in the user's log folder, for its owner alone; threads by name."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from app.store.atomic import OutputError, keep_private, make_private_folder
from app.store.paths import log_folder

MOST_BYTES = 1_000_000
KEPT_FILES = 3


class _Log(RotatingFileHandler):
    """A log on a disk that may fill up: what it cannot write is not logged, and nobody is held up."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 -- logging's name
        """Print a traceback for our own bugs only."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


@contextmanager
def log_file() -> Iterator[Path | None]:
    """Log everything from INFO up to a file while the block runs; gives its path, None where none can be written."""
    path = log_folder() / "hingecoach.log"
    try:
        make_private_folder(path.parent)
        handler = _Log(path, maxBytes=MOST_BYTES, backupCount=KEPT_FILES, encoding="utf-8", errors="replace")
    except (OSError, OutputError):
        yield None
        return
    keep_private(path)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s [%(threadName)s] %(name)s: %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield path
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        with suppress(OSError):
            handler.close()
