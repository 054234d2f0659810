"""Many tables at once: years, files, draws, and what changed between two."""
