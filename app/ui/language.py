"""The language of the window: the system's or the chosen one, from a catalogue (`app.store.catalogue`)."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from app.store.catalogue import OTHERS, OWN, Catalogue, load_catalogue
from app.ui.words import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QObject

logger = logging.getLogger(__name__)

__all__ = [
    "OTHERS", "OWN", "Catalogue", "Translator", "install_language", "installed_language", "language_of",
    "load_catalogue",
]  # fmt: skip


class Translator(QTranslator):
    """Answers Qt's question for a translation from a `Catalogue`; what it does not know stays as it is.

    Attributes:
        code: of the language, e.g. "es".

    """

    def __init__(self, catalogue: Catalogue, code: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalogue, self.code = catalogue, code

    def isEmpty(self) -> bool:
        """Say that there is something in it: Qt does not install an empty one."""
        return False

    def translate(self, context: str, words: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        """Return the translation of words of ours, None (Qt's null string: ask the next one) for all others."""
        if context != CONTEXT:
            return None
        return self._catalogue.translated(f"{words} [{disambiguation}]" if disambiguation else words)


def language_of(system: Sequence[str]) -> str:
    """Return the first language the app has among those of the system ("es-MX", ...), English without one."""
    for name in system:
        code = re.split("[-_]", name)[0].lower()
        if code in (OWN, *OTHERS):
            return code
    return OWN


def installed_language() -> str:
    """Return the code of the language in which words are shown and spoken now."""
    app = QCoreApplication.instance()
    installed = app.findChildren(Translator) if app is not None else []
    return installed[-1].code if installed else OWN


def install_language(app: QCoreApplication, language: str) -> str:
    """Let the window speak ``language`` from now on; return the code of the language that holds.

    Args:
        app: the application.
        language: "" = the system's, "en", "es"; English where there is no catalogue.

    """
    for old in app.findChildren(QTranslator):
        app.removeTranslator(old)
        old.setParent(None)
    code = language or language_of(QLocale.system().uiLanguages())
    if code == OWN:
        return OWN
    try:
        catalogue = Catalogue(load_catalogue(code))
    except (OSError, ValueError) as error:
        logger.warning("the language %s cannot be used, the window stays English: %s", code, error)
        return OWN
    app.installTranslator(Translator(catalogue, code, app))
    # Qt's own words: the menu of a text field, the buttons of a file dialog.
    of_qt = QTranslator(app)
    if of_qt.load(f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(of_qt)
    return code
