# uptake-gpu-tfjs: TensorFlow 2.9.1 through tfjs-node-gpu (`--device tensorflow`), for the GPUs that it supports:
# compute capability 3.5 to 8.6, so up to A100, A10 and RTX 30; newer ones take uptake-gpu. linux/amd64.
# From the repository's root: docker build -f infra/docker/gpu-tfjs.Dockerfile -t uptake-gpu-tfjs .
# Pin by digest with --build-arg CUDA_IMAGE=nvidia/cuda:11.2.2-cudnn8-runtime-ubuntu20.04@sha256:... and likewise the others.
ARG DENO_IMAGE=denoland/deno:debian-2.9.6
ARG DENO_BIN_IMAGE=denoland/deno:bin-2.9.6
ARG NODE_IMAGE=node:20.20.2-bookworm-slim
ARG CUDA_IMAGE=nvidia/cuda:11.2.2-cudnn8-runtime-ubuntu20.04

FROM ${DENO_BIN_IMAGE} AS deno

FROM ${NODE_IMAGE} AS node

FROM ${DENO_IMAGE} AS build
# The install script and node-pre-gyp, which it calls, run on Node.
COPY --from=node /usr/local/bin/node /usr/local/bin/node
ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1
WORKDIR /app
COPY . .
# It fetches libtensorflow and the addon for it, both in versions that the package names.
RUN infra/docker/install_production.sh \
  && cd node_modules/@tensorflow/tfjs-node-gpu \
  && PATH="$(echo /app/node_modules/.deno/@mapbox+node-pre-gyp@*/node_modules/@mapbox/node-pre-gyp/bin):$PATH" \
  node scripts/install.js gpu download \
  && test -f lib/napi-v8/tfjs_binding.node \
  && test -f deps/lib/libtensorflow.so.2 \
  && /app/infra/docker/finish.sh

FROM ${CUDA_IMAGE} AS gpu-tfjs
COPY --from=deno /deno /usr/local/bin/deno
COPY --from=build /tini /tini
COPY --from=build /deno-dir /deno-dir
COPY --from=build /app /app
ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1 HOME=/tmp
WORKDIR /data
USER 65532:65532
# tfjs-node's loader lists the whole environment and looks at processors and network interfaces.
ENTRYPOINT ["/tini", "--", "deno", "run", \
  "--no-prompt", "--cached-only", "--frozen", "--config=/app/deno.json", \
  "--allow-net", "--deny-net=169.254.169.254,[fd00:ec2::254]", \
  "--allow-read=/app,/data,/tmp,/etc/uptake,/var/run/secrets", \
  "--allow-write=/data,/tmp", \
  "--allow-env", \
  "--allow-sys=osRelease,systemMemoryInfo,cpus,networkInterfaces", \
  "--allow-ffi=/app/node_modules", \
  "/app/jobs/main.ts"]
CMD ["--help"]
