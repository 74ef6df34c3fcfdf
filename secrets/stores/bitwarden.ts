import { z } from "zod";
import { parseJson } from "../../core/text.ts";
import type { Asking, Found } from "../asking.ts";
import { jsonOf } from "../json.ts";
import { Refusal } from "../refusal.ts";
import { because, call, type Ended, type Tool } from "../tool.ts";

const BW: Tool = { program: "bw", install: "install it: npm install -g @bitwarden/cli, or https://bitwarden.com/help/cli" };
const CLOSED = /vault is locked|not logged in|mac failed|session key is invalid/i;

const Item = z.object({
  login: z.object({ username: z.string().nullish(), password: z.string().nullish() }).nullish(),
  notes: z.string().nullish(),
  fields: z.array(z.object({ name: z.string().nullish(), value: z.string().nullish() })).nullish(),
});
const Status = z.object({ status: z.enum(["unauthenticated", "locked", "unlocked"]) });

/** One call for each item, one after the other: each of them opens the same file. */
export async function askBitwarden(items: readonly string[], keys: readonly string[], asking: Asking): Promise<Found> {
  const values: Record<string, string> = {};
  let env: NodeJS.ProcessEnv = {};
  for (const item of items) {
    let ended = await getItem(item, asking, env);
    if (ended.code !== 0 && CLOSED.test(ended.said)) {
      env = await unlock(asking, ended);
      ended = await getItem(item, asking, env);
      if (ended.code !== 0 && CLOSED.test(ended.said)) throw new Refusal(USELESS);
    }
    if (ended.code !== 0) throw refused(item, ended);
    for (const [name, value] of valuesOf(jsonOf(Item, "bw", ended))) if (keys.includes(name)) values[name] ??= value;
  }
  return { values };
}

const USELESS = "bw unlock gave a session that does not work, a fault of bw 2026.3 and 2026.4: install 2026.7 or newer";

/** What the status says is not always true: only a read proves that the vault is open. */
const getItem = (item: string, asking: Asking, env: NodeJS.ProcessEnv): Promise<Ended> =>
  call(BW, ["get", "item", item, "--nointeraction"], asking, { env });

/** Fields of the item first: one may be called password. */
function* valuesOf({ fields, login, notes }: z.infer<typeof Item>): Generator<[string, string]> {
  for (const { name, value } of fields ?? []) if (name && value) yield [name, value];
  for (const [name, value] of Object.entries({ ...login, notes })) if (value) yield [name, value];
}

async function unlock(asking: Asking, before: Ended): Promise<NodeJS.ProcessEnv> {
  const { status = "locked" } =
    Status.safeParse(parseJson((await call(BW, ["status", "--nointeraction"], asking)).stdout)).data ?? {};
  if (status === "unauthenticated" || asking.prompts === undefined)
    throw new Refusal(
      status === "unauthenticated"
        ? "needs a login: bw login, then export BW_SESSION=$(bw unlock --raw); in CI bw login --apikey with BW_CLIENTID and BW_CLIENTSECRET"
        : `needs an open vault: export BW_SESSION=$(bw unlock --raw) (${because("bw", before)})`,
    );
  const opened = await call(BW, ["unlock", "--raw"], asking, { mayPrompt: true });
  const session = opened.stdout.trim();
  if (opened.code !== 0) throw new Refusal(`the vault was not unlocked (${because("bw unlock", opened)})`);
  // Right after a login it does so, and ends well.
  if (session === "") throw new Refusal("bw unlock printed no session: run bw sync, then the command again");
  return { BW_SESSION: session };
}

function refused(item: string, ended: Ended): Refusal {
  if (/more than one result/i.test(ended.said))
    return new Refusal(`several items match ${item}: write the id of one (bw list items --search)`);
  if (/not found/i.test(ended.said)) return new Refusal(`there is no item ${item}: check its name, and run bw sync`);
  return new Refusal(because("bw", ended));
}
