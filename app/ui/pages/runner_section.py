"""Settings: who runs, how tall, and how far below standing the roof of the tunnel is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from app.coach.errors import WorldError
from app.store.people import LEAST_DROP_CM, MOST_DROP_CM, MOST_NAME
from app.ui.pages.controls import Card, Column, Picker, Segments, Stepper, label
from app.ui.pages.lengths import CM_PER_INCH, height_words, read_height
from app.ui.prefs import USUAL_DROP_CM, Units
from app.ui.words import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.ui.prefs import Prefs
    from app.ui.theme import Theme


@dataclass(frozen=True, slots=True)
class Person:
    """What the page shows of one runner: name, stature (None not told), drop of the roof, sessions counted."""

    name: str
    height_cm: float | None = None
    drop_cm: float = USUAL_DROP_CM
    sessions: int = 0


class People(Protocol):
    """Where the runners are kept. Every method raises `WorldError` with one line to show."""

    def list(self) -> Sequence[Person]:
        """Return all runners, in the order they are to be shown."""

    def add(self, name: str, height_cm: float | None, drop_cm: float) -> None:
        """Keep a new runner."""

    def change(self, name: str, new_name: str, height_cm: float | None, drop_cm: float) -> None:
        """Rename a runner or change what is known; what else is kept of the runner stays."""

    def delete(self, name: str) -> None:
        """Forget a runner and everything kept of the runner."""


class RunnerSection(Column):
    """Pick, add, change and delete runners; what holds now is written into `Prefs`.

    Attributes:
        changed: emits "runner" after another runner, stature or drop was written.

    """

    changed = Signal(str)

    def __init__(self, theme: Theme, prefs: Prefs, people: People) -> None:
        super().__init__(theme, tr("Runner"))
        self._theme, self._prefs, self._people = theme, prefs, people
        self._known: dict[str, Person] = {}
        self._adding = False
        self._build(theme)
        self.refresh()

    def _build(self, theme: Theme) -> None:
        self.who = Picker(theme)
        self.add_button = QPushButton(tr("Add a runner"))
        who = Card(theme)
        who.add_row(
            tr("Who runs"), self.who, self.add_button,
            help_words=tr("Each runner has a standing height, a roof and a history of their own."),
        )  # fmt: skip
        self.add(who)
        self.name, self.stature = QLineEdit(), QLineEdit()
        self.name.setMaxLength(MOST_NAME)
        self.stature.setPlaceholderText("178 cm, 5'10\"")
        self.units = Segments(theme, ((Units.METRIC, tr("cm")), (Units.IMPERIAL, tr("feet, inches"))))
        self.drop = Stepper(theme, LEAST_DROP_CM, MOST_DROP_CM, 0.1, 1, "cm")
        card = self._card = Card(theme)
        self.title = label("", "title")
        card.add_widget(self.title)
        self._name_row = card.add_row(tr("Name"), self.name)
        card.add_row(
            tr("Height"), self.stature,
            help_words=tr("Lets the tunnel be told in centimetres or inches. It can stay empty."),
        )  # fmt: skip
        card.add_row(
            tr("Roof below standing height"), self.drop,
            help_words=tr("How far you duck to stay under the roof. Begin with 2.5 cm (1 inch); more is harder."),
        )  # fmt: skip
        card.add_row(tr("Units"), self.units)
        self.save, self.cancel, self.delete = (QPushButton() for _ in range(3))
        self.save.setObjectName("primary")
        self.told = QLabel()
        self.told.setWordWrap(True)
        card.add_widget(self._row(self.told, self.delete, self.cancel, self.save))
        self.confirm = self._build_confirm()
        card.add_widget(self.confirm)
        self.add(card)
        self._connect()

    def _build_confirm(self) -> QWidget:
        self.question = label("", "label")
        self.really, self.keep = QPushButton(tr("Delete")), QPushButton(tr("Keep"))
        self.really.setObjectName("danger")
        return self._row(self.question, self.keep, self.really)

    @staticmethod
    def _row(*widgets: QWidget) -> QWidget:
        row = QWidget()
        box = QHBoxLayout(row)
        box.setContentsMargins(0, 0, 0, 0)
        for number, widget in enumerate(widgets):
            box.addWidget(widget, 1 if number == 0 else 0)
        return row

    def _connect(self) -> None:
        self.who.picked.connect(self._pick)
        self.add_button.clicked.connect(self._begin_to_add)
        self.units.picked.connect(self._show_units)
        for field in (self.name, self.stature):
            field.textEdited.connect(self._edited)
            field.returnPressed.connect(self._save)
        self.drop.changed.connect(self._edited)
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.refresh)
        self.delete.clicked.connect(self._ask_to_delete)
        self.keep.clicked.connect(self._leave_question)
        self.really.clicked.connect(self._delete)

    # ---- what is shown --------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show what is kept now; what was being typed is forgotten."""
        self._adding = False
        problem = ""
        try:
            self._known = {person.name: person for person in self._people.list()}
        except WorldError as error:
            self._known, problem = {}, tr(str(error))
        nobody = (("", tr("Anybody")),)
        self.who.fill((*nobody, *((name, name) for name in self._known)), self._prefs.runner)
        self._show_person()
        self._tell(problem, "problem")

    @property
    def person(self) -> Person:
        """Who is picked; a person without a name where it is nobody in particular."""
        nobody = Person("", self._prefs.height_cm, self._prefs.drop_cm)
        return self._known.get(self._prefs.runner, nobody)

    def _show_person(self) -> None:
        """Fill the form with the runner who is picked, or with nothing for a new one."""
        person = Person("") if self._adding else self.person
        named = self._adding or bool(person.name)
        about = tr("About {name}").format(name=person.name) if person.name else tr("Height and roof")
        self.title.setText(tr("A new runner") if self._adding else about)
        self._card.show_row(self._name_row, named)
        self.name.setText(person.name)
        self._shown = person
        self._show_units(self._prefs.units)
        # A button that cannot be pressed says why: there is nothing left to save.
        self.save.setText(tr("Add") if self._adding else tr("Saved"))
        self.save.setEnabled(False)
        self.cancel.setText(tr("Cancel"))
        self.cancel.setVisible(self._adding)
        self.delete.setText(tr("Delete this runner"))
        self.delete.setVisible(named and not self._adding)
        self.add_button.setEnabled(not self._adding)
        self._card.show_row(self.confirm, False)

    def _show_units(self, units: Units) -> None:
        """Show lengths in other units; what was typed and can be read stays."""
        try:
            typed = read_height(self.stature.text()) if self.save.isEnabled() else self._shown.height_cm
        except ValueError:
            typed = self._shown.height_cm
        drop_cm = self._drop_cm() if self.save.isEnabled() else self._shown.drop_cm
        self._prefs.units = units
        self.units.show_value(units)
        self.stature.setText(height_words(typed, units))
        if units is Units.METRIC:
            self.drop.set_range(LEAST_DROP_CM, MOST_DROP_CM, 0.1, 1, "cm")
            self.drop.show_value(drop_cm)
        else:
            self.drop.set_range(LEAST_DROP_CM / CM_PER_INCH, MOST_DROP_CM / CM_PER_INCH, 0.05, 2, tr("in"))
            self.drop.show_value(drop_cm / CM_PER_INCH)

    def _drop_cm(self) -> float:
        """Return the drop of the form in cm; what was not touched keeps the digits that are not shown."""
        scale = 1.0 if self._prefs.units is Units.METRIC else CM_PER_INCH
        box, shown_cm = self.drop.box, self._shown.drop_cm
        if abs(box.value() * scale - shown_cm) <= 0.5 * scale * 10.0 ** -box.decimals() + 1e-9:
            return shown_cm
        return min(max(box.value() * scale, LEAST_DROP_CM), MOST_DROP_CM)

    def _tell(self, words: str, role: str) -> None:
        self.told.setText(words)
        self.told.setProperty("role", role)
        self.told.style().unpolish(self.told)
        self.told.style().polish(self.told)

    # ---- what the user does ---------------------------------------------------------------------------------------

    def _pick(self, name: object) -> None:
        self._prefs.runner = str(name)
        self._adding = False
        person = self._known.get(str(name))
        if person is not None:
            self._prefs.height_cm, self._prefs.drop_cm = person.height_cm, person.drop_cm
        self._show_person()
        self._tell("", "done")
        self.changed.emit("runner")

    def _begin_to_add(self) -> None:
        self._adding = True
        self._show_person()
        self._tell("", "done")
        self.name.setFocus()

    def _edited(self) -> None:
        self.save.setEnabled(True)
        self.save.setText(tr("Add") if self._adding else tr("Save"))
        self._tell("", "done")

    def _save(self) -> None:
        """Keep what the form says; a mistake is told beside the button and nothing is changed."""
        if not self.save.isEnabled():
            return
        name, drop_cm = " ".join(self.name.text().split()), self._drop_cm()
        try:
            height_cm = read_height(self.stature.text())
            if self._adding:
                self._people.add(name, height_cm, drop_cm)
            elif self.person.name:
                self._people.change(self.person.name, name, height_cm, drop_cm)
            else:
                name = ""
        except (WorldError, ValueError) as error:
            self._tell(tr(str(error)), "problem")
            return
        self._prefs.runner, self._prefs.height_cm, self._prefs.drop_cm = name, height_cm, drop_cm
        self.refresh()
        self._tell(tr("Saved."), "done")
        self.changed.emit("runner")

    def _ask_to_delete(self) -> None:
        line = tr("Delete {name} for good, with pictures, standing heights and the count of {count} sessions?")
        self.question.setText(line.format(name=self.person.name, count=self.person.sessions))
        self._card.show_row(self.confirm, True)
        self.keep.setFocus()
        self.ensureWidgetVisible(self.confirm)

    def _leave_question(self) -> None:
        self._card.show_row(self.confirm, False)
        self.delete.setFocus()

    def _delete(self) -> None:
        name = self.person.name
        try:
            self._people.delete(name)
        except WorldError as error:
            self._card.show_row(self.confirm, False)
            self._tell(tr(str(error)), "problem")
            return
        self._prefs.runner = ""
        self.refresh()
        self._tell(tr("{name} was deleted.").format(name=name), "done")
        self.who.setFocus()
        self.changed.emit("runner")
