"""Geometry and choice: pure functions on arrays and GeoDataFrames, no I/O."""
