import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { z } from "zod";
import { Deadline } from "../../core/deadline.ts";
import { readAtMost } from "../../core/read-at-most.ts";
import { temporaryLabels } from "../../core/temporary.ts";
import { parseJson } from "../../core/text.ts";
import type { Bytes, Seconds } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import { PIPE } from "../../providers/schedule/dump.ts";
import { BACKUPS, RECORDS, SPEC_FILE } from "../../providers/schedule/parts.ts";
import { commandOf, fileEntry, programFiles } from "../../providers/schedule/programs.ts";
import { type BackupName, drillFileOf, momentOf, parseName } from "../../providers/schedule/runner/backup-name.ts";
import type { Recorded } from "../../providers/schedule/runner/records.ts";
import { type DeclaredBackup, refusal, requireSink } from "./declared-backup.ts";
import { outputOf, startHelper } from "./helper.ts";
import { pipeToExec } from "./pipe-to-exec.ts";

/** One backup, as its place knows it. */
export interface Kept extends BackupName {
  readonly file: string;
  readonly bytes: Bytes;
  /** When it began. */
  readonly at: Date;
  /** Whether a drill was recorded beside it. */
  readonly isDrilled: boolean;
  /** As the host has stored it; absent if it has no record of it. */
  readonly recorded?: Recorded | undefined;
}

/** A version of what is kept, with its content's digest. */
export interface Verified extends Recorded {
  /** Empty where the place knows none. */
  readonly version: string;
}

/** For a place that is asked something small. */
const USUAL: Seconds = 120;

/** A line for each file. */
const MOST_OF_A_LIST: Bytes = 16 * 1024 * 1024;

const Measured = z.object({ bytes: z.number(), sha256: z.string() });
const Line = z.object({ file: z.string(), bytes: z.number(), recorded: Measured.optional() });
const VerifiedLine = Measured.extend({ version: z.string() });

/** The place of an accessory's backups, read by a container on its host that is made like the one that writes them. */
export class Store {
  readonly #at: DeclaredBackup;
  readonly #host: Host;

  constructor(at: DeclaredBackup, host: Host) {
    this.#at = at;
    this.#host = host;
  }

  /** Newest first. */
  async list(): Promise<Kept[]> {
    const text = await Deadline.in(USUAL).race(
      readAtMost(await this.#read("list"), MOST_OF_A_LIST),
      () => new Error(`could not list the backups within ${USUAL} s`),
    );
    const files = text
      .toString("utf8")
      .split("\n")
      .flatMap((line) => Line.safeParse(parseJson(line)).data ?? []);
    const names = new Set(files.map(({ file }) => file));
    const kept = files.flatMap(({ file, bytes, recorded }) => {
      const name = parseName(file);
      if (name === undefined) return [];
      return [{ ...name, file, bytes, at: momentOf(name.id), isDrilled: names.has(drillFileOf(name.id)), recorded }];
    });
    return kept.sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  /** The one of that id, or the newest. */
  async find(id: string | undefined): Promise<Kept> {
    const all = await this.list();
    const found = id === undefined ? all[0] : all.find((one) => one.id === id);
    if (found !== undefined) return found;
    const { name } = this.#at;
    if (all.length === 0)
      throw refusal("UNKNOWN_NAME", `there is no backup of ${name} yet`, `make one: slipway backup run ${name}`);
    throw refusal(
      "UNKNOWN_NAME",
      `there is no backup ${id} of ${name}`,
      "name one of these, or none for the newest",
      all.map((one) => one.id),
    );
  }

  /** What is kept now, read by the host as a whole. */
  async verify({ file, id }: Kept): Promise<Verified> {
    const { timeout } = this.#at.backup;
    const said = await Deadline.in(timeout).race(
      readAtMost(await this.#read("verify", file), MOST_OF_A_LIST),
      () => new Error(`the host did not read the backup ${id} within ${timeout} s`),
    );
    return VerifiedLine.parse(parseJson(said.toString("utf8")));
  }

  /**
   * As it is kept. Fails at its end unless all of it came, and it is what was verified: a place may not keep to the version that it is
   * asked for.
   */
  async read({ file }: Kept, verified: Verified | undefined): Promise<Readable> {
    const content = await this.#read("read", file, ...(verified === undefined ? [] : [verified.version]));
    return verified === undefined ? content : Readable.from(asVerified(content, verified), { objectMode: false });
  }

  /** What a drill found, beside the backup. */
  async record({ id }: Kept, found: object): Promise<void> {
    const attached = await this.#start("record", drillFileOf(id));
    const { code, stderr } = await pipeToExec(Readable.from([Buffer.from(JSON.stringify(found))]), attached, Deadline.in(USUAL));
    if (code !== 0) throw new Error(`what the drill found was not recorded: ${stderr.trim()}`);
  }

  async #read(deed: string, ...about: readonly string[]): Promise<Readable> {
    const attached = await this.#start(deed, ...about);
    attached.stream.end();
    return Readable.from(outputOf(attached, "reading the backups"), { objectMode: false });
  }

  async #start(deed: string, ...about: readonly string[]) {
    const { docker } = this.#host;
    const sink = await requireSink(this.#at, this.#host);
    const [sibling, spec] = await Promise.all([docker.sibling(sink.id), docker.readFile(sink.id, SPEC_FILE)]);
    if (sibling === undefined || spec === undefined) throw new Error(`${sink.name} was removed a moment ago`);
    const [program = "", ...args] = commandOf("source", SPEC_FILE, BACKUPS, RECORDS, deed, ...about);
    const body = {
      ...sibling,
      Entrypoint: [program],
      Cmd: args,
      Labels: temporaryLabels(`slipway backup (${deed})`, this.#at.inputs.stack, this.#at.backup.timeout + USUAL),
      HostConfig: {
        ...sibling.HostConfig,
        Binds: (sibling.HostConfig?.Binds ?? []).filter((bind) => !bind.endsWith(`:${PIPE}`)),
      },
    };
    const packages = this.#at.backup.to.kind === "s3" ? (["aws4fetch"] as const) : [];
    const files = [...programFiles(packages), fileEntry(SPEC_FILE, spec, 0o600)];
    return startHelper(this.#host, `${sink.name}-${deed}`, body, files);
  }
}

async function* asVerified(content: Readable, { sha256 }: Verified): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  for await (const chunk of content as AsyncIterable<Buffer>) {
    hash.update(chunk);
    yield chunk;
  }
  const came = hash.digest("hex");
  if (came !== sha256) throw new Error(`it was changed while it was read: SHA-256 ${came} came, ${sha256} was verified`);
}
