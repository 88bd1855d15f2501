#!/bin/bash
# Unpacks Debian's or Ubuntu's packages into a folder, with what they depend on; needs no root rights.
#   debian_packages.sh ROOT UNNEEDED NAME...   UNNEEDED: a pattern of packages that are left out, may be empty
set -euo pipefail

ROOT=$1 UNNEEDED=$2 NAMES=("${@:3}")

packages() {
  apt-get "$@" install --simulate -qq --no-install-recommends "${NAMES[@]}" |
    awk '/^Inst/ { print $2 }' | grep -vxE "$UNNEEDED"
}

# Built beside ROOT and moved there whole, so that a fetch cut short is not taken for a finished one.
mkdir -p "$(dirname "$ROOT")"
WORK=$(mktemp -d "$ROOT.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
mkdir -p "$WORK/debs" "$WORK/apt/lists/partial" "$WORK/apt/archives/partial" "$WORK/root"
apt=()
if ! names=$(packages 2> /dev/null); then
  # No package lists on this machine: fetch our own, which needs no rights.
  apt=(-o "Dir::State::lists=$WORK/apt/lists" -o "Dir::Cache=$WORK/apt" -o APT::Sandbox::User=)
  apt-get "${apt[@]}" update -qq
  names=$(packages "${apt[@]}")
fi
# shellcheck disable=SC2086
(cd "$WORK/debs" && apt-get "${apt[@]}" -o APT::Sandbox::User= download -qq $names)
for deb in "$WORK"/debs/*.deb; do dpkg-deb -x "$deb" "$WORK/root"; done
mv -T "$WORK/root" "$ROOT" 2> /dev/null || [ -d "$ROOT/usr" ]
