"""Figures: arrays in, Figure out. Nothing here fits, samples or loads anything."""
