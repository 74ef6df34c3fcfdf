import { parseJson } from "../../core/text.ts";
import { isMap } from "../../core/values.ts";
import { shortName } from "../../project/place.ts";
import type { StackConfig } from "../../project/stack-config.ts";
import type { Remedy } from "./remedy.ts";

/** Keys and positions below `slipway:`. */
export type SettingPath = readonly (string | number)[];

/** One value to write. Without `value`, Pulumi asks for it. */
interface Setting {
  readonly path: SettingPath;
  readonly value?: string;
  readonly secret?: true;
}

/** How values of a stack's config are written: what a person types, which depends on the form in which the file has them now. */
export class Settings {
  readonly #stack: string;
  readonly #config: StackConfig | undefined;

  /**
   * @param stack `shop/production`
   * @param config as this run was given it
   */
  constructor(stack: string, config: StackConfig | undefined) {
    this.#stack = stack;
    this.#config = config;
  }

  /** The value as it is written now; texts may be JSON. */
  at(path: SettingPath): unknown {
    const [root = "", ...rest] = path;
    const written = this.#config?.get(`slipway:${root}`);
    const value = written === undefined ? undefined : (parseJson(written) ?? written);
    return rest.reduce<unknown>((above, key) => below(above, key), value);
  }

  /** Values that are not secret. */
  set(...values: readonly { readonly path: SettingPath; readonly value: string }[]): Remedy {
    return this.#all(values);
  }

  /** A variable with a value that is not secret. @param home where the environment is: `["env"]` */
  variable(home: SettingPath, name: string, value?: string): Remedy {
    const path = isPlainMap(this.at(home)) ? [...home, name] : [...home, "clear", name];
    return this.#all([value === undefined ? { path } : { path, value }]);
  }

  /** A variable whose value is a secret of the same name. */
  secretVariable(home: SettingPath, name: string): Remedy {
    const stored = isMap(this.at(["secrets"])) && Object.hasOwn(Object(this.at(["secrets"])), name);
    const named = this.at([...home, "secret"]);
    const secret: Setting = { path: ["secrets", name], secret: true };
    const use: Setting = { path: [...home, "secret", Array.isArray(named) ? named.length : 0], value: name };
    if (!isPlainMap(this.at(home))) return this.#all(stored ? [use] : [secret, use]);
    return {
      words: `set the secret (${this.#command(secret)}), and write slipway:${textOf(home)} as {clear: {what is there now}, secret: [${name}]}`,
    };
  }

  #all(settings: readonly Setting[]): Remedy {
    const inFile = this.#config === undefined || this.#config.get("slipway:servers") !== undefined;
    const isOpen = inFile && settings.every(({ path }) => this.#takes(path));
    if (isOpen) return { type: settings.map((setting) => this.#command(setting)).join(" && ") };
    const texts = settings.map(({ path, value }) => `${textOf(path)}${value === undefined ? "" : ` to ${value}`}`);
    return { words: `set slipway:${texts.join(", and slipway:")}${inFile ? "" : " (in a program: the argument of that name)"}` };
  }

  /** Whether Pulumi can add it: a list or a text on the way there is a short form of a map. */
  #takes(path: SettingPath): boolean {
    return path.every((key, at) => {
      if (at === 0) return true;
      const above = this.at(path.slice(0, at));
      return above === undefined || (typeof key === "number" ? Array.isArray(above) : isMap(above));
    });
  }

  #command({ path, value, secret }: Setting): string {
    const words = ["pulumi config set", `--stack ${shortName(this.#stack)}`, ...(secret ? ["--secret"] : []), "--path"];
    return [...words, quoted(`slipway:${textOf(path)}`), ...(value === undefined ? [] : [word(value)])].join(" ");
  }
}

/** `env: { LOG_LEVEL: info }` instead of `env: { clear: … }`. */
const isPlainMap = (env: unknown): boolean =>
  isMap(env) && Object.keys(env).length > 0 && !["clear", "secret", "tags"].some((key) => Object.hasOwn(env, key));

function below(above: unknown, key: string | number): unknown {
  if (Array.isArray(above)) return typeof key === "number" ? above[key] : undefined;
  return isMap(above) && Object.hasOwn(above, key) ? above[key] : undefined;
}

/** As Pulumi's `--path` takes it. @example textOf(["env", "secret", 0]) // "env.secret[0]" */
const textOf = (path: SettingPath): string =>
  path
    .map((key, at) => {
      if (typeof key === "number") return `[${key}]`;
      if (/[.[\]"]/.test(key)) return `[${JSON.stringify(key)}]`;
      return at === 0 ? key : `.${key}`;
    })
    .join("");

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** What begins with a dash would be an option. */
const word = (value: string): string => (/^[\w./:@%+][\w./:@%+-]*$/.test(value) ? value : quoted(value));
