import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { extract, type Header, pack } from "tar-stream";
import { stableHash } from "../core/values.ts";
import type { PushedImage } from "./app.ts";
import { Apt, type Suite } from "./apt.ts";
import { bundle, type Entry, type ImageConfig, type Layer } from "./bundle.ts";
import { hostArchitecture } from "./gobuild.ts";
import { LANE } from "./lane.ts";
import { alone } from "./lock.ts";
import { push } from "./push.ts";
import type { LabRegistry } from "./registry.ts";
import { folder, timed } from "./state.ts";

/** An image's files: those of Debian's packages with all that these need, and some beside. */
export interface DebianFiles {
  /** Of the cached layer. */
  readonly name: string;
  readonly suite: Suite;
  readonly packages: readonly string[];
  /** Left out although something depends on it: beginnings of package names. */
  readonly without?: readonly string[];
  /** Files left out: regular expressions of their paths. @example ["^usr/bin/mariadb-slap$"] */
  readonly omit?: readonly string[];
  /** Beside the packages' files, and over them. */
  readonly files: readonly Entry[];
  /** Files of this machine by their place in the image, and the version that distinguishes their content. */
  readonly copied?: Readonly<Record<string, { readonly from: string; readonly version: string }>>;
}

/** Only package scripts, which never run here, and the tools of a machine that is looked after need them. */
const NEVER = ["adduser", "base-passwd", "debconf", "init-system-helpers", "libdb5", "libdebconfclient0", "libpam-modules"];
const NEITHER = ["libpam-runtime", "libsemanage", "login.defs", "passwd", "perl", "procps", "sensible-utils", "sysvinit-utils"];
const WEIGHT = [
  /^usr\/share\/(doc|man|locale|lintian|info|bash-completion)\//,
  /^usr\/lib\/systemd\//,
  /^etc\/(init|cron)\./,
  // other character sets than UTF-8, and what PostgreSQL compiles queries with
  /\/gconv\//,
  /^usr\/lib\/postgresql\/\d+\/lib\/(bitcode\/|llvmjit)/,
];
/** Older packages still write where these links point from. */
const MERGED = ["bin", "sbin", "lib", "lib64"] as const;
/** Changes when the same packages would give other bytes. */
const FORM = 1;

/** Makes an image of Debian's packages and pushes it. Call it after `startLab`, not inside it: both take the lab's lock. */
export async function debianImage(
  registry: LabRegistry,
  name: string,
  tag: string,
  files: DebianFiles,
  config: ImageConfig,
): Promise<PushedImage> {
  // The registry is everybody's: what runs side by side must not push over each other's tags.
  const repository = LANE === 1 ? name : `lane${LANE}/${name}`;
  const digest = await push(registry, repository, tag, bundle(await debianLayer(files), config, hostArchitecture()));
  return { ref: `${registry.server}/${repository}:${tag}`, digest };
}

/** @example environment({ PGDATA: "/data" }) // ["PATH=/usr/local/sbin:…", "PGDATA=/data"] */
export const environment = (own: Readonly<Record<string, string>>): string[] =>
  Object.entries({ PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...own }).map(
    ([name, value]) => `${name}=${value}`,
  );

/** The layer, made once per machine: packages fetched by apt, checked by its keys, unpacked without running anything of them. */
async function debianLayer(files: DebianFiles): Promise<Layer> {
  const key = stableHash([FORM, hostArchitecture(), files]).slice(0, 12);
  const at = join(await folder("layers"), `${files.name}-${key}`);
  const made = async () => (await cached(at)) ?? timed(`make the layer ${files.name}`, () => make(at, files));
  return (await cached(at)) ?? alone(made);
}

async function cached(at: string): Promise<Layer | undefined> {
  const there = await access(`${at}.tar`).then(
    () => true,
    () => false,
  );
  if (!there) return undefined;
  const [tar, zipped] = await Promise.all([readFile(`${at}.tar`), readFile(`${at}.tar.gz`)]);
  return { tar, zipped };
}

async function make(at: string, files: DebianFiles): Promise<Layer> {
  const tree = new Tree([...WEIGHT, ...(files.omit ?? []).map((pattern) => new RegExp(pattern))]);
  for (const archive of await archives(files)) await tree.unpack(archive);
  for (const entry of [...BASE, ...files.files]) tree.add(entry);
  for (const [name, { from }] of Object.entries(files.copied ?? {}))
    tree.add({ name, mode: 0o755, content: await readFile(from) });
  const tar = await tree.tar();
  const layer: Layer = { tar, zipped: gzipSync(tar, { level: 1 }) };
  await writeFile(`${at}.tar.gz`, layer.zipped);
  await writeFile(`${at}.part`, layer.tar);
  await rename(`${at}.part`, `${at}.tar`); // last: a killed run leaves no half layer under the final name
  return layer;
}

