"""The page's folder: everything in it is made beside, and takes its place whole or not at all."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from animap.beside.manifest import copy_manifest, deliver, manifest_path, read_manifest
from animap.encode import encoder_for
from animap.encode.base import obstacles, whole, writing
from animap.errors import Findings, OutputError, Problem, UsageError
from animap.film import Film
from animap.page.document import Media, document
from animap.page.look import Look, look_of
from animap.page.media import pictures, probe, save_picture
from animap.page.story import Story, story_of
from animap.progress import Progress
from animap.render import Job, Store
from animap.resources import shipped
from animap.style import Style

if TYPE_CHECKING:
    import geopandas

__all__ = ["Edition", "LessonPage", "Made", "write_page"]

_VIDEOS = (".mp4", ".webm")
_OURS = frozenset({"index.html", "film", "stills", "fonts"})
"""What a page's folder holds; one that holds anything else is not replaced."""
_STILL_SIDE = 800
"""Pixels of a still's longer side."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The page in one language: its video and its GIF, each to be rendered or a file that is there."""

    language: str
    video: Job | Path
    gif: Job | Path | None = None


@dataclass(frozen=True, eq=False)
class LessonPage:
    """A film as a page, in the style that gives the page its look; its first edition is shown first."""

    film: Film
    style: Style
    editions: Sequence[Edition]


def _check(page: LessonPage, folder: Path, *, force: bool) -> None:
    """Raise everything that keeps a page from being written."""
    findings = Findings()
    with findings.step():
        problems = _in_the_way(folder.absolute(), force=force)
        if problems:
            raise OutputError(problems)
    for edition in page.editions:
        with findings.step():
            if isinstance(edition.video, Job):
                _check_job(edition.video)
            else:
                _check_video(edition.video, page.film)
        with findings.step():
            if isinstance(edition.gif, Job):
                _check_job(edition.gif)
            elif edition.gif:
                _check_gif(edition.gif)
        for file in (edition.video, edition.gif):
            with findings.step():
                if isinstance(file, Path) and manifest_path(file).exists():
                    read_manifest(file)
    findings.check()


def _in_the_way(folder: Path, *, force: bool) -> list[Problem]:
    if not folder.is_dir():
        found = obstacles(folder)
        if folder.exists():
            found.append(Problem("a file of that name is in the way", str(folder), "choose another name"))
        return found
    inside = sorted(path.name for path in folder.iterdir())
    foreign = [name for name in inside if name not in _OURS]
    if foreign:
        # The folder is replaced as a whole, and nobody's own files may go with it.
        what = f"the folder holds other things than a page ({foreign[0]})"
        return [Problem(what, str(folder), "choose a new folder, or move them")]
    if inside and not force:
        return [Problem("the folder exists already", str(folder), "choose another name, or add --force")]
    return []


def _check_job(job: Job) -> None:
    problems = list(encoder_for(job.options).check(job.signal))
    if problems:
        raise OutputError(problems)


def _check_gif(path: Path) -> None:
    if path.suffix.lower() != ".gif" or not path.is_file():
        raise UsageError("this is no GIF", str(path), "give a .gif file, or leave --gif out")


def _check_video(path: Path, film: Film) -> None:
    if path.suffix.lower() not in _VIDEOS:
        hint = f"give a file that browsers play: {', '.join(_VIDEOS)}"
        raise UsageError(f"'{path.suffix}' is no video for a page", str(path), hint)
    video = probe(path)
    seconds = float(film.clock(video.fps).seconds)
    if abs(video.seconds - seconds) > 1.5 / video.fps:
        raise UsageError(
            f"the video lasts {video.seconds:.2f} s, the film {seconds:.2f} s",
            str(path),
            "give a video of this film as it is now and without a loop, or leave --video out",
        )


@dataclass(frozen=True, slots=True)
class Made:
    """A page that was written: its `index.html`, and what the user should know though it is whole."""

    index: Path
    warnings: tuple[Problem, ...] = ()


