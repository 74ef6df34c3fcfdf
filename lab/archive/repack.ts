import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { command } from "../command.ts";

/** Docker's version in Debian and its neighbour, the older one first: what the archive that plays Docker's own has. */
export type DockerVersions = [older: string, newer: string];

/** What Debian packs for the smallest size takes seconds to unpack in every test that installs it. */
const BIG = ["docker.io", "docker-cli", "containerd", "runc"] as const;

/** Repacks the big packages of Debian with the same files, but a faster compression. */
export async function repackBig(debian: string): Promise<void> {
  const found = await debianPackages(debian);
  for (const name of BIG) {
    const tree = join(debian, `${name}.tree`);
    await command(["dpkg-deb", "--raw-extract", found(name), tree]);
    await pack(tree, found(name));
  }
}

/** @param tree goes away */
async function pack(tree: string, file: string): Promise<void> {
  await command(["dpkg-deb", "--root-owner-group", "-Zzstd", "-z1", "--build", tree, file], { timeout: 120 });
  await rm(tree, { recursive: true });
}

interface Repacked {
  readonly name: string;
  readonly version: string;
  /** Packages of Debian whose files it has; the scripts are the first one's. */
  readonly from: readonly [string, ...string[]];
  /** A file in which Debian's version is replaced, so that what runs says the version that was installed. */
  readonly binary?: string;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Builds docker-ce, docker-ce-cli and containerd.io, as Docker calls them, out of Debian's packages, in two versions.
 *
 * @param debian folder with Debian's docker.io, docker-cli, containerd and runc
 */
export async function repackDocker(debian: string, to: string): Promise<DockerVersions> {
  const found = await debianPackages(debian);
  const inDebian = await fieldOf(found("docker.io"), "Version"); // 26.1.5+dfsg1-9
  const upstream = inDebian.slice(0, inDebian.lastIndexOf("-"));
  const versions = neighbours(upstream);
  await mkdir(to, { recursive: true });
  for (const [index, version] of versions.entries()) {
    const own = { debian: upstream, version, found, to };
    for (const repacked of dockerPackages(plain(version), index + 1)) await repack(repacked, own);
  }
  const [older, newer] = versions;
  return [plain(older), plain(newer)];
}

const plain = (version: string): string => version.split("+")[0] ?? version;

/** A binary has room for exactly as many letters, so the last digit of `26.1.5` changes and nothing else. */
function neighbours(upstream: string): DockerVersions {
  const [, head = "", digit = "0", tail = ""] = /^(.*?\d+\.\d+\.\d*)(\d)(.*)$/.exec(upstream) ?? [];
  const other = `${head}${digit === "0" ? 1 : Number(digit) - 1}${tail}`;
  return digit === "0" ? [upstream, other] : [other, upstream];
}

const ENGINE = "usr/sbin/dockerd";

const dockerPackages = (version: string, build: number): readonly Repacked[] => {
  const suffix = "debian.13~trixie";
  return [
    {
      name: "docker-ce",
      version: `5:${version}-1~${suffix}`,
      from: ["docker.io"],
      binary: ENGINE,
      fields: {
        Depends: "containerd.io, docker-ce-cli, iptables, libc6, libsystemd0",
        Conflicts: "docker.io",
        Replaces: "docker.io",
      },
    },
    {
      name: "docker-ce-cli",
      version: `5:${version}-1~${suffix}`,
      from: ["docker-cli"],
      binary: "usr/bin/docker",
      fields: { Depends: "libc6", Conflicts: "docker-cli", Replaces: "docker-cli" },
    },
    {
      name: "containerd.io",
      version: `1.7.${build}-1~${suffix}`,
      from: ["containerd", "runc"],
      fields: {
        Depends: "libc6, libseccomp2",
        Conflicts: "containerd, runc",
        Replaces: "containerd, runc",
        Provides: "containerd, runc",
      },
    },
  ];
};

interface Sources {
  readonly debian: string;
  readonly version: string;
  readonly found: (name: string) => string;
  readonly to: string;
}

async function repack({ name, version, from, binary, fields }: Repacked, sources: Sources): Promise<void> {
  const at = join(sources.to, `${name}.tree`);
  await rm(at, { recursive: true, force: true });
  const [first, ...others] = from;
  await command(["dpkg-deb", "--raw-extract", sources.found(first), at]);
  for (const other of others) await command(["dpkg-deb", "--extract", sources.found(other), at]);
  const control = join(at, "DEBIAN", "control");
  const all = { Package: name, Version: version, ...fields };
  await writeFile(control, withFields(await readFile(control, "utf8"), all));
  await rm(join(at, "DEBIAN", "md5sums"), { force: true });
  if (binary === ENGINE) await restartOnUpgrade(join(at, "DEBIAN", "postinst"));
  if (binary !== undefined) await renameVersion(join(at, binary), sources.debian, sources.version);
  await pack(at, join(sources.to, `${name}_${version.replace(/^\d+:/, "")}.deb`));
}

/** Docker's own package does, Debian's does not. The second argument is the version that was there before. */
async function restartOnUpgrade(script: string): Promise<void> {
  const was = await readFile(script, "utf8");
  const is = was.replaceAll("deb-systemd-invoke start ", `deb-systemd-invoke \${2:+re}start `);
  if (is === was) throw new Error(`${script} does not start the engine`);
  await writeFile(script, is);
}

const OWN = ["Package", "Source", "Version", "Depends", "Recommends", "Suggests", "Breaks", "Conflicts", "Replaces", "Provides"];

/** Debian's control file with other fields about who it is and what it needs. */
function withFields(control: string, fields: Readonly<Record<string, string>>): string {
  const stanzas = control.trimEnd().split(/\n(?! )/);
  const kept = stanzas.filter((line) => !OWN.includes(line.slice(0, line.indexOf(":"))));
  return `${[...Object.entries(fields).map(([key, value]) => `${key}: ${value}`), ...kept].join("\n")}\n`;
}

async function renameVersion(file: string, was: string, is: string): Promise<void> {
  const bytes = await readFile(file);
  let at = bytes.indexOf(was);
  if (at < 0) throw new Error(`${file} does not say its version ${was}`);
  for (; at >= 0; at = bytes.indexOf(was, at + 1)) bytes.write(is, at);
  await writeFile(file, bytes);
}

async function debianPackages(folder: string): Promise<(name: string) => string> {
  const files = await readdir(folder);
  return (name) => {
    const file = files.find((each) => each.startsWith(`${name}_`));
    if (file === undefined) throw new Error(`no package ${name} in ${folder}`);
    return join(folder, file);
  };
}

const fieldOf = async (file: string, field: string): Promise<string> =>
  (await command(["dpkg-deb", "--field", file, field])).trim();
