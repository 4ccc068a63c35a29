"""The language of a report: whole lines are translated as they are shown, with what is filled in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

from app.coach.errors import WorldError
from app.store.catalogue import OTHERS, OWN, Catalogue, load_catalogue

#: Parts of a line that are translated one by one.
_BETWEEN_PARTS: Final = " · "
#: Words so short that they are looked for between numbers only: "10.6 to 11.8", "3 of 12".
_SMALL: Final = re.compile(r"(?<=[\d°%]) (to|of) (?=[+−]?\d)")


@dataclass(frozen=True, slots=True)
class Tongue:
    """Says the lines of a report in one language.

    Attributes:
        code: of the language, e.g. "es". look_up: returns a translation, None where there is none.

    """

    code: str
    look_up: Callable[[str], str | None]

    def __call__(self, line: str) -> str:
        """Return a line in the language; what is not known stays as it is."""
        if self.code == OWN or not line:
            return line
        parts = [self.look_up(part) or part for part in line.split(_BETWEEN_PARTS)]
        return _SMALL.sub(self._small, _BETWEEN_PARTS.join(parts))

    def _small(self, found: re.Match[str]) -> str:
        return f" {self.look_up(f'{found[1]} [between numbers]') or found[1]} "


#: As the reports are written.
ENGLISH: Final = Tongue(OWN, lambda _: None)


@cache
def tongue_of(code: str) -> Tongue:
    """Return the tongue of a language. Raises WorldError where there is no such language, or it cannot be read."""
    if code == OWN:
        return ENGLISH
    if code not in OTHERS:
        raise WorldError(f"There is no language {code}: choose {', '.join((OWN, *OTHERS))}.")
    try:
        return Tongue(code, Catalogue(load_catalogue(code)).translated)
    except (OSError, ValueError) as error:
        raise WorldError(f"The words of the language {code} cannot be read ({error}): install the app anew.") from error
