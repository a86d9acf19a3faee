"""Executors: who carries out attempts of steps, one folder each.

`inside` does what needs no machine, `local` starts processes of this one, `scripted` does what a test tells it. `routing`
makes one of several.
"""
