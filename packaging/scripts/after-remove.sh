#!/bin/sh
# The files are gone: of a .deb (`remove`, then perhaps `purge`) or of an .rpm (how many versions stay).
set -e

case "$1" in
  remove | purge | 0) ;;
  *) exit 0 ;;
esac
root=${DPKG_ROOT:-}

# What can be made again. The user stays: files elsewhere may be its own.
if [ "$1" != remove ]; then rm -rf "$root/var/cache/imgproxy"; fi

if [ -z "$root" ] && [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
