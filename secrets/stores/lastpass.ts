import { z } from "zod";
import type { Asking, Found } from "../asking.ts";
import { jsonOf } from "../json.ts";
import { Refusal } from "../refusal.ts";
import { because, call, type Tool } from "../tool.ts";

const LPASS: Tool = { program: "lpass", install: "install it: brew install lastpass-cli, or apt-get install lastpass-cli" };

const Items = z.array(z.object({ name: z.string(), fullname: z.string(), password: z.string() }));

/** One call shows all items. Those that are missing are left out of its answer, without an error, if another one is found. */
export async function askLastPass(folder: string | undefined, keys: readonly string[], asking: Asking): Promise<Found> {
  const wanted = keys.map((key) => (folder === undefined ? key : `${folder}/${key}`));
  const ended = await call(LPASS, ["show", "--json", "--color=never", ...wanted], asking);
  const isEmpty = ended.code !== 0 && /could not find/i.test(ended.said);
  if (ended.code !== 0 && !isEmpty)
    throw new Refusal(
      /log ?in|decryption key/i.test(ended.said)
        ? `needs a login: lpass login --trust EMAIL (${because("lpass", ended)})`
        : because("lpass", ended),
    );
  const items = isEmpty ? [] : jsonOf(Items, "lpass", ended);
  const values: Record<string, string> = {};
  for (const [at, key] of keys.entries()) {
    const [found, ...more] = items.filter(
      ({ name, fullname }) => fullname === wanted[at] || (folder === undefined && name === key),
    );
    if (more.length > 0)
      throw new Refusal(`several items are called ${wanted[at]}: set folder, or write FOLDER/NAME under names`);
    if (found !== undefined) values[key] = found.password;
  }
  return { values };
}
