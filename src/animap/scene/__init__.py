"""A film set in one style, language and size: the function from an index to a frame."""

from animap.scene.scene import Scene, Take, view_of

__all__ = ["Scene", "Take", "view_of"]
