"""What a request says that somebody pastes, what a server would refuse of it and where, and the same call in Python.

    text -> explain -> Explanation     a URL, a curl command, or a raw HTTP request, as they stand in documentation
    request -> python_source -> text   the call of restli_core that makes this request

Pure, and linear in the text: it may be of any length and depth.
"""

from restli_core.explaining.explanation import Explanation, explain
from restli_core.explaining.python_calls import python_source

__all__ = ["Explanation", "explain", "python_source"]
