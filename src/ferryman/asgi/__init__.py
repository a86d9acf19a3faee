"""HTTP as plain ASGI: one request with its answer, bodies within limits, and nothing of any API.

exchange   one request: what was asked, how it is answered, what the server's log shall say of it
bodies     reading a body within its limits of size and time
origin     whether a request comes from where only trusted people are
"""

from ferryman.asgi.bodies import BodyLimits, TooLarge, TooSlow, read_body
from ferryman.asgi.exchange import App, Exchange, Receive, Scope, Send

__all__ = [
    "App",
    "BodyLimits",
    "Exchange",
    "Receive",
    "Scope",
    "Send",
    "TooLarge",
    "TooSlow",
    "read_body",
]
