"""A small shop that shows its prices over HTTP: the project that the release beside it releases."""
