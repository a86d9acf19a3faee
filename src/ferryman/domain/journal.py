"""What is kept of a run for ever: its events in order, and how they are written down."""

import msgspec

from ferryman.domain.events import Event


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event as it was folded. `seq` counts from 1; `ignored` says why a late echo changed nothing."""

    seq: int
    event: Event
    ignored: str = ""


_encoder = msgspec.json.Encoder()
_entry_decoder = msgspec.json.Decoder(JournalEntry)
_event_decoder = msgspec.json.Decoder(Event)


def to_bytes(entry: JournalEntry) -> bytes:
    """One entry as compact JSON."""
    return _encoder.encode(entry)


def from_bytes(line: bytes) -> JournalEntry:
    """The entry that `to_bytes` wrote; raises msgspec.ValidationError for anything else."""
    return _entry_decoder.decode(line)


def event_from_bytes(text: bytes) -> Event:
    """One event from its JSON; raises msgspec.ValidationError for anything else."""
    event: Event = _event_decoder.decode(text)
    return event
