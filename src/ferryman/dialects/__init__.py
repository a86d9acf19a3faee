"""Wire dialects: how other people's clients speak to Ferryman.

A dialect is a way of speaking about runs; it owns no state and no rule.
"""
