import { z } from "zod";
import { type Question, resolveSources, SourcesSection } from "../config/index.ts";
import { Problems } from "../config/schema/problem.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../core/error.ts";
import { parseJson } from "../core/text.ts";
import type { Asking } from "./asking.ts";
import { SOURCES_KEY } from "./complete.ts";
import { answersTo } from "./once.ts";

/** Values of a stack's config by their full key, objects as JSON. */
interface Texts {
  get(key: string): string | undefined;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const Ssh = z.looseObject({ key_data: z.union([z.string(), z.array(z.string())]).optional() });
const OneName = z.array(z.string()).length(1);
const Notify = z.looseObject({ url: z.union([z.string(), OneName]).optional(), secret: OneName.optional() });
const Own = z.record(z.string(), z.string());
const SECRETS_KEY = "slipway:secrets";

/**
 * A config in which `slipway:secrets` has what a run needs beside its resources and only a source has: the private keys that
 * `slipway:ssh.key_data` names, and what `slipway:notify` does. Nothing is asked if there are none.
 */
export async function withKeysOfSources(config: Texts, asking: () => Asking): Promise<Texts> {
  const written = config.get(SOURCES_KEY);
  const { key_data: named = [] } = Ssh.safeParse(parseJson(config.get("slipway:ssh") ?? "")).data ?? {};
  const own = Own.safeParse(parseJson(config.get(SECRETS_KEY) ?? "")).data ?? {};
  const { url, secret = [] } = Notify.safeParse(parseJson(config.get("slipway:notify") ?? "")).data ?? {};
  const keys = [named].flat().filter((entry) => NAME.test(entry));
  const names = [...keys, ...(typeof url === "object" ? url : []), ...secret].filter((entry) => !Object.hasOwn(own, entry));
  if (written === undefined || names.length === 0) return config;
  const { values, faults } = await answersTo(questionIn(written, names), asking());
  const missing = names.filter((name) => !Object.hasOwn(values, name));
  if (missing.length > 0)
    throw new SlipwayError({
      code: "CONFIG_INVALID",
      what: `${missing.join(", ")} is in no source of slipway:secrets_from`,
      evidence: faults.map(({ source, message }) => `slipway:secrets_from[${source}]: ${message}`),
      servesNow: NOTHING_TOUCHED,
      next: "correct slipway:secrets_from, or log in to the source, and run the command again; slipway doctor checks all sources",
    });
  const found = Object.fromEntries(names.map((name) => [name, values[name]?.value ?? ""]));
  const merged = JSON.stringify({ ...own, ...found });
  return { get: (key) => (key === SECRETS_KEY ? merged : config.get(key)) };
}

/** What is wrong in it has been refused by the program. */
function questionIn(written: string, names: readonly string[]): Question {
  const input = SourcesSection.safeParse(parseJson(written)).data ?? [];
  const sources = resolveSources(input, new Problems().at("secrets_from")).filter((source) => source !== undefined);
  return { sources, wanted: names.map((name) => ({ name, decides: false })) };
}
