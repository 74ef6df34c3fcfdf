import { Command } from "commander";

interface Options {
  readonly yes?: true;
}

export const command = (): Command =>
  new Command("install")
    .option("--yes", "download without asking; required without a terminal")
    .addHelpText(
      "after",
      [
        "",
        "Prints which Pulumi the commands use: the first on PATH, in ~/.pulumi/bin, or in the cache of Slipway. If it is missing",
        "everywhere, the official release is downloaded into the cache (XDG_CACHE_HOME, or ~/.cache) and its checksum compared.",
      ].join("\n"),
    )
    .action(install);

async function install({ yes }: Options): Promise<void> {
  const [{ installPulumi }, { userAtTerminal }] = await Promise.all([import("./run.ts"), import("../engine/pulumi/offer.ts")]);
  await installPulumi(yes ? async () => true : userAtTerminal());
}
