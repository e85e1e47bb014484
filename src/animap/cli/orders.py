"""What a call of `animap render` asks for: outputs times variants, all checked before a frame is drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from animap.cli.places import unhindered

if TYPE_CHECKING:
    from animap.api import Animation
    from animap.encode import AnyOptions
    from animap.errors import Findings
    from animap.film import Film, OutputSpec
    from animap.render import Job
    from animap.render.matrix import Variant
    from animap.types import Part

__all__ = ["FOLDER", "Order", "jobs_of", "prepared", "shown"]

FOLDER = Path("output")
"""Where the film's own outputs go."""
_FORMAT_SIZE = dict.fromkeys(("gif", "webp", "apng"), "960x540")


@dataclass(frozen=True)
class Order:
    """The words of a call, as they were typed."""

    outputs: tuple[Path, ...] = ()
    style: str | None = None
    lang: str | None = None
    size: str | None = None
    fps: str | None = None
    first: str | None = None
    last: str | None = None
    draw: str = "changes"
    text: bool | None = None
    loop: str | None = None
    preset: str | None = None
    encoding: str | None = None
    show: str | None = None
    max_size: str | None = None

    @property
    def full(self) -> bool:
        """Whether every frame is drawn afresh."""
        return self.draw == "full"


def jobs_of(order: Order, film: Film, findings: Findings, *, force: bool, dry: bool) -> list[Job]:
    """A job for each output in each variant; what is wrong is left in `findings`."""
    from animap.errors import UsageError

    jobs: list[Job] = []
    with findings.step():
        if order.draw not in ("changes", "full"):
            raise UsageError(f"unknown --draw '{order.draw}'", hint="use 'changes' or 'full'")
    files = [
        (variant.named(path), model, variant)
        for path, model in _wanted(film, order, findings)
        for variant in _variants(order, findings)
    ]
    with findings.step():
        if order.max_size and files and not any(_animated(order, path, model) for path, model, _ in files):
            raise UsageError("no output can be made to fit", "--max-size", "use it with .gif, .webp or .apng")
    names = Counter(path for path, _, _ in files)
    for path, model, variant in files:
        slices: list[Job] = []
        with findings.step():
            if names[path] > 1:
                raise UsageError("the file is asked for twice", str(path), "name it once, and styles apart")
        with findings.step():
            slices = prepared(film, path, model, variant, order)[1].slices
            jobs += slices
        if not dry:
            with findings.step():
                _writable(path, slices, force=force)
    return jobs


def _variants(order: Order, findings: Findings) -> list[Variant]:
    from animap.render.matrix import listed, variants

    choices: list[tuple[str | None, ...]] = []
    for option, value in (("--lang", order.lang), ("--style", order.style), ("--size", order.size)):
        with findings.step():
            choices.append(listed(option, value))
    return variants(*choices) if len(choices) == 3 else []


def _wanted(film: Film, order: Order, findings: Findings) -> list[tuple[Path, OutputSpec | None]]:
    """Files to write, each with what it is like: a preset, or an output of the film."""
    from animap.errors import UsageError

    paths, outputs = order.outputs, film.spec.outputs
    if order.preset is not None:
        with findings.step():
            return _by_preset(film, order.preset, paths)
        return []
    if not paths and not outputs:
        with findings.step():
            raise UsageError("the film file lists no outputs", hint="name a file with -o")
    return [(path, _like(path, outputs)) for path in paths] or [(FOLDER / o.file, o) for o in outputs]


def _by_preset(film: Film, names: str, paths: Sequence[Path]) -> list[tuple[Path, OutputSpec | None]]:
    """Files made by presets, named after film and preset unless names are given."""
    from animap.errors import UsageError
    from animap.film.presets import preset_named
    from animap.render.matrix import listed

    presets = [preset_named(name, film.presets) for name in listed("--preset", names) if name]
    if paths and len(presets) > 1:
        raise UsageError(
            "-o names a file, and there are several presets", hint="leave -o out, or take one preset"
        )
    named = [(path, presets[0]) for path in paths]
    stem = film.folder.resolve().name
    named = named or [(FOLDER / f"{stem}-{preset.name}{preset.suffix}", preset) for preset in presets]
    return [(path, preset.output(path.name)) for path, preset in named]


