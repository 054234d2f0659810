"""The table: arrays, labels, and what is done to it before any measure."""
