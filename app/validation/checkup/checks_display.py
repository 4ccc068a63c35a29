"""The window and the ear: libraries of Qt, the display, loudspeakers, voices, a screen that stays on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.validation.checkup.finding import EVERY_JOB, LIVE, NO_JOB, fine, not_checked, note, trouble
from app.validation.checkup.places import for_import, sound_anew, sound_settings
from app.validation.checkup.remedies import libraries, pip, voices

if TYPE_CHECKING:
    from app.validation.checkup.facts import LibraryFacts, SoundFacts, WindowFacts
    from app.validation.checkup.finding import Finding, System, Value

WITHOUT_SCREEN: Final = ("offscreen", "minimal", "vnc")
#: Each named in itself.
LANGUAGES: Final = {"en": "English", "es": "Español"}
#: Why the screen cannot be kept on, by what the process that asks tells.
NO_AWAKE: Final = {"bus": "there is no session bus", "service": "the desktop has no screen saver service"}
#: A screen that shows fewer pictures a second than this makes the picture late, Hz.
LEAST_HZ: Final = 50.0


def check_libraries(facts: LibraryFacts, system: System) -> list[Finding]:
    """Judge what OpenCV and Qt's parts lack of the system."""
    names = {
        "opencv": ("opencv.libraries", "OpenCV", EVERY_JOB),
        "window": ("qt.window_libraries", "The window", LIVE),
        "sound": ("qt.sound_libraries", "Sound", NO_JOB),
        "voice": ("qt.voice_libraries", "The system's voice", NO_JOB),
    }
    if facts.missing is None:
        return [not_checked(name, facts.why) for name, _, _ in names.values()]
    found = []
    for kind, (name, needs, stops) in names.items():
        if facts.missing and kind not in facts.missing:
            found.append(not_checked(name, "Its files were not found."))
            continue
        lacking = facts.missing.get(kind, ())
        if not lacking:
            found.append(fine(name, f"{needs} has all libraries it needs"))
            continue
        missing = ", ".join(lacking)
        remedy = libraries(lacking, system)
        if kind == "voice":
            found.append(note(name, f"{needs} lacks {missing}", remedy, missing=missing))
        else:
            found.append(trouble(name, f"{needs} lacks {missing}", remedy, stops, missing=missing))
    return found


def check_window(facts: WindowFacts, system: System) -> list[Finding]:
    """Judge display and window."""
    return [_display(facts, system), _opens(facts, system)]


def _display(facts: WindowFacts, system: System) -> Finding:
    told = facts.variables
    platform = told.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    remote = bool(told.get("SSH_CONNECTION"))
    if platform in WITHOUT_SCREEN:
        return note(
            "display.session", f"QT_QPA_PLATFORM={platform}: the window is drawn, but nobody sees it.",
            "unset QT_QPA_PLATFORM", platform=platform,
        )  # fmt: skip
    if not system.linux:
        return fine("display.session", "The display of this computer")
    wayland, x11 = told.get("WAYLAND_DISPLAY", ""), told.get("DISPLAY", "")
    if not wayland and not x11:
        where = "over SSH without a display" if remote else "without a display"
        remedy = (
            "Log in with ssh -X, or start it at the computer itself; 'hingecoach analyze' needs no display."
            if remote
            else "Start it on a desktop; 'hingecoach analyze' and 'hingecoach demo --headless' need none."
        )
        if system.wsl:
            remedy = "Update WSL for its displays, in Windows: wsl --update"
        return trouble("display.session", f"This session is {where}.", remedy, LIVE, kind="none")
    kind = "Wayland" if wayland else "X11"
    if remote:
        return note(
            "display.session", f"{kind} over SSH: pictures and sound come late.", "Start it at the computer itself.",
            kind=kind,
        )  # fmt: skip
    return fine("display.session", f"{kind}", kind=kind)


def _opens(facts: WindowFacts, system: System) -> Finding:
    if facts.opened is None:
        return not_checked("display.window", facts.error or "Qt was not asked.")
    if not facts.opened:
        error = facts.error or "it gives no reason"
        return trouble("display.window", f"Qt opens no window: {error}", _mend(error, system), LIVE)
    if facts.leaks:
        return trouble(
            "display.window", "This PySide6 ends the app after some seconds.",
            pip(system, "install", '"PySide6-Essentials<6.12"', '"PySide6-Addons<6.12"'), LIVE,
        )  # fmt: skip
    if facts.screen_px is None:
        return fine("display.window", f"Qt opens a window ({facts.platform})", platform=facts.platform)
    width, height = facts.screen_px
    hz, platform = facts.refresh_hz or 0.0, facts.platform
    values: dict[str, Value] = {
        "platform": platform, "width_px": width, "height_px": height, "refresh_hz": facts.refresh_hz,
        "scale": facts.scale,
    }  # fmt: skip
    if 0.0 < hz < LEAST_HZ:
        return note(
            "display.window", f"The screen shows only {hz:.0f} pictures a second.",
            "Choose 60 Hz in the settings of the display.", **values,
        )  # fmt: skip
    return fine("display.window", f"Qt opens a window ({platform}, {width}x{height}, {hz:.0f} Hz)", **values)


def _mend(error: str, system: System) -> str:
    """Return what to do about a part of Qt that does not start."""
    if "ModuleNotFoundError" in error:
        return pip(system, "install", "PySide6-Essentials", "PySide6-Addons")
    usual = "Put right what is told above; if nothing is, restart the desktop, or install Hinge Coach anew."
    return for_import(error, system) or usual


