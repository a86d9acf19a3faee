"""Nouns: frozen data that every other room speaks of. No rule, no clock, no I/O lives here."""
