import { z } from "zod";
import type { SourcePlace } from "../../config/index.ts";
import { parseJson } from "../../core/text.ts";
import type { Asking, Found } from "../asking.ts";
import { inTurns } from "../in-turns.ts";
import { jsonOf } from "../json.ts";
import { Refusal } from "../refusal.ts";
import { because, call, type Ended, type Tool } from "../tool.ts";

type Place = Extract<SourcePlace, { readonly kind: "1password" }>;

const OP: Tool = {
  program: "op",
  install: "install it: brew install 1password-cli, or https://developer.1password.com/docs/cli/get-started",
};
const LOGGED_OUT =
  /not (?:currently )?signed in|isn't signed in|session (?:has )?expired|no accounts? (?:is |are )?configured|no account found|authorization (?:prompt dismissed|timeout|denied)/i;

const Field = z.object({
  id: z.string(),
  label: z.string().optional(),
  section: z.object({ id: z.string(), label: z.string().optional() }).optional(),
  value: z.string().optional(),
});
type Field = z.infer<typeof Field>;
const Item = z.object({ fields: z.array(Field).default([]) });

/** One call for each item: the JSON of an item has all its fields as they are, whatever characters their values have. */
export async function askOnePassword(place: Place, keys: readonly string[], asking: Asking): Promise<Found> {
  const { items, vault, account } = place;
  const isService = Boolean(asking.env.OP_SERVICE_ACCOUNT_TOKEN);
  if (isService && vault === undefined)
    throw new Refusal("needs vault: a service account (OP_SERVICE_ACCOUNT_TOKEN) has to name it");
  const session = new Session(isService ? undefined : account, asking);
  const read = await inTurns(items, async (item) => {
    const ended = await session.call([
      ...["item", "get", item, "--format", "json"],
      ...(vault === undefined ? [] : ["--vault", vault]),
      ...(isService || account === undefined ? [] : ["--account", account]),
    ]);
    return jsonOf(Item, "op", ended).fields;
  });
  const values: Record<string, string> = {};
  const hints: Record<string, string> = {};
  for (const key of keys) {
    const found = read.map((fields) => fields.filter((field) => isCalled(key, field))).find((some) => some.length > 0) ?? [];
    const [field, ...more] = found;
    if (more.length > 0) throw new Refusal(`several fields are called ${key}: write SECTION/${key} under names`);
    if (field?.value !== undefined && field.value !== "") values[key] = field.value;
    else if (field !== undefined) hints[key] = "that field is empty";
  }
  return { values, hints };
}

function isCalled(key: string, { id, label, section }: Field): boolean {
  if (key === label || key === id) return true;
  const within = [section?.label, section?.id].filter((name) => name !== undefined);
  return within.some((name) => [label, id].some((own) => own !== undefined && key === `${name}/${own}`));
}

/** Calls `op`, and signs in where that is needed and there is a person to ask. */
class Session {
  readonly #account: string | undefined;
  readonly #asking: Asking;
  #signingIn: Promise<NodeJS.ProcessEnv> | undefined;

  constructor(account: string | undefined, asking: Asking) {
    this.#account = account;
    this.#asking = asking;
  }

  async call(args: readonly string[]): Promise<Ended> {
    const first = await call(OP, args, this.#asking, { env: (await this.#signingIn) ?? {} });
    if (first.code === 0) return first;
    if (!LOGGED_OUT.test(first.said)) throw new Refusal(because("op", first));
    if (this.#asking.prompts === undefined) throw this.#loggedOut(first);
    this.#signingIn ??= this.#signIn();
    const second = await call(OP, args, this.#asking, { env: await this.#signingIn });
    if (second.code === 0) return second;
    throw LOGGED_OUT.test(second.said) ? this.#loggedOut(second) : new Refusal(because("op", second));
  }

  /** With the app of 1Password it prints no session: the app has it. */
  async #signIn(): Promise<NodeJS.ProcessEnv> {
    const chosen = this.#account === undefined ? [] : ["--account", this.#account];
    const signed = await call(OP, ["signin", ...chosen, "--raw"], this.#asking, { mayPrompt: true });
    if (signed.code !== 0) throw this.#loggedOut(signed);
    const token = signed.stdout.trim();
    if (token === "") return {};
    const id = await this.#idOfAccount();
    return id === undefined ? {} : { [`OP_SESSION_${id}`]: token };
  }

  /** The session's variable has the id of the account in its name. */
  async #idOfAccount(): Promise<string | undefined> {
    const listed = await call(OP, ["account", "list", "--format", "json"], this.#asking);
    const accounts = Accounts.safeParse(parseJson(listed.stdout)).data ?? [];
    const own = accounts.find(
      (one) => this.#account === undefined || Object.values(one).some((value) => isSame(value, this.#account)),
    );
    return own?.user_uuid;
  }

  #loggedOut(ended: Ended): Refusal {
    const chosen = this.#account === undefined ? "" : ` --account ${this.#account}`;
    return new Refusal(`needs a login: eval $(op signin${chosen}), or OP_SERVICE_ACCOUNT_TOKEN in CI (${because("op", ended)})`);
  }
}

const Accounts = z.array(z.looseObject({ user_uuid: z.string() }));

/** An address is written with its domain or without. */
const isSame = (value: unknown, account = ""): boolean => value === account || value === `${account}.1password.com`;
