"""House tests: they read the source and say so when it slips from what ARCHITECTURE.md promises."""
