"""BK-CI: pipelines, builds, reviews and logs in the words of that family (semantics, bkci-v3)."""
