import * as pulumi from "@pulumi/pulumi";
import { type Key, type Placeholders, type ProgramPlace, placeholdersFor, placeOf } from "../../config/index.ts";
import { isMap } from "../../core/values.ts";
import { isLater, type Later } from "../pulumi/later.ts";

/** An output among the values of an app. */
export interface Held {
  /** Its number among the outputs. */
  readonly at: number;
  /** With the keys of a stack's file. */
  readonly path: readonly Key[];
  readonly place: ProgramPlace;
  readonly value: pulumi.Output<unknown>;
  readonly placeholders: Placeholders;
}

/** The values of an app, and the outputs among them. */
export class Outputs {
  readonly all: Held[] = [];
  readonly #values: unknown;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = this.#hold(values, []);
  }

  /** The values with another one for each output; `undefined`: without it. */
  with(given: (held: Held) => unknown): Record<string, unknown> {
    return filled(this.#values, given) as Record<string, unknown>;
  }

  #hold(value: unknown, path: readonly Key[]): unknown {
    if (isLater(value)) return this.#add(value, path);
    if (Array.isArray(value)) return value.map((item, at) => this.#hold(item, [...path, at]));
    if (!isMap(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.#hold(inner, [...path, key])]));
  }

  #add(value: Later, path: readonly Key[]): Mark {
    const [at, place] = [this.all.length, placeOf(path)];
    const held = { at, path, place, value: pulumi.output(value), placeholders: placeholdersFor(place, at) };
    this.all.push(held);
    return new Mark(held);
  }
}

/** Where an output is in the values. */
class Mark {
  readonly held: Held;

  constructor(held: Held) {
    this.held = held;
  }
}

function filled(value: unknown, given: (held: Held) => unknown): unknown {
  if (value instanceof Mark) return given(value.held);
  if (Array.isArray(value)) return value.map((item) => filled(item, given)).filter((item) => item !== undefined);
  if (!isMap(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, filled(inner, given)] as const);
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
}
