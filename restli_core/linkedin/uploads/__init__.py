"""Uploads of images, documents and videos: flows that return the URN for a post.

    from restli_core.linkedin import uploads

    urn = client.run(uploads.video(client.calls, "urn:li:organization:5", "cat.mp4"), journal="cat.jsonl")
    client.create("/posts", {..., "content": {"media": {"id": urn, "title": "Cat"}}})

formats        which files are of which type, by their first bytes; pixels, frames
sources        a file of the caller's: its size and first bytes, and what LinkedIn refuses of it
instructions   where the bytes go, read from LinkedIn's answer
sending        the bytes on their way, and what may be wrong with the answers
processing     waiting until the media is available
media          the four flows
"""

from restli_core.linkedin.uploads.media import asset, document, image, video
from restli_core.linkedin.uploads.processing import ProcessingFailedError

__all__ = ["ProcessingFailedError", "asset", "document", "image", "video"]
