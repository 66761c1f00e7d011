#!/bin/bash
# Becomes the init of a throw-away machine: this system's files under an overlay that is never written back, its own systemd, no
# network but the loopback interface. To be run by `unshare`, in namespaces of its own. Runs COMMAND as a service and powers off.
#
#   systemd-machine.sh SHARED-FOLDER COMMAND...
set -e
shared=$1
shift

mount --make-rprivate /
layers=$shared/layers
mkdir "$layers"
mount -t tmpfs machine "$layers"
mkdir "$layers/upper" "$layers/work" "$layers/root"
mount -t overlay machine -o "lowerdir=/,upperdir=$layers/upper,workdir=$layers/work" "$layers/root"
cd "$layers/root"

mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,ro,bind proc/sys
mount --rbind /dev dev
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup sys/fs/cgroup
mount -t tmpfs run run
mkdir -p ".$shared"
mount --bind "$shared" ".$shared"

# Of this system's units only the targets that every service hangs on: nothing else of it shall start.
targets=$layers/targets
mkdir "$targets"
for name in sysinit basic multi-user network network-online shutdown; do
  cp "/usr/lib/systemd/system/$name.target" "$targets"
done
mount -t tmpfs units usr/lib/systemd/system
mount -t tmpfs units etc/systemd/system
mount -t tmpfs none usr/lib/systemd/system-generators
cp "$targets"/* usr/lib/systemd/system
{
  echo "[Unit]"
  echo "DefaultDependencies=no"
  echo "[Service]"
  echo "Type=oneshot"
  echo "WorkingDirectory=$shared"
  echo "StandardOutput=append:$shared/output"
  echo "StandardError=append:$shared/output"
  echo "ExecStart=$*"
  echo "ExecStopPost=systemctl --no-block --force --force poweroff"
} > etc/systemd/system/main.service

mkdir -p old
pivot_root . old
umount -l /old
# Credentials are mounted in a namespace of their own and must come back from it.
mount --make-rshared /
ip link set lo up
container="test" exec /lib/systemd/systemd --system --unit=main.service --log-target=null --show-status=no < /dev/null
