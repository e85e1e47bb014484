"""Spaces as each language's printers set them."""

from __future__ import annotations

import re

__all__ = ["well_set"]

_THIN, _FULL = "\u202f", "\u00a0"
_BEFORE = re.compile(r"[ \u00a0\u202f]*([;!?])")
_COLON = re.compile(r"(?<=\S)[ \u00a0\u202f]*:(?=\s|$)")
_OPEN, _CLOSE = re.compile(r"«[ \u00a0\u202f]*"), re.compile(r"[ \u00a0\u202f]*»")
_NUMBER = re.compile(
    r"(\d)[ ](?=(?:er|re|e|km|h|heures|janv|févr|mars|avril|mai|juin|juil|août|sept|oct|nov|déc))"
)


def well_set(text: str, language: str) -> str:
    """The text with the no-break spaces that its language asks for: French does."""
    if language != "fr":
        return text
    text = _BEFORE.sub(rf"{_THIN}\1", text)
    text = _COLON.sub(f"{_FULL}:", text)
    text = _CLOSE.sub(f"{_FULL}»", _OPEN.sub(f"«{_FULL}", text))
    return _NUMBER.sub(rf"\1{_FULL}", text).replace("'", "’")
