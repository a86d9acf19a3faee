"""No logs at all: what a data folder has that was brought back without them (docs/guide/logs.md). For readers only."""

from collections.abc import Collection, Sequence

from ferryman.domain.errors import Unavailable
from ferryman.ports.logs import LogState, LogWrite, Piece, Span

_NOTHING_KEPT = "no logs are kept in this data folder yet; the next run makes room for them"


class NoPieces:
    """`ports.logs.PieceStore` without a file: nothing was ever said, and nothing can be added."""

    def open(self) -> None:
        """Nothing to open."""

    def close(self) -> None:
        """Nothing to let go."""

    def write(self, writes: Sequence[LogWrite], *, durable: bool) -> None:
        """Raises `Unavailable`."""
        raise Unavailable(_NOTHING_KEPT)

    def remove(self, logs: Sequence[tuple[str, str]], *, at: int) -> None:
        """Raises `Unavailable`."""
        raise Unavailable(_NOTHING_KEPT)

    def state(self, run: str, key: str) -> LogState | None:
        """None."""
        return None

    def states(self, run: str = "") -> Sequence[LogState]:
        """None of any attempt."""
        return ()

    def oldest(self, *, limit: int, besides: Collection[str]) -> Sequence[LogState]:
        """None."""
        return ()

    def size(self) -> int:
        """0: nothing was said."""
        return 0

    def pieces(self, run: str, key: str, *, after: int, limit: int, room: int = 0) -> Sequence[Piece]:
        """No lines."""
        return ()

    def spans(
        self,
        run: str,
        *,
        after: int,
        until: int,
        limit: int,
        keys: Collection[str] | None = None,
        newest_first: bool = False,
    ) -> Sequence[Span]:
        """No lines."""
        return ()

    def last_line(self, run: str) -> int:
        """0: nothing was said."""
        return 0
