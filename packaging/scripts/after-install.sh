#!/bin/sh
# The files are in place: of a .deb (`configure OLD-VERSION`) or of an .rpm (how many versions are installed now).
set -e

case "$1" in
  configure) is_rpm='' is_upgrade=${2:+yes} ;;
  1) is_rpm=yes is_upgrade='' ;;
  [2-9]*) is_rpm=yes is_upgrade=yes ;;
  *) exit 0 ;;
esac
# dpkg says so where it installs into another folder than the root.
root=${DPKG_ROOT:-}

if command -v systemd-sysusers >/dev/null; then
  systemd-sysusers ${root:+"--root=$root"} imgproxy.conf
elif ! grep -q '^imgproxy:' "$root/etc/passwd"; then
  useradd ${root:+--prefix "$root"} --system --user-group --no-create-home --shell /usr/sbin/nologin imgproxy
fi

# The server reads its settings again at a reload. dpkg keeps the group of the file that is there, rpm does not.
if [ -z "$is_upgrade" ] || [ -n "$is_rpm" ]; then
  group=$(sed -n 's/^imgproxy:[^:]*:\([0-9]*\):.*/\1/p' "$root/etc/group")
  chgrp "$group" "$root/etc/imgproxy/imgproxy.env"
fi

if [ -z "$root" ] && [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  # Only one that runs: what is stopped, disabled or masked stays so.
  if [ -n "$is_upgrade" ]; then systemctl try-restart imgproxy.service || true; fi
fi

# Not started by itself: without keys it would serve images to anybody.
if [ -z "$is_upgrade" ]; then
  echo "imgproxy: put your settings into /etc/imgproxy/imgproxy.env, then: systemctl enable --now imgproxy"
fi
