"""What each key of the window does: from the ids in `keys.WISHES` to the window's own functions."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from app.coach.drill_model import DrillModel
from app.coach.reps import DrillId
from app.ui.prefs import LEAST_DELAY_S, MOST_DELAY_S
from app.ui.screens import SceneDetail, Screen
from app.ui.tasks import drill_of
from app.ui.theme import ThemeChoice
from app.ui.words import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.coach.drills import DrillCoach
    from app.coach.model import CoachModel
    from app.ui.outfit import Outfit
    from app.ui.shell import Shell

VOLUME_STEP: Final = 0.1


def wishes_of(window: Shell, outfit: Outfit) -> dict[str, Callable[[], object]]:
    """Return a function for every wish that the window fulfils."""

    def shown(change: Callable[[], object]) -> Callable[[], object]:
        """Have a change of what the settings show seen there, too."""

        def both() -> None:
            change()
            outfit.show_kept()

        return both

    return {
        "start_or_stop": window.start_or_stop,
        "calibrate": window.calibrate,
        "again": partial(begin_again, window),
        "mark": partial(mark_moment, window),
        "exchange_sides": window.pointing.exchange_sides,
        "layout": partial(change_layout, window),
        "tunnel_only": partial(window.ask, lambda session: session.ask_guide(lambda guide: guide.accept_tunnel_only())),
        "ghost": partial(toggle_ghost, window),
        "delay": partial(toggle_delay, window),
        "delay_more": partial(change_delay, window, 1.0),
        "delay_less": partial(change_delay, window, -1.0),
        "next_drill": partial(next_drill, window),
        "skip_rest": partial(ask_drill, window, lambda drill: drill.skip_rest()),
        "add_rep": partial(ask_drill, window, add_rep),
        "remove_rep": partial(ask_drill, window, remove_rep),
        "mute": window.bar.mute.toggle,
        "louder": shown(partial(change_volume, window, VOLUME_STEP)),
        "softer": shown(partial(change_volume, window, -VOLUME_STEP)),
        "mirror": shown(window.bar.mirror.toggle),
        "theme": shown(partial(next_theme, window)),
        "full_screen": window.toggle_full_screen,
        "leave_full_screen": window.leave_full_screen,
        "keys_help": partial(outfit.show_keys, window),
        **{f"screen_{screen}": partial(window.go_to, screen) for screen in Screen},
    }


def next_theme(window: Shell) -> None:
    """Go on from system to dark to light."""
    order = list(ThemeChoice)
    window.use_theme(order[(order.index(window.prefs.theme) + 1) % len(order)])


def begin_again(window: Shell) -> None:
    """Begin the set-up, the exam or the drill anew."""
    if window.current is Screen.SETUP:
        window.ask(lambda session: session.ask_guide(lambda guide: guide.restart()))
    elif window.current is Screen.START_LINE:
        window.ask(lambda session: session.restart_exam())
    elif window.is_running:
        window.running_session.turn_to(window.current, window.choice, anew=True)


def change_layout(window: Shell) -> None:
    """Go from the runner's layout to the coach's and back."""
    window.prefs.layout = SceneDetail.RUNNER if window.prefs.layout is SceneDetail.COACH else SceneDetail.COACH
    if window.current.live:
        window.live.show_screen(window.current, window.detail)


def toggle_ghost(window: Shell) -> None:
    """Show the best stance as an outline, or not."""
    window.video.ghost_shown = not window.video.ghost_shown


def toggle_delay(window: Shell) -> None:
    """Show the picture of some seconds ago, or the present one."""
    window.delay_s = None if window.delay_s is not None else window.prefs.delay_s
    window.bar.delay.setChecked(window.delay_s is not None)
    window.live.show_late(window.delay_s)


def change_delay(window: Shell, by_s: float) -> None:
    """Make the delayed mirror later or sooner."""
    window.prefs.delay_s = min(max(window.prefs.delay_s + by_s, LEAST_DELAY_S), MOST_DELAY_S)
    if window.delay_s is not None:
        window.delay_s = window.prefs.delay_s
        window.live.show_late(window.delay_s)


def next_drill(window: Shell) -> None:
    """Go on to the next drill, from the last one to the first."""
    drills = list(DrillId)
    following = drills[(drills.index(drill_of(window.choice)) + 1) % len(drills)]
    window.choose(replace(window.choice, drill=following.value, reps=None, sets=None, rest_s=None))


def ask_drill(window: Shell, request: Callable[[DrillCoach], object]) -> None:
    """Ask the running drill for something; nothing where there is none."""

    def of_coach(coach: CoachModel) -> None:
        if isinstance(coach, DrillModel):
            request(coach.drill)

    window.ask(lambda session: session.ask(of_coach))


def add_rep(drill: DrillCoach) -> None:
    """Count one more by hand, at the time of the newest frame."""
    drill.log.add(drill.now_s)


def remove_rep(drill: DrillCoach) -> None:
    """Take the newest one that counts out."""
    last = next((rep for rep in reversed(drill.log.reps) if rep.counted), None)
    if last is not None:
        drill.log.remove(last.number)


def mark_moment(window: Shell) -> None:
    """Mark this moment of the running session and say so; nothing where none runs."""
    at_s = window.running_session.mark()
    if not math.isfinite(at_s):
        return
    whole = int(at_s)
    window.live.flash.show_words(tr("Marked {time}").format(time=f"{whole // 60}:{whole % 60:02d}"))
    # A short tick: whoever runs does not look.
    window.audio.signal("countdown")


def change_volume(window: Shell, by: float) -> None:
    """Make everything louder or softer, and remember it."""
    choice = window.audio.choice
    window.audio.use(replace(choice, volume=round(min(max(choice.volume + by, 0.0), 1.0), 2)))
    window.prefs.sound = asdict(window.audio.choice)
