"""Judging: pure rules over rights and policies; they know neither stores nor callers.

judge       may this be done, and why
roles       the one table of what each role may do
policies    the text of a policy, of three families → what is judged
conditions  the one table of operators
patterns    `*` and `?`
"""
