"""Keys of entities: how the body of a batch call has them, when two are the same, and which ids an answer's keys mean.

A simple key is a scalar; a complex key is a map (or a list). In a body and in an answer a simple key is raw text, a
complex key its reduced form. Two keys are the same if they read the same: a number and its digits, maps in any order,
with and without ``$params``, which an answer leaves out (com.linkedin.restli.common.ComplexResourceKey). What a server
has respelt on the way, such as a number, is the business of `restli_core.spellings`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, TypeVar

from restli_core.base_errors import DecodeError, InvalidCallError
from restli_core.encoding import Decoded, Encodable, decode
from restli_core.encoding.writing import body_encode, body_encode_each, mark_each
from restli_core.nesting import like
from restli_core.places import Visit, Walk
from restli_core.spellings import match_spellings
from restli_core.urn import Urn

__all__ = [
    "body_key",
    "body_keys",
    "canonical_key",
    "canonical_keys",
    "decode_key",
    "distinct",
    "freeze_ids",
    "match_keys",
    "match_single_keys",
]

T = TypeVar("T")

_COMPLEX: Final = (dict, list, tuple, Mapping)


def body_key(key: Encodable, argument: str = "key") -> str:
    """Return a key as the body of a batch call has it: a simple key is raw text, a complex one its reduced form.

    A complex key keeps its ``$params`` (URIParamUtils.encodeKeyForBody).

    Args:
        key: the key, as `encode` takes it.
        argument: how an error names it.

    Raises:
        InvalidCallError: as for `encode`.
    """
    return body_encode(key, argument)


def body_keys(keys: Sequence[Encodable], argument: str) -> list[str]:
    """Return each key as `body_key` does. An error names it by `argument` and its index."""
    return body_encode_each(keys, argument)


def distinct(values: Sequence[T], argument: str) -> list[T]:
    """Return the values, each key once: of those that `encode` writes alike only one, where the first stood.

    Raises:
        InvalidCallError: as for `encode`; `argument` and an index name the value.
    """
    return [*dict(zip(mark_each(values, argument), values, strict=True)).values()]


def canonical_key(key: Encodable) -> str:
    """Return a text that two keys share when they are the same key.

    `body_key` sorts maps, and writes 1 and ``"1"`` alike. What is left are the ``$params`` of a complex key, which are
    not part of what it identifies.
    """
    if isinstance(key, Mapping):
        key = {name: value for name, value in key.items() if name != "$params"}
    return body_key(key)


def canonical_keys(ids: Iterable[Encodable], texts: Iterable[str]) -> list[str]:
    """Return the canonical key of each id.

    Args:
        ids: the ids.
        texts: their `body_keys`. Without ``$params`` in it, such a text is the canonical key already.
    """
    texts = [*texts]
    if "$params" not in "".join(texts):  # as nearly always
        return texts
    return [canonical_key(key) if "$params" in text else text for key, text in zip(ids, texts, strict=True)]


def decode_key(text: str) -> Decoded:
    """Return the key that a text from a server means; the text as it is where it is not an element."""
    try:
        return decode(text)
    except DecodeError:
        return text


# -- the keys of an answer ---------------------------------------------------------------------------------------------


def match_single_keys(
    ids: Sequence[Encodable], texts: Sequence[str], keys: Mapping[str, object]
) -> list[str | None] | None:
    """Return for each id the key of an answer that means it, or None, by the fast path; None for the general path.

    Most servers spell their keys as this package does, or all of them otherwise but none of them twice. What
    `match_keys` finds is the same, and more: several keys for one id, and numbers that were respelt.

    Args:
        ids: the ids that were asked for.
        texts: their `canonical_keys`.
        keys: a mapping with the keys of the answer.
    """
    are_complex = {issubclass(kind, _COMPLEX) for kind in {*map(type, ids)}}
    # Where some ids are complex and some are not, the same text may be a key of either kind.
    if len(are_complex) > 1:
        return None
    asked = {*texts}
    if keys.keys() <= asked:
        return [text if text in keys else None for text in texts]
    meanings = _meanings_of([*keys], asked, are_complex=True in are_complex)
    # Two keys with one meaning are for the general path, and so are keys and ids that may still be respelt.
    if meanings is None or len(by_meaning := dict(zip(meanings, keys, strict=True))) < len(keys):
        return None
    found = [*map(by_meaning.get, texts)]
    return found if None not in found or {*found} >= keys.keys() else None


def _meanings_of(keys: list[str], asked: set[str], *, are_complex: bool) -> list[str] | None:
    """Return the canonical keys that keys of an answer mean, all read in one go; None where that is not sure.

    Args:
        keys: the keys.
        asked: the canonical keys of the ids: in simple ones that were asked for as they are no escapes are read.
        are_complex: whether the ids are complex keys; else all of them are simple.
    """
    # In a list of keys each is an item, if the parentheses in it belong together, and it has no comma of its own: then
    # there are more items than keys.
    joined = ",".join(keys)
    if are_complex:
        is_sure = "$params" not in joined and all(key.count("(") == key.count(")") for key in keys)
    else:
        is_sure = "%" in joined and "(" not in joined and ")" not in joined
    try:
        items: Any = decode(f"List({joined})") if is_sure else []
        kinds = {*map(type, items)}
        if len(items) != len(keys) or (are_complex and str in kinds):  # a text is not a complex key
            return None
        if are_complex:
            return body_keys(items, "keys")
    except (DecodeError, InvalidCallError):
        return None
    if asked.isdisjoint(keys) and "'" not in joined:
        return [*items]
    return [key if key in asked or "%" not in key else item for key, item in zip(keys, items, strict=True)]


def match_keys(ids: Sequence[Encodable], texts: Sequence[str], keys: Iterable[str]) -> list[list[str]]:
    """Return for each id the keys of an answer that mean it.

    A key that is an id as it is always means that id. What is left of both, ids without a key and keys without an id,
    is compared by value.

    Args:
        ids: the ids that were asked for.
        texts: their `canonical_keys`.
        keys: the keys of the answer, each once.
    """
    are_complex = [isinstance(asked, _COMPLEX) for asked in ids]
    asked_for = [*zip(texts, are_complex, strict=True)]
    sent = dict.fromkeys(keys)
    complex_keys, escaped_keys = _read_keys(sent, {text for text, is_complex in asked_for if not is_complex})
    found = [
        complex_keys.get(text, []) if is_complex else ([text] if text in sent else []) + escaped_keys.get(text, [])
        for text, is_complex in asked_for
    ]
    claimed = {key for own in found for key in own}
    lost = [one for one, own in zip(asked_for, found, strict=True) if not own]
    if not lost or len(claimed) == len(sent):
        return found
    complex_left = (text for text, own in complex_keys.items() if claimed.isdisjoint(own))
    simple_left = (key for key in sent if key not in claimed)
    respelt = {
        True: match_spellings((text for text, is_complex in lost if is_complex), complex_left, are_complex=True),
        False: match_spellings((text for text, is_complex in lost if not is_complex), simple_left, are_complex=False),
    }
    for index, (text, is_complex) in enumerate(asked_for):
        key = respelt[is_complex].get(text)
        if key is not None:
            found[index] = complex_keys[key] if is_complex else [key]
    return found


def _read_keys(keys: Iterable[str], simple: Collection[str]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the keys of an answer by what they mean as complex keys, and by what they mean as escaped simple keys.

    Args:
        keys: the keys.
        simple: those that were asked for as they are: in them no escapes are read.
    """
    complex_keys: dict[str, list[str]] = {}
    escaped_keys: dict[str, list[str]] = {}
    for key in keys:
        # Only what may be another spelling of an id is decoded: a complex key, whose map may have another order...
        if "(" in key:
            try:
                meant = decode(key)
                canonical = None if isinstance(meant, str) else canonical_key(meant)
            except (DecodeError, InvalidCallError):  # not a complex key; or a lone surrogate, which no id can have
                canonical = None
            if canonical is not None:
                complex_keys.setdefault(canonical, []).append(key)
        # ... or a simple key with escapes: LinkedIn's gateway adds some now and then, the reference never does.
        if "%" in key and key not in simple:
            meant = decode_key(key)
            if isinstance(meant, str):
                escaped_keys.setdefault(meant, []).append(key)
    return complex_keys, escaped_keys


