/**
 * What a local worker takes over of the environment of whoever starts it.
 *
 * Named is what may pass, not what may not: the dashboard's environment holds the secret of the team login, which
 * lets its holder make sessions for anybody, and that of a shell holds tokens of programs that nobody here has heard
 * of. A worker reads files of others with native libraries, and what it was not given cannot leak from it, its
 * children, or its core dumps. Where a variable is missed, a worker fails or is slow at once and in everybody's
 * sight; where a secret is missed in a list of what may not pass, nobody notices.
 * @module
 */

/** Exact names. */
const NAMES = new Set([
  // Where programs, files and users are.
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "PWD",
  "INIT_CWD",
  "TMPDIR",
  "TMP",
  "TEMP",
  // Of Windows, without which programs do not start.
  "SYSTEMROOT",
  "SYSTEMDRIVE",
  "WINDIR",
  "COMSPEC",
  "PATHEXT",
  "USERPROFILE",
  "APPDATA",
  "LOCALAPPDATA",
  "PROGRAMDATA",
  // Language, time, and how text is printed.
  "LANG",
  "LANGUAGE",
  "TZ",
  "TERM",
  "COLORTERM",
  "NO_COLOR",
  "FORCE_COLOR",
  "CI",
  // The way to the network, and whom to trust there.
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
  "NPM_CONFIG_REGISTRY",
  // Libraries that are loaded into the process.
  "LD_LIBRARY_PATH",
  "LD_PRELOAD",
  "DYLD_LIBRARY_PATH",
  // Uptake's own; its others are for the dashboard, or for who calls a webhook.
  "UPTAKE_LOG_FORMAT",
]);

/** Beginnings of names: settings of the stores, of tracing, of the runtime, of engines and their devices. */
const PREFIXES = [
  "AWS_",
  "OTEL_",
  "DENO_",
  "LC_",
  "XDG_",
  "CUDA_",
  "CUDNN_",
  "NVIDIA_",
  "ROCR_",
  "HIP_",
  "TF_",
  "XLA_",
  "ORT_",
  "OMP_",
  "KMP_",
  "GOMP_",
  "MKL_",
  "OPENBLAS_",
  "VK_",
  "MESA_",
  "LIBGL_",
  "GALLIUM_",
  "LP_",
  "MALLOC_",
];

/** Of the runtime, but secrets: for modules of private servers, and for deploying. */
const REFUSED = new Set(["DENO_AUTH_TOKENS", "DENO_DEPLOY_TOKEN"]);

/** The variables that a worker is given, of those of its parent. */
export function workerEnvironment(
  parent: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parent).filter(([name]) => mayPass(name)),
  );
}

function mayPass(name: string): boolean {
  // Proxies are named in small letters too, and Windows does not tell them apart.
  const upper = name.toUpperCase();
  if (REFUSED.has(upper)) return false;
  return NAMES.has(upper) ||
    PREFIXES.some((prefix) => upper.startsWith(prefix));
}
