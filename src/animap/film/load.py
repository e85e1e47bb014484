"""Reading a film folder: everything that can be checked is checked here, and said together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import shapely
from pydantic import ValidationError
from shapely.geometry.base import BaseGeometry

from animap.errors import DataError, FilmError, Findings, Problem, Report, UsageError
from animap.explain import nearest, place_in, problems_of, read_toml
from animap.film.model import FilmSpec
from animap.film.references import Reference, read_references
from animap.geo.projection import Extent, Projection, projection_for
from animap.layers import BasemapData, CaptionsData, Data, LocatorData, Survey, read_formations
from animap.layers.base import Formation, LayerOptions
from animap.layers.doubts import Doubt
from animap.resources import shipped
from animap.sources import Reader
from animap.timeline import Clock, Hold, Pace, Reading, paced_for_reading, shortfalls
from animap.words import languages

if TYPE_CHECKING:
    import geopandas

__all__ = ["Film", "find_film", "load_film", "shipped_films"]

DEFAULT_FILM = "liberation"


@dataclass(frozen=True, eq=False)
class Film:
    """A film read and found sound: its file, and the data of its layers in map metres."""

    file: Path
    spec: FilmSpec
    projection: Projection
    layers: tuple[Data, ...]
    captions: CaptionsData
    locator: LocatorData | None
    formations: Mapping[str, Formation]
    warnings: tuple[Problem, ...]
    doubts: tuple[Doubt, ...] = ()
    """Facts whose date is approximate, uncertain or disputed."""
    references: Mapping[str, Reference] = field(default_factory=dict)
    """The table of sources by key."""
    files: tuple[Path, ...] = ()
    """The film file, and where all other files lie that were read."""

    @property
    def folder(self) -> Path:
        """The folder that the film's paths start from."""
        return self.file.parent

    @property
    def readings(self) -> tuple[Reading, ...]:
        """When each caption begins, and how long it takes to read."""
        known = [lang for lang in self.spec.spoken if lang in languages()]
        return self.captions.readings(known, self.spec.pace.characters_per_second)

    @cached_property
    def pace(self) -> Pace:
        """The pace, slowed down where captions need it: the same for every language."""
        pace, period = self.spec.pace.pace(), self.spec.period
        # What is smoothed away at both ends comes on top: the flight itself sees history at rest.
        waits = [Hold(k.at.instant, k.seconds + pace.smooth) for k in self.spec.view.keys if k.hold]
        pace = replace(pace, holds=(*pace.holds, *waits))
        if not self.spec.pace.reading:
            return pace
        return paced_for_reading(pace, period.start.earliest, period.end.latest, self.readings)

    def clock(self, fps: Fraction) -> Clock:
        """The clock at a frame rate."""
        return Clock(self.spec.period.start.earliest, self.spec.period.end.latest, self.pace, fps)

    @property
    def extent(self) -> Extent:
        """Degrees that must be in the picture."""
        return Extent(*self.spec.view.extent)

    @property
    def land(self) -> BaseGeometry:
        """All land of the film's basemaps, empty without one."""
        lands = [data.land for data in self.layers if isinstance(data, BasemapData)]
        return shapely.union_all(lands) if len(lands) > 1 else lands[0] if lands else shapely.Polygon()


def shipped_films() -> dict[str, Path]:
    """Names and files of the films that ship with animap."""
    return {path.parent.name: path for path in sorted(shipped("data").glob("*/film.toml"))}


def find_film(film: str | Path | None) -> Path:
    """The file of a film given by folder, file or shipped name; without one, animap's own.

    Raises UsageError when there is none.
    """
    if film is None:
        return shipped_films()[DEFAULT_FILM]
    path = Path(film)
    if path.is_dir():
        path = path / "film.toml"
    if path.is_file():
        return path
    known = shipped_films()
    if str(film) in known:
        return known[str(film)]
    if path.parent.is_dir() and path.name == "film.toml":
        others = [p.name for p in path.parent.glob("*.toml")]
        raise UsageError(
            "the folder has no film.toml",
            str(path.parent),
            f"{nearest(path.name, others)}add one, or name the file",
        )
    raise UsageError(
        f"no film at '{film}'",
        hint=f"{nearest(str(film), known)}give a folder with a film.toml, or one of: {', '.join(known)}",
    )


