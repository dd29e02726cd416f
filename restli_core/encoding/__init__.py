"""Rest.li's grammar for values in URLs, headers and the keys of batch bodies (protocol 2.0.0).

    element = map / list / text
    map     = "(" [ name ":" element *( "," name ":" element ) ] ")"       names in order of their UTF-16 code units
    name    = text
    list    = "List(" [ element *( "," element ) ] ")"
    text    = "''" / 1*char                                                "''" is the empty string
    char    = any but "(" ")" "," ":" "'" "%", or "%" HEX HEX              an escape is one octet of UTF-8

Everything is text: a number is written as Java writes it, and comes back as its digits. The URL form escapes all but
A-Z a-z 0-9 - _ . ~, more than a server needs and harmless to it, since such a URL passes every HTTP library untouched.
The reduced form, of headers and bodies, escapes only ``% ( ) , : '``.

`scalars` has the text of a single value, `writing` and `reading` this grammar, `queries` the parameters around it.

How LinkedIn's Java code does it: URIParamUtils.encodeElement, URIElementParser.parse, UriComponent.decodeQuery.
"""

from restli_core.encoding.queries import param_decode, param_encode
from restli_core.encoding.reading import Decoded, decode, decode_path_key, reduced_decode
from restli_core.encoding.writing import Encodable, encode, reduced_encode

__all__ = [
    "Decoded",
    "Encodable",
    "decode",
    "decode_path_key",
    "encode",
    "param_decode",
    "param_encode",
    "reduced_decode",
    "reduced_encode",
]
