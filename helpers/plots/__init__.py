"""Figures: arrays in, a matplotlib Figure out. Nothing here fits, samples or loads anything."""
