"""The version, in one place: the package's metadata and the User-Agent are both made from it."""

VERSION = "0.1.0"
USER_AGENT = f"restli-core/{VERSION}"
