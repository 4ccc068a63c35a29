"""The running machine: a source, an estimator and the coach, in threads or stepped by hand. No Qt."""

from app.session.events import Event, EventKind, RoofHit
from app.session.exam_pictures import ExamPicture
from app.session.judging import Task
from app.session.machine import Session
from app.session.mailbox import Mailbox
from app.session.status import Analysis, Phase, SessionStatus, StageTiming

__all__ = [
    "Analysis",
    "Event",
    "EventKind",
    "ExamPicture",
    "Mailbox",
    "Phase",
    "RoofHit",
    "Session",
    "SessionStatus",
    "StageTiming",
    "Task",
]
