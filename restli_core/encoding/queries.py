"""The parameters of a query: written sorted by name, read as a Rest.li server reads them.

Names are text. A value is an element of the grammar, except those of the three projections, which stand raw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from restli_core.base_errors import DecodeError, InvalidCallError
from restli_core.encoding.reading import Decoded, decode, decode_path_key
from restli_core.encoding.writing import Encodable, encode_entry
from restli_core.projection import format_projection

__all__ = ["PROJECTIONS", "param_decode", "param_encode"]

PROJECTIONS: Final = frozenset({"fields", "metadataFields", "pagingFields"})


def param_encode(params: Mapping[str, Encodable | None], argument: str = "query_params") -> str:
    """Return a query, without its question mark, sorted by name; empty for no parameters.

    A parameter that is None is left out. An empty name is written ``''``, which a server reads as these two characters.
    `fields`, `metadataFields` and `pagingFields` are projections: text, a sequence or a nested mapping, sent raw, since
    servers do not decode them (URIParamUtils.java:69-83).

    Raises:
        InvalidCallError: as for `encode`, or a projection that cannot be sent raw.
    """
    pairs = [(name, value) for _, name, value in encoded_params(params, argument)]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def encoded_params(params: Mapping[str, Encodable | None], argument: str) -> Iterator[tuple[str, str, str]]:
    """Yield the names of a query, and the names and values as they are encoded; those that are None are left out."""
    if not isinstance(params, (dict, Mapping)):  # dict first, since `isinstance` with Mapping is slow
        raise InvalidCallError(argument, f"must be a mapping, not {type(params).__name__}")
    value: Any  # an Encodable, or a Projection
    for name, value in params.items():
        if not isinstance(name, str):
            raise InvalidCallError(argument, f"names must be text, not {type(name).__name__}")
        if value is not None:
            plain = name if type(name) is str else str.__str__(name)  # of a subclass the text alone
            encoded_name = plain if plain.isalnum() and plain.isascii() else encode_entry(plain, argument, plain)
            if plain in PROJECTIONS:
                yield plain, encoded_name, format_projection(value, f"{argument}[{plain!r}]")
            else:
                yield plain, encoded_name, encode_entry(value, argument, plain)


def param_decode(query: str) -> dict[str, Decoded]:
    """Return the parameters of a query, as a Rest.li server reads them; the values of the three projections as sent.

    Names are form-decoded (``+`` is a space), values are not (``+`` is a plus). Pieces that are empty or have no name
    are ignored (UriComponent.decodeQuery, URIParamUtils.parseUriParams).

    Raises:
        DecodeError: a name comes twice, a value is missing or empty, or anything in it is malformed.
    """
    params: dict[str, Decoded] = {}
    start = 0
    for piece in query.split("&"):
        encoded_name, equals, value = piece.partition("=")
        offset = start  # where in the query the text begins that is read next: an error counts from there
        try:
            name = decode_path_key(encoded_name.replace("+", " "))
            if name in params:
                raise DecodeError(query, 0, f"the parameter {name!r} comes twice")  # noqa: TRY301 - position below
            offset += len(encoded_name + equals)
            if name:
                params[name] = value if name in PROJECTIONS else decode(value)
        except DecodeError as error:
            raise DecodeError(query, offset + error.position, error.reason) from None
        start += len(piece) + 1
    return params
