"""Who is writing a file now: a lock that the system takes away with the process, however it ends."""

from __future__ import annotations

import errno
import sys

#: Reasons of the system that mean somebody else has it.
_TAKEN = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)

if sys.platform == "win32":
    import msvcrt
    import os

    #: One byte far behind everything: locked bytes cannot be read by others.
    _FAR = 2**31 - 2

    def _lock(file: int) -> None:
        os.lseek(file, _FAR, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def try_lock(file: int) -> bool:
    """Lock an open file (descriptor) until it is closed; False where somebody else has it.

    Where the file system knows no locks, everybody is told that he has it.
    """
    try:
        _lock(file)
    except OSError as error:
        return error.errno not in _TAKEN
    return True
