"""Receipts: what a whole call made, so that the same call on the same files only joins it again.

A film's segments are known by what they show, and to know that the film has to be read and set, which takes
seconds. A receipt is found by the call's own words, and holds as long as every file that had a part in it is
the same, and nothing has appeared that would take its place. The output has the same bytes then, so the files
beside it are kept as they were written.
"""

from __future__ import annotations

import glob
import hashlib
import json
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from animap.encode import AnyOptions, Options, Signal, encoder_for
from animap.encode.base import whole, writing
from animap.render.digest import Digest, digest_of, program
from animap.render.store import Store

if TYPE_CHECKING:
    from animap.render.job import Job, Result

__all__ = ["Watched", "call_key", "recalled"]

_SIGNAL = TypeAdapter(Signal)
_OPTIONS: TypeAdapter[AnyOptions] = TypeAdapter(Options)


def call_key(words: Sequence[object]) -> Digest:
    """Under what the receipt of a call is kept; relative paths in its words are meant from this folder."""
    return digest_of("receipt", program(), str(Path.cwd()), [str(word) for word in words])


@dataclass(frozen=True)
class Watched:
    """Files that had a part in a call, and what they held."""

    places: Sequence[str]
    digest: str

    @classmethod
    def of(cls, places: Iterable[Path]) -> Watched:
        """The files at some places, or that none is there."""
        names = tuple(dict.fromkeys(map(str, places)))
        return cls(names, _content(names))

    def holds(self) -> bool:
        """Whether nothing has changed."""
        return self.digest == _content(self.places)

    def touched_since(self, began: float) -> bool:
        """Whether a file was written after a moment: what it held before is not known then."""
        return any(file.stat().st_mtime >= began for place in self.places for file in _files(place))

    def remember(
        self, store: Store, key: Digest, made: Iterable[tuple[Job, Result, Mapping[str, Any]]]
    ) -> None:
        """Keep the receipt of a call: jobs, how they went, and what was told of each."""
        outputs = [_entry(result.job or job, result, answer) for job, result, answer in made]
        store.write(key, json.dumps({"watched": asdict(self), "outputs": outputs}).encode())


def recalled(store: Store, key: Digest, *, force: bool) -> tuple[list[dict[str, Any]], list[str]] | None:
    """Join again what a call made; what was told of each output, with its time now, and all warnings.

    None where there is no receipt that holds, where a segment is gone, or where something is in the way,
    which whoever goes on will tell. Raises like `Encoder.join`.
    """
    data = store.read(key)
    receipt = json.loads(data) if data else None
    if receipt is None or not Watched(**receipt["watched"]).holds():
        return None
    outputs = [_Output.of(entry) for entry in receipt["outputs"]]
    if any(output.hindered(force=force) for output in outputs):
        return None
    with tempfile.TemporaryDirectory(prefix="animap-") as folder:
        parts = [output.fetched(store, Path(folder) / str(n)) for n, output in enumerate(outputs)]
        if not all(parts):
            return None
        answers = [output.joined(found) for output, found in zip(outputs, parts, strict=True)]
    return answers, [warning for entry in receipt["outputs"] for warning in entry["warnings"]]


@dataclass(frozen=True)
class _Output:
    answer: Mapping[str, Any]
    destination: Path
    options: AnyOptions
    signal: Signal
    shared: bytes
    keys: tuple[bytes, ...]
    beside: Mapping[str, str]

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> _Output:
        return cls(
            entry["answer"],
            Path(entry["destination"]),
            _OPTIONS.validate_python(entry["options"]),
            _SIGNAL.validate_python(entry["signal"]),
            bytes.fromhex(entry["shared"]),
            tuple(bytes.fromhex(key) for key in entry["keys"]),
            entry["beside"],
        )

    def hindered(self, *, force: bool) -> bool:
        problems = encoder_for(self.options).check(self.signal, self.destination)
        return bool(problems) or (self.destination.exists() and not force)

    def fetched(self, store: Store, folder: Path) -> list[Path]:
        folder.mkdir()
        parts = [folder / f"{n}.segment" for n in range(len(self.keys))]
        whole = all(store.fetch(key, part) for key, part in zip(self.keys, parts, strict=True))
        return parts if whole else []

    def joined(self, parts: Sequence[Path]) -> dict[str, Any]:
        began = time.perf_counter()
        encoder_for(self.options).join(parts, self.destination, self.signal, self.shared)
        for name, text in self.beside.items():
            path = self.destination.with_name(name)
            with whole(path) as temporary, writing(path):
                temporary.write_text(text, "utf-8")
        took = round(time.perf_counter() - began, 2)
        size = self.destination.stat().st_size
        return {**self.answer, "bytes": size, "took": took, "segments": len(parts), "drawn": 0}


def _entry(job: Job, result: Result, answer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "answer": answer,
        "warnings": [str(warning) for warning in result.warnings],
        "destination": str(job.destination),
        "options": job.options.model_dump(mode="json"),
        "signal": _SIGNAL.dump_python(job.signal, mode="json"),
        "shared": result.shared.hex(),
        "keys": [segment.hex() for segment in result.keys],
        "beside": {file.name: file.read_text("utf-8") for file in result.beside},
    }


def _content(places: Iterable[str]) -> str:
    found = hashlib.blake2b(digest_size=20)
    for place in places:
        found.update(place.encode() + b"\0")
        for file in _files(place):
            with file.open("rb") as data:
                digest = hashlib.file_digest(data, "blake2b").digest()
            found.update(file.name.encode() + b"\0" + digest)
    return found.hexdigest()


def _files(place: str) -> Iterator[Path]:
    """The files at a place: with its companions (`.dbf` and `.prj` of a `.shp`), or all in the folder."""
    path = Path(place)
    found = path.rglob("*") if path.is_dir() else path.parent.glob(f"{glob.escape(path.stem)}*")
    yield from (file for file in sorted(found) if file.is_file())
