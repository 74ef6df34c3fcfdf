import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { apiPage } from "./page.ts";

const DECLARATIONS = `import * as pulumi from '@pulumi/pulumi';
type HostName = string;
/** A port. */
interface Opening$1 {
    /**
     * Its number. Refused: missing; less than 1.
     *
     * @example 5432
     */
    readonly port: number;
    /**
     * When it is open, as in cron, or @daily.
     * Default: "*\\/5 * * * *".
     *
     * @example "0 8 * * *"
     */
    readonly schedule?: pulumi.Input<string | number> | undefined;
}
/** See \`slipway:proxy.run\`. */
interface MachineArgs {
    /**
     * What is open.
     * Default: none but v0.9.2 of it.
     *
     * @example [{ port: 5432 }]
     */
    readonly open?: Readonly<Record<HostName, readonly Opening$1[]>> | undefined;
}
declare class Base {
    /** Where it is. */
    readonly address: pulumi.Output<HostName>;
    private hidden;
}
/**
 * A machine: it has an address.
 *
 * @example
 * new Machine("web-1", {});
 */
declare class Machine extends Base {
    #private;
    /** @param args what it takes */
    constructor(name: string, args: MachineArgs & { readonly more?: string }, opts?: pulumi.ComponentResourceOptions);
    /** The user data. */
    data(user: string): pulumi.Output<string>;
}
export { Machine };
export type { MachineArgs, Opening$1 as Opening };
`;

describe("the page of the API", () => {
  const page = apiPage(DECLARATIONS);

  it("has a class with its constructor, what it inherits from a class that is not exported, and its methods", () => {
    expect(page).toContain(`## Machine

A machine: it has an address.

\`\`\`ts
new Machine(name: string, args: MachineArgs, opts?: ComponentResourceOptions)
\`\`\`

Types: [MachineArgs](#machineargs).

- \`args\`: what it takes

\`\`\`ts
new Machine("web-1", {});
\`\`\`

| output | type | meaning |
| --- | --- | --- |
| \`address\` | \`Output<string>\` | Where it is. |

| method | meaning |
| --- | --- |
| \`data(user: string): Output<string>\` | The user data. |
`);
  });

  it("has the arguments with links to their types, defaults in words, and the key in a stack's file", () => {
    expect(page).toContain(`### MachineArgs

In a stack's file: [\`slipway:proxy.run\`](configuration.md#slipwayproxy).

| argument | type | default | meaning | example |
| --- | --- | --- | --- | --- |
| \`open\` | <code>Record&lt;string, [Opening](#opening)[]&gt;</code> | none but v0.9.2 of it | What is open. | \`[{ port: 5432 }]\` |
`);
  });

  it("says what is required and what is refused, and shows a default as code", () => {
    expect(page).toContain("| `port` | `number` | **required** | Its number. Refused: less than 1. | `5432` |");
    expect(page).toContain(
      '| `schedule` | `Input<string \\| number>` | `"*/5 * * * *"` | When it is open, as in cron, or @daily. | `"0 8 * * *"` |',
    );
  });

  it("begins with its contents", () => {
    expect(page).toContain("- **[Machine](#machine)**: A machine  \n  [MachineArgs](#machineargs), [Opening](#opening)\n");
  });
});

describe("docs/api.md", () => {
  const read = (file: string): string => readFileSync(new URL(`../../docs/${file}`, import.meta.url), "utf8");
  const page = read("api.md");

  it("has a section for everything that the package exports", () => {
    const exported = [...read("api.d.ts").matchAll(/^export (?:type )?\{(?<list>.*)\};$/gm)].flatMap(
      ({ groups }) => groups?.list?.split(",") ?? [],
    );
    const names = exported.map((name) => name.trim().replace(/^.* as /, ""));
    expect(names.length).toBeGreaterThan(40);
    expect([...page.matchAll(/^##+ (\w+)$/gm)].map(([, name]) => name).sort()).toEqual(names.sort());
  });

  it("links only to what exists", () => {
    const anchors = (file: string): string[] =>
      [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w -]/g, "")
          .replaceAll(" ", "-"),
      );
    const links = [...page.matchAll(/\]\((?<file>[\w.]*)#(?<anchor>[\w-]+)\)/g)].map(({ groups }) => groups ?? {});
    const broken = links.filter(({ file, anchor = "" }) => !anchors(file || "api.md").includes(anchor));
    expect(links.length).toBeGreaterThan(100);
    expect(broken).toEqual([]);
  });
});
