"""python3 sign.py KEY SALT PATH"""

import base64
import hashlib
import hmac
import sys


def sign_path(key: str, salt: str, path: str) -> str:
    """Path with its signature in front. Key and salt as in IMGPROXY_KEY and IMGPROXY_SALT; path begins with a slash."""
    message = bytes.fromhex(salt) + path.encode()
    digest = hmac.new(bytes.fromhex(key), message, hashlib.sha256).digest()
    return "/" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode() + path


if __name__ == "__main__":
    key, salt, path = sys.argv[1:]
    print(sign_path(key, salt, path))
