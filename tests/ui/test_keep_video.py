"""Whether the video of a session is kept: as the settings say, unless the command line says otherwise."""

from __future__ import annotations

import pytest

from app.ui.choice import Choice, SourceKind
from app.ui.outfit import Outfit
from app.ui.prefs import Prefs

pytestmark = pytest.mark.gui


@pytest.mark.parametrize(("told", "kept", "wanted"), [
    (None, False, False), (None, True, True), (False, True, False), (True, False, True),
])  # fmt: skip
def test_the_command_line_goes_before_the_settings(make_window, settings, tmp_path, told, kept, wanted):
    Prefs(settings).keep_video = kept
    chosen = Choice(kind=SourceKind.VIRTUAL, keep_video=told)
    window = make_window(chosen, autostart=False, outfit=Outfit(tmp_path))
    assert window.choice.keep_video is wanted
    assert Prefs(settings).keep_video is kept  # for this window only


def test_the_switch_holds_from_the_next_session_on(make_window, settings, tmp_path, maker):
    window = make_window(outfit=Outfit(tmp_path))
    page = window.outfit.settings
    running = window.running_session.session
    page.picture.keep_video.setChecked(True)
    assert window.prefs.keep_video
    assert window.choice.keep_video is True
    assert window.running_session.session is running
