"""Geometry in map metres: projections, lines, and outlines that turn into one another."""
