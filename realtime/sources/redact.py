"""Strip credentials from stream URLs before anything shows them."""

import re
from typing import Final

# Some cameras carry the login in the path: rtsp://host/user=admin&password=secret&channel=1
_SECRET_PAIR: Final = re.compile(
    r"(?i)\b(user\w*|usr|login|pass\w*|pwd|token|\w*key|secret|auth\w*|sig\w*)=[^&;/]*"
)


def is_url(text: str) -> bool:
    """Tell whether a text names something on a network: it has a scheme and is no ``file:``."""
    scheme, separator, _ = text.partition("://")
    return bool(separator) and scheme.lower() != "file"


def redact(url: str) -> str:
    """Return a URL that may be shown: no user, no password, no query, no fragment.

    Everything up to the last ``@`` goes, since passwords hold any character, ``/`` and ``?``
    included, and a shortened address does less harm than a leaked one.

    Examples
    --------
    >>> redact("rtsp://admin:s3cret@10.0.0.7:554/ch1?token=abc")
    'rtsp://10.0.0.7:554/ch1'
    >>> redact("clip.mp4")
    'clip.mp4'
    """
    if not is_url(url):
        return url
    scheme, _, rest = url.partition("://")
    address = re.split(r"[?#]", rest.rpartition("@")[2], maxsplit=1)[0]
    return f"{scheme}://" + _SECRET_PAIR.sub(r"\1=***", address)
