"""Fuzz of BK-CI's API: every operation, asked soundly and unsoundly, of a project with something in every state.

town      the project, and scenes: what stands there that an operation can be asked about
shapes    sound values by the wire models, and what is done to them
laws      what every answer keeps to
"""
