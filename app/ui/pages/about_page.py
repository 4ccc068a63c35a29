"""The page About: what the app is, what each cue means, what is known of it, privacy and licences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QTextBrowser, QVBoxLayout, QWidget

import app
from app.ui.pages.about_texts import AboutFacts, Entry, entries
from app.ui.pages.controls import themed
from app.ui.theme import BODY_PX, CAPTION_PX, GAP_PX
from app.ui.words import tr

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from app.ui.theme import Theme

LIST_PX: Final = 300
#: Longer lines are hard to read.
TEXT_PX: Final = 900
_ID: Final = Qt.ItemDataRole.UserRole


def notice_text() -> str:
    """Return the text of NOTICE, "" where it is not found: beside a checkout's package, or in an installed wheel."""
    beside = Path(app.__file__).parent.parent / "NOTICE"
    if beside.is_file():
        return beside.read_text(encoding="utf-8")
    from importlib import metadata  # takes 20 ms, and a checkout does not need it

    try:
        return metadata.distribution("hingecoach").read_text("licenses/NOTICE") or ""
    except metadata.PackageNotFoundError:
        return ""


class AboutPage(QWidget):
    """A list that can be searched, and beside it the entry that is picked.

    Args:
        theme: looks. facts: what the window knows.

    """

    def __init__(self, theme: Theme, facts: AboutFacts) -> None:
        super().__init__()
        self._theme, self._facts = theme, facts
        self._stale = True
        self._opened: frozenset[int] = frozenset()
        self._entries: dict[str, Entry] = {}
        self.search, self.list, self.text = QLineEdit(), QListWidget(), QTextBrowser()
        self.search.setPlaceholderText(tr("Search"))
        self.search.setAccessibleName(tr("Search in About"))
        self.search.setClearButtonEnabled(True)
        self.list.setAccessibleName(tr("Entries of About"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setWordWrap(True)
        self.text.setObjectName("entry")
        self.text.setAccessibleName(tr("The entry"))
        self.text.setOpenLinks(False)  # nothing is opened in a browser
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        left = QVBoxLayout()
        left.addWidget(self.search)
        left.addWidget(self.list, 1)
        self._left, self._box = left, QHBoxLayout(self)
        self._box.addStretch(1)
        self._box.addLayout(left)
        self._box.addWidget(self.text, 1000)
        self._box.addStretch(1)
        self._read()
        self._fill()
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self.list.setFocus)
        self.list.currentItemChanged.connect(self._show)
        self.text.anchorClicked.connect(self._unfold)
        self.setFocusProxy(self.list)
        self.show_entry("app")

    def show_facts(self, facts: AboutFacts) -> None:
        """Show other facts, e.g. of the model once it is loaded."""
        if facts == self._facts:
            return
        self._facts = facts
        self._read()
        self._show()

    def show_entry(self, entry: str) -> None:
        """Show an entry: "app", "privacy", "licences", "judging", "praise", "exam" or the id of a fault.

        Raises ValueError for another one.
        """
        if entry not in self._entries:
            raise ValueError(f"there is no entry {entry}")
        self.search.clear()
        for item in self._items():
            if item.data(_ID) == entry:
                self.list.setCurrentItem(item)

    @property
    def entry(self) -> str:
        """Which entry is shown, "" for none."""
        item = self.list.currentItem()
        return str(item.data(_ID)) if item is not None and item.data(_ID) else ""

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes; while the page is not seen it waits with that, as it takes time."""
        self._theme, self._stale = theme, True
        if self.isVisible():
            self._make_ready()

    def showEvent(self, event: QShowEvent) -> None:
        """Be up to date when shown."""
        super().showEvent(event)
        self._make_ready()

    def _make_ready(self) -> None:
        if not self._stale:
            return
        self._stale = False
        theme = self._theme
        px = theme.px
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(px(GAP_PX))
        self._left.setSpacing(px(8))
        self.search.setFixedWidth(px(LIST_PX))
        self.list.setFixedWidth(px(LIST_PX))
        self.text.setMaximumWidth(px(TEXT_PX))
        themed(self, theme)
        self.text.document().setDefaultStyleSheet(_page_style(theme))
        self._show()

    # ---- inside ---------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        self._entries = {entry.id: entry for entry in entries(self._facts, self._opened)}

    def _fill(self) -> None:
        group = ""
        for entry in self._entries.values():
            if entry.group != group:
                group = entry.group
                heading = QListWidgetItem(group)
                heading.setFlags(Qt.ItemFlag.NoItemFlags)
                bold = heading.font()
                bold.setBold(True)
                heading.setFont(bold)
                self.list.addItem(heading)
            item = QListWidgetItem(entry.title)
            item.setData(_ID, entry.id)
            self.list.addItem(item)

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def _filter(self, words: str) -> None:
        """Leave the entries that hold every word, with the headings above them, and show the first."""
        wanted = words.casefold().split()
        heading: QListWidgetItem | None = None
        first: QListWidgetItem | None = None
        for item in self._items():
            entry = self._entries.get(str(item.data(_ID)))
            if entry is None:
                heading = item
                item.setHidden(True)
                continue
            found = all(word in entry.words for word in wanted)
            item.setHidden(not found)
            if found:
                first = first or item
                if heading is not None:
                    heading.setHidden(False)
        current = self.list.currentItem()
        if first is not None and (current is None or current.isHidden()):
            self.list.setCurrentItem(first)
        elif first is None:
            self.list.setCurrentRow(-1)
        self._show()

    def _show(self) -> None:
        """Write the picked entry; from its beginning, unless it was there already."""
        entry = self._entries.get(self.entry)
        if entry is None:
            self.text.setPlainText(tr("Nothing was found: try another word."))
            return
        bar = self.text.verticalScrollBar()
        same, place = self.text.documentTitle() == entry.id, bar.value()
        self.text.setHtml(f"<html><head><title>{entry.id}</title></head><body>{entry.html}</body></html>")
        bar.setValue(place if same else 0)

    def _unfold(self, link: QUrl) -> None:
        """Unfold or fold a part of the licences."""
        self._opened ^= {int(link.fragment())}
        self._read()
        self._show()


def _page_style(theme: Theme) -> str:
    p, px = theme.palette, theme.px
    return f"""
    body {{ color: {p.text}; font-size: {px(BODY_PX + 1)}px; }}
    h1 {{ font-size: {px(24)}px; font-weight: 600; margin-top: 0; margin-bottom: {px(8)}px; }}
    h2 {{ font-size: {px(16)}px; font-weight: 600; margin-top: {px(18)}px; margin-bottom: {px(4)}px; }}
    h3 {{ font-size: {px(16)}px; font-weight: 600; margin-top: 0; margin-bottom: {px(4)}px; }}
    li {{ margin-bottom: {px(6)}px; }}
    a {{ color: {p.info}; text-decoration: none; font-weight: 600; }}
    .muted {{ color: {p.muted}; font-size: {px(CAPTION_PX + 1)}px; }}
    td.box {{ background-color: {p.ground}; }}
    td.edge_article {{ background-color: {p.info}; }}
    td.edge_evidence {{ background-color: {p.muted}; }}
    .agrees {{ color: {p.good}; }}
    .in_part {{ color: {p.info}; }}
    .disagrees {{ color: {p.off}; }}
    .missing {{ color: {p.muted}; }}
    """