# -- the ids that a call keeps -----------------------------------------------------------------------------------------


def freeze_ids(ids: Iterable[Encodable], kinds: AbstractSet[type] | None = None) -> tuple[Encodable, ...]:
    """Return the ids, with copies of those that could change: a call keeps its ids for the rows of its answer.

    Args:
        ids: the ids.
        kinds: their types, where these are known.
    """
    frozen = tuple(ids)
    # The fast path: `isinstance` for each id would take longer than to encode it.
    if ({*map(type, frozen)} if kinds is None else kinds) <= _FROZEN:
        return frozen
    return tuple(map(_freeze, frozen))


def _freeze(key: Any) -> Any:
    """Return a copy of a key, at any depth; the key itself if nothing in it can change."""
    copy = _shallow_copy(key)
    if copy is key or {*map(type, copy.values() if isinstance(copy, dict) else copy)} <= _FROZEN:
        return copy  # a tuple of these is not copied
    try:
        Walk("ids").through(key, _put_copies(copy))
    except InvalidCallError:
        return key  # it contains itself: `encode` refuses that, and names the place
    return _finished(key, copy)


def _finished(item: Any, copy: Any) -> Any:
    """Return the copy of an item whose own items are all copied: that of a tuple was a list until now."""
    return like(type(item), copy) if isinstance(item, tuple) else copy


def _put_copies(holder: Any) -> Visit:
    """Replace in a copy the items that can change by copies of them."""
    for key, item in [*(holder.items() if isinstance(holder, dict) else enumerate(holder))]:
        copy = _shallow_copy(item)
        if copy is not item:
            yield key, item, _put_copies(copy)
            holder[key] = _finished(item, copy)


def _shallow_copy(item: Any) -> Any:
    """Return a copy of an item that can change, else the item itself.

    A tuple can change if it holds a container. Its copy is a list, whose items can be replaced by copies in turn.
    """
    if type(item) is dict or isinstance(item, Mapping):  # most are dicts, and `isinstance` of an ABC is slow
        return {**item}
    if isinstance(item, list) or (isinstance(item, tuple) and any(isinstance(part, _COMPLEX) for part in item)):
        return [*item]
    return item


_FROZEN: Final = frozenset({str, bool, int, float, Urn})
