"""What ``analyze`` was asked for, as plain words, and the outputs it names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import places

if TYPE_CHECKING:
    from app.cli.clip_exports import ClipExports
    from app.cli.clip_report import ReportWish
    from app.cli.runners import Runner

#: Options that write one file each (``--csv`` writes a folder), and how its name ends.
FILE_OPTIONS = {"json": ".json", "trc": ".trc", "mot": ".mot", "video": ".mp4", "report": ".html"}


@dataclass(frozen=True, slots=True)
class ClipOptions:
    """The options of ``analyze`` as they were typed; they go to another process as they are.

    Attributes:
        clip: the input, a path. The others are named as the options; None: not given.
    """

    clip: str
    mode: str = "auto"
    drill: str | None = None
    height: str | None = None
    standing: str | None = None
    slowmo_factor: float | None = None
    time_range: tuple[float, float] | None = None
    facing: str = "auto"
    model: str = "full"
    rules: str | None = None
    json: str | None = None
    csv: str | None = None
    trc: str | None = None
    mot: str | None = None
    report: str | None = None
    video: str | None = None
    quiet: bool = False
    runner: str | None = None
    data_dir: str | None = None

    @property
    def read_besides(self) -> tuple[str, ...]:
        """Files that are read besides the clip."""
        own_model = self.model if self.model.endswith(".task") else None
        return tuple(name for name in (self.standing, own_model, self.rules) if name)

    @property
    def written(self) -> dict[str, str | Path | None]:
        """Option -> file as given, the tables of ``--csv`` as well. Raises WorldError where that names no folder."""
        return {**{f"--{name}": getattr(self, name) for name in FILE_OPTIONS}, **places.tables_in(self.csv)}

    def check(self) -> None:
        """Raise WorldError for empty names, for an output over an input, for two outputs in one file."""
        places.require_name("INPUT", self.clip)
        places.require_name("--standing", self.standing)
        places.check_places((self.clip, *self.read_besides), self.written)


@dataclass(frozen=True, slots=True)
class Outputs:
    """What is written besides the text."""

    json: str | None
    csv: Path | None
    video: Path | None
    quiet: bool
    exports: ClipExports
    report: ReportWish | None = None

    @classmethod
    def of(cls, options: ClipOptions, who: Runner | None) -> Outputs:
        """Return what the options ask for; ``who`` is named in the report."""
        from app.cli.clip_exports import ClipExports

        csv, video, trc, mot, report = (
            Path(name) if name else None
            for name in (options.csv, options.video, options.trc, options.mot, options.report)
        )
        wish = None
        if report is not None:
            from app.cli.clip_report import ReportWish
            from app.cli.runners import folder_of

            wish = ReportWish(report, folder_of(options.data_dir), who)
        return cls(options.json, csv, video, options.quiet, ClipExports(trc, mot), wish)

    def check(self, source_kind: str, height_cm: float | None) -> None:
        """Raise WorldError for what cannot be written, before the long work."""
        from app.cli.outcome import check_json_place, check_video_place
        from app.store.atomic import require_folder

        check_json_place(self.json)
        if self.csv is not None:
            require_folder(self.csv)
        check_video_place(self.video)
        self.exports.check(source_kind, height_cm)
        if self.report is not None:
            self.report.check()
