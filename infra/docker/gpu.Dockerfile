# uptake-gpu: ONNX Runtime with its CUDA provider; what dispatch to GPUs uses. linux/amd64.
# From the repository's root: docker build -f infra/docker/gpu.Dockerfile -t uptake-gpu .
# Needs a driver for CUDA 12 (525 or newer) and NVIDIA's container toolkit on the host.
# Pin by digest with --build-arg CUDA_IMAGE=nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04@sha256:... and likewise the others.
ARG DENO_IMAGE=denoland/deno:debian-2.9.6
ARG DENO_BIN_IMAGE=denoland/deno:bin-2.9.6
ARG CUDA_IMAGE=nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04

FROM ${DENO_BIN_IMAGE} AS deno

FROM ${DENO_IMAGE} AS build
ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1
WORKDIR /app
COPY . .
# ONNX Runtime's install script fetches its CUDA provider from NuGet, in the package's own version.
# The provider for TensorRT comes along; TensorRT itself is not in this image.
RUN ALLOW_SCRIPTS=npm:onnxruntime-node ONNXRUNTIME_NODE_INSTALL=cuda12 \
  infra/docker/install_production.sh --without @tensorflow/tfjs-node-gpu \
  && cd node_modules/onnxruntime-node/bin/napi-v6/linux/x64 \
  && test -f libonnxruntime_providers_cuda.so \
  && rm -f libonnxruntime_providers_tensorrt.so \
  && /app/infra/docker/finish.sh

FROM ${CUDA_IMAGE} AS gpu
COPY --from=deno /deno /usr/local/bin/deno
COPY --from=build /tini /tini
COPY --from=build /deno-dir /deno-dir
COPY --from=build /app /app
ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1 HOME=/tmp
WORKDIR /data
USER 65532:65532
# NVIDIA's own entry point, a shell script that prints licences, is replaced.
ENTRYPOINT ["/tini", "--", "deno", "run", \
  "--no-prompt", "--cached-only", "--frozen", "--config=/app/deno.json", \
  "--allow-net", "--deny-net=169.254.169.254,[fd00:ec2::254]", \
  "--allow-read=/app,/data,/tmp,/etc/uptake,/var/run/secrets", \
  "--allow-write=/data,/tmp", \
  "--allow-env=AWS_*,UPTAKE_*,CLICOLOR_FORCE,INIT_CWD,HOME,HOMEDRIVE,HOMEPATH,USERPROFILE,_X_AMZN_TRACE_ID,JOB_COMPLETION_INDEX,CLOUD_RUN_TASK_INDEX,CLOUD_RUN_TASK_COUNT,KUBERNETES_SERVICE_HOST,KUBERNETES_SERVICE_PORT", \
  "--allow-sys=osRelease,systemMemoryInfo", \
  "--allow-ffi=/app/node_modules", \
  "/app/jobs/main.ts"]
CMD ["--help"]
