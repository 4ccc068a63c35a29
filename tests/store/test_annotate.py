"""What is drawn on a picture: the line, the roof, the cue."""

import math
from dataclasses import replace

import numpy as np
import pytest

from app.coach.report import Activity, FormSample, StandingStatus
from app.coach.types import BodyPose, Frame
from app.store import drawing
from app.store.annotate import BARE_SIZE_PX, CUE_SHOWN_S, Overlay
from app.store.panels import DASH, Panels, caption

GREY = 128


def frame(size_px=(1280, 720), t_s=1.0):
    return Frame(0, t_s, np.full((size_px[1], size_px[0], 3), GREY, np.uint8))


def near(canvas, at, colour, reach_px=3, tolerance=40):
    """Whether a colour is found around (x, y)."""
    x, y = at
    patch = canvas[y - reach_px : y + reach_px + 1, x - reach_px : x + reach_px + 1].astype(int)
    return bool((np.abs(patch - np.array(colour)).max(axis=2) < tolerance).any())


def share_of(canvas, colour, tolerance=30):
    return float((np.abs(canvas.astype(int) - np.array(colour)).max(axis=2) < tolerance).mean())


def test_the_frame_itself_stays_as_it_was(known):
    given = frame()
    canvas = Overlay().draw(given, known.body(), known.report())
    assert (given.image_bgr == GREY).all()
    assert canvas.shape == (720, 1280, 3)
    assert (canvas != GREY).any()


def test_the_line_goes_from_ear_to_toe_and_tells_good_from_off_by_colour_and_shape(known):
    on_line = [(round(668 - 128 * s), round(190 + 440 * s)) for s in np.linspace(0.1, 0.9, 80)]
    good = Overlay().draw(frame(), known.body(), known.report(good=True))
    assert all(near(good, at, drawing.GOOD) for at in on_line)
    assert share_of(good, drawing.OFF) == 0.0

    off = Overlay().draw(frame(), known.body(), known.report(good=False))
    dashes = [near(off, at, drawing.OFF, reach_px=1) for at in on_line]
    assert 0.3 < np.mean(dashes) < 0.95
    assert share_of(off, drawing.GOOD) < 1e-3  # the head is under the roof

    unjudged = Overlay().draw(
        frame(), known.body(), replace(known.report(judged=False), tunnel=None, verdict="not_judged")
    )
    assert share_of(unjudged, drawing.GOOD) == share_of(unjudged, drawing.OFF) == 0.0


def test_a_picture_that_was_read_smaller_than_it_was_judged_has_the_line_at_the_same_place(known):
    def drawn(size_px, scale):
        canvas = Overlay().draw(frame(size_px), known.body(), known.report(good=True))
        on_line = [(round((668 - 128 * s) * scale), round((190 + 440 * s) * scale)) for s in np.linspace(0.1, 0.9, 80)]
        return np.mean([near(canvas, at, drawing.GOOD) for at in on_line])

    assert known.body().image_size_px == (1280, 720)
    assert drawn((1280, 720), 1.0) == drawn((640, 360), 0.5) == drawn((1279, 719), 1.0) == 1.0


def test_the_arrow_points_from_the_hip_to_the_line(known):
    off = Overlay().draw(frame(), known.body(), replace(known.report(good=False), tunnel=None))
    behind, ahead = (
        sum(near(off, (x, 390), drawing.OFF, 2) for x in span) for span in (range(555, 600), range(630, 675))
    )
    assert behind > 10  # the hip at x = 615 is ahead of the line
    assert ahead == 0


def test_the_roof_runs_across_and_the_head_is_marked_by_colour_and_shape(known):
    under = Overlay().draw(frame(), known.body(), replace(known.report(clearance_bh=0.01), line=None))
    assert all(near(under, (x, 180), drawing.INFO, 2) for x in range(5, 1100, 50))
    assert near(under, (668, 190), drawing.GOOD)
    through = Overlay().draw(frame(), known.body(), replace(known.report(clearance_bh=-0.01), line=None))
    assert near(through, (668, 190), drawing.OFF)
    assert near(through, (668, 240), drawing.OFF)  # the arrow down


def test_rows_that_are_not_known_are_not_drawn(known):
    tunnel = replace(known.report().tunnel, roof_y_px=np.nan, goal_y_px=np.nan, standing_y_px=np.nan, head_y_px=np.nan)
    canvas = Overlay().draw(frame(), known.body(), replace(known.report(), tunnel=tunnel, line=None))
    assert share_of(canvas, drawing.INFO) == 0.0


