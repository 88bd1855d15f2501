#!/bin/bash
# A real S3 server for tests on 127.0.0.1: one-node Ceph (monitor, in-memory OSD, radosgw).
#   s3_ceph.sh ROOT DIR PORT MON_PORT   serves until its standard input ends; prints "ready" once it answers
# The lines "kill" and "start" on standard input kill the gateway, as a crash would, and start it anew; both are
# answered by a line. ROOT is where ceph-mon, ceph-osd and radosgw are unpacked, / where they are installed.
# Keys: test / testing.
set -euo pipefail

configure() {
  cat > "$DIR/ceph.conf" << CONF
[global]
fsid = $FSID
mon host = [v2:127.0.0.1:$MON_PORT]
mon initial members = a
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
ms bind msgr1 = false
# With authentication "none" there is no key to encrypt with; the default mode would wait for ever.
ms mon client mode = crc
ms cluster mode = crc
ms service mode = crc
ms client mode = crc
auth cluster required = none
auth service required = none
auth client required = none
# One node starts in 2 s instead of 13 s when the monitor does not gather changes for a second each.
paxos propose interval = 0.02
paxos min wait = 0.01
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
mon allow pool size one = true
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 2147483648
log file = $DIR/log/\$name.log
mon cluster log file = $DIR/log/cluster.log
pid file = $DIR/run/\$name.pid
admin socket = $DIR/run/\$name.asok
run dir = $DIR/run
plugin dir = $LIB/ceph
erasure code dir = $LIB/ceph/erasure-code
osd class dir = $LIB/rados-classes
[mon.a]
mon data = $DIR/mon
[osd.0]
osd data = $DIR/osd
[client.rgw]
rgw data = $DIR/rgw
keyring = $DIR/rgw/keyring
rgw frontends = beast endpoint=127.0.0.1:$PORT
rgw thread pool size = 32
rgw enable gc threads = false
rgw override bucket index max shards = 1
CONF
}

# Runs a daemon in the foreground of a background job of this shell.
daemon() {
  "$@" -f > "$DIR/log/$1.out" 2>&1 < /dev/null &
  DAEMONS+=($!)
}

stop() {
  kill "${DAEMONS[@]}" 2> /dev/null || true
  sleep 0.2
  kill -9 "${DAEMONS[@]}" 2> /dev/null || true
  wait 2> /dev/null || true
  rm -rf "$DIR"
}

# For a minute at most, on a machine that has much else to do.
answers() {
  for _ in $(seq 1 1200); do
    curl -s -o /dev/null -m 1 "http://127.0.0.1:$PORT/" && return 0
    kill -0 "${DAEMONS[-1]}" 2> /dev/null || break
    sleep 0.05
  done
  echo "radosgw did not answer on port $PORT" >&2
  return 1
}

# The last of the daemons.
gateway() {
  daemon radosgw --conf "$DIR/ceph.conf" -n client.rgw
  answers
  echo ready
}

serve() {
  local root=$1 conf=(--conf "$2/ceph.conf") osd
  DIR=$2 PORT=$3 MON_PORT=$4 DAEMONS=()
  LIB=${root%/}/usr/lib/$(uname -m)-linux-gnu
  if [ "$root" != / ]; then
    export LD_LIBRARY_PATH=$LIB:$LIB/ceph:$root/usr/lib/ceph:$root/lib/$(uname -m)-linux-gnu
    export PATH=$root/usr/bin:$PATH PYTHONPATH=$root/usr/lib/python3/dist-packages
  fi
  trap stop EXIT
  trap 'exit 143' TERM INT HUP
  mkdir -p "$DIR"/{mon,osd,rgw,run,log}
  FSID=$(cat /proc/sys/kernel/random/uuid)
  osd=$(cat /proc/sys/kernel/random/uuid)
  configure
  monmaptool --create --fsid "$FSID" --addv a "[v2:127.0.0.1:$MON_PORT]" "$DIR/monmap" > /dev/null
  ceph-mon "${conf[@]}" -i a --mkfs --monmap "$DIR/monmap"
  daemon ceph-mon "${conf[@]}" -i a
  /usr/bin/python3 "${root%/}/usr/bin/ceph" "${conf[@]}" osd new "$osd" > /dev/null
  ceph-osd "${conf[@]}" -i 0 --mkfs --osd-uuid "$osd" > /dev/null 2>&1
  daemon ceph-osd "${conf[@]}" -i 0
  radosgw-admin "${conf[@]}" user create --uid=test --display-name=test \
    --access-key=test --secret=testing > /dev/null
  ceph-authtool --create-keyring "$DIR/rgw/keyring" --gen-key -n client.rgw > /dev/null
  gateway
  # The end of standard input is the end of whoever started this, however it ended.
  while read -r command; do
    case $command in
    kill)
      kill -9 "${DAEMONS[-1]}"
      wait "${DAEMONS[-1]}" 2> /dev/null || true
      unset "DAEMONS[-1]"
      echo killed
      ;;
    start) gateway ;;
    *) echo "Unknown command $command: use kill or start" >&2; exit 2 ;;
    esac
  done
}

serve "${1:?}" "${2:?}" "${3:?}" "${4:?}"
