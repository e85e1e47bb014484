"""The ledger: what each layer showed in each segment, in earlier runs.

A layer whose state is the same shows the same in every frame. So after an edit only the layers that it
touches are asked again what they show, and after none, no layer is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from animap.render.digest import Digest, digest_of, program
from animap.render.parcel import state_of
from animap.render.store import Store
from animap.scene import Scene

__all__ = ["Ledger"]


@dataclass
class _Account:
    """One layer's segments: digests of what it shows, by the name of the run."""

    key: Digest
    seen: dict[str, str]
    changed: bool = False


class Ledger:
    """Digests of layers of one scene, by runs of frames; kept in the store."""

    def __init__(self, scene: Scene, store: Store) -> None:
        self._store = store
        states = state_of(scene)
        self.base = digest_of(program(), states)
        """What all that the scene shows follows from."""
        keys = [digest_of("layer", program(), state) for state in states]
        self._accounts = [_Account(key, _seen(store.read(key))) for key in keys]

    def known(self, frames: Sequence[int]) -> tuple[Digest | None, ...]:
        """What is known, layer by layer."""
        found = (account.seen.get(_name(frames)) for account in self._accounts)
        return tuple(bytes.fromhex(text) if text else None for text in found)

    def learn(self, frames: Sequence[int], layers: Sequence[Digest]) -> None:
        """Enter what a worker saw."""
        name = _name(frames)
        for account, digest in zip(self._accounts, layers, strict=True):
            text = digest.hex()
            account.changed |= account.seen.get(name) != text
            account.seen[name] = text

    def save(self) -> None:
        """Keep what was learned."""
        for account in self._accounts:
            if account.changed:
                self._store.write(account.key, json.dumps(account.seen).encode())
                account.changed = False


def _name(frames: Sequence[int]) -> str:
    """A run from one frame up to another, or the two that a dissolve shows, the later one first."""
    return f"{frames[0]}-{frames[-1] + 1}"


def _seen(data: bytes | None) -> dict[str, str]:
    return {} if data is None else json.loads(data)
