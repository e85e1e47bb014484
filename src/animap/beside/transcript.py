"""The transcript: a film in words, for who cannot see it or wants to read it, as Markdown and HTML.

Days are headings, events are items of lists, sources are numbered links to a list at the end, so that a
screen reader can jump from day to day and skip what is not wanted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from animap.beside.events import Happening, happenings
from animap.film import Film
from animap.film.references import Reference
from animap.timeline import Clock, day_of
from animap.words import book

__all__ = ["Day", "Entry", "Source", "Transcript", "as_html", "as_markdown", "transcript_of"]


@dataclass(frozen=True, slots=True)
class Entry:
    """An event: what happens, what is not certain about it, and the numbers of its sources."""

    kind: str
    text: str
    doubts: tuple[str, ...]
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A day's events under a heading."""

    heading: str
    date: dt.date
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A numbered source and what it reads as."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """A film in words, in one language."""

    language: str
    title: str
    subtitle: str
    intro: str
    days: tuple[Day, ...]
    sources_heading: str
    sources: tuple[Source, ...]
    credits_heading: str
    credits: tuple[str, ...]


def transcript_of(film: Film, clock: Clock, language: str) -> Transcript:
    """Tell a film; `clock` says when in the film each day comes."""
    say, numbers = book(language), _Numbers()
    told = happenings(film, language)
    days = []
    for day, group in groupby(told, key=lambda h: day_of(h.instant)):
        events = list(group)
        at = say.say("told_at", time=_length(max(0.0, clock.second_of(events[0].instant))))
        if events[-1].instant < clock.start:
            at = say.say("told_before")
        heading = f"{say.weekday(day)} {say.date(day)}, {at}"
        days.append(Day(heading[0].upper() + heading[1:], day, numbers.entries(events)))
    own = film.spec.credits
    credits = [*own.sources, *own.lines, *([own.licence] if own.licence else [])]
    return Transcript(
        language,
        say.say("told_title", title=say.pick(film.spec.title)),
        say.pick(film.spec.subtitle),
        say.say("told_intro", length=_length(float(clock.seconds))),
        tuple(days),
        say.say("sources"),
        tuple(Source(n, _source(film, key, language)) for key, n in numbers.known.items()),
        say.say("credits"),
        tuple(say.pick({"": c} if isinstance(c, str) else c).replace("*", "") for c in credits),
    )


class _Numbers:
    """Numbers for sources, in the order in which they are first used."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def entries(self, events: Sequence[Happening]) -> tuple[Entry, ...]:
        return tuple(
            Entry(h.kind, h.text, h.doubts, tuple(self._number(key) for key in h.sources)) for h in events
        )

    def _number(self, key: str) -> int:
        return self.known.setdefault(key, len(self.known) + 1)


def _source(film: Film, key: str, language: str) -> str:
    reference = film.references.get(key) or Reference(key, key)
    unproven = film.spec.sources is not None and key in film.spec.sources.unproven
    parts = [reference.title, reference.place, book(language).say("told_unproven") if unproven else ""]
    return ". ".join(part.rstrip(".") for part in parts if part)


def _length(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"


def as_markdown(told: Transcript) -> str:
    """The transcript as CommonMark; sources are links to anchors at the end."""
    return "\n".join(_markdown(told))


def _markdown(told: Transcript) -> Iterator[str]:
    yield f"# {_md(told.title)}\n"
    if told.subtitle:
        yield f"{_md(told.subtitle)}\n"
    yield f"{_md(told.intro)}\n"
    for day in told.days:
        yield f"## {_md(day.heading)}\n"
        for entry in day.entries:
            links = ", ".join(f"[{n}](#source-{n})" for n in entry.sources)
            doubts = f" *{_md(_doubts(entry))}*" if entry.doubts else ""
            yield f"- {_md(_sentence(entry))}{doubts}{f' ({links})' if links else ''}"
        yield ""
    if told.sources:
        yield f"## {_md(told.sources_heading)}\n"
        for source in told.sources:
            yield f'{source.number}. <a id="source-{source.number}"></a>{_md(source.text)}.'
        yield ""
    if told.credits:
        yield f"## {_md(told.credits_heading)}\n"
        yield from (f"- {_md(line)}" for line in told.credits)
        yield ""


def _sentence(entry: Entry) -> str:
    return entry.text if entry.text[-1:] in ".!?…" else f"{entry.text}."


def _doubts(entry: Entry) -> str:
    told = "; ".join(entry.doubts)
    return f"{told[0].upper()}{told[1:]}."


_MARKED = str.maketrans({c: f"\\{c}" for c in "\\`*_[]<>#"})


def _md(text: str) -> str:
    return text.translate(_MARKED)


_CSS = (
    "body{font:1.1em/1.5 Georgia,serif;max-width:42em;margin:2em auto;padding:0 1em;"
    "color:#222;background:#fff}"
    "h1,h2{line-height:1.2}h2{font-size:1.2em;margin-top:2em}li{margin:.3em 0}.caption{font-weight:bold}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#1b1b1b}a{color:#9cf}}"
)


def as_html(told: Transcript) -> str:
    """The transcript as a page that needs nothing beside it."""
    return "\n".join(_html(told)) + "\n"


def _html(told: Transcript) -> Iterator[str]:
    yield f'<!doctype html>\n<html lang="{escape(told.language)}">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(told.title)}</title>\n<style>{_CSS}</style>\n</head>\n<body>\n<main>"
    yield f"<h1>{escape(told.title)}</h1>"
    yield from (f"<p>{escape(text)}</p>" for text in (told.subtitle, told.intro) if text)
    for day in told.days:
        heading = escape(day.heading)
        yield f'<section>\n<h2><time datetime="{day.date.isoformat()}">{heading}</time></h2>\n<ul>'
        yield from (_item(entry) for entry in day.entries)
        yield "</ul>\n</section>"
    if told.sources:
        yield f"<section>\n<h2>{escape(told.sources_heading)}</h2>\n<ol>"
        yield from (f'<li id="source-{s.number}">{escape(s.text)}.</li>' for s in told.sources)
        yield "</ol>\n</section>"
    if told.credits:
        yield f"<section>\n<h2>{escape(told.credits_heading)}</h2>\n<ul>"
        yield from (f"<li>{escape(line)}</li>" for line in told.credits)
        yield "</ul>\n</section>"
    yield "</main>\n</body>\n</html>"


def _item(entry: Entry) -> str:
    links = ", ".join(f'<a href="#source-{n}">{n}</a>' for n in entry.sources)
    doubts = f" <em>{escape(_doubts(entry))}</em>" if entry.doubts else ""
    return f'<li class="{entry.kind}">{escape(_sentence(entry))}{doubts}{f" [{links}]" if links else ""}</li>'
