# uptake-cpu: every verb on CPUs (ONNX Runtime, TensorFlow.js on WebAssembly). Target `dashboard`: the web page.
# From the repository's root: docker build -f infra/docker/cpu.Dockerfile --target cpu -t uptake-cpu .
# Pin by digest with --build-arg DENO_IMAGE=denoland/deno:debian-2.9.6@sha256:... and likewise RUNTIME_IMAGE.
ARG DENO_IMAGE=denoland/deno:debian-2.9.6
ARG RUNTIME_IMAGE=denoland/deno:distroless-2.9.6

FROM ${DENO_IMAGE} AS build
ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1
WORKDIR /app
COPY . .
RUN infra/docker/install_production.sh --without @tensorflow/tfjs-node-gpu \
  && infra/docker/finish.sh

# glibc, libstdc++, tini and Deno; no shell, no package manager.
FROM ${RUNTIME_IMAGE} AS cpu
COPY --from=build /deno-dir /deno-dir
COPY --from=build /app /app
ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1 HOME=/tmp
WORKDIR /data
USER 65532:65532
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

FROM cpu AS dashboard
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["deno", "run", "--no-prompt", "--cached-only", "--no-config", "--allow-net=127.0.0.1:8080", "/app/infra/docker/health_check.ts"]
CMD ["dashboard", "--listen", "0.0.0.0:8080"]
