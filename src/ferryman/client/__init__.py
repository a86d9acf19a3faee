"""The client: what the command line speaks. One interface, whatever carries it (RULINGS 25).

client      the verbs as typed calls
transport   what carries them: in this process, over a socket, or reading here and changing there
wire        requests, answers and refusals as lines of JSON
"""

from ferryman.client.client import Client
from ferryman.client.transport import Beside, InProcess, OverSocket, Transport

__all__ = ["Beside", "Client", "InProcess", "OverSocket", "Transport"]
