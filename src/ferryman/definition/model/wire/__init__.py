"""The wire model as tables: every field of the document with its type, and the words of its enumerations."""
