import type { Props } from "./values.ts";

/** How one input decides what a change of it means. */
export interface Property {
  /** A change makes a new resource (`ForceNew`). */
  readonly replaces?: true;
  /** The provider fills it in where it is not given, so that leaving it out is no change. */
  readonly computed?: true;
  /** Whether the input says what is there already. Default: all that it says is there. */
  readonly same?: (there: unknown, wanted: unknown) => boolean;
}

/** What a call may need beside the properties. */
export interface Context {
  /** Shows a line to the user, at the resource. */
  log(line: string): void;
}

/** One type of resource. */
export interface Kind {
  readonly properties: Readonly<Record<string, Property>>;
  /** What only the provider gives. */
  readonly outputs: readonly string[];
  /** Whether a name is made up from the resource's name where none is given. */
  readonly named?: true;
  /** Outputs that are secret if one of these inputs is. */
  readonly secretFrom?: Readonly<Record<string, readonly string[]>>;
  /** The changes that make a new resource, where that is not for one input to decide. The old one then goes first. */
  replaces?(inputs: Props, changed: readonly string[]): readonly string[];
  create(inputs: Props, context: Context): Promise<{ readonly id: string; readonly outputs: Props }>;
  /** What is there; `undefined` if it is gone. */
  read(id: string, known: Props): Promise<Props | undefined>;
  update(id: string, inputs: Props, before: Props, context: Context): Promise<Props>;
  delete(id: string, known: Props, context: Context): Promise<void>;
}

/** It was made but is not as wanted: the engine keeps it in its state with the reason. */
export class HalfMade extends Error {
  readonly id: string;
  readonly outputs: Props;

  constructor(id: string, outputs: Props, reason: string) {
    super(reason);
    this.id = id;
    this.outputs = outputs;
  }
}

/** A whole provider. */
export interface Plugin {
  readonly version: string;
  /** Every type token and its kind. */
  readonly kinds: Readonly<Record<string, Kind>>;
  configure(config: Readonly<Record<string, string>>): void;
  invoke(token: string, args: Props): Promise<Props>;
}
