#!/bin/sh
# Installs what the image runs, and only that, into node_modules; runs in a build stage.
# Arguments go to production_manifest.ts. ALLOW_SCRIPTS names one package whose install script may run.
set -eu
cd "${APP_DIR:-/app}"

deno run --no-config --no-lock --allow-read=. --allow-write=deno.json infra/docker/production_manifest.ts "$@"
# The lock file loses what the manifest lost; what stays keeps its version and its hash.
deno install --frozen=false ${ALLOW_SCRIPTS:+"--allow-scripts=$ALLOW_SCRIPTS"}

# Native libraries of other systems, and what only debuggers and type checkers read.
case "$(uname -m)" in
  x86_64) ours=linux/x64 ;;
  aarch64) ours=linux/arm64 ;;
  *) echo "Cannot build for $(uname -m): ONNX Runtime has no library for it" >&2; exit 1 ;;
esac
for folder in node_modules/.deno/onnxruntime-node@*/node_modules/onnxruntime-node/bin/napi-v6/*/*; do
  case "$folder" in */"$ours") ;; *) rm -r "$folder" ;; esac
done
find node_modules -type f \
  \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete
