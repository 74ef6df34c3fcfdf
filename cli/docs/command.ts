import { Command } from "commander";
import { print, printJson } from "../terminal/print.ts";

export const command = (): Command =>
  new Command("docs")
    .argument(
      "[key]",
      "a key of a stack's file: proxy, proxy.healthcheck.path, servers.web.stop_timeout; an error's code: LEASE_LOST",
    )
    .option("--json", "print JSON (its shape: cli/docs/page.ts)")
    .addHelpText("after", "\nWithout a key, it lists all of them. The same as a page: docs/configuration.md.")
    .action(docs);

async function docs(key: string | undefined, { json }: { json?: true }): Promise<void> {
  const { documented, listed, textOf } = await import("./page.ts");
  const pages = key === undefined ? listed() : documented(key);
  if (json) printJson(pages);
  else print(textOf(pages));
}
