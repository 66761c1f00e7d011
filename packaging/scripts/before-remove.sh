#!/bin/sh
# The files are about to go: of a .deb (`remove`, or `upgrade NEW-VERSION`) or of an .rpm (how many versions stay).
set -e

case "$1" in
  remove | 0) ;;
  # An upgrade: the new version restarts what runs.
  *) exit 0 ;;
esac

if [ -z "${DPKG_ROOT:-}" ] && [ -d /run/systemd/system ]; then
  systemctl disable --now imgproxy.service || true
fi
