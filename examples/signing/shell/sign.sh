#!/bin/sh
# sh sign.sh KEY SALT PATH; needs openssl and nothing else.
set -eu

# Hexadecimal digits to bytes.
unhex() {
  rest=$1
  while [ -n "$rest" ]; do
    # shellcheck disable=SC2059 # The format is one octal escape, made here.
    printf "\\$(printf '%03o' "0x${rest%"${rest#??}"}")"
    rest=${rest#??}
  done
}

# Path with its signature in front. Key and salt as in IMGPROXY_KEY and IMGPROXY_SALT; path begins with a slash.
sign_path() { # KEY SALT PATH
  signature=$({ unhex "$2"; printf '%s' "$3"; } |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$1" -binary |
    openssl base64 -A | tr '+/' '-_' | tr -d '=')
  printf '/%s%s\n' "$signature" "$3"
}

sign_path "$1" "$2" "$3"
