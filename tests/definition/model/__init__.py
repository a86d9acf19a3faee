"""Tests of the model: read, checked, mapped to files and to the domain."""
