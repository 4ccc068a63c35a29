"""The two kinds of error: the world's fault, told in one line, and ours (anything else)."""


class WorldError(Exception):
    """Something outside the program is wrong: a missing file, a busy camera, an impossible height.

    The message is one clear line that says what to do; the command line prints it and exits with code 2.
    Every room raises this (or a subclass) for what the user or the machine can put right.
    """
