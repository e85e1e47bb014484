"""Vector files, tables and GeoDataFrames, read as rows in map metres that know where they came from."""

from animap.sources.heights import Heights
from animap.sources.reader import Reader
from animap.sources.table import Row, Table

__all__ = ["Heights", "Reader", "Row", "Table"]
