import { isMap } from "../../core/values.ts";
import { isLater } from "../pulumi/later.ts";
import type { EnvArgs, RootEnvArgs, SplitEnvArgs } from "./env-args.ts";
import type { SecretBook } from "./secret-book.ts";

/** An environment as a stack's file would have it. */
type EnvValue = Record<string, unknown>;

/** Environments of a program as a stack's file would have them; their secret values go into a book. */
export class EnvValues {
  readonly #secrets: SecretBook;

  constructor(secrets: SecretBook) {
    this.#secrets = secrets;
  }

  /** That of all containers of an app, with tags. */
  root(env: RootEnvArgs): EnvValue {
    const { tags, ...rest } = env as { readonly tags?: Readonly<Record<string, EnvArgs>> };
    const all = this.of(rest as EnvArgs, "env");
    if (tags === undefined) return all;
    return { ...all, tags: Object.fromEntries(Object.entries(tags).map(([tag, own]) => [tag, this.of(own, `env_tags_${tag}`)])) };
  }

  /**
   * An output may be a secret, and whether it is cannot be known here: it is treated as one.
   *
   * @param path decides the names of its secrets
   */
  of(env: EnvArgs, path: string): EnvValue {
    const { clear = {}, secret = [] } = isSplit(env) ? env : { clear: env };
    const named = Array.isArray(secret) ? secret : [];
    const hidden = Object.entries(isMap(secret) ? secret : {});
    const outputs = Object.entries(clear).filter(([, value]) => isLater(value));
    const plain = Object.fromEntries(Object.entries(clear).filter(([, value]) => !isLater(value)));
    const kept = [...hidden, ...outputs].map(([name, value]) => this.#secrets.keep(name, `${path}_${name}`, value));
    return { clear: plain, secret: [...named, ...kept] };
  }
}

/** Not a variable called `clear`: its value would be text. */
const isSplit = (env: EnvArgs): env is SplitEnvArgs =>
  ["clear", "secret"].some((key) => typeof Reflect.get(env, key) === "object" && !isLater(Reflect.get(env, key)));
