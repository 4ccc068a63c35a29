"""The page of keys, made of the table that binds them (``app/ui/keys.py``)."""

from __future__ import annotations

from pathlib import Path

from app.ui.keys import EVERYWHERE, WISHES, KeyMap
from app.ui.screens import SCREEN_WORDS

PAGE = Path(__file__).with_name("keys.md")
HEAD = """# Keys

Made by `python -m docs.make_tables` from `app/ui/keys.py`. All of them can be changed in the settings; **?** or F1
shows them in the app. Where a button was reached with Tab, Space presses that button.

| key | does | where |
|---|---|---|
"""


def page() -> str:
    """Return the page as Markdown."""
    usual = KeyMap()
    rows = []
    for wish in WISHES:
        keys = ", ".join(f"`{key}`" for key in usual.keys_of(wish.id))
        places = "everywhere" if wish.where == EVERYWHERE else ", ".join(SCREEN_WORDS[one][0] for one in wish.where)
        words = f"Screen: {wish.words}" if wish.id.startswith("screen_") else wish.words
        rows.append(f"| {keys} | {words} | {places} |")
    return HEAD + "\n".join(rows) + "\n"
