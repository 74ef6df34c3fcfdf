import { resolve } from "node:path";
import { z } from "zod";
import type { Asking, Found } from "../asking.ts";
import { flat, jsonOf, pick } from "../json.ts";
import { Refusal } from "../refusal.ts";
import { because, call, type Tool } from "../tool.ts";

const SOPS: Tool = { program: "sops", install: "install it: brew install sops, or https://github.com/getsops/sops/releases" };

/** Exit codes of sops, with what to do. */
const FAULTS: Readonly<Record<number, string>> = {
  51: "the file was changed without sops (its MAC differs): restore it from version control",
  100: "there is no such file",
  128: "no key here decrypts it: set SOPS_AGE_KEY_FILE (age), or log in to the key service that encrypted it",
};

/** One call gives the whole file; it works without a network where the key is on this machine. */
export async function askSops(file: string, keys: readonly string[], asking: Asking): Promise<Found> {
  const ended = await call(SOPS, ["decrypt", "--output-type", "json", resolve(asking.folder, file)], asking);
  if (ended.code !== 0) throw new Refusal(FAULTS[ended.code] ?? because("sops", ended));
  return pick(flat(jsonOf(z.record(z.string(), z.unknown()), "sops", ended)), keys);
}
