"""How an output closes its loop, when a player starts it again after its last frame."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from animap.explain import nearest

__all__ = ["Loop", "LoopSpec", "loop_of"]

_SECONDS = {"cut": 0.0, "hold": 5.0, "crossfade": 2.0}
"""Seconds that each takes unless the film says otherwise."""


class LoopSpec(BaseModel):
    """What follows the film's last frame: nothing, its picture for some more seconds, or a dissolve."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["cut", "hold", "crossfade"]
    seconds: Annotated[float, Field(ge=0, le=600)]

    @model_validator(mode="after")
    def _fits(self) -> LoopSpec:
        if self.kind == "cut" and self.seconds:
            raise ValueError(
                "a cut takes no time; leave its seconds out, or write loop = "
                f'{{ kind = "hold", seconds = {self.seconds:g} }}'
            )
        return self

    def __str__(self) -> str:
        return self.kind if self.kind == "cut" else f"{self.kind}:{self.seconds:g}"

    def frames(self, fps: Fraction) -> int:
        """Frames that it adds to an output; a dissolve has one at least."""
        return max(int(self.kind == "crossfade"), round(Fraction(str(self.seconds)) * fps))


def _table(value: Any) -> Any:
    """`hold` and `hold:8` are short for a table; ValueError for what is neither."""
    if isinstance(value, str):
        kind, colon, seconds = value.partition(":")
        if kind not in _SECONDS:
            raise ValueError(
                f"'{value}' is no way to loop; {nearest(kind, _SECONDS)}they are {', '.join(_SECONDS)}, "
                "with seconds as in hold:8"
            )
        value = {"kind": kind, "seconds": seconds} if colon else {"kind": kind}
    if isinstance(value, dict) and "seconds" not in value:
        value = {**value, "seconds": _SECONDS.get(str(value.get("kind")), 0.0)}
    return value


Loop = Annotated[LoopSpec, BeforeValidator(_table)]
"""A loop as a word, a word with seconds, or a table."""


def loop_of(text: str) -> LoopSpec:
    """A loop as the command line says it, `hold:8`; ValueError says what is possible."""
    try:
        return TypeAdapter(Loop).validate_python(text)
    except ValidationError as error:
        first = error.errors()[0]
        cause = first.get("ctx", {}).get("error")
        raise ValueError(
            str(cause) if cause else f"'{text}' has no seconds from 0 to 600; write hold:8"
        ) from None
