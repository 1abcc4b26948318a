"""Entity tags, by which a client asks only for what it does not have (RFC 9110 §8.8.3)."""

from hashlib import sha256


def tag_of(body: bytes) -> str:
    """The entity tag of a body."""
    return f'"{sha256(body).hexdigest()[:32]}"'


def has_tag(sent: str, etag: str) -> bool:
    """Whether If-None-Match names the entity tag, by weak comparison (RFC 9110 §13.1.2)."""
    tags = {tag.strip().removeprefix("W/") for tag in sent.split(",")}
    return "*" in tags or etag in tags
