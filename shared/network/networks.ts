/**
 * The networks by name, and what can be configured of each. A new network is one file with a schema
 * and a build function, and one line here.
 * @module
 */
import { z } from "zod";
import type { Graph } from "./graph.ts";
import { buildMa3dseg, ma3dsegSchema } from "./ma3dseg.ts";
import type { UnetrConfig } from "./unetr.ts";
import { buildUxnet3d, uxnet3dSchema } from "./uxnet3d.ts";

/** A network and its configuration, as checkpoints and options hold it. */
export const networkSchema = z.discriminatedUnion("name", [
  ma3dsegSchema,
  uxnet3dSchema,
]);

export type NetworkConfig = z.infer<typeof networkSchema>;
export type NetworkName = NetworkConfig["name"];

const BUILDERS: Readonly<
  Record<NetworkName, (config: UnetrConfig) => Graph>
> = Object.freeze({
  ma3dseg: buildMa3dseg,
  uxnet3d: buildUxnet3d,
});

/** Names of all networks, in the order of the table. */
export const NETWORK_NAMES: readonly NetworkName[] = Object.freeze(
  networkSchema.options.map((option) => option.shape.name.value),
);

/**
 * The graph of a configured network.
 *
 * @example
 * ```ts
 * const graph = buildNetwork({
 *   name: "ma3dseg", inChannels: 1, classes: 2,
 *   features: [48, 96, 192, 384], hidden: 768, depths: [2, 2, 2, 2],
 * });
 * ```
 */
export function buildNetwork(config: NetworkConfig): Graph {
  return BUILDERS[config.name](config);
}