def where_it_differs(one, other):
    """Return (first row, last row, first column) of the px that differ."""
    rows, columns = np.nonzero((one != other).any(axis=2))
    return rows.min(), rows.max(), columns.min()


def test_a_cue_stays_above_the_head_for_its_time(known):
    overlay, silent = Overlay(), Overlay().draw(frame(), known.body(), known.report(t_s=1.0))
    first = overlay.draw(frame(), known.body(), known.report(t_s=1.0, cue=known.cue))
    _, bottom, _ = where_it_differs(first, silent)
    assert bottom < 190 - 30  # the highest landmark is at row 190
    later = overlay.draw(frame(), known.body(), known.report(t_s=1.0 + 0.9 * CUE_SHOWN_S))
    assert where_it_differs(later, silent)[:2] == where_it_differs(first, silent)[:2]
    after = overlay.draw(frame(), known.body(), known.report(t_s=1.0 + CUE_SHOWN_S))
    assert share_of(after, drawing.OFF) == 0.0


def test_a_cue_goes_below_and_right_of_the_numbers_where_the_head_is_high(known):
    body = known.body()
    high = BodyPose(1.0, np.add(body.xy_px, (0.0, -80.0)), body.visibility, body.image_size_px)
    silent = Overlay().draw(frame(), high, known.report())
    top, _, left = where_it_differs(Overlay().draw(frame(), high, known.report(cue=known.cue)), silent)
    assert top > 560
    assert left > 400


def test_a_cue_that_went_below_stays_there_while_the_head_bobs(known):
    body, overlay = known.body(), Overlay()
    high = BodyPose(1.0, np.add(body.xy_px, (0.0, -80.0)), body.visibility, body.image_size_px)
    overlay.draw(frame(), high, known.report(t_s=1.0, cue=known.cue))
    silent = Overlay().draw(frame(), body, known.report(t_s=1.0))
    assert where_it_differs(overlay.draw(frame(), body, known.report(t_s=1.1)), silent)[0] > 560


NOTHING = FormSample(1.0, *[math.nan] * 5)


def test_nobody_has_no_numbers(known):
    panels, canvas = Panels(), frame().image_bgr
    for t_s in np.arange(0.0, 1.0, 0.1):
        panels.draw(canvas, known.report(t_s=t_s), True, 1.0)
    assert panels.shown["Trunk lean"] == "11°"
    assert panels.shown["Cadence"] == "174 /min"

    gone = replace(known.report(t_s=1.0), activity=Activity.NOBODY)
    panels.draw(canvas, gone, False, 1.0)
    assert set(panels.shown) == {"Trunk lean", "Hip", "Knee", "Head under standing", "Cadence"}
    assert set(panels.shown.values()) == {DASH}
    panels.draw(canvas, known.report(t_s=1.1), True, 1.0)
    assert panels.shown["Trunk lean"] == "11°"


@pytest.mark.parametrize("pose_seen", [True, False])
def test_lost_numbers_go_but_one_lost_frame_does_not_flicker(known, pose_seen):
    panels, canvas = Panels(), frame().image_bgr
    panels.draw(canvas, known.report(t_s=0.0), True, 1.0)
    for t_s, value in ((0.05, "11°"), (0.15, "11°"), (0.25, DASH)):
        panels.draw(canvas, replace(known.report(t_s=t_s), sample=NOTHING), pose_seen, 1.0)
        assert panels.shown["Trunk lean"] == value


@pytest.mark.parametrize(
    ("source", "label"),
    [("none", "Trunk lean (absolute)"), ("height", "Trunk lean (absolute)"), ("recorded", "Trunk lean")],
)
def test_a_lean_that_is_not_from_standing_says_so(known, source, label):
    panels = Panels()
    standing = StandingStatus(source, False, 0.0, "")
    panels.draw(frame().image_bgr, replace(known.report(), standing=standing), True, 1.0)
    assert panels.shown[label] == "11°"


@pytest.mark.parametrize(
    ("activity", "verdict", "why", "words"),
    [
        (Activity.RUNNING, "good", "", "running - good"),
        (Activity.RUNNING, "pelvis_drift", "", "running - pelvis drift"),
        (Activity.WALKING, "not_judged", "walking", "walking - not judged: walking"),
        (Activity.UNKNOWN, "not_judged", "", "somebody in view - not judged"),
        (Activity.UNKNOWN, "not_judged", "unknown", "somebody in view - not judged"),
    ],
)
def test_the_caption_says_what_is_going_on(known, activity, verdict, why, words):
    report = replace(known.report(), activity=activity, verdict=verdict, not_judged_because=why)
    assert caption(report) == words
    assert caption(report, nobody=True) == "nobody in view - not judged"


