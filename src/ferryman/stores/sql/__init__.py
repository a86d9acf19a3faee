"""What is common to SQL databases: named queries, numbered migrations, and one module for each noun.

A noun's module turns calls into queries over a `Session` and rows into nouns. It opens nothing, waits for nothing and
knows no transaction: whoever owns the connection decides what belongs together.
"""
