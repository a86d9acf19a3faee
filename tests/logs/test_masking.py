"""Secrets are masked before anything is kept, in every form and however the stream is cut (LOG-6, LOG-7)."""

import base64
import json
import shlex
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.logs.forms import forms, too_common, too_short
from ferryman.logs.masking import Masker, Masks, mask
from ferryman.testing.leaks import forms_of
from tests.logs.streams import covered, cuts, masked, secrets, streams

SECRET = 'p&ss "wörd" <1>\'$x\\y/z+'
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7bq98F\nq0vYt8zqhuNT\n-----END RSA PRIVATE KEY-----\n"
RAW = SECRET.encode()
ANY = "a~b/c'd\"e&f+g=h<i>jä!k;l%m@n"
"""What many programs write differently; each form below is what the named one wrote."""


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(SECRET, id="as given"),
        pytest.param(base64.b64encode(RAW).decode(), id="base64"),
        pytest.param(base64.b64encode(RAW).decode().rstrip("="), id="base64 without padding"),
        pytest.param(base64.urlsafe_b64encode(RAW).decode(), id="base64 for addresses"),
        pytest.param(RAW.hex(), id="hexadecimal"),
        pytest.param(RAW.hex().upper(), id="hexadecimal in capitals"),
        pytest.param(quote(SECRET, safe=""), id="in an address"),
        pytest.param(quote(SECRET), id="in a path"),
        pytest.param(quote_plus(SECRET), id="in a form"),
        pytest.param(
            quote(SECRET, safe="")
            .replace("%3C", "%3c")
            .replace("%C3%B6", "%c3%b6")
            .replace("%5C", "%5c")
            .replace("%2F", "%2f")
            .replace("%2B", "%2b")
            .replace("%3E", "%3e"),
            id="in an address, small digits",
        ),
        pytest.param(json.dumps(SECRET)[1:-1], id="in JSON"),
        pytest.param(json.dumps(SECRET, ensure_ascii=False)[1:-1], id="in JSON with its letters"),
        pytest.param(
            json.dumps(json.dumps(SECRET, ensure_ascii=False)[1:-1], ensure_ascii=False)[1:-1],
            id="in JSON in JSON",
        ),
        pytest.param(json.dumps(json.dumps(SECRET))[3:-3], id="in JSON in JSON, both without its letters"),
        pytest.param(
            json.dumps(json.dumps(SECRET, ensure_ascii=False))[3:-3], id="in JSON in JSON, the outer without"
        ),
        pytest.param(
            json.dumps(json.dumps(SECRET).replace("/", "\\/"))[3:-3],
            id="in JSON in JSON, slashes escaped",
        ),
        pytest.param(
            json.dumps(
                json.dumps(SECRET, ensure_ascii=False)
                .replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026")
                .replace("'", "\\u0027"),
                ensure_ascii=False,
            )[3:-3],
            id="in JSON in JSON, for a page",
        ),
        pytest.param(repr(SECRET)[1:-1], id="in Python"),
        pytest.param(shlex.quote(SECRET)[1:-1], id="quoted for a shell"),
        pytest.param(SECRET.replace("'", "'\\''"), id="as a shell traces it"),
        pytest.param(escape(SECRET), id="in XML"),
        pytest.param(quoteattr(SECRET)[1:-1], id="in an attribute of XML"),
    ],
)
def test_every_spelling_of_a_secret_is_masked_whole(written: str) -> None:
    """LOG-6: base64, URL, JSON, shell and XML forms."""
    assert mask(f"user:{written};", Masks([SECRET])) == "user:******;"


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("a%7Eb%2Fc%27d%22e%26f%2Bg%3Dh%3Ci%3Ej%C3%A4%21k%3Bl%25m%40n", id="a form of a browser"),
        pytest.param(
            "a~b%2Fc'd%22e&f+g%3Dh%3Ci%3Ej%C3%A4!k%3Bl%m%40n", id="the password in a URL, by a browser"
        ),
        pytest.param("a~b%2Fc%27d%22e&f+g=h%3Ci%3Ej%C3%A4%21k;l%25m%40n", id="the password in a URL, by Go"),
        pytest.param("a~b%2Fc'd%22e&f+g=h%3Ci%3Ej%C3%A4!k;l%25m%40n", id="the password in a URL, by its RFC"),
        pytest.param("a~b/c'd%22e&f+g=h%3Ci%3Ej%C3%A4!k;l%m@n", id="in a path, by a browser"),
        pytest.param("a~b/c%27d%22e&f+g=h%3Ci%3Ej%C3%A4!k;l%m@n", id="in a query, by a browser"),
        pytest.param("a~b%2Fc%27d%22e&f+g=h%3Ci%3Ej%C3%A4%21k%3Bl%25m@n", id="in a path, by Go"),
        pytest.param("a~b%2Fc'd%22e&f+g=h%3Ci%3Ej%C3%A4!k;l%25m@n", id="in a path, by its RFC"),
        pytest.param("a~b/c'd\\\"e\\u0026f+g=h\\u003ci\\u003ejä!k;l%m@n", id="JSON of Go"),
        pytest.param("a~b/c'd\\\\\\\"e\\\\u0026f+g=h\\\\u003ci\\\\u003ejä!k;l%m@n", id="JSON of Go in JSON"),
        pytest.param('a~b/c\\u0027d\\"e\\u0026f+g\\u003dh\\u003ci\\u003ejä!k;l%m@n', id="JSON of Gson"),
        pytest.param(
            "a~b/c\\u0027d\\u0022e\\u0026f\\u002Bg=h\\u003Ci\\u003Ej\\u00E4!k;l%m@n", id="JSON of .NET"
        ),
        pytest.param(ascii(ANY)[1:-1], id="ascii of Python"),
        pytest.param(repr(ANY.encode())[2:-1], id="bytes of Python"),
        pytest.param(repr(ANY)[1:-1].replace("\\'", "'"), id="Python, in double quotes"),
        pytest.param(ascii(ANY)[1:-1].replace("\\'", "'"), id="ascii of Python, in double quotes"),
        pytest.param(repr(ANY.encode())[2:-1].replace("\\'", "'"), id="bytes of Python, in double quotes"),
        pytest.param("a~b/c\\'d\"e&f+g=h<i>j\\303\\244!k;l%m@n", id="bash where letters are ASCII"),
        pytest.param("a~b/c'd\"e&amp;f+g=h&lt;i>jä!k;l%m@n", id="XML that leaves >"),
        pytest.param("a~b/c'd&quot;e&amp;f+g=h&lt;i>jä!k;l%m@n", id="an attribute of XML that leaves >"),
        pytest.param("a~b/c'd&quot;e&amp;f+g=h<i>jä!k;l%m@n", id="an attribute of HTML, by a browser"),
    ],
)
def test_what_other_programs_make_of_a_secret_is_masked_whole(written: str) -> None:
    """LOG-6: what is escaped is each program's choice."""
    assert mask(f"user:{written};", Masks([ANY])) == "user:******;"