/** The used part of the package base-files. */
const BASE: readonly Entry[] = [
  { name: "tmp/", mode: 0o1777 },
  { name: "var/tmp/", mode: 0o1777 },
  { name: "root/", mode: 0o700 },
  { name: "home/", mode: 0o755 },
  { name: "run/", mode: 0o755 },
];

/** The accounts of an image: root, the unprivileged account of Debian and one of its own. @example accounts("redis", 999, "/data") */
export const accounts = (name: string, id: number, home: string): readonly Entry[] => [
  {
    name: "etc/passwd",
    mode: 0o644,
    content: `root:x:0:0:root:/root:/bin/sh\n${name}:x:${id}:${id}::${home}:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n`,
  },
  { name: "etc/group", mode: 0o644, content: `root:x:0:\n${name}:x:${id}:\nnogroup:x:65534:\n` },
];

/** The packages' files, without what never runs here. */
async function archives({ suite, packages, without = [] }: DebianFiles): Promise<string[]> {
  const apt = await Apt.of(suite);
  const needed = await apt.closure(packages);
  return apt.download(needed.filter((name) => ![...NEVER, ...NEITHER, ...without].some((start) => name.startsWith(start))));
}

type Head = Pick<Header, "name" | "type"> & Partial<Header>;

/** A file system in the making: of what is written twice, the last counts. */
class Tree {
  readonly #entries = new Map<string, { readonly header: Head; readonly content: Buffer }>();

  readonly #omit: readonly RegExp[];

  /** @param omit paths of files of packages that are left out */
  constructor(omit: readonly RegExp[]) {
    this.#omit = omit;
    for (const name of MERGED) this.#set({ name, type: "symlink", linkname: `usr/${name}`, mode: 0o777 }, Buffer.alloc(0));
    this.#set({ name: "var/run", type: "symlink", linkname: "/run", mode: 0o777 }, Buffer.alloc(0));
  }

  add({ content, name, ...header }: Entry): void {
    const type = content === undefined ? "directory" : "file";
    this.#set({ ...header, name: placeOf(name), type }, Buffer.from(content ?? ""));
  }

  /** The files of a Debian package. */
  async unpack(archive: string): Promise<void> {
    const unpacking = spawn("dpkg-deb", ["--fsys-tarfile", archive], { stdio: ["ignore", "pipe", "pipe"] });
    const ended = once(unpacking, "close");
    const said = text(unpacking.stderr);
    const entries = unpacking.stdout.pipe(extract());
    for await (const entry of entries) {
      const content = await buffer(entry);
      const name = placeOf(entry.header.name);
      if (name === "" || this.#omit.some((pattern) => pattern.test(name))) continue;
      // nor may the folder of an older package take a link's place
      if (entry.header.type === "directory" && this.#entries.has(name)) continue;
      const { mode, uid, gid, type } = entry.header;
      this.#set({ ...targetOf(entry.header), name, mode, uid, gid, type }, content);
    }
    const [code] = await ended;
    if (code !== 0) throw new Error(`dpkg-deb ${archive}: exit code ${code}\n${await said}`);
  }

  async tar(): Promise<Buffer> {
    const archive = pack();
    for (const { header, content } of this.#entries.values()) {
      const fixed = { ...header, mtime: new Date(0) };
      if (header.type === "file") archive.entry(fixed, content);
      else archive.entry(fixed);
    }
    archive.finalize();
    return buffer(archive);
  }

  #set(header: Head, content: Buffer): void {
    this.#entries.set(header.name, { header, content });
  }
}

/** A hard link names its target as the archive does, a symbolic one as it is followed. */
function targetOf({ type, linkname }: Header): { linkname?: string } {
  if (type === "link") return { linkname: placeOf(linkname) };
  return type === "symlink" ? { linkname } : {};
}

/** @example placeOf("./lib/x86_64-linux-gnu/") // "usr/lib/x86_64-linux-gnu" */
function placeOf(path: string): string {
  const name = path.replace(/^\.?\//, "").replace(/\/$/, "");
  return MERGED.some((link) => name.startsWith(`${link}/`)) ? `usr/${name}` : name;
}
