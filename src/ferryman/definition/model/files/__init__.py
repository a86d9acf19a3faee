"""The mapping between pipeline files and models: one pair of modules a section, with shared tables."""