def check_sound(facts: SoundFacts, system: System) -> list[Finding]:
    """Judge loudspeakers, voices and the screen's staying on."""
    return [
        _output(facts, system),
        _plays(facts, system),
        _volume(facts),
        *_speech(facts, system),
        _awake(facts, system),
    ]


def _output(facts: SoundFacts, system: System) -> Finding:
    if facts.broken:
        error = facts.broken
        return trouble("sound.output", f"Sound could not be tried: {error}", _mend(error, system))
    if facts.error:
        error = facts.error
        remedy = for_import(error, system) or pip(system, "install", "PySide6-Addons")
        return trouble("sound.output", f"Qt has no sound here: {error}", remedy)
    if facts.outputs is None:
        why = facts.cut_off
        return trouble("sound.output", f"The system's sound fails: {why}", sound_anew(system))
    if not facts.outputs:
        remedy = f"Plug in a loudspeaker or headphones, or choose one in {sound_settings(system)}."
        if system.wsl:
            remedy = "Update WSL for its sound, in Windows: wsl --update"
        elif system.sandbox == "container":
            remedy = "A container has no sound of its own: start Hinge Coach outside of it."
        return trouble("sound.output", "No loudspeaker is found: cues are shown, not heard.", remedy, outputs=0)
    count, name = len(facts.outputs), facts.default
    return fine("sound.output", f"{name} (of {count})", outputs=count, default=name)


def _plays(facts: SoundFacts, system: System) -> Finding:
    if facts.broken or facts.outputs is None:
        return not_checked("sound.plays", "Sound could not be tried.")
    if facts.plays is None:
        return not_checked("sound.plays", "There is no loudspeaker.")
    if not facts.plays:
        error = facts.play_error
        return trouble(
            "sound.plays", f"The loudspeaker does not start: {error}",
            f"Close other programs that use it, or choose another one in {sound_settings(system)}.",
        )  # fmt: skip
    if facts.buffer_ms is None:
        return fine("sound.plays", "The loudspeaker starts (silence was played)")
    buffer_ms = facts.buffer_ms
    return fine(
        "sound.plays", f"The loudspeaker starts (silence was played; it holds {buffer_ms:.0f} ms)", buffer_ms=buffer_ms
    )


def _volume(facts: SoundFacts) -> Finding:
    if facts.outputs is None:
        return not_checked("sound.volume", "Sound could not be tried.")
    if facts.broken or facts.error or not facts.outputs:
        return not_checked("sound.volume", "There is no loudspeaker.")
    return not_checked(
        "sound.volume", "How loud it is cannot be measured without a microphone, which this app never opens.",
        "Listen: Settings > Sound > Hear it.",
    )  # fmt: skip


def _speech(facts: SoundFacts, system: System) -> list[Finding]:
    if facts.broken:
        return [not_checked(name, "Sound could not be tried.") for name in ("speech.voice", "speech.phrases")]
    language = LANGUAGES.get(facts.language, facts.language)
    phrases = facts.phrases
    if phrases:
        own = fine("speech.phrases", f"{phrases} recorded phrases in {language} come with the app", phrases=phrases)
    else:
        own = trouble(
            "speech.phrases", f"The recorded phrases in {language} are missing.", "Install Hinge Coach anew.", phrases=0
        )
    if facts.voices:
        count = len(facts.voices)
        return [fine("speech.voice", f"{count} voices in {language}", voices=count), own]
    if facts.voices is None:
        return [_silent_voice(facts, system), own]
    if facts.voice_error:
        error = facts.voice_error
        remedy = for_import(error, system) or pip(system, "install", "PySide6-Addons")
        judged = note if phrases else trouble
        return [judged("speech.voice", f"Qt has no speech here: {error}", remedy, voices=0), own]
    voice = _voice_remedy(system)
    what = f"The system has no voice in {language}"
    if phrases:
        return [note("speech.voice", f"{what}: the recorded phrases speak.", voice, voices=0), own]
    return [trouble("speech.voice", f"{what}: tones only.", voice, voices=0), own]


def _silent_voice(facts: SoundFacts, system: System) -> Finding:
    """Return what to say where the process that asks for voices did not come to its end."""
    why = facts.cut_off
    if facts.outputs is None or facts.play_error == why:
        return not_checked("speech.voice", "The system's voice was not asked, because its sound fails.")
    remedy = "Log out and in again." if system.linux else "Restart the computer."
    judged = note if facts.phrases else trouble
    return judged("speech.voice", f"The system's voice fails: {why}", remedy)


def _voice_remedy(system: System) -> str:
    """Return how a system gets a voice."""
    if system.mac:
        return "Add a voice in System Settings > Accessibility > Spoken Content > System Voice."
    if system.windows:
        return "Add a voice in Settings > Time & language > Speech."
    return voices(system)


def _awake(facts: SoundFacts, system: System) -> Finding:
    if facts.awake:
        way = facts.awake
        return fine("display.awake", f"The screen is kept on while you run ({way})", way=way)
    if facts.broken:
        return not_checked("display.awake", "Whether the screen can be kept on could not be asked.")
    error = NO_AWAKE.get(facts.awake_error, facts.awake_error) or "nothing answers"
    return note(
        "display.awake", f"The screen may go dark while you run: {error}",
        "Set the screen to never switch off in the power settings while you train.",
    )  # fmt: skip
