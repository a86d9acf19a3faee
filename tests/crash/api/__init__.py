"""The server killed under load of BK-CI's API: what was acknowledged is kept, once.

pipelines   what is loaded: pipelines whose steps tell a witness, and who may speak
ledger      what clients were told
town        the server's lives: started, killed, started again; requests that were under way
clients     what clients do, over and over
lives       clients live on while the server ends again and again
verdict     what must hold afterwards
"""
