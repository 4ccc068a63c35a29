"""What can be wrong with the store of sessions."""

from app.coach.errors import WorldError


class HistoryError(WorldError):
    """Sessions cannot be kept or read; the message is one line that says what to do."""


class DamagedError(HistoryError):
    """A file is not what it should be; it can be set aside and the rest goes on."""


class NewerError(HistoryError):
    """A file of a newer app: nothing is changed in it."""