@pytest.mark.parametrize("before", ["", "u", "us", "usr:", "user:"])
def test_base64_of_more_than_the_secret_gives_nothing_of_it_away(before: str) -> None:
    """A header of basic authentication holds the name, a colon and the password; what stays are digits of others."""
    secret = "correct horse battery"
    text = base64.b64encode(f"{before}{secret}\n".encode()).decode()
    kept = mask(text, Masks([secret])).replace("******", "")
    assert len(kept) <= -(-(len(before) + 1) * 8 // 6) + 5


@pytest.mark.parametrize("width", [64, 76])
def test_base64_in_lines_is_masked_line_by_line(width: int) -> None:
    """As the command base64 and certificates write it."""
    secret = "0123456789abcdef" * 9
    digits = base64.b64encode(secret.encode()).decode()
    lines = "\n".join(digits[at : at + width] for at in range(0, len(digits), width))
    kept = mask(lines, Masks([secret]))
    assert set(kept) <= set("*\n=")


@pytest.mark.parametrize("width", [64, 76])
@pytest.mark.parametrize("size", [5, 16, 60, 200])
def test_base64_in_lines_of_more_than_the_secret_gives_nothing_of_it_away(size: int, width: int) -> None:
    """LOG-6: `base64 settings.ini`, where a line ends wherever it is full."""
    secret = "".join(chr(33 + number * 7 % 90) for number in range(size))
    masks = Masks([secret])
    for before in range(width):
        digits = base64.b64encode(b"-" * before + secret.encode() + b"-" * 50).decode()
        lines = "\n".join(digits[at : at + width] for at in range(0, len(digits), width))
        kept = mask(lines, masks).replace("******", "").replace("\n", "")
        # What is not the secret's, and at most two digits at each of its ends that others decide as well.
        assert len(kept) <= -(-(before + 50) * 8 // 6) + 6, (before, kept)


def test_each_line_of_a_secret_of_several_lines_is_masked() -> None:
    """LOG-6; the first and last line of a key in text form stand in every key, so they stay."""
    masks = Masks([KEY])
    assert mask("key: q0vYt8zqhuNT!", masks) == "key: ******!"
    assert mask("  MIIEowIBAAKCAQEA7bq98F\r\n", masks) == "  ******\r\n"
    assert mask("-----BEGIN RSA PRIVATE KEY-----\n", masks) == "-----BEGIN RSA PRIVATE KEY-----\n"
    assert mask(KEY, masks) == "******\n"


@pytest.mark.parametrize(
    ("value", "short", "common"),
    [
        ("abc", True, False),
        (" ab \n", True, False),
        ("abcd", False, False),
        ("true", False, True),
        ("Password", False, True),
        ("production", False, True),
        ("0000000", False, True),
        ("--------", False, True),
        ("hunter2", False, False),
    ],
)
def test_values_that_cannot_be_masked_are_known(value: str, short: bool, common: bool) -> None:
    """LOG-6 and LOG-7: they are named when they are saved, and they are not masked."""
    assert (too_short(value), too_common(value)) == (short, common)
    text = f"a {value.strip()} b"
    assert mask(text, Masks([value])) == (text if short or common else "a ****** b")


def test_the_longest_form_counts_and_neighbors_get_a_mask_each() -> None:
    masks = Masks(["abcdef-1", "abcdef-1234", "1234-xyz"])
    assert mask("<abcdef-1234>", masks) == "<******>"
    assert mask("<abcdef-1abcdef-1>", masks) == "<************>"
    assert mask("<abcdef-1234-xyz>", masks) == "<******>", "overlapping ones leave nothing of either"


def test_only_what_may_become_a_secret_is_held_back() -> None:
    """LOG-1: a line shows at once, whatever stands in it."""
    masker = Masker(Masks(["hunter-two-and-a-half"]))
    assert [kept for _, kept, _ in masker.feed(b"all is well\n")] == [b"all is well\n"]
    assert [kept for _, kept, _ in masker.feed(b"pass: hunter-tw")] == [b"pass: "]
    assert [kept for _, kept, _ in masker.feed(b"in\n")] == [b"hunter-twin\n"]


@given(st.data())
def test_exactly_the_forms_are_covered_however_the_stream_is_cut(data: st.DataObject) -> None:
    """The law of masking: the same as the plainest search over the whole, for every cut. So clean text is unchanged."""
    words = data.draw(st.lists(secrets, max_size=3))
    stream = data.draw(streams(words))
    wanted = covered(stream, {form for word in words for form in forms(word)})
    assert masked(data.draw(cuts(stream)), Masks(words)) == wanted


@given(st.data())
def test_no_form_of_a_secret_comes_through(data: st.DataObject) -> None:
    """The forms here are written apart from the masker's own."""
    secret = data.draw(secrets)
    form = data.draw(st.sampled_from(sorted(forms_of(secret))))
    stream = data.draw(st.binary(max_size=8)) + form + data.draw(streams([secret]))
    kept = masked(data.draw(cuts(stream)), Masks([secret]))
    assert not [name for form, name in forms_of(secret).items() if form in kept]


def test_what_is_held_back_is_bounded_by_the_longest_form() -> None:
    """Also where every byte could begin a secret, and where masks overlap without end."""
    masker = Masker(Masks(["ab" * 20, "ab" * 20 + "c"]))
    given_out = sum(len(kept) for _ in range(1000) for _, kept, _ in masker.feed(b"ab" * 50))
    assert given_out < 1000, "one mask covers it all, and nothing piles up"
    assert len(masker._held) <= 400
