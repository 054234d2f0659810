"""Composite indices: scheme, index, uncertainty."""
