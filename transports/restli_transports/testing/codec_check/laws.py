"""The laws of a Rest.li codec, function by function.

    encode, reduced_encode, param_encode, build_query, build_url   a server must read what they write
    decode, reduced_decode, param_decode                           must read what clients write, and refuse the rest

That a server reads a text is decided by our decoders, which agree with LinkedIn's own on all vectors. How much a text
escapes is left to its writer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from restli_core.encoding import encode, param_encode, reduced_decode, reduced_encode
from restli_transports.testing.codec_check.reading import pair_law, read_laws
from restli_transports.testing.codec_check.urls import url_laws
from restli_transports.testing.codec_check.writing import read_query, read_value, write_laws

if TYPE_CHECKING:
    from restli_transports.testing.codec_check.law import Law

__all__ = ["LAWS"]

_WRITTEN: Final = {"for a URL": encode, "for a header": reduced_encode}

LAWS: Final[tuple[Law, ...]] = (
    *write_laws("encode", read_value, encode, "encode_query", "value"),
    *read_laws("decode", _WRITTEN, ("decode", "decode_fuzz"), "s"),
    pair_law("encode", "decode"),
    *write_laws("reduced_encode", reduced_decode, reduced_encode, "encode_header", "value"),
    *read_laws("reduced_decode", _WRITTEN, ("decode", "decode_fuzz"), "s"),
    pair_law("reduced_encode", "reduced_decode"),
    *write_laws("param_encode", read_query, param_encode, "query_string", "params"),
    *read_laws("param_decode", {"for a URL": param_encode}, ("decode_query", "decode_query_fuzz"), "q"),
    pair_law("param_encode", "param_decode"),
    *write_laws("build_query", read_query, param_encode, "query_string", "params"),
    *url_laws(),
)
