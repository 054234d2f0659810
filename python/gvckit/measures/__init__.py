"""Measures: each takes a table's arrays, calls the core, and labels one frame."""
