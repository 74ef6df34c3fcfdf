import { z } from "zod";
import type { VaultPlace } from "../../config/index.ts";
import { isMap } from "../../core/values.ts";
import type { Asking, Found } from "../asking.ts";
import { inTurns } from "../in-turns.ts";
import { flat, jsonOf, pick } from "../json.ts";
import { Refusal } from "../refusal.ts";
import { because, call, type Ended, type Tool } from "../tool.ts";

const VAULT: Tool = { program: "vault", install: "install it: https://developer.hashicorp.com/vault/install" };
const BAO: Tool = { program: "bao", install: "install it: https://openbao.org/docs/install" };

const Answer = z.object({ data: z.record(z.string(), z.unknown()) });

/** One call for each path. Version 2 of the engine has the values one level lower, beside their metadata. */
export async function askVault(place: VaultPlace, keys: readonly string[], asking: Asking): Promise<Found> {
  const tool = place.kind === "vault" ? VAULT : BAO;
  const prefix = place.kind === "vault" ? "VAULT" : "BAO";
  const env = {
    ...(place.address === undefined ? {} : { [`${prefix}_ADDR`]: place.address }),
    ...(place.namespace === undefined ? {} : { [`${prefix}_NAMESPACE`]: place.namespace }),
  };
  const all = await inTurns(place.paths, async (path) => {
    const ended = await call(tool, ["kv", "get", `-mount=${place.mount}`, "-format=json", path], asking, { env });
    const name = `${place.mount}/${path}`;
    if (ended.code !== 0 && !isDeleted(ended)) throw refused(tool, name, prefix, ended);
    const { data } = jsonOf(Answer, tool.program, ended);
    const isVersioned = isMap(data.metadata) && "data" in data;
    if (isVersioned && data.data === null)
      throw new Refusal(`the current version of ${name} is deleted: write it again, or undelete it`);
    return flat(isVersioned ? data.data : data);
  });
  // The first that has a key.
  const merged = all
    .toReversed()
    .reduce((sum, one) => ({ values: { ...sum.values, ...one.values }, hints: { ...sum.hints, ...one.hints } }), { values: {} });
  return pick(merged, keys);
}

/** Some versions end with 2 for a deleted version, and print it all the same. */
const isDeleted = ({ stdout }: Ended): boolean => /"deletion_time":\s*"[^"]+"/.test(stdout);

function refused({ program }: Tool, name: string, prefix: string, ended: Ended): Refusal {
  if (/no value found|no secret exists/i.test(ended.said)) return new Refusal(`there is nothing at ${name}`);
  if (/permission denied|missing client token|invalid token/i.test(ended.said))
    return new Refusal(`needs a login that may read ${name}: ${program} login, or ${prefix}_TOKEN (${because(program, ended)})`);
  return new Refusal(because(program, ended));
}
