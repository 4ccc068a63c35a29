"""The two kinds of error: the world's fault, told in one line, and ours (anything else)."""

#: A longer message is no line any more: it quotes what was found, which may be anything.
MOST_CHARACTERS = 2000


class WorldError(Exception):
    """Something outside the program is wrong: a missing file, a busy camera, an impossible height.

    The message is one clear line that says what to do; the command line prints it and exits with code 2.
    Every room raises this (or a subclass) for what the user or the machine can put right. What it quotes of the world
    (names, cells, keys) may hold anything: blanks of all kinds become spaces, what cannot be printed "?".
    """

    def __init__(self, message: str = "") -> None:
        line = message if message.isprintable() else "".join(map(_shown, message))
        super().__init__(line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 3]}...")


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else "?"
