import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseJson } from "../../core/text.ts";
import { pulumiHome } from "./pulumi-home.ts";

/** The URL of the backend that the last `pulumi login` chose; `undefined` if there was none, or a logout since. */
export async function currentLogin(): Promise<string | undefined> {
  const folder = process.env.PULUMI_CREDENTIALS_PATH || pulumiHome();
  const text = await readFile(join(folder, "credentials.json"), "utf8").catch(() => "");
  // Parsed by hand: every command reads it before it starts Pulumi, and zod takes longer to load than all the rest until then.
  const written = parseJson(text);
  if (typeof written !== "object" || written === null || !("current" in written)) return undefined;
  return typeof written.current === "string" && written.current !== "" ? written.current : undefined;
}