def test_the_caption_tells_good_from_off_by_colour_and_shape(known):
    def mark(verdict):
        bare = replace(known.report(), line=None, tunnel=None, verdict=verdict)
        return Overlay().draw(frame(), known.body(), bare)

    good, off, unjudged = mark("good"), mark("pelvis_drift"), mark("not_judged")
    assert share_of(good, drawing.GOOD) > 1e-4
    assert share_of(good, drawing.OFF) == share_of(off, drawing.GOOD) == 0.0
    assert share_of(off, drawing.OFF) > 1e-4
    assert share_of(unjudged, drawing.GOOD) == share_of(unjudged, drawing.OFF) == 0.0
    of_good, of_off = (
        (np.abs(canvas.astype(int) - np.array(colour)).max(axis=2) < 30).any(axis=1).sum()
        for canvas, colour in ((good, drawing.GOOD), (off, drawing.OFF))
    )
    assert of_off > of_good  # the diamond is the taller one


LONG = "no standing reference: stand tall and still for 3 s before running, side-on to the camera, all of you in view"


@pytest.mark.parametrize("size_px", [(1280, 720), (720, 1280), (640, 360)])
@pytest.mark.parametrize("why", ["walking", LONG])
@pytest.mark.parametrize("known_numbers", [True, False])
def test_a_cue_below_meets_no_panel(known, monkeypatch, size_px, why, known_numbers):
    panels = []

    def keep(_canvas, left, top, width, height, *_opacity):
        panels.append((left, top, left + width, top + height))

    monkeypatch.setattr(drawing, "panel", keep)
    report = replace(known.report(cue=known.cue), tunnel=None, line=None, verdict="not_judged", not_judged_because=why)
    if not known_numbers:
        report = replace(report, sample=NOTHING, cadence_spm=math.nan)
    xy_px = np.full_like(known.body().xy_px, 5.0)  # the head at the upper edge
    Overlay().draw(frame(size_px), BodyPose(1.0, xy_px, known.body().visibility, size_px), report)
    *others, cue = panels
    assert len(others) == 1 + known_numbers
    for left, top, right, bottom in others:
        assert cue[2] <= left or cue[0] >= right or cue[3] <= top or cue[1] >= bottom
    for left, top, right, bottom in panels:
        assert 0 <= left < right <= size_px[0]
        assert 0 <= top < bottom <= size_px[1]
    assert cue[1] > size_px[1] / 3


@pytest.mark.parametrize(("size_px", "words_px"), [((1280, 720), 22), ((720, 1280), 22), ((640, 360), 13)])
def test_words_are_as_large_as_the_shorter_side_asks(known, monkeypatch, size_px, words_px):
    sizes = []
    monkeypatch.setattr(drawing, "words", lambda _c, text, _l, _b, size, *_more: sizes.append((text, size)))
    Overlay().draw(frame(size_px), known.body(), known.report())
    assert ("Trunk lean", words_px) in sizes


@pytest.mark.parametrize("size_px", [(3840, 2160), (1079, 1921), (321, 241), (64, 48)])
def test_any_picture_becomes_one_an_encoder_takes(known, size_px):
    canvas = Overlay().draw(frame(size_px), known.body(size_px[0] / 1280), known.report(cue=known.cue))
    height, width = canvas.shape[:2]
    assert max(width, height) <= 1280
    assert width % 2 == height % 2 == 0
    assert width / height == pytest.approx(size_px[0] / size_px[1], rel=0.03)


def test_without_a_picture_the_body_is_drawn_on_a_dark_canvas(known):
    big = known.body(3.0)
    canvas = Overlay().draw(Frame(0, 1.0), big, known.report(scale=3.0))
    assert canvas.shape == (BARE_SIZE_PX[1], BARE_SIZE_PX[0], 3)
    assert canvas.mean() < 60
    assert share_of(canvas, drawing.TEXT) > 0.001


def test_nobody_is_no_trouble(known):
    nobody = BodyPose.nobody(1.0, (1280, 720))
    bare = replace(known.report(cue=known.cue), line=None, tunnel=None)
    assert Overlay().draw(frame(), nobody, bare).shape == (720, 1280, 3)
    line = replace(known.report().line, ear_px=np.full(2, np.nan))
    assert Overlay().draw(frame(), nobody, replace(known.report(), line=line)).shape == (720, 1280, 3)


def test_the_stroke_font_of_an_older_opencv_does_too(known, monkeypatch):
    monkeypatch.delattr("cv2.FontFace", raising=False)
    canvas = Overlay().draw(frame(), known.body(), known.report(cue=known.cue))
    assert share_of(canvas, drawing.TEXT) > 0.001
