"""All targets by their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.fuzz import answers, codec, conversation, little_text, projections, requests
from tests.fuzz.target import Target

__all__ = ["TARGETS"]

TARGETS: Final[Mapping[str, Target]] = {
    **codec.TARGETS,
    **requests.TARGETS,
    **answers.TARGETS,
    **projections.TARGETS,
    **little_text.TARGETS,
    **conversation.TARGETS,
}
