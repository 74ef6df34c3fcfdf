import { Command, Option } from "commander";
import { print, printJson } from "../terminal/print.ts";
import { CIS, type Ci } from "./ci/ci.ts";

interface Options {
  readonly in?: string;
  readonly stack: string;
  readonly name?: string;
  readonly host?: string;
  readonly user?: string;
  readonly domain?: string | false;
  readonly appPort?: string;
  readonly database?: string;
  readonly state?: string;
  readonly acceptHostKey?: string;
  readonly image?: string;
  readonly dockerfile: boolean;
  readonly ci: Ci;
  readonly typescript?: true;
  readonly package?: string;
  readonly yes?: true;
  readonly json?: true;
}

const HELP = `
Run it in the app's folder. It reads the Dockerfile, and package.json, Gemfile, requirements.txt, go.mod, compose.yaml or Procfile, and asks at
most five questions; each has an option. It overwrites no file and changes nothing on the server: it connects once, for the host key to pin.
With config/deploy.yml, it is slipway import. A second run says what is there.
Exit code: 0 the project is there; 2 nothing was written.`;

export const command = (): Command =>
  new Command("init")
    .option("--host <[user@]address>", "the server; with a port as address:port")
    .option("--user <name>", "the user there, with sudo if it is not root (default: root)")
    .option("--domain <name>", "the app's host name, with a certificate from Let's Encrypt")
    .option("--no-domain", "the app answers at the server's address, without TLS")
    .option("--app-port <port>", "the port that the app listens on (default: as the Dockerfile exposes it)")
    .option("--database <names>", "databases beside the app: postgres, mysql, mariadb, redis, valkey or none")
    .option("--state <place>", "folder (of this project), cloud (Pulumi Cloud), or the URL of a bucket")
    .option("--accept-host-key <key>", "the fingerprint SHA256:… that the server has to show, or its public key")
    .option("--in <folder>", "the project's folder (default: deploy in an app's folder, else this one)")
    .option("-s, --stack <name>", "the stack", "production")
    .option("--name <name>", "the app's name (default: from its files, or its folder)")
    .option("--image <image>", "an image that exists, by its tag; or without a tag, where what is built is pushed")
    .option("--no-dockerfile", "write no Dockerfile where it is missing")
    .addOption(new Option("--ci <name>", "write workflows for it").choices(CIS).default("none"))
    .option("--typescript", "write a program in TypeScript, to be extended")
    .option("--package <spec>", "what npm installs as slipway, such as a tarball (default: this version)")
    .option("--yes", "ask nothing: take the default of each question")
    .option("--json", "print JSON (its shape: cli/init/report.ts)")
    .addHelpText("after", HELP)
    .action(writeProject);

async function writeProject(options: Options): Promise<void> {
  const [{ init }, { screenOf }] = await Promise.all([import("./run.ts"), import("./screen.ts")]);
  const { host, user, domain, appPort, database, state, yes, json } = options;
  const report = await init({
    folder: process.cwd(),
    in: options.in,
    stack: options.stack,
    name: options.name,
    image: options.image,
    given: { host, user, domain, appPort, database, state },
    acceptedKey: options.acceptHostKey,
    ci: options.ci,
    typescript: options.typescript ?? false,
    dockerfile: options.dockerfile,
    package: options.package,
    takesDefaults: yes ?? false,
    isAtTerminal: process.stdin.isTTY === true,
  });
  if (json) printJson(report);
  else print(screenOf(report));
}
