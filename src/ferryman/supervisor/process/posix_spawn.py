"""`posix_spawn` as the C library has it: other threads of ours go on while it waits for the new program to stand.

`os.posix_spawn` holds the interpreter all that time, which on a busy machine is most of what a start takes.
"""

import ctypes
import os
import signal
from collections.abc import Mapping, Sequence

_ROOM = 1024
"""Bytes for what the C library keeps in an object of its own: more than any of them needs."""
_FLAGS = 0x04 | 0x08 | 0x80
"""Default signals, a mask of signals, a session of its own."""

_waiting = ctypes.CDLL(None)
_brief = ctypes.PyDLL(None)
"""The same library; calls by way of this one keep the interpreter, for they are over at once."""

_NO_SIGNALS = ctypes.create_string_buffer(_ROOM)
_ALL_SIGNALS = ctypes.create_string_buffer(_ROOM)
_ATTRIBUTES = ctypes.create_string_buffer(_ROOM)


def _set_up() -> None:
    """Fill what is the same for all programs."""
    _brief.sigemptyset(_NO_SIGNALS)
    _brief.sigemptyset(_ALL_SIGNALS)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        _brief.sigaddset(_ALL_SIGNALS, number)
    _brief.posix_spawnattr_init(_ATTRIBUTES)
    _brief.posix_spawnattr_setsigdefault(_ATTRIBUTES, _ALL_SIGNALS)
    _brief.posix_spawnattr_setsigmask(_ATTRIBUTES, _NO_SIGNALS)
    _brief.posix_spawnattr_setflags(_ATTRIBUTES, ctypes.c_short(_FLAGS))


_set_up()


def posix_spawn(argv: Sequence[str], env: Mapping[str, str], descriptors: Sequence[tuple[int, int]]) -> int:
    """Start a program by its whole path, in a session of its own, with all signals as they are by default; its pid.

    `descriptors` are pairs of one of ours and the number that it has there; no other is passed on. Raises OSError, or
    ValueError where a text holds a null character or a name an equals sign.
    """
    arguments = [os.fsencode(argument) for argument in argv]
    variables = [os.fsencode(f"{name}={value}") for name, value in env.items()]
    if b"\0" in b"".join(arguments) or b"\0" in b"".join(variables) or "=" in "".join(env):
        raise ValueError("a null character, or an equals sign in a name")
    actions = ctypes.create_string_buffer(_ROOM)
    _brief.posix_spawn_file_actions_init(actions)
    try:
        for ours, theirs in descriptors:
            _brief.posix_spawn_file_actions_adddup2(actions, ours, theirs)
        pid = ctypes.c_int()
        fault = _waiting.posix_spawn(
            ctypes.byref(pid), arguments[0], actions, _ATTRIBUTES, _texts(arguments), _texts(variables)
        )
    finally:
        _brief.posix_spawn_file_actions_destroy(actions)
    if fault:
        raise OSError(fault, os.strerror(fault))
    return pid.value


def _texts(texts: Sequence[bytes]) -> "ctypes.Array[ctypes.c_char_p]":
    """As C has it: with nothing behind the last."""
    return (ctypes.c_char_p * (len(texts) + 1))(*texts)
