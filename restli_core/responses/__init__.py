"""Answers, and how they are read from raw bytes.

A response is read by its status first: 2xx by the parser of its method, anything else is a ServiceError whatever its
body is. Errors of single keys in a 2xx batch are data. What cannot be read is an InvalidResponseError; whatever bytes
a server sends, no other error comes out. Unknown fields are kept: `document` is the whole JSON.

    answers    the values that calls return
    parsing    from an HttpResponse to an answer, or to an error
    rows       which part of a batch answer belongs to which id of the call
"""

from restli_core.responses.answers import (
    ActionResponse,
    BatchCreateResponse,
    BatchCreateResult,
    BatchDeleteResponse,
    BatchDeleteResult,
    BatchFinderResponse,
    BatchFinderResult,
    BatchGetResponse,
    BatchRow,
    BatchUpdateResponse,
    BatchUpdateResult,
    CollectionResponse,
    CreateResponse,
    DeleteResponse,
    GetResponse,
    Paging,
    RestliResponse,
    UpdateResponse,
)

__all__ = [
    "ActionResponse",
    "BatchCreateResponse",
    "BatchCreateResult",
    "BatchDeleteResponse",
    "BatchDeleteResult",
    "BatchFinderResponse",
    "BatchFinderResult",
    "BatchGetResponse",
    "BatchRow",
    "BatchUpdateResponse",
    "BatchUpdateResult",
    "CollectionResponse",
    "CreateResponse",
    "DeleteResponse",
    "GetResponse",
    "Paging",
    "RestliResponse",
    "UpdateResponse",
]
