"""Land and water, relief, rivers, borders, graticule; names of countries, regions, seas and rivers."""

from animap.layers.basemap.layer import BasemapData
from animap.layers.basemap.options import Basemap

__all__ = ["Basemap", "BasemapData"]
