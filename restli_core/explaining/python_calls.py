"""python_source: to come."""
from restli_core.messages import HttpRequest

__all__ = ["python_source"]


def python_source(request: HttpRequest) -> str:
    raise NotImplementedError
