import { type Change, Hosts, parseAccess, type Trace, type TraceEvent, traceTo } from "../../hosts/index.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { Claims } from "../../providers/pulumi/claims.ts";
import { forgottenIn } from "../../providers/pulumi/forgotten.ts";
import type { Run } from "../../providers/pulumi/provider.ts";

/** What a provider gets for one resource in a real run; it records what is reported, requested and changed. */
export class ProviderRun implements Run, AsyncDisposable {
  readonly hosts: Hosts;
  readonly owner = "lab";
  /** `slipway:forget`. */
  forgotten = forgottenIn(undefined);
  readonly said: string[] = [];
  readonly warned: string[] = [];
  readonly trace: TraceEvent[] = [];
  readonly changes: Change[] = [];
  /** What the program of this run declares. */
  readonly claims = new Claims();
  /** Wraps each call that changes a host. */
  around: Trace["around"] = traceTo(undefined).around;

  constructor({ key }: Lab) {
    const access = parseAccess(JSON.stringify({ keys: key.file, agent: false, config: false }), {});
    this.hosts = new Hosts(access, {
      done: (event) => void this.trace.push(event),
      around: (change, run) => {
        this.changes.push(change);
        return this.around(change, run);
      },
    });
  }

  readonly declared: Run["declared"] = (claims) => this.claims.declared(claims, this.hosts);

  readonly report = {
    status: () => {},
    say: (text: string) => void this.said.push(text),
    warn: (text: string) => void this.warned.push(text),
  };

  [Symbol.asyncDispose](): Promise<void> {
    return this.hosts.close();
  }
}

/** A lab host's address, for inputs. */
export const addressOf = ({ name, address, port, hostKey }: LabHost, user = "root") => ({ name, address, port, user, hostKey });
