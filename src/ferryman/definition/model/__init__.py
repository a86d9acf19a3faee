"""BK-CI's model, and the one mapper between it and the domain; the home of the vendor's words (RULINGS 12).

wire      what the model is: enumerations, forms, tables of fields
checks    what is wrong with one, all at once
saving    what saving changes in one
domain    the mapper: one table for each noun, read in both directions
files     pipeline files to the model and back
whole     what is asked of one as a whole: to show it, to copy it, what lists need; `showing` is part of that
settings  what rules need of its setting
calls     the pipelines that its steps call
"""
