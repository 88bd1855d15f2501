/** @module Registering checkpoints, by the real operations over a folder. */
import { expect } from "@std/expect";
import { withDataset } from "../../support/operations.ts";
import {
  operationsDashboard,
  registered,
} from "../../support/operations_dashboard.ts";

Deno.test("a checkpoint is registered only when it is one", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder);
    expect(await dashboard.words("/checkpoints")).toContain(
      "No checkpoint is registered",
    );
    const garbage = new TextEncoder().encode("no checkpoint at all");
    const refused = await dashboard.upload("name=garbage", garbage);
    expect(refused.status).toBe(422);
    const { error } = await refused.json();
    expect(error.message).toContain("The safetensors file has another format");
    const file = await Deno.readFile(`${folder}/nano.safetensors`);
    const named = await dashboard.upload("name=..%2Ftokens%2Fa", file);
    expect(named.status).toBe(422);
    expect((await named.json()).error.message).toContain(
      "Cannot call a checkpoint",
    );
    const keys = await Array.fromAsync(dashboard.home.list("checkpoints/"));
    expect(keys).toEqual([]);

    await registered(folder, dashboard);
    const stored = await dashboard.home.get("checkpoints/nano.safetensors");
    expect(stored?.body).toEqual(file);
    const list = await dashboard.words("/checkpoints");
    expect(list).toMatch(/nano tiny Fold 0 \d{4}-\d{2}-\d{2}/);
    const again = await dashboard.upload("name=nano&family=tiny&fold=0", file);
    expect(await again.json()).toMatchObject({ isNew: false });
    const other = await dashboard.upload("name=nano&family=other", file);
    expect(other.status).toBe(422);
    const second = await dashboard.upload("name=again&family=x", file);
    expect(second.status).toBe(422);
    expect((await second.json()).error.message).toContain(
      "already registered as nano (tiny, fold 0)",
    );
  });
});
