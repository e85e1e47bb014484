"""The Python interface: the same powers as the command line.

What goes with a film (`beside`, `page`) is imported where it is asked for: a picture does not wait for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from animap.encode import AnyOptions, Png, kinds, suffixes
from animap.encode.subtitles import Subtitles
from animap.errors import Findings, Problem, UsageError
from animap.explain import nearest, place_in, split_hint
from animap.film import Film, load_film
from animap.film.loop import LoopSpec, loop_of
from animap.film.outputs import fps_of, size_of
from animap.film.wall import Wall, WallSpec
from animap.marks import Frame, Page
from animap.progress import Progress
from animap.render import Job, Result, Store, cache_folder, contact_sheet, write_still_of
from animap.render.job import obstacles_to
from animap.render.still import still_pixels
from animap.scene import Scene, Take
from animap.style import load_style
from animap.timeline import Clock, When
from animap.types import PARTS, Part, Pixels
from animap.words import book

if TYPE_CHECKING:
    import geopandas

__all__ = ["Animation", "Still", "animation_of", "open", "options_for"]


def open(
    film: str | Path | None = None,
    *,
    style: str | None = None,
    language: str | None = None,
    size: str | tuple[int, int] = "1080p",
    fps: float | str | Fraction = 30,
    detail: bool | None = None,
    layers: Mapping[str, geopandas.GeoDataFrame] | None = None,
    text: bool = True,
    show: Sequence[Part] = PARTS,
) -> Animation:
    """Open a film: a folder with a `film.toml`, that file, or a shipped film's name; without, animap's own.

    `style` is a name or a file, `size` a name like `1080p`, `WIDTHxHEIGHT` or pixels; `detail` False shows
    the story alone; `layers` are GeoDataFrames that stand in for the film's layers, by id or file name;
    `text` False leaves out everything made of words; `show` is what of the picture is shown: without "map" it
    is transparent where nothing is drawn.
    Raises UsageError, FilmError, DataError or StyleError with everything that is wrong.
    """
    findings = Findings()
    loaded = load_film(film, detail=detail, given=layers, findings=findings)
    with findings.step():
        animation = animation_of(
            loaded, style=style, language=language, size=size, fps=fps, layers=layers, text=text, show=show
        )
    findings.check()
    return animation


def animation_of(
    film: Film,
    *,
    style: str | None = None,
    style_at: str = "",
    language: str | None = None,
    size: str | tuple[int, int] = "1080p",
    fps: float | str | Fraction = 30,
    layers: Mapping[str, geopandas.GeoDataFrame] | None = None,
    text: bool = True,
    wall: WallSpec | None = None,
    show: Sequence[Part] = PARTS,
) -> Animation:
    """A film that is loaded already, like `open`: UsageError or StyleError with everything that is wrong.

    `style_at` is the place that names the style, for the error; `size` is that of one screen of a `wall`.
    """
    findings = Findings()
    with findings.step():
        width, height = _usage(size_of, size if isinstance(size, str) else "{}x{}".format(*size))
    with findings.step():
        rate = _usage(fps_of, fps)
    with findings.step():
        chosen = _language(film, language)
    with findings.step():
        at = style_at if style else place_in(film.file, ("style",))
        load_style(style or film.spec.style, film.folder, at)
    with findings.step():
        parts = _parts(show)
    findings.check()
    screens = wall.of(width, height) if wall else None
    page = screens.page if screens else Page(width, height)
    return Animation(film, style or film.spec.style, chosen, page, rate, layers, text, parts, screens)


def options_for(path: Path, kind: str | None = None) -> AnyOptions:
    """The encoder that a file name asks for, or a `kind`; UsageError when there is none."""
    suffix = path.suffix.lower()
    if kind is not None:
        if kind not in kinds:
            hint = f"{nearest(kind, kinds)}they are {', '.join(kinds)}"
            raise UsageError(f"'{kind}' is not an encoding", hint=hint)
        return kinds[kind]()
    if suffix == ".png":
        raise UsageError(
            "a PNG file holds one picture", str(path), "use 'animap still', or name a folder for a sequence"
        )
    if suffix in suffixes:
        return suffixes[suffix]()
    if not suffix:
        return Png()
    raise UsageError(
        f"'{suffix}' names no format that can be rendered",
        str(path),
        f"end the name with {', '.join(s for s in suffixes if s != '.png')}, "
        "or name a folder for a sequence of PNG pictures",
    )


def _usage(read: Any, value: Any) -> Any:
    try:
        return read(value)
    except ValueError as cause:
        what, hint = split_hint(cause)
        raise UsageError(what, hint=hint) from None


def _parts(show: Sequence[str]) -> tuple[Part, ...]:
    """What is shown, in the order of `PARTS`; UsageError for what is no part of a picture."""
    for name in show:
        if name not in PARTS:
            hint = f"{nearest(name, PARTS)}its parts are {', '.join(PARTS)}"
            raise UsageError(f"a picture has no '{name}' to show", hint=hint)
    if not show:
        raise UsageError("nothing of the picture is shown", hint=f"choose of {', '.join(PARTS)}")
    return tuple(part for part in PARTS if part in show)


def _language(film: Film, language: str | None) -> str:
    chosen = language or film.spec.language
    if language and chosen not in film.spec.spoken:
        raise UsageError(
            f"the film is not in '{chosen}'",
            hint=f"{nearest(chosen, film.spec.spoken)}it is in {', '.join(film.spec.spoken)}",
        )
    return chosen


@dataclass(frozen=True)
class Still:
    """One picture of a film; `pixels` `(h, w, 3)`, or 4 where it is transparent."""

    pixels: Pixels
    frame: Frame

    def save(self, path: str | Path) -> Path:
        """Write it as PNG."""
        Path(path).write_bytes(self._repr_png_())
        return Path(path)

    def _repr_png_(self) -> bytes:
        import imageio.v3

        data: bytes = imageio.v3.imwrite("<bytes>", self.pixels, extension=".png")
        return data


@dataclass(frozen=True, eq=False)
class Animation:
    """A film in one style, language, size and frame rate."""

    film: Film
    style: str
    language: str
    page: Page
    fps: Fraction
    given: Mapping[str, geopandas.GeoDataFrame] | None = None
    """Data in hand that the film was read with, for the manifest."""
    text: bool = True
    show: tuple[Part, ...] = PARTS
    wall: Wall | None = None
    """The screens that its page is cut into."""

    @cached_property
    def scene(self) -> Scene:
        """The scene, built when first asked for."""
        return Scene(
            self.film,
            load_style(self.style, self.film.folder),
            Take(self.page, self.fps, self.language, self.text, self.show, self.wall),
        )

    @cached_property
    def clock(self) -> Clock:
        """Its clock; it needs no scene."""
        return self.film.clock(self.fps)

    @property
    def frames(self) -> int:
        """Number of frames."""
        return self.clock.frames

    @property
    def seconds(self) -> Fraction:
        """Length of the film."""
        return self.clock.seconds

    @property
    def warnings(self) -> Sequence[Problem]:
        """What may be meant, but should be looked at."""
        from animap.beside.checks import checked

        checks = checked(self.film, self.scene.style, self.page)
        return (*self.film.warnings, *self.scene.surprises(), *checks)

    def measured(self, progress: Progress | None = None) -> Sequence[Problem]:
        """What is wrong with its pictures: flashes, and text without contrast; looks at every frame."""
        from animap.beside.flashes import flashing
        from animap.beside.legibility import pale

        return (*pale(self.scene), *flashing(self.scene, progress))

    def frame(self, index: int) -> Frame:
        """What is shown in a frame; IndexError outside the film."""
        return self.scene.frame(index)

    def index_at(self, when: str | dt.date | When) -> int:
        """The frame that shows a date: a day as it stands at its end, or the hour given.

        UsageError for a date outside the film.
        """
        clock, when = self.clock, self._within(when)
        if when.timed:
            return clock.frame_of(when.instant)
        if when.latest >= self.film.spec.period.end.latest:
            # The last day as it stands before the end card comes.
            return clock.frame_of(self.film.spec.period.end.latest - 1e-6)
        return clock.frame_of(when.latest) - 1

    def _within(self, day: str | dt.date | When) -> When:
        when: When = _usage(When.of, day)
        period = self.film.spec.period
        if not period.start.earliest <= when.earliest < period.end.latest:
            raise UsageError(
                f"{when} is not in the film", hint=f"it runs from {period.start} to {period.end}"
            )
        return when

    def first_index_of(self, day: str | dt.date | When) -> int:
        """The first frame on which a day (or an hour) is reached; UsageError outside the film."""
        when = self._within(day)
        return self.clock.frame_of(when.earliest)

    def last_index_of(self, day: str | dt.date | When) -> int:
        """The last frame that still shows a day; on the film's last day the last frame of all."""
        when = self._within(day)
        last = self.film.spec.period.end.latest
        return self.frames - 1 if when.latest >= last else self.clock.frame_of(when.latest) - 1

    def still(self, when: str | dt.date | When | None = None, *, frame: int | None = None) -> Still:
        """The picture of a date, or of a frame."""
        if (when is None) == (frame is None):
            raise UsageError("say either a date or a frame")
        index = frame if when is None else self.index_at(when)
        assert index is not None
        if not 0 <= index < self.frames:
            raise UsageError(f"there is no frame {index}", hint=f"the film has frames 0 to {self.frames - 1}")
        return Still(still_pixels(self.scene, index).copy(), self.scene.frame(index))

    def write_still(self, path: str | Path, index: int) -> None:
        """Write a frame as `.png`, `.webp`, `.svg` or `.pdf`."""
        write_still_of(self.scene, index, Path(path), self.title)

    def sheet(self, path: str | Path, indices: Sequence[int], columns: int = 4) -> None:
        """Write a contact sheet of frames as PNG."""
        contact_sheet(self.scene, indices, columns, Path(path), self.title)

    def signing_sheet(self, path: str | Path) -> int:
        """Write a sheet for the curator to check and sign, as `.pdf` or `.png`; the number of its stills."""
        from animap.beside.sheet import signing_sheet

        return signing_sheet(self.scene, Path(path))

    @property
    def title(self) -> str:
        """Title in the film's language."""
        return book(self.language).pick(self.film.spec.title)

    def job(
        self,
        path: str | Path,
        *,
        start: int = 0,
        stop: int | None = None,
        options: AnyOptions | None = None,
        full: bool = False,
        loop: str | LoopSpec | None = None,
    ) -> Job:
        """What has to be rendered for an output file; without `options` the suffix chooses the format.

        `loop` is `cut`, `hold` or `crossfade`, with seconds as in `hold:8`; UsageError for anything else.
        """
        from animap.beside.metadata import chapters_of, credits_of, licence_of

        path = Path(path)
        options = options or options_for(path)
        return Job(
            self.film,
            path,
            options,
            self.page,
            self.fps,
            self.style,
            self.language,
            self.title,
            f"animap: {self.title}",
            start,
            stop,
            full,
            self._subtitles(start, stop) if getattr(options, "captions", False) else (),
            self.text,
            self.show,
            credits_of(self.film, self.language),
            licence_of(self.film, self.language),
            chapters_of(self.film, self.clock, self.language, start, stop),
            _usage(loop_of, loop) if isinstance(loop, str) else loop,
            self.wall,
        )

    def _subtitles(self, start: int, stop: int | None) -> tuple[Subtitles, ...]:
        """Captions of a run of frames in every language, that of the picture first."""
        from animap.beside.captions import cues_of

        languages = dict.fromkeys((self.language, *self.film.spec.spoken))
        return tuple(Subtitles(code, cues_of(self.film, self.clock, code, start, stop)) for code in languages)

    def write_words(self, path: str | Path) -> None:
        """Write the captions as `.srt` or `.vtt`, or the transcript as `.md` or `.html`."""
        from animap.beside.files import write_words

        write_words(Path(path), self.film, self.language, self.fps)

    def render(
        self,
        path: str | Path,
        *,
        start: int = 0,
        stop: int | None = None,
        loop: str | LoopSpec | None = None,
        jobs: int = 0,
        force: bool = False,
        progress: Progress | None = None,
        cache: bool = True,
    ) -> Result:
        """Render to `.mp4`, `.webm`, `.mov`, `.mkv`, `.gif`, `.webp` or `.apng`.

        `jobs` are processes, 0 for one a processor; `force` replaces a file. Beside it `FILE.manifest.json`
        says what it was made of. With `cache`, segments drawn before are taken from the user's cache folder,
        and new ones kept.
        """
        from animap.beside.manifest import deliver

        store = Store(cache_folder()) if cache else None
        job = self.job(path, start=start, stop=stop, loop=loop)
        [result] = deliver([job], self.given, jobs=jobs, force=force, progress=progress, store=store)
        return result

    def write_page(
        self,
        folder: str | Path,
        *,
        languages: Sequence[str] | None = None,
        gif: Animation | None = None,
        jobs: int = 0,
        force: bool = False,
        progress: Progress | None = None,
        cache: bool = True,
    ) -> Path:
        """Write a lesson page that opens from disk, and return its `index.html`.

        It has this film in some `languages` (all of the film's own), each with a GIF where `gif` says in
        which style, size and frame rate. An existing page is replaced with `force` only.
        """

        from animap.page import Edition, LessonPage
        from animap.page import write_page as write_lesson_page

        def edition(language: str) -> Edition:
            language = _language(self.film, language)
            video = replace(self, language=language).job("film.mp4")
            return Edition(language, video, replace(gif, language=language).job("film.gif") if gif else None)

        editions = [edition(language) for language in languages or self.film.spec.spoken]
        style = load_style(self.style, self.film.folder)
        page = LessonPage(self.film, style, editions)
        store = Store(cache_folder()) if cache else None
        made = write_lesson_page(
            page, Path(folder), self.given, jobs=jobs, force=force, progress=progress, store=store
        )
        return made.index

    def obstacles(self, path: str | Path, *, force: bool = False) -> list[Problem]:
        """What keeps a file from being rendered, before anything is drawn."""
        return obstacles_to(self.job(path), force=force)
