"""Every example is loaded, and what the papers tell readers to type is typed."""
