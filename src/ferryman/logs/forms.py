"""The forms in which a secret may show up in output, and which values cannot be masked safely.

Owns the table of spellings (expectations LOG-6, LOG-7). A secret of several lines is looked for whole and line by line.
What has a form that is not listed here is not found: a secret that is cut up, reversed, encrypted or compressed.
"""

import base64
import json
import re
import shlex
from collections.abc import Callable, Iterator
from urllib.parse import quote
from xml.sax.saxutils import escape

SHORTEST = 4
"""A value with fewer characters stands in clean text by chance; so does one with fewer bytes in any of its forms."""

COMMON = frozenset(
    " ".join(
        (
            "true false null none void self this todo info warn warning error fatal debug trace fail failed",
            "passed pass done ready test tests testing prod production staging stage develop development local",
            "localhost default main master release build deploy root admin administrator user users guest login",
            "password passwd secret token username name value string number http https file files path home data",
            "date time public private start stop open close enabled disabled 0000 1111 1234 12345 123456",
            "127.0.0.1 0.0.0.0 changeme example",
        )
    ).split()
)
"""Words that clean output is full of: masking one would blank the log."""

ARMOR = re.compile(r"-----(?:BEGIN|END) [A-Z0-9 ]+-----|---- (?:BEGIN|END) SSH2 [A-Z ]+ ----")
"""The first and last line of a key in text form: the same in every key, so no secret."""

WRAPPED = (64, 76)
"""Line lengths of base64 in certificates and keys, and in mail and the command `base64`."""

LONGEST_BROKEN = 4096
"""Bytes of a line up to which it is found in base64 wherever the lines of that end. Of a secret of several lines each
is looked for by itself."""


def too_short(value: str) -> bool:
    """Whether a value is too short to be masked safely. It is kept and used, but not masked."""
    return len(value.strip()) < SHORTEST


def too_common(value: str) -> bool:
    """Whether masking a value would blank common words: one such word, or one character again and again."""
    bare = value.strip().casefold()
    return bare in COMMON or (len(set(bare)) == 1 and len(bare) < 16)


def forms(secret: str) -> frozenset[bytes]:
    """Everything to look for, for one secret; nothing where it cannot be masked safely."""
    return frozenset(
        form for text in _texts(secret) for form in _spellings(text) if len(form) >= SHORTEST and form.strip()
    )


def _texts(secret: str) -> Iterator[str]:
    """The secret without the newlines around it, and each of its lines."""
    whole = secret.strip("\r\n")
    lines = {line.strip() for line in whole.splitlines()}
    for text in {whole, whole.strip(), *lines}:
        if not (too_short(text) or too_common(text) or ARMOR.fullmatch(text)):
            yield text


def _spellings(text: str) -> Iterator[bytes]:
    raw = text.encode("utf-8", "surrogatepass")
    yield raw
    yield raw.replace(b"\n", b"\r\n")
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield from _base64(raw)
    for spell in TEXTUAL:
        yield spell(text).encode("utf-8", "surrogatepass")


def _base64(raw: bytes) -> Iterator[bytes]:
    """The digits that the secret alone decides, wherever it stands among other bytes; and the whole of it."""
    for before in range(3):
        digits = base64.b64encode(bytes(before) + raw)
        decided = digits[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]
        yield from _both_alphabets(decided)
        if b"\n" not in raw and len(raw) <= LONGEST_BROKEN:
            for broken in _broken(decided):
                yield from _both_alphabets(broken)
        # With its last digit and padding it is masked to its end.
        ended = digits[(before * 8 + 5) // 6 :]
        yield from _both_alphabets(ended)
        yield from _both_alphabets(ended.rstrip(b"="))
    digits = base64.b64encode(raw)
    for width in WRAPPED:
        if len(digits) > width:
            # A last line of a few digits is like any word.
            yield from (
                line for at in range(0, len(digits), width) if len(line := digits[at : at + width]) >= 16
            )


def _broken(digits: bytes) -> Iterator[bytes]:
    """Digits over several lines, as they are where the lines of a longer text end among them."""
    # What fits into one line ends at most once, however long the lines are.
    for width in {min(width, len(digits)) for width in WRAPPED}:
        for first in range(1, min(width + 1, len(digits))):
            rest = (digits[at : at + width] for at in range(first, len(digits), width))
            yield b"\n".join((digits[:first], *rest))


def _both_alphabets(digits: bytes) -> Iterator[bytes]:
    yield digits
    yield digits.translate(bytes.maketrans(b"+/", b"-_"))


def _lower_hex(text: str) -> str:
    """Percent signs followed by lower-case digits."""
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text)


def _percent(
    safe: str, blank: str = "%20", tilde: str = "~"
) -> tuple[Callable[[str], str], Callable[[str], str]]:
    """Percent-encoding that leaves these characters, with upper-case and lower-case digits."""

    def upper(text: str) -> str:
        return (
            quote(text.encode("utf-8", "surrogatepass"), safe=safe).replace("%20", blank).replace("~", tilde)
        )

    return upper, lambda text: _lower_hex(upper(text))


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _json_ascii(text: str) -> str:
    return json.dumps(text)[1:-1]


