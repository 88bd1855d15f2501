/**
 * A dispatch configuration of each kind with every field explained, for `--help` and the docs.
 * @module
 */
import type { DispatchConfig } from "./dispatch_config.ts";

export const DISPATCH_EXAMPLES: Readonly<
  Record<DispatchConfig["dispatch"], string>
> = {
  kubernetes: `\
# Workers as an Indexed Job of Kubernetes (1.33 or newer).
dispatch: kubernetes
# By digest: a tag can move to another image while workers start.
image: registry.example.org/uptake-gpu@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

# Which cluster. Leave these three out inside of it. From elsewhere, either run
# \`kubectl proxy\` and say http://127.0.0.1:8001 (it adds your credentials),
# or name the server, a file with a bearer token and one with its certificates.
apiServer: https://kubernetes.example.org:6443
tokenFile: /home/me/uptake.token # else UPTAKE_KUBE_TOKEN_FILE
caFile: /home/me/uptake-ca.crt # else UPTAKE_KUBE_CA_FILE

namespace: uptake-jobs
serviceAccount: uptake-worker
# Becomes the workers' environment (AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL_S3, ...);
# null where the service account itself may read and write the bucket.
secret: uptake-s3

# What each worker gets.
gpus: 1
cpu: 4 # or 500m
memory: 16Gi
ephemeralStorage: 20Gi

# Where workers may run. Without tolerations, a worker with GPUs tolerates nvidia.com/gpu.
nodeSelector:
  node.kubernetes.io/instance-type: g5.xlarge
tolerations:
  - { key: nvidia.com/gpu, operator: Exists, effect: NoSchedule }
# A local queue of Kueue; leave it out where Kueue is not installed.
queue: gpu

# How many workers run at once; all, where it is left out.
parallelism: 8
# How often one worker may fail before it is given up; the others go on.
backoffLimitPerIndex: 6
# The Job is stopped after this time, and removed this long after its end.
activeDeadlineSeconds: 604800
ttlSecondsAfterFinished: 604800

# What an hour of one worker costs: \`status\` adds it up.
pricePerHour: 1.2
currency: EUR
`,
  "aws-batch": `\
# Workers as an array job of AWS Batch. Credentials come from where AWS's tools look for them.
dispatch: aws-batch
region: eu-central-1
jobQueue: uptake-gpu
# With its revision, or its ARN. It names the image, by digest, and the roles.
jobDefinition: uptake-worker:3

# What each worker gets.
vcpus: 4
memoryMib: 16384
gpus: 1

# How often a worker is tried in all (1 to 10), and for how long each time.
attempts: 5
attemptDurationSeconds: 604800

tags:
  project: lymphoma

# What an hour of one worker costs: \`status\` adds it up.
pricePerHour: 1.2
currency: EUR
`,
};
