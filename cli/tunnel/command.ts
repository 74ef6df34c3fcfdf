import { Command, InvalidArgumentError } from "commander";
import { appOption, type StackOptions, stackOption } from "../stack/option.ts";

interface Options extends StackOptions {
  readonly port?: number;
  readonly to?: number;
  readonly host?: string;
}

export const command = (): Command =>
  new Command("tunnel")
    .argument("<name>", "the accessory, by its name in the config or that of its container")
    .addOption(stackOption())
    .addOption(appOption())
    .option("--port <local>", "the port on this machine (default: the accessory's own, or a free one)", port)
    .option("--to <port>", "the port in the container (default: the accessory's)", port)
    .option("--host <name>", "the host, if the accessory runs on several")
    .addHelpText(
      "after",
      [
        "",
        "Listens on 127.0.0.1 only, until Ctrl-C. All connections go through one SSH connection to the container, so the",
        "accessory need not publish a port. The URL goes to stdout, everything else to stderr.",
      ].join("\n"),
    )
    .action(tunnel);

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535)
    throw new InvalidArgumentError("It must be a number from 1 to 65535.");
  return value;
}

async function tunnel(name: string, { port, to, host, ...options }: Options): Promise<void> {
  const [{ accessories, access }, { choosePlace }, { TunnelRun }] = await Promise.all([
    import("../stack/read-stack.ts").then(({ readAccessories }) => readAccessories(options)),
    import("../accessory/choose.ts"),
    import("./run.ts"),
  ]);
  await new TunnelRun(choosePlace(accessories, name, host), access, { port, to }).run();
}