def _writable(path: Path, jobs: Sequence[Job], *, force: bool) -> None:
    from animap.errors import OutputError
    from animap.render.job import obstacles_to

    if not jobs and not path.is_dir():
        # No job came of it, for other reasons; its place can be told about all the same.
        unhindered(path, force=force)
    problems = [problem for job in jobs for problem in obstacles_to(job, force=force)]
    if problems:
        raise OutputError(problems)


def _like(path: Path, outputs: tuple[OutputSpec, ...]) -> OutputSpec | None:
    """The film's own output of the same format, whose settings a file of another name takes over."""
    alike = [o for o in outputs if Path(o.file).suffix.lower() == path.suffix.lower()]
    return next((o for o in alike if o.file == path.name), alike[0] if alike else None)


def prepared(
    film: Film, path: Path, model: OutputSpec | None, variant: Variant, order: Order
) -> tuple[Animation, Job]:
    """What an output asks for: by the command, else by the film's own output, else by its format."""
    from animap.api import animation_of, options_for
    from animap.explain import place_in
    from animap.types import PARTS

    at = ""
    if model in film.spec.outputs and model.style and not variant.style:
        at = place_in(film.file, ("outputs", film.spec.outputs.index(model), "style"))
    options = model.options if model else options_for(path)
    if order.encoding and order.encoding != options.kind:
        options = options_for(path, order.encoding)
    options = _limited(options, order.max_size)
    own_fps = str(getattr(options, "fps", 30))
    animation = animation_of(
        film,
        style=variant.style or (model.style if model else None),
        style_at=at,
        language=variant.language or (model.language if model else None),
        size=variant.size or (model and model.size) or _FORMAT_SIZE.get(options.kind, "1080p"),
        fps=order.fps or (model and model.fps) or own_fps,
        text=order.text if order.text is not None else model.text if model else True,
        wall=model.wall if model else None,
        show=shown(order.show, model.show if model else PARTS),
    )
    start, stop = _frames(animation, order.first, order.last)
    loop = order.loop or (model.loop if model else None)
    return animation, animation.job(path, start=start, stop=stop, options=options, full=order.full, loop=loop)


def shown(option: str | None, otherwise: Sequence[Part]) -> Sequence[Part]:
    """The parts in `marks,captions`, unchecked."""
    return [cast("Part", part.strip()) for part in option.split(",")] if option is not None else otherwise


def _animated(order: Order, path: Path, model: OutputSpec | None) -> bool:
    from animap.encode import Animated, kinds, suffixes

    options = type(model.options) if model else suffixes.get(path.suffix.lower())
    options = kinds.get(order.encoding, options) if order.encoding else options
    return options is not None and issubclass(options, Animated)


def _limited(options: AnyOptions, max_size: str | None) -> AnyOptions:
    """An output's options with the bytes that the command allows it; video is none of its business."""
    from animap.encode import Animated
    from animap.encode.animated import bytes_of
    from animap.errors import UsageError
    from animap.explain import split_hint

    if max_size is None or not isinstance(options, Animated):
        return options
    try:
        return options.model_copy(update={"max_size": bytes_of(max_size)})
    except ValueError as cause:
        what, hint = split_hint(cause)
        raise UsageError(what, "--max-size", hint) from None


def _frames(animation: Animation, first: str | None, last: str | None) -> tuple[int, int | None]:
    from animap.errors import UsageError

    start = animation.first_index_of(first) if first else 0
    stop = animation.last_index_of(last) + 1 if last else None
    if stop is not None and stop <= start:
        raise UsageError(f"--to {last} comes before --from {first}", hint="swap them")
    return start, stop
