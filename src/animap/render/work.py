"""What a worker does: build the scene once, then draw and encode segments.

A worker starts as a fresh process and reads the film itself: what travels is small (paths, numbers), and
nothing depends on the state of the process that asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from animap.draw import Canvas, Picture
from animap.encode import AnyOptions, Signal, encoder_for
from animap.film import load_film
from animap.render.plan import Segment
from animap.scene import Scene, Take
from animap.style import load_style
from animap.types import Pixels

if TYPE_CHECKING:
    import geopandas

__all__ = ["Recipe", "Worker", "pictures"]


@dataclass(frozen=True)
class Recipe:
    """Everything a scene and its encoding depend on; picklable."""

    film: Path
    style: str
    take: Take
    options: AnyOptions
    signal: Signal
    detail: bool | None = None
    given: Mapping[str, geopandas.GeoDataFrame] = field(default_factory=dict)
    full: bool = False

    def scene(self) -> Scene:
        """The film read afresh and set."""
        film = load_film(self.film, detail=self.detail, given=self.given)
        return Scene(film, load_style(self.style, film.folder), self.take)


def pictures(scene: Scene, canvas: Canvas, start: int, stop: int) -> Iterator[tuple[Picture, int]]:
    """Pictures of a run of frames, each with the number of frames that show it unchanged."""
    index = start
    picture = canvas.draw(scene.frame(index))
    while index < stop:
        repeat = 1
        following = None
        while index + repeat < stop:
            frame = scene.frame(index + repeat)
            if not canvas.shows(frame):
                following = frame
                break
            repeat += 1
        yield picture, repeat
        index += repeat
        if following is not None:
            picture = canvas.draw(following)


class Worker:
    """Draws and encodes segments of one recipe."""

    def __init__(self, recipe: Recipe, scene: Scene | None = None) -> None:
        self.recipe = recipe
        self.scene = scene or recipe.scene()
        self._canvas = Canvas(recipe.take.page, full=recipe.full)
        self._encoder = encoder_for(recipe.options)

    def picture(self, index: int) -> Pixels:
        """The picture of one frame, as a copy."""
        return self._canvas.draw(self.scene.frame(index)).pixels.copy()

    def run(
        self, segment: Segment, path: Path, shared: bytes, told: Callable[[int], None] = lambda _: None
    ) -> None:
        """Encode a segment into a file."""
        before = None
        if self._encoder.needs_before and not segment.opens:
            before = self.picture(segment.start - 1)
        with self._encoder.segment(path, self.recipe.signal, shared, before) as sink:
            first = True
            for picture, repeat in pictures(self.scene, self._canvas, segment.start, segment.stop):
                # The sink knows nothing of what the canvas drew before this segment.
                sink.add(picture.pixels, None if first else picture.changed, repeat)
                first = False
                told(repeat)
