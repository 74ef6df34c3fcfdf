import { Argument, Command } from "commander";
import { print } from "../terminal/print.ts";

export const command = (): Command =>
  new Command("completion")
    .addArgument(new Argument("<shell>", "the shell that is to complete slipway").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      [
        "",
        "Completes commands, options, and the names of stacks, hosts, roles, accessories and releases, read from the files of the project:",
        "no host is contacted. In the start file of the shell:",
        "  bash  source <(slipway completion bash)",
        "  zsh   source <(slipway completion zsh)",
        "  fish  slipway completion fish | source",
      ].join("\n"),
    )
    .action(async (shell: "bash" | "zsh" | "fish") => {
      const { SCRIPTS } = await import("./script.ts");
      print(SCRIPTS[shell]);
    });
