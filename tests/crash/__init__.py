"""Killed at any moment: what was promised holds (promises 1 to 3 and 8 of DESIGN 4)."""
