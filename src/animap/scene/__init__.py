"""A film set in one style, language and size: the function from an index to a frame."""

from animap.scene.camera import Camera, view_of
from animap.scene.scene import Scene, Take

__all__ = ["Camera", "Scene", "Take", "view_of"]
