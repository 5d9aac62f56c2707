"""Entity tags: one tag, the sets of If-Match and If-None-Match, and If-Range.

Law: reading never raises and takes linear time; what was read can always be written.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from costrel.http.dates import http_date, parse_date
from costrel.http.late_pattern import late_pattern

# One tag and its comma, or else a stretch up to a comma that is no tag, which gives nothing.
# Tags without quotes are taken too: old proxies strip them, and refusing those would turn caching
# off without a word.
_TAG = late_pattern(
    r"""
    [,\ \t]*+ ([Ww]/)? ( "[^"]*+" | [^\s",]++ ) [\ \t]*+ (?: , | \Z )
    | [,\ \t]*+ [^,]*+ ,?
    """,
    re.VERBOSE,
)


def quote_etag(etag: str, weak: bool = False) -> str:
    """Write one entity tag.

    :param etag: the tag itself, without quotes.
    :param weak: the content is equivalent only, not the same byte for byte.
    :raises ValueError: for a tag with a double quote in it.

    See RFC 9110 section 8.8.3.
    """
    if '"' in etag:
        raise ValueError(
            f"invalid etag {etag!r}: give the tag without quotes, they are added here."
        )
    return f'W/"{etag}"' if weak else f'"{etag}"'


def unquote_etag(etag: str | None) -> tuple[str, bool] | tuple[None, None]:
    """Read one entity tag; one without quotes is taken as it stands.

    :return: the tag and whether it is weak, or twice ``None`` where there is none.
    """
    if not etag:
        return None, None
    etag = etag.strip()
    weak = etag[:2] in {"W/", "w/"}
    if weak:
        etag = etag[2:]
    if etag[:1] == etag[-1:] == '"':
        etag = etag[1:-1]
    return etag, weak


def generate_etag(data: bytes) -> str:
    """Make an entity tag for a content: the same bytes always give the same tag."""
    # It brings OpenSSL (3 ms and 2 MiB), and most apps tag nothing but files, by their times.
    from hashlib import sha1  # noqa: PLC0415

    return sha1(data, usedforsecurity=False).hexdigest()


class ETags(Collection[str]):
    """The entity tags of an If-Match or If-None-Match header.

    :param strong_etags: tags of contents that are the same byte for byte.
    :param weak_etags: tags of contents that are equivalent.
    :param star_tag: the header is ``*``, which stands for any tag; strong ones are dropped then.

    As a collection it is its strong tags. See RFC 9110 section 13.1.
    """

    def __init__(
        self,
        strong_etags: Iterable[str] | None = None,
        weak_etags: Iterable[str] | None = None,
        star_tag: bool = False,
    ) -> None:
        # Dictionaries, as sets that keep their order.
        self._strong = dict.fromkeys(strong_etags or () if not star_tag else ())
        self._weak = dict.fromkeys(weak_etags or ())
        self.star_tag = star_tag

    def as_set(self, include_weak: bool = False) -> set[str]:
        """Return the strong tags, and the weak ones if wanted."""
        return {*self._strong, *self._weak} if include_weak else set(self._strong)

    def is_weak(self, etag: str) -> bool:
        """Whether the tag is among the weak ones."""
        return etag in self._weak

    def is_strong(self, etag: str) -> bool:
        """Whether the tag is among the strong ones."""
        return etag in self._strong

    def contains(self, etag: object) -> bool:
        """Whether the tag matches in the strong comparison: it is named as strong, or all are."""
        return self.star_tag or etag in self._strong

    def contains_weak(self, etag: object) -> bool:
        """Whether the tag matches in the weak comparison: it is named at all, or all are."""
        return etag in self._weak or self.contains(etag)

    def contains_raw(self, etag: str) -> bool:
        """Whether a tag with its quotes matches; a weak one matches by the weak comparison."""
        tag, weak = unquote_etag(etag)
        return self.contains_weak(tag) if weak else self.contains(tag)

    def to_header(self) -> str:
        """Write the value of an If-Match or If-None-Match header."""
        if self.star_tag:
            return "*"
        tags = [f'"{tag}"' for tag in self._strong]
        tags += [f'W/"{tag}"' for tag in self._weak]
        return ", ".join(tags)

    def __call__(
        self, etag: str | None = None, data: bytes | None = None, include_weak: bool = False
    ) -> bool:
        """Whether a tag, or the tag of a content, matches.

        :raises TypeError: without either.
        """
        if etag is None:
            if data is None:
                raise TypeError("Either 'etag' or 'data' is required, to know what to look for.")
            etag = generate_etag(data)
        return self.contains_weak(etag) if include_weak else self.contains(etag)

    def __contains__(self, etag: object) -> bool:
        return self.contains(etag)

    def __iter__(self) -> Iterator[str]:
        return iter(self._strong)

    def __len__(self) -> int:
        return len(self._strong)

    def __bool__(self) -> bool:
        return bool(self.star_tag or self._strong or self._weak)

    def __str__(self) -> str:
        return self.to_header()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {str(self)!r}>"


def parse_etags(value: str | None) -> ETags:
    """Read an If-Match or If-None-Match header; what is no tag is left out."""
    if not value:
        return ETags()
    if value.strip() == "*":
        return ETags(star_tag=True)
    found = [
        (mark, tag[1:-1] if tag[0] == '"' else tag) for mark, tag in _TAG.findall(value) if tag
    ]
    return ETags([tag for mark, tag in found if not mark], [tag for mark, tag in found if mark])


class IfRange:
    """An If-Range header: the state of the content that a client holds a part of.

    :param etag: its entity tag, without quotes.
    :param date: when it was last modified.

    One of the two, or none of them where there is no header. See RFC 9110 section 13.1.5.
    """

    def __init__(self, etag: str | None = None, date: datetime | None = None) -> None:
        self.etag = etag
        self.date = date

    def to_header(self) -> str:
        """Write the value of an If-Range header; never raises, whatever the client had sent."""
        if self.date is not None:
            return http_date(self.date)
        return "" if self.etag is None else f'"{self.etag}"'

    def __str__(self) -> str:
        return self.to_header()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {str(self)!r}>"


def parse_if_range_header(value: str | None) -> IfRange:
    """Read an If-Range header: a date, or else a tag, which then matches only itself."""
    if not value:
        return IfRange()
    if '"' not in value:
        date = parse_date(value)
        if date is not None:
            return IfRange(date=date)
    # Weak or not is dropped: that is for the one who compares, who knows both tags.
    return IfRange(unquote_etag(value)[0])
