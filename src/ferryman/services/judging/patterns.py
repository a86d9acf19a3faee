"""Patterns of policies and scopes: `*` for any characters, `?` for one; letters of either case are alike."""

from functools import lru_cache


@lru_cache(maxsize=65_536)
def matches(pattern: str, text: str, *, exact: bool = False) -> bool:
    """Whether a text is what the pattern says; `exact` tells letters of either case apart.

    Its cost is at most the product of both lengths, however many stars there are.
    """
    if not exact:
        pattern, text = pattern.casefold(), text.casefold()
    at = done = 0
    star, resume = -1, 0
    while done < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, done
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[done]):
            at += 1
            done += 1
        elif star >= 0:
            # The last star takes one character more.
            resume += 1
            at, done = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("*")
