"""BK-CI's model, and the one mapper between it and the domain; the home of the vendor's words (RULINGS 12).

words, shapes, wire*   what the model is: enumerations, forms, tables of fields
checks*, findings      what is wrong with one, all at once
normal, clean, naming  what saving changes in one
places*, to_domain,    the mapper: one table for each noun, read in both directions
from_domain, matrices
file_*, from_file*,    pipeline files to the model and back
to_file*
"""
