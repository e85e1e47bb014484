"""`film.toml`: what it may say, and a film read and checked."""

from animap.film.load import Film, find_film, load_film, shipped_films
from animap.film.model import FilmSpec
from animap.film.outputs import OutputSpec

__all__ = ["Film", "FilmSpec", "OutputSpec", "find_film", "load_film", "shipped_films"]
