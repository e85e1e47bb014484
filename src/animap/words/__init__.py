"""Dates, numbers and the film's own few words, per language."""

from animap.words.book import Book, book, languages
from animap.words.spacing import well_set

__all__ = ["Book", "book", "languages", "well_set"]
