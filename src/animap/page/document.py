"""The page as HTML: template, look, story and words in one file."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from animap.film import Film
from animap.film.references import keys_of
from animap.page.look import Look
from animap.page.story import Event, Story, date_told
from animap.types import Words
from animap.words import Book, book, well_set

__all__ = ["Media", "document"]

_TEMPLATE = Path(__file__).parent / "template"
_MIME = {".mp4": "video/mp4", ".webm": "video/webm"}
_SPEEDS = (0.25, 0.5, 1.0, 1.5, 2.0)


@dataclass(frozen=True, slots=True)
class Media:
    """An edition's files inside `folder`: video (`shape` pixels), poster, a still of each event, GIF."""

    language: str
    folder: Path
    video: Path
    shape: tuple[int, int]
    poster: Path
    stills: tuple[Path, ...]
    gif: Path | None

    def address(self, path: Path) -> str:
        """A file as the page names it."""
        return path.relative_to(self.folder).as_posix()


def document(film: Film, story: Story, look: Look, media: Sequence[Media], folder: str) -> str:
    """The page; it opens in the language of the first of `media`. `folder` is its folder's name."""
    editions = {one.language: _Edition(film, story, one) for one in media}
    first = editions[media[0].language]
    data = {
        "folder": folder,
        "seconds": round(story.seconds, 4),
        "opening": round(story.opening, 4),
        "days": {"starts": _rounded(story.starts), "stops": _rounded(story.stops)},
        "events": [
            {key: round(getattr(event, key), 4) for key in ("start", "show", "still", "reading")}
            for event in story.events
        ],
        "editions": {language: edition.data for language, edition in editions.items()},
    }
    width, height = media[0].shape
    return Template(_read("page.html")).substitute(
        {name: html.escape(text) for name, text in (first.words | first.texts).items()},
        language=media[0].language,
        shape=f"{width} / {height}",
        width=width,
        height=height,
        video=html.escape(media[0].address(media[0].video)),
        mime=_MIME[media[0].video.suffix],
        poster=html.escape(media[0].address(media[0].poster)),
        gif=html.escape(media[0].address(media[0].gif)) if media[0].gif else "",
        no_gif="" if media[0].gif else "hidden",
        style=look.css + _read("page.css"),
        script=_read("page.js"),
        # Inside a script element nothing is escaped but what could end it.
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
        switch=_switch(editions),
        speeds="".join(
            f'<option value="{s:g}"{" selected" if s == 1 else ""}>{s:g}×</option>' for s in _SPEEDS
        ),
        storyboards="\n".join(edition.storyboard(shown=edition is first) for edition in editions.values()),
        credits="\n".join(edition.credits(shown=edition is first) for edition in editions.values()),
    )


class _Edition:
    """What a page says in one language."""

    def __init__(self, film: Film, story: Story, media: Media) -> None:
        self.film, self.story, self.media = film, story, media
        self.book: Book = book(media.language)
        own = [k for k, text in self.book.phrases.items() if k.startswith("page_") and "{" not in text]
        self.words = {key.removeprefix("page_"): self.book.say(key) for key in (*own, "sources")}
        self.texts = {
            "title": self.book.pick(film.spec.title),
            "subtitle": self.book.pick(film.spec.subtitle),
            "first": self.book.date(story.days[0]),
            "last": self.book.date(story.days[-1]),
            "film_size": self._size(media.video),
            "gif_size": self._size(media.gif),
        }

    def _size(self, path: Path | None) -> str:
        megabytes = path.stat().st_size / 1e6 if path else 0.0
        return self.book.say(
            "page_megabytes", n=self.book.number(round(megabytes, 1) or round(megabytes, 2) or 0.01)
        )

    @property
    def name(self) -> str:
        """The language's own name."""
        name = self.book.locale.get_display_name() or self.media.language
        return name[:1].upper() + name[1:]

    @property
    def data(self) -> Mapping[str, object]:
        """What the script needs to speak this language."""
        media = self.media
        return {
            "video": media.address(media.video),
            "poster": media.address(media.poster),
            "gif": media.address(media.gif) if media.gif else "",
            "words": self.words | self.texts,
            "dates": [self.book.date(day) for day in self.story.days],
            "events": [
                {
                    "date": self._date(event),
                    "place": self._place(event),
                    "text": self._text(event),
                    "sources": self._sources(event),
                }
                for event in self.story.events
            ],
        }

    def storyboard(self, *, shown: bool) -> str:
        """A card for every event; a hidden storyboard's pictures wait until they are asked for."""
        cards = "\n".join(
            self._card(n, event, still, "eager" if shown else "lazy")
            for n, (event, still) in enumerate(zip(self.story.events, self.media.stills, strict=True))
        )
        return f'<ol class="storyboard" lang="{self.media.language}"{_hidden(shown)}>\n{cards}\n</ol>'

    def _card(self, number: int, event: Event, still: Path, loading: str) -> str:
        place = self._place(event)
        return Template(_read("card.html")).substitute(
            number=number,
            still=html.escape(self.media.address(still)),
            shape=f"{self.media.shape[0]} / {self.media.shape[1]}",
            loading=loading,
            date=html.escape(self._date(event)),
            place=f' <span class="place">{html.escape(place)}</span>' if place else "",
            text=html.escape(self._text(event)),
            sources_word=html.escape(self.words["sources"]),
            sources="".join(f"<li>{html.escape(title)}</li>" for title in self._sources(event)),
        )

    def credits(self, *, shown: bool) -> str:
        """The film's sources, credits and licence; `*words*` are titles, in italics."""
        spec = self.film.spec.credits
        books = "".join(f"<li>{self._credit(words)}</li>" for words in spec.sources)
        closing = [*spec.lines, *([spec.licence] if spec.licence else [])]
        lines = "".join(f"<p>{self._credit(words)}</p>" for words in closing)
        head = f"<h2>{html.escape(self.words['sources'])}</h2>\n<ul>{books}</ul>" if books else ""
        return f'<div class="credits" lang="{self.media.language}"{_hidden(shown)}>{head}{lines}</div>'

    def _credit(self, words: Words | str) -> str:
        text = well_set(words, self.media.language) if isinstance(words, str) else self.book.pick(words)
        return re.sub(r"\*(.+?)\*", r"<cite>\1</cite>", html.escape(text))

    def _date(self, event: Event) -> str:
        return date_told(self.book, event.caption.when)

    def _text(self, event: Event) -> str:
        return self.book.pick(event.caption.text)

    def _place(self, event: Event) -> str:
        return self.book.pick(self.story.places.get(event.caption.place, {}))

    def _sources(self, event: Event) -> list[str]:
        """Titles; a key that the table of sources does not know stands for itself."""
        known = self.film.references
        return [known[key].title if key in known else key for key in keys_of(event.caption.source)]


def _switch(editions: Mapping[str, _Edition]) -> str:
    """The language switch: nothing where there is one language only."""
    if len(editions) < 2:
        return ""
    return "".join(
        f'<button type="button" lang="{code}" data-language="{code}" '
        f'aria-pressed="{"false" if n else "true"}">{html.escape(edition.name)}</button>'
        for n, (code, edition) in enumerate(editions.items())
    )


def _hidden(shown: bool) -> str:
    return "" if shown else " hidden"


def _rounded(seconds: Sequence[float]) -> list[float]:
    return [round(second, 4) for second in seconds]


def _read(name: str) -> str:
    return (_TEMPLATE / name).read_text("utf-8")
