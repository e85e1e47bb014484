"""The manifest beside an output: what it is, and everything that it was made of.

It holds no hour and no path of a machine, so that the same film made of the same things has the same
manifest.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import pyproj
import shapely
from pydantic import BaseModel, ConfigDict, ValidationError

from animap.encode.base import whole, writing
from animap.errors import CheckError
from animap.progress import Progress
from animap.render import Job, Result, Store, render_all
from animap.resources import shipped
from animap.style import letterings, load_style, style_files
from animap.style.shaping import fallback_fonts
from animap.types import PARTS, Part

if TYPE_CHECKING:
    import geopandas

    from animap.render.crew import Crew

__all__ = ["Digest", "Manifest", "copy_manifest", "deliver", "digest_of", "manifest_path", "read_manifest"]

_PACKAGES = (
    "animap", "av", "babel", "cartopy", "geopandas", "imageio", "matplotlib", "numpy", "pandas", "pillow",
    "pydantic", "pyogrio", "pyproj", "python-bidi", "scipy", "shapely", "uharfbuzz",
)  # fmt: skip
_BLOCK = 1 << 20


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Digest(_Table):
    """A file by name, length and SHA-256; of a folder, those of its files in the order of their names."""

    file: str
    bytes: int
    sha256: str


class Manifest(_Table):
    """An output and what it was made of. `start` and `stop` are frames of the whole film.

    `loop` is what follows them; its frames are counted in `frames`. `window` is the part that one screen of a
    wall shows: pixels left, top, right, bottom of the whole picture.
    """

    output: Digest
    kind: str
    width: int
    height: int
    fps: str
    frames: int
    start: int
    stop: int
    title: str
    language: str
    style: str
    detail: bool
    text: bool
    loop: str
    window: tuple[int, int, int, int] | None
    show: tuple[Part, ...] = PARTS
    encoding: dict[str, Any]
    inputs: tuple[Digest, ...]
    styles: tuple[Digest, ...]
    fonts: tuple[Digest, ...]
    versions: dict[str, str]


def manifest_path(output: Path) -> Path:
    """Where the manifest of an output lies."""
    return output.with_name(f"{output.name}.manifest.json")


def deliver(
    work: Sequence[Job],
    given: Mapping[str, geopandas.GeoDataFrame] | None = None,
    *,
    jobs: int = 0,
    force: bool = False,
    progress: Progress | None = None,
    store: Store | None = None,
    crew: Crew | None = None,
) -> Iterator[Result]:
    """Render outputs like `render_all`, and write a manifest beside each as it is done.

    `given` are the GeoDataFrames that stood in for layers of the film.
    """
    results = render_all(work, jobs=jobs, force=force, progress=progress, store=store, crew=crew)
    # Taken before the first frame: a long render must not vouch for what was changed meanwhile.
    made_of = [_ingredients(job, given or {}) for job in work]
    # Results come first, so that they are asked for until the render has tidied up behind itself.
    return map(_with_manifest, results, work, made_of)


def _with_manifest(result: Result, job: Job, made_of: dict[str, Any]) -> Result:
    job = result.job or job
    manifest = Manifest(
        output=digest_of(job.destination),
        kind=job.options.kind,
        width=job.signal.width,
        height=job.signal.height,
        fps=str(job.fps),
        frames=result.frames,
        start=job.shown.start,
        stop=job.shown.stop,
        title=job.title,
        language=job.language,
        style=job.style,
        detail=job.film.spec.detail,
        text=job.text,
        loop=str(job.loop) if job.loop else "cut",
        window=job.window,
        show=job.show,
        encoding=job.options.model_dump(mode="json", exclude={"kind"}),
        **made_of,
    )
    return replace(result, beside=(_write(manifest, job.destination),))


def _write(manifest: Manifest, output: Path) -> Path:
    path = manifest_path(output)
    with whole(path) as temporary, writing(path):
        temporary.write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")
    return path


def copy_manifest(output: Path, copy: Path) -> None:
    """Write the manifest of an output, if it has one, beside a copy; CheckError if it cannot be read."""
    if manifest_path(output).exists():
        manifest = read_manifest(output)
        named = manifest.output.model_copy(update={"file": copy.name})
        _write(manifest.model_copy(update={"output": named}), copy)


def read_manifest(output: Path) -> Manifest:
    """The manifest beside an output; CheckError where there is none that can be read."""
    path = manifest_path(output)
    try:
        return Manifest.model_validate_json(path.read_text("utf-8"))
    except FileNotFoundError:
        raise CheckError(
            "there is no manifest beside it", str(output), f"put {path.name} beside it, or render it again"
        ) from None
    except (OSError, ValueError, ValidationError) as cause:
        raise CheckError(
            "the manifest cannot be read", str(path), "take it from where the film was rendered"
        ) from cause


def digest_of(path: Path, name: str = "") -> Digest:
    """A file or a folder by its content."""
    files = sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]
    sum_, size = hashlib.sha256(), 0
    for file in files:
        if path.is_dir():
            sum_.update(f"{file.name}\0{file.stat().st_size}\0".encode())
        with file.open("rb") as stream:
            while block := stream.read(_BLOCK):
                sum_.update(block)
                size += len(block)
    return Digest(file=name or path.name, bytes=size, sha256=sum_.hexdigest())


def _ingredients(job: Job, given: Mapping[str, geopandas.GeoDataFrame]) -> dict[str, Any]:
    film = job.film
    style = load_style(job.style, film.folder)
    fonts = sorted({*(Path(lettering.font) for _, lettering in letterings(style)), *fallback_fonts()})
    tables = [
        Digest(file=name, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
        for name, frame in given.items()
        if (data := frame.to_csv(index=False).encode())
    ]
    return {
        "inputs": (*_digests(_with_sidecars(film.files), film.folder), *tables),
        "styles": tuple(_digests(style_files(job.style, film.folder), film.folder)),
        "fonts": tuple(_digests(fonts, film.folder)),
        "versions": _versions(),
    }


def _digests(paths: Iterable[Path], folder: Path) -> Iterator[Digest]:
    for path in paths:
        yield digest_of(path, _name(path, folder))


def _name(path: Path, folder: Path) -> str:
    """A path as a film writes it, without anything of the machine."""
    path = path.resolve()
    for start, above in (("", folder), ("animap:", shipped("data")), ("", shipped("styles"))):
        if path.is_relative_to(above.resolve()):
            return start + path.relative_to(above.resolve()).as_posix()
    return path.name


def _with_sidecars(paths: Iterable[Path]) -> Iterator[Path]:
    """Shapefiles are several files of one name."""
    for path in paths:
        if path.suffix.lower() == ".shp":
            yield from sorted(path.parent.glob(f"{path.stem}.*"))
        else:
            yield path


def _versions() -> dict[str, str]:
    libraries = {name: ".".join(map(str, number)) for name, number in av.library_versions.items()}
    return {
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in _PACKAGES},
        "geos": shapely.geos_version_string,
        "proj": pyproj.proj_version_str,
        **libraries,
    }