def load_film(
    film: str | Path | None = None,
    *,
    detail: bool | None = None,
    given: Mapping[str, geopandas.GeoDataFrame] | None = None,
    findings: Findings | None = None,
) -> Film:
    """Read and check a film.

    `detail` overrides the film's own switch; `given` are GeoDataFrames that stand in for layers, by the
    layer's `id` or file name. Raises FilmError for what is wrong in the film file, DataError for its data:
    always everything that was found, not the first only. With `findings`, what is wrong with a film file
    that can be read and with its data is left there, for whoever goes on to find more.
    """
    path = find_film(film)
    spec = _spec(path)
    if detail is not None:
        spec = spec.model_copy(update={"detail": detail})
    found = findings or Findings()
    with found.step():
        _check_words(spec, path)
    report = Report()
    extent = Extent(*spec.view.extent)
    projection = projection_for(spec.view.projection, extent)
    reader = Reader(path.parent, projection, extent, report, _by_file(spec, given or {}))
    formations = (
        read_formations(reader, spec.formations.file, spec.formations.fields, spec.spoken)
        if spec.formations
        else {}
    )
    references = read_references(reader, spec.sources.file, spec.sources.fields) if spec.sources else {}
    survey = Survey(
        reader,
        report,
        spec.period.start.earliest,
        spec.period.end.latest,
        spec.spoken,
        spec.detail,
        formations,
    )
    layers = tuple(layer.read(survey) for layer in spec.layers)
    captions = spec.captions.read(survey) if spec.captions else CaptionsData(())
    locator = spec.locator.read(survey) if spec.locator else None
    with found.step():
        report.check(DataError)
    if findings is None:
        found.check()
    loaded = Film(
        path,
        spec,
        projection,
        layers,
        captions,
        locator,
        formations,
        (),
        tuple(survey.doubts),
        references,
        (path, *dict.fromkeys(reader.files)),
    )
    _check_reading(loaded, report)
    return replace(loaded, warnings=tuple(report.warnings))


def _check_reading(film: Film, report: Report) -> None:
    """Captions that stand for less than it takes to read them."""
    captions = film.captions.captions
    missing = shortfalls(film.clock(Fraction(60)), film.readings)
    where = place_in(film.file, ("pace",))
    hint = "slow the film down there, shorten the caption, or let pace.reading be true without a length"
    for caption, (_, needed), short in zip(captions, film.readings, missing, strict=True):
        if short > 0.1:
            what = (
                f"the caption of {caption.when} has {needed - short:.1f} s and takes {needed:.1f} s to read"
            )
            report.warn(what, where, hint)


def _spec(path: Path) -> FilmSpec:
    table = read_toml(path, FilmError)
    try:
        return FilmSpec.model_validate(table)
    except ValidationError as error:
        raise FilmError(problems_of(error, path, FilmSpec)) from error


def _check_words(spec: FilmSpec, path: Path) -> None:
    report = Report()
    spoken = ", ".join(spec.spoken)
    for language in spec.spoken:
        if language not in languages():
            report.error(
                f"animap does not speak '{language}'",
                place_in(path, ("languages",) if spec.languages else ("language",)),
                f"{nearest(language, languages())}it speaks {', '.join(languages())}",
            )
    if spec.language not in spec.spoken:
        report.error(
            f"the film's own language '{spec.language}' is not among its languages",
            place_in(path, ("language",)),
            f"choose one of {spoken}, or add it to languages",
        )
    for number, output in enumerate(spec.outputs):
        if output.language and output.language not in spec.spoken:
            report.error(
                f"the film is not in '{output.language}'",
                place_in(path, ("outputs", number, "language")),
                f"{nearest(output.language, spec.spoken)}it is in {spoken}",
            )
    for key, words in (("title", spec.title), ("subtitle", spec.subtitle)):
        missing = [lang for lang in spec.spoken if words and lang not in words]
        if missing:
            report.error(
                f"no {key} in {', '.join(missing)}", place_in(path, (key,)), f'add {missing[0]} = "…"'
            )
    for key in ("sources", "lines"):
        for number, credit in enumerate(getattr(spec.credits, key)):
            missing = [lang for lang in spec.spoken if isinstance(credit, dict) and lang not in credit]
            if missing:
                report.error(
                    f"no credits in {', '.join(missing)}",
                    place_in(path, ("credits", key, number)),
                    f'add {missing[0]} = "…", or write one text for all languages',
                )
    report.check(FilmError)


def _by_file(
    spec: FilmSpec, given: Mapping[str, geopandas.GeoDataFrame]
) -> Mapping[str, geopandas.GeoDataFrame]:
    if not given:
        return {}
    import pandas

    sourced = [
        (layer.id, layer.file) for layer in spec.layers if isinstance(layer, LayerOptions) and layer.file
    ]
    files = {name: file for name, file in sourced if name}
    known = {*files, *(file for _, file in sourced)}
    for name, frame in given.items():
        if not isinstance(frame, pandas.DataFrame):
            raise UsageError(
                f"layer '{name}' is a {type(frame).__name__}",
                hint="give a GeoDataFrame, or a table with lon and lat",
            )
        if name not in known:
            raise UsageError(
                f"the film has no layer '{name}'",
                hint=f"{nearest(name, known)}its layers are {', '.join(sorted(known))}",
            )
    return {files.get(name, name): frame for name, frame in given.items()}
