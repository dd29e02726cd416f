"""The version, in one place: the package's metadata and the User-Agent both read it here."""

VERSION = "0.1.0"
USER_AGENT = f"restli-core/{VERSION}"
