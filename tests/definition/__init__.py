"""Tests of the definition room."""
