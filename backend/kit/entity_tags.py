"""Entity tags, by which a client asks only for what it does not have (RFC 9110 §8.8.3)."""


def has_tag(sent: str, etag: str) -> bool:
    """Whether If-None-Match names the entity tag, by weak comparison (RFC 9110 §13.1.2)."""
    tags = {tag.strip().removeprefix("W/") for tag in sent.split(",")}
    return "*" in tags or etag in tags
