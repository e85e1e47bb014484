"""Spaces as each language's printers set them."""

from __future__ import annotations

import re

__all__ = ["well_set"]

_THIN, _FULL = "\u202f", "\u00a0"
# Not after an opening bracket, nor inside an address.
_BEFORE = re.compile(r"(?<=[^\s(\[«;!?])[ \u00a0\u202f]*([;!?]++)(?![\w/=&])")
_COLON = re.compile(r"(?<=[^\s:])[ \u00a0\u202f]*:(?=\s|$)")
_OPEN, _CLOSE = re.compile(r"«[ \u00a0\u202f]*"), re.compile(r"[ \u00a0\u202f]*»")
_NUMBER = re.compile(
    r"(\d)[ ](?=(?:er|re|e|km|h|heures|mars|avril|mai|juin|août|(?:janv|févr|juil|sept|oct|nov|déc)\w*)\b)"
)


def well_set(text: str, language: str) -> str:
    """The text with the no-break spaces that its language asks for: French does."""
    if language != "fr":
        return text
    text = _CLOSE.sub(f"{_FULL}»", _OPEN.sub(f"«{_FULL}", text))
    text = _COLON.sub(f"{_FULL}:", _BEFORE.sub(rf"{_THIN}\1", text))
    return _NUMBER.sub(rf"\1{_FULL}", text).replace("'", "’")