def _upper_escapes(text: str) -> str:
    return re.sub(r"\\u[0-9a-f]{4}", lambda found: "\\u" + found[0][2:].upper(), text)


def _json_less(unwanted: str) -> Callable[[str], str]:
    """JSON as writers do that expect it inside a page: without these characters either."""
    return lambda text: re.sub(unwanted, lambda found: f"\\u{ord(found[0]):04x}", _json(text))


_escaped_for_pages = _json_less("[<>&'\u2028\u2029]")
_json_of_go = _json_less("[<>&\u2028\u2029]")


def _json_of_dotnet(text: str) -> str:
    return "".join(
        f"\\u{ord(each):04X}" if each in "\"&'+<>`" else _upper_escapes(_json_ascii(each)) for each in text
    )


def _pythons(literal: Callable[[str], str], quote: str) -> Callable[[str], str]:
    """What Python writes between quotes, with a single one written so: double ones around it leave it as it is."""
    return lambda text: quote.join(literal(part) for part in text.split("'"))


def _bytes_of_python(text: str) -> str:
    return repr(text.encode("utf-8", "surrogatepass"))[2:-1]


def _ansi_c(text: str) -> str:
    """A text between $' and ', as bash writes it where letters are ASCII."""
    raw = text.encode("utf-8", "surrogatepass")
    return "".join(_ANSI_C.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}") for byte in raw)


_ANSI_C = {
    ord(plain): "\\" + letter for plain, letter in zip("\a\b\x1b\f\n\r\t\v\\'", "abEfnrtv\\'", strict=True)
}


def _backslashed(unsafe: str) -> Callable[[str], str]:
    """A backslash before each of these characters."""
    return lambda text: re.sub(unsafe, r"\\\g<0>", text)


def _xml(*quotes: tuple[str, str]) -> Callable[[str], str]:
    return lambda text: escape(text, dict(quotes))


TEXTUAL: tuple[Callable[[str], str], ...] = (
    *_percent(""),
    *_percent("/"),
    *_percent("!'()*"),
    *_percent(";,/?:@&=+$!*'()#"),
    *_percent("", "+"),
    *_percent("/", "+"),
    *_percent("*", "+"),
    *_percent("!'()*", "+"),
    *_percent("*", "+", "%7E"),
    *_percent("", "+", "%7E"),
    # Inside addresses, as browsers, Go and RFC 3986 have it: a name or password, a path, a query.
    *_percent("!$%&'()*+,"),
    *_percent("$&+,;="),
    *_percent("!$&'()*+,;="),
    *_percent("!$&'()*+,;=:"),
    *_percent("!$%&'()*+,/:;=@[]|"),
    *_percent("$&+:=@"),
    *_percent("$&+,/:;=@"),
    *_percent("!$&'()*+,;=:@"),
    *_percent("!$&'()*+,;=:@/"),
    *_percent("!$%&()*+,/:;=?@[]\\^`{|}"),
    *_percent("!$%&'()*+,/:;=?@[]\\^`{|}"),
    _json,
    _json_ascii,
    lambda text: _upper_escapes(_json_ascii(text)),
    lambda text: _json(text).replace("/", "\\/"),
    lambda text: _json_ascii(text).replace("/", "\\/"),
    _escaped_for_pages,
    lambda text: _upper_escapes(_escaped_for_pages(text)),
    _json_of_go,
    _json_less("[<>&='\u2028\u2029]"),
    _json_of_dotnet,
    lambda text: _json(_json(text)),
    lambda text: _json(_json_ascii(text)),
    lambda text: _json(_upper_escapes(_json_ascii(text))),
    lambda text: _json_ascii(_json(text)),
    lambda text: _json(_json(text).replace("/", "\\/")),
    lambda text: _json(_json_ascii(text).replace("/", "\\/")),
    lambda text: _json(_escaped_for_pages(text)),
    lambda text: _json(_json_of_go(text)),
    *(
        _pythons(literal, quote)
        for literal in (lambda part: repr(part)[1:-1], lambda part: ascii(part)[1:-1], _bytes_of_python)
        for quote in ("'", "\\'")
    ),
    # Shells: in single quotes (two customs), in double quotes, with no quotes, and with $'...'.
    lambda text: text.replace("'", "'\\''"),
    lambda text: shlex.quote(text).strip("'") if "'" in text else text,
    _backslashed(r'[\\"$`]'),
    _backslashed(r'[\\"$`!]'),
    _backslashed(r"[^\w@%+=:,./-]"),
    _backslashed(r"[^\w@%+=:./-]"),
    lambda text: text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t"),
    _ansi_c,
    _xml(),
    lambda text: escape(text).replace("&gt;", ">"),
    lambda text: escape(text, {'"': "&quot;"}).replace("&gt;", ">"),
    lambda text: text.replace("&", "&amp;").replace('"', "&quot;"),
    _xml(('"', "&quot;")),
    _xml(('"', "&quot;"), ("'", "&apos;")),
    _xml(('"', "&quot;"), ("'", "&#39;")),
    _xml(('"', "&quot;"), ("'", "&#x27;")),
    _xml(('"', "&#34;"), ("'", "&#39;")),
)
"""How a text is written inside other texts: addresses, JSON, Python, shells, XML and HTML."""
