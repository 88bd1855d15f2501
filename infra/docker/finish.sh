#!/bin/sh
# Last step of a build stage: compiles every program once, so that a read-only container starts warm.
set -eu
cd "${APP_DIR:-/app}"

# Nothing of the environment counts here, and no machine has to be able to do anything.
deno run --no-prompt --cached-only --frozen -A jobs/main.ts doctor
# All of it stands in node_modules; here it would only double the image.
rm -rf "$DENO_DIR/npm"
# Owned by root and readable by everyone: the user of the container cannot change its own code.
chmod -R a+rX,go-w . "$DENO_DIR"
