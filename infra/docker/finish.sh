#!/bin/sh
# Last step of a build stage: compiles every program once, so that a read-only container starts warm.
set -eu
cd "${APP_DIR:-/app}"

# Every module, as threads load some that no program imports.
find . -name node_modules -prune -o \( -name '*.ts' -o -name '*.tsx' \) -print | xargs deno cache --frozen
# The scripts of the dashboard's pages; a container could not write them.
deno run --no-prompt --frozen -A dashboard/build.ts
# What the build's own machine can do does not matter here.
deno run --no-prompt --cached-only --frozen -A jobs/main.ts doctor
# All of it stands in node_modules; here it would only double the image.
rm -rf "$DENO_DIR/npm"
# Owned by root and readable by everyone: the user of the container cannot change its own code.
chmod -R a+rX,go-w . "$DENO_DIR"
