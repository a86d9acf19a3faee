"""Rules of a run, one concern each: handlers for events, `settle` for what follows, pure judges for what they share.

No rule calls another rule: they meet in the draft. The order in which the settling rules run carries no meaning.
"""
