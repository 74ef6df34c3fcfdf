import type { Bytes } from "../../../../core/words.ts";
import { Accessory, type Wish } from "../../../support/accessory.ts";
import type { Change, Declared, Play, Scene } from "./change.ts";
import { dockerProblems, said, unlike } from "./on-host.ts";

const DISK: Bytes = 512 * 1024 ** 2;
const NAME = "shop-db";
const VOLUME = "shop-db-data";
/** Data of a server: a row, and bytes that are not text. */
const WRITE = `cd $(docker volume inspect -f '{{.Mountpoint}}' ${VOLUME}) && [ -e row ] || { echo kept >row; head -c 300000 /dev/urandom >bytes; sha256sum <bytes >/root/sum; }`;
const READ = `cd $(docker volume inspect -f '{{.Mountpoint}}' ${VOLUME}) && cat row && sha256sum <bytes | cmp - /root/sum && echo whole`;

const common = {
  faults: ["kill", "cut", "disk", "registry", "dockerd", "reboot"],
  provider: "accessory",
  machine: { disk: DISK },
} as const;

/** The images and inputs of `shop-db`. */
async function database({ lab, host, address }: Scene) {
  const image = async (tag: string, switches = {}) => lab.image("db", tag, switches, { volumes: ["/data"] });
  const [v1, v2, broken] = [await image("v1"), await image("v2"), await image("broken", { EXIT_AT_BOOT: "3" })];
  const inputs = (wish: Wish & { readonly image: string }): Declared =>
    new Accessory(lab, host, { host: address, ...wish }).inputs();
  const running = (version: string) => ({
    [NAME]: { running: true, restart: "unless-stopped", env: `VERSION=${version}` },
  });
  const found = async (containers: ReturnType<typeof running> | Record<string, never>) => [
    // The next replacement removes an image that was refused.
    ...(await dockerProblems(host, { containers, volumes: [VOLUME], networks: ["kamal"], images: [broken.digest] })),
    ...unlike("the data", "kept\nwhole", await said(host, READ)),
  ];
  /** Until there is data there is nothing to lose. */
  const write = async () => void (await host.must(WRITE));
  return { v1: v1.ref, v2: v2.ref, broken: broken.ref, digest: broken.digest, inputs, running, found, write };
}

const FILES = [{ path: "/x", mode: 0o644, template: false, content: "x", encoding: "utf8" }] as const;

async function created({ lab, host, address }: Scene): Promise<Play> {
  const { v1, inputs, running } = await database({ lab, host, address });
  const after = inputs({ image: v1, files: [...FILES] });
  return {
    before: undefined,
    attempt: after,
    after,
    lay: async () => {},
    clear: async () =>
      void (await host.must(`docker volume rm -f ${VOLUME} >/dev/null; docker network rm kamal >/dev/null 2>&1; true`)),
    problems: (when) =>
      when === "before"
        ? dockerProblems(host, { containers: {} })
        : dockerProblems(host, { containers: running("v1"), volumes: [VOLUME], networks: ["kamal"] }),
  };
}

async function replaced(scene: Scene): Promise<Play> {
  const { v1, v2, inputs, running, found, write } = await database(scene);
  const after = inputs({ image: v2, files: [...FILES] });
  return {
    before: inputs({ image: v1 }),
    attempt: after,
    after,
    lay: async () => {},
    clear: write,
    problems: (when) => found(running(when === "before" ? "v1" : "v2")),
  };
}

async function wayBack(scene: Scene): Promise<Play> {
  const { host } = scene;
  const { v1, broken, digest, inputs, running, found, write } = await database(scene);
  const before = inputs({ image: v1 });
  return {
    before,
    attempt: inputs({ image: broken }),
    after: before,
    ends: "refused",
    lay: async () => {},
    clear: async () => {
      await write();
      // Each attempt pulls it.
      await host.must(`docker image rm -f ${broken.replace(/:broken$/, "")}@${digest} >/dev/null 2>&1; true`);
    },
    problems: () => found(running("v1")),
  };
}

async function otherMind(scene: Scene): Promise<Play> {
  const { v1, v2, inputs, running, found, write } = await database(scene);
  return {
    before: inputs({ image: v1 }),
    attempt: inputs({ image: v1, env: { A: "1" } }),
    after: inputs({ image: v2, env: { A: "2" } }),
    lay: async () => {},
    clear: write,
    problems: (when) => found(running(when === "before" ? "v1" : "v2")),
  };
}

async function removed(scene: Scene): Promise<Play> {
  const { v1, inputs, running, found, write } = await database(scene);
  return {
    before: inputs({ image: v1 }),
    attempt: undefined,
    after: undefined,
    lay: async () => {},
    clear: write,
    problems: (when) => found(when === "before" ? running("v1") : {}),
  };
}

export const ACCESSORY: readonly Change[] = [
  { ...common, name: "accessory-create", says: "an accessory with a volume and a file, on a host that has none", play: created },
  { ...common, name: "accessory-replace", says: "another image and a file for an accessory with data", play: replaced },
  {
    ...common,
    name: "accessory-way-back",
    says: "an image that does not start; the next run declares the old one again",
    faults: ["kill", "cut", "reboot"],
    play: wayBack,
  },
  {
    ...common,
    name: "accessory-other-mind",
    says: "another environment; the next run declares another image as well",
    faults: ["kill"],
    play: otherMind,
  },
  {
    ...common,
    name: "accessory-remove",
    says: "an accessory that is no longer declared, and whose data stays",
    faults: ["kill", "cut", "disk", "dockerd", "reboot"],
    play: removed,
  },
];
