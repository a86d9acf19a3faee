"""What people and programs ask of runs: to start, stop, go on, decide. Each returns when it is durable.

beginning   start, what a start asks for, restart
ending      cancel
again       retry, skip, settle
answering   answer, judge, resume, halt, note
asking      what they share
"""

from ferryman.services.requests.again import GoingOn
from ferryman.services.requests.answering import Answering
from ferryman.services.requests.beginning import Beginning
from ferryman.services.requests.ending import Ending

__all__ = ["Requests"]


class Requests(Beginning, Ending, GoingOn, Answering):
    """What can be asked of runs where a driver moves them."""
