import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { PresetName } from "../../core/accessory/preset.ts";
import { stackOption } from "../stack/option.ts";
import type { NewAccessory } from "./accessory.ts";
import type { Addition } from "./addition.ts";
import type { StackText } from "./stack-text.ts";

interface Options {
  readonly stack?: string;
  readonly yes?: true;
  readonly name?: string;
  readonly host?: string;
}

interface AccessoryOptions extends Options, Pick<NewAccessory, "image" | "variable" | "backup"> {}

interface HostOptions extends Options {
  readonly role?: string;
  readonly acceptHostKey?: string;
}

const HELP = `
Edits the stack's file: comments, order and anchors stay, and nothing else changes. What is written is shown before; secrets are generated
and encrypted. Nothing is deployed: the next slipway deploy does that.
Exit code: 0 written; 1 declined; 2 nothing was written.`;

export const command = (): Command => {
  const add = new Command("add").addHelpText("after", HELP);
  for (const preset of PresetName.options) add.addCommand(accessory(preset));
  return add.addCommand(worker()).addCommand(host()).addCommand(domain());
};

const accessory = (preset: PresetName): Command =>
  common(new Command(preset))
    .description(`add ${preset} beside the app, with its secret and its URL for the app`)
    .addOption(hostOption())
    .option("--name <name>", "its name (default: db, or cache)")
    .option("--image <image>", "its image")
    .option("--variable <name>", "the app's variable for its URL (default: DATABASE_URL, or REDIS_URL)")
    .option("--backup <place>", "back it up daily: s3://BUCKET/PREFIX?region=REGION, or a folder of the host")
    .action(async ({ name, host, image, variable, backup, ...options }: AccessoryOptions) => {
      const { planAccessory } = await import("./accessory.ts");
      await run((stack) => planAccessory({ preset, name, host, image, variable, backup }, stack), options);
    });

const worker = (): Command =>
  common(new Command("worker"))
    .description("add a role that runs another command of the app's image, without requests")
    .argument("<command>", 'the command, as one word: "bin/jobs --queues default"')
    .addOption(hostOption())
    .option("--name <name>", "the role's name (default: worker)")
    .action(async (text: string, { name, host, ...options }: Options) => {
      const { planWorker } = await import("./servers.ts");
      await run((stack) => planWorker({ command: text, name, host }, stack), options);
    });

const host = (): Command =>
  common(new Command("host"))
    .description("add a server to a role, with its host key")
    .addArgument(new Argument("<address>", "[user@]address[:port]"))
    .option("--role <role>", "the role that runs there (default: the primary one)")
    .option("--name <name>", "its name (default: as the others are named)")
    .option("--accept-host-key <key>", "the fingerprint SHA256:… that it has to show, or its public key")
    .action(async (address: string, { role, name, acceptHostKey, ...options }: HostOptions) => {
      const { planNewHost } = await import("./new-host.ts");
      await run(
        (stack) => planNewHost(address, { role, name, accepted: acceptHostKey, agreed: options.yes ?? false }, stack),
        options,
      );
    });

const domain = (): Command =>
  common(new Command("domain"))
    .description("add a host name that reaches the app; the first gets a certificate")
    .argument("<name>", "shop.example.com", hostName)
    .action(async (name: string, options: Options) => {
      const { planDomain } = await import("./servers.ts");
      await run((stack) => planDomain({ name }, stack), options);
    });

const common = (one: Command): Command => one.addOption(stackOption()).option("--yes", "write it without asking");

const hostOption = (): Option =>
  new Option("--host <name>", "the host that it runs on (default: the first one of the primary role)");

function hostName(text: string): string {
  if (/^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError("a host name is expected, as shop.example.com.");
}

async function run(plan: (stack: StackText) => Addition | Promise<Addition>, { stack, yes }: Options): Promise<void> {
  const { add } = await import("./run.ts");
  process.exitCode = await add(plan, { stack, agreed: yes ?? false });
}
