import { NEEDED } from "../../project/new/files.ts";
import type { Ci } from "./ci/ci.ts";
import { dependsOn } from "./place.ts";
import type { NextCommand } from "./report.ts";

interface After {
  /** The project's folder, from the current one. */
  readonly folder: string;
  /** The package.json that was there before, perhaps without what is needed; `undefined`: it is new. */
  readonly manifest: string | undefined;
  /** Whether a registry's password has to be set. */
  readonly needsPassword: boolean;
  readonly ci: Ci;
  readonly versions: Readonly<Record<string, string>>;
}

/** How the passphrase gets to a CI's secrets. */
const PASSPHRASE: Readonly<Record<Ci, string | undefined>> = {
  github: "gh secret set PULUMI_CONFIG_PASSPHRASE < .pulumi/passphrase",
  gitlab: "glab variable set PULUMI_CONFIG_PASSPHRASE --masked < .pulumi/passphrase",
  semaphore: 'sem create secret slipway -e "PULUMI_CONFIG_PASSPHRASE=$(cat .pulumi/passphrase)"',
  none: undefined,
};

/** What to type next, to a live app. */
export function nextCommands({ folder, manifest, needsPassword, ci, versions }: After): NextCommand[] {
  const change = folder === "." ? "" : `cd ${folder} && `;
  const missing = NEEDED.filter((name) => manifest !== undefined && !dependsOn(manifest, name));
  const install = [
    "npm install",
    ...(missing.length === 0 ? [] : ["--save-exact"]),
    ...missing.map((name) => `${name}@${versions[name] ?? "latest"}`),
  ];
  const passphrase = PASSPHRASE[ci];
  return [
    { command: `${change}${install.join(" ")}`, says: "" },
    ...(needsPassword
      ? [
          {
            command: "npx slipway pulumi config set --secret --path 'slipway:secrets.REGISTRY_PASSWORD'",
            says: "the registry's password, or a token",
          },
        ]
      : []),
    { command: "npx slipway deploy", says: "--preview shows the plan before" },
    ...(passphrase === undefined ? [] : [{ command: passphrase, says: "once, for the jobs" }]),
  ];
}