def write_page(
    page: LessonPage,
    folder: Path,
    given: Mapping[str, geopandas.GeoDataFrame] | None = None,
    *,
    jobs: int = 0,
    force: bool = False,
    progress: Progress | None = None,
    store: Store | None = None,
) -> Made:
    """Render what has to be rendered with so many processes, and write the page.

    Each film and GIF has its manifest beside it; one that was there brings its own, where it has one. `given`
    are the GeoDataFrames that stood in for layers of the film. An existing page is replaced with `force`
    only. Before anything is rendered, raises OutputError for the folder, UsageError for a video that does not
    fit, CheckError for a manifest that cannot be read; all together.
    """
    _check(page, folder, force=force)
    folder = folder.absolute()
    look = look_of(page.style)
    with whole(folder) as made:
        with writing(folder):
            for part in ("film", "stills", "fonts"):
                (made / part).mkdir(parents=True)
            _copy_fonts(look, made / "fonts")
        workshop = _Workshop(page, made)
        places = [
            (e, workshop.place(e.video, e.language), workshop.place(e.gif, e.language)) for e in page.editions
        ]
        warnings: list[Problem] = []
        if workshop.jobs:
            for result in deliver(workshop.jobs, given, jobs=jobs, progress=progress, store=store):
                warnings += result.warnings
        media = [workshop.media(edition, video, gif) for edition, video, gif in places if video]
        text = document(page.film, workshop.story, look, media, folder.name)
        with writing(folder):
            (made / "index.html").write_text(text, "utf-8")
    return Made(folder / "index.html", tuple(dict.fromkeys(warnings)))


class _Workshop:
    """Where a page's files go, and what is made from its videos; what editions share is made once."""

    def __init__(self, page: LessonPage, made: Path) -> None:
        self.made, self.jobs = made, list[Job]()
        first = page.editions[0].video
        fps = first.fps if isinstance(first, Job) else probe(first).fps
        self.story: Story = story_of(page.film, page.film.clock(fps))
        self._name = re.sub(r"[^a-z0-9]+", "-", page.film.folder.resolve().name.lower()).strip("-") or "film"
        self._copied: dict[Path, Path] = {}
        self._pictured: dict[Path, tuple[Path, tuple[Path, ...]]] = {}

    def place(self, wanted: Job | Path | None, language: str) -> Path | None:
        """Where a film or GIF will lie; a file is copied there, a job is left to be done."""
        if wanted is None:
            return None
        if isinstance(wanted, Path) and wanted in self._copied:
            return self._copied[wanted]
        suffix = (wanted.destination if isinstance(wanted, Job) else wanted).suffix.lower()
        path = self.made / "film" / f"{self._name}-{language}{suffix}"
        if isinstance(wanted, Job):
            self.jobs.append(replace(wanted, destination=path))
        else:
            with writing(path):
                shutil.copyfile(wanted, path)
            copy_manifest(wanted, path)
            self._copied[wanted] = path
        return path

    def media(self, edition: Edition, video: Path, gif: Path | None) -> Media:
        """The files of an edition, as they lie in the page's folder."""
        if video not in self._pictured:
            self._pictured[video] = self._pictures(video, edition.language)
        shape = probe(video)
        poster, stills = self._pictured[video]
        return Media(edition.language, self.made, video, (shape.width, shape.height), poster, stills, gif)

    def _pictures(self, video: Path, language: str) -> tuple[Path, tuple[Path, ...]]:
        """Write the poster and a still of each event."""
        poster = self.made / "film" / f"{self._name}-{language}.webp"
        stills = [
            self.made / "stills" / f"{language}-{n:03d}.webp" for n in range(1, len(self.story.events) + 1)
        ]
        seconds = [self.story.opening / 2, *(event.still for event in self.story.events)]
        for path, picture in zip([poster, *stills], pictures(video, seconds), strict=True):
            with writing(path):
                save_picture(picture, path, None if path is poster else _STILL_SIDE)
        return poster, tuple(stills)


def _copy_fonts(look: Look, folder: Path) -> None:
    """The style's fonts, and for those that ship with animap their licences."""
    home = shipped("styles") / "fonts"
    for font in set(look.faces.values()):
        shutil.copyfile(font, folder / font.name)
        licence = home / f"OFL-{font.stem.partition('-')[0]}.txt"
        if font.parent == home and licence.is_file():
            shutil.copyfile(licence, folder / licence.name)
