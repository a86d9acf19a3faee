"""What the server answers in its own name: its front page, its health, its version.

health     alive, ready, and why not, part by part
front      the page a browser finds first
html       how a page goes out: its frame, its style, what it may load
"""
