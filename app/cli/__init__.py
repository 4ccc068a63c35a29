"""The command line: the only place that chooses camera, file or virtual runner, and network or oracle.

Results go to stdout or the file asked for, progress and notices to stderr. Exit codes: 0 done, 1 our bug (one line
and the log file's path), 2 the user's or the machine's fault (one line), 130 interrupted.
"""

from app.cli.main import main, run

__all__ = ["main", "run"]
