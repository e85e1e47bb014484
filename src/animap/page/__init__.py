"""The lesson page: a folder with the film, its events as text and a storyboard, that opens from disk."""

from animap.page.folder import Edition, LessonPage, write_page

__all__ = ["Edition", "LessonPage", "write_page"]
