"""The tests, one folder a room; each folder is a package so that two rooms may name a file alike."""
