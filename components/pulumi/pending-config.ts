import * as pulumi from "@pulumi/pulumi";
import type { Config, Problem, ReadConfig } from "../../config/index.ts";
import type { SlipwayError } from "../../core/error.ts";
import { canonical } from "../../core/values.ts";
import type { Configured, Inputs } from "./configured.ts";
import { ifKnown, type Known } from "./known.ts";
import { merged } from "./merged.ts";
import { unlessRejected } from "./unless-rejected.ts";

/** One config, read in several ways. */
export interface Trials {
  /** With a placeholder for each output that is not known, and with another one. */
  readonly one: ReadConfig;
  readonly other: ReadConfig;
  /** Without such outputs, as far as the config can be without them. */
  readonly without: () => ReadConfig;
}

/** What a config with outputs is made from. */
export interface Pending {
  readonly outputs: readonly pulumi.Output<unknown>[];
  /** @param known those of the outputs that are known, at their places */
  readonly read: (known: readonly (Known | undefined)[]) => Trials;
  /** Why some of the outputs must not be used. */
  readonly refusal: Promise<SlipwayError | undefined>;
}

type Parts = Readonly<Record<string, unknown>>;
type Pair = readonly [one: Config, other: Config];

/**
 * What depends on an output is found by trying: the config is read twice, with different placeholders for all outputs, and what comes out
 * differently depends on one. So nothing needs to know which value flows where, and a preview plans everything else. It is read again
 * with the values that are known, in a preview as well.
 */
export class PendingConfig implements Configured {
  readonly shape: Config;
  readonly #pair: Pair;
  /** With all values that are known; twice the same one if all are. */
  #settled: Promise<Pair>;
  /** Depends on what the outputs depend on. Secrets are sealed by the resources that have them; an id that is derived from one is public. */
  readonly #later: pulumi.Output<unknown>;

  constructor({ outputs, read, refusal }: Pending) {
    this.#pair = pairOf(read(outputs.map(() => undefined)));
    this.shape = this.#pair[0];
    this.#later = pulumi.unsecret(pulumi.all([...outputs]));
    this.#settled = settle(outputs, read, refusal);
  }

  get checked(): Promise<unknown> {
    return this.#settled;
  }

  derive<T extends object>(from: (config: Config) => T): Inputs<T> {
    const trials = this.#pair.map((config) => from(config) as Parts);
    const settled = unlessRejected(this.#settled).then(([one, other]) => ({
      one: from(one) as Parts,
      other: one === other ? undefined : (from(other) as Parts),
    }));
    const parts = Object.keys({ ...trials[0], ...trials[1] }).map((key) => [
      key,
      settled.then(({ one, other }) =>
        other === undefined
          ? this.#known(
              one[key],
              trials.map((trial) => trial[key]),
            )
          : merged(one[key], other[key], this.#later),
      ),
    ]);
    return Object.fromEntries(parts) as Inputs<T>;
  }

  ask<T>(from: (config: Config) => Promise<T>): pulumi.Input<T> {
    const [one, other] = this.#pair;
    if (asked(one) === asked(other)) return from(one);
    const answered = unlessRejected(this.#settled).then(async ([known, again]) => {
      if (asked(known) !== asked(again)) return this.#later;
      const answer = await from(known);
      return known === again ? this.#later.apply(() => answer) : answer;
    });
    // Pulumi also takes an output that a promise has.
    return answered as Promise<T>;
  }

  refuseIf(faultOf: (config: Config) => SlipwayError | undefined): void {
    const throwFault = (pair: Pair): Pair => {
      const [fault, same] = pair.map(faultOf);
      if (fault !== undefined && fault.message === same?.message) throw fault;
      return pair;
    };
    throwFault(this.#pair);
    this.#settled = this.#settled.then(throwFault);
  }

  /** @param trials the same before any output was known: if it was the same then, it depends on none */
  #known(value: unknown, trials: readonly unknown[]): unknown {
    const isPlain = value === undefined || trials.every((trial) => canonical(trial) === canonical(value));
    return isPlain ? value : this.#later.apply(() => value);
  }
}

/**
 * Two readings of a config. Throws what is wrong with it whatever its outputs are: with any placeholders, and without them too. The rest
 * may be due to a placeholder, even where it is said of a plain value that is compared with it; it is left to the reading with real values.
 */
function pairOf({ one, other, without }: Trials): Pair {
  if (one.problems.length > 0 && other.problems.length > 0) {
    const others = one === other ? [] : [other, without()].map(({ problems }) => new Set(problems.map(canonical)));
    const certain = one.problems.filter((problem: Problem) => others.every((known) => known.has(canonical(problem))));
    if (certain.length > 0) throw one.error(certain);
  }
  const config = one.config();
  return [config, one === other ? config : other.config()];
}

async function settle(outputs: Pending["outputs"], read: Pending["read"], refusal: Pending["refusal"]): Promise<Pair> {
  const refused = await refusal;
  if (refused !== undefined) throw refused;
  return pairOf(read(await Promise.all(outputs.map(ifKnown))));
}

/** What decides the digests that are asked for. */
const asked = ({ image, registry, verify, canary, roles, jobs }: Config): string => {
  const own = [roles, jobs].map((all) => all.map(({ name, own: source }) => ({ name, image: source?.image })));
  return canonical({ image, registry, verify, canary: canary?.image, own });
};
