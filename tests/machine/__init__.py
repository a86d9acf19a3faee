"""The rules, held to their tables, scenarios and laws."""
