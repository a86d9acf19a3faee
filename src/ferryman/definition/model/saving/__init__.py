"""What saving a model changes in it, as far as that is a matter of the text alone (bkci-v3 7)."""
