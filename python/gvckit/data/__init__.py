"""Data that the package offers: the embedded table, names of economies, groups of sectors."""
