"""The one mapper between model and domain: a table of places per noun, read in both directions."""
