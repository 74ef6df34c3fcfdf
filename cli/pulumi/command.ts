import { Command } from "commander";

/** For the list of commands and `slipway help pulumi` alone: its arguments are Pulumi's, and are passed on before any is parsed. */
export const command = (): Command =>
  new Command("pulumi")
    .argument("[args...]", "passed to pulumi as they are, options included (slipway pulumi --help is Pulumi's own help)")
    .helpOption(false)
    .addHelpText(
      "after",
      [
        "",
        "Uses pulumi on PATH, in ~/.pulumi/bin, or as slipway install has fetched it. Without a backend (pulumi login,",
        "PULUMI_BACKEND_URL, or backend in Pulumi.yaml) the state is kept in .pulumi/state of the project, as for all commands.",
        "Exits with the exit code of pulumi, or with 125 if Slipway could not run it.",
      ].join("\n"),
    );
