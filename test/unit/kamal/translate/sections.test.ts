import { describe, expect, it } from "vitest";
import { commandOf } from "../../../../kamal/translate/aliases.ts";
import { isSecret } from "../../../../kamal/translate/env-value.ts";
import { secondsOf } from "../../../../kamal/translate/health.ts";
import { mountOf } from "../../../../kamal/translate/mount.ts";
import { SMALLEST, translated, WITHOUT_SERVERS } from "./fixture.ts";

describe("roles", () => {
  const role = (yaml: string) =>
    translated(`${WITHOUT_SERVERS}servers:\n  web: [203.0.113.10]\n  worker:\n    hosts: [203.0.113.10]\n${yaml}`);
  const worker = (yaml: string) => (role(yaml).stack.servers as { worker: unknown }).worker;

  it.each([
    [
      '    options: { memory-swap: 1g, memory: 512m, cpus: "1.5" }\n',
      { options: { memory_swap: "1g", memory: "512m", cpus: 1.5 } },
    ],
    ["    options: { cap-add: NET_ADMIN, group-add: 60000 }\n", { options: { cap_add: ["NET_ADMIN"], group_add: [60000] } }],
    [
      '    options: { publish: ["25:1025", "127.0.0.1:80:80"] }\n',
      { options: { publish: ["0.0.0.0:25:1025", "127.0.0.1:80:80"] } },
    ],
    ["    options: { publish: 5353:53/udp }\n", { options: { publish: "0.0.0.0:5353:53/udp" } }],
    ['    options: { volume: "a1:/b" }\n', { volumes: ["a1:/b"] }],
    ['    options: { mount: "type=bind,src=/srv/a,dst=/a,readonly" }\n', { volumes: ["/srv/a:/a:ro"] }],
    ["    options: { sysctl: net.core.somaxconn=1024 }\n", { options: { sysctls: { "net.core.somaxconn": "1024" } } }],
    [
      "    options: { health-cmd: \"ruby -e 'puts 1'\", health-interval: 10s, health-retries: 3 }\n",
      { healthcheck: { cmd: ["/bin/sh", "-c", "ruby -e 'puts 1'"], interval: 10 } },
    ],
    ["    traefik: true\n", { proxy: true }],
    ["    cmd: bin/jobs\n    stop_timeout: 60\n", { cmd: "bin/jobs", stop_timeout: 60 }],
    ["    labels: { service: shop, team: a }\n", { labels: { team: "a" } }],
  ])("%s", (yaml, expected) => {
    expect(worker(yaml)).toMatchObject(expected);
    expect(role(yaml).said.filter((line) => line.startsWith("needs you"))).toEqual([]);
  });

  it.each([
    ["    options: { network: host }\n    proxy: true\n", "kamal-proxy reaches a container in the network kamal alone"],
    ["    options: { env-file: /x }\n", "is a file of the host"],
    ["    options: { foo: x }\n", "is a flag of docker run that has no key here"],
    ["    cmd: run $HOME\n", "$HOME is filled by the host's shell"],
  ])("%s needs a person", (yaml, says) => {
    expect(
      role(yaml)
        .said.filter((line) => line.startsWith("needs you"))
        .join("\n"),
    ).toContain(says);
  });

  it("have the hosts and the TLS of Traefik's labels, in Kamal 1", () => {
    const yaml = `${WITHOUT_SERVERS}servers:\n  web:\n    hosts: [203.0.113.10]\n    labels:\n      traefik.http.routers.x.rule: Host(\`a.example.com\`) || Host(\`b.example.com\`)\n      traefik.http.routers.x.tls.certresolver: le\n`;
    expect(translated(yaml).stack.servers).toEqual({
      web: { hosts: ["203.0.113.10"], proxy: { hosts: ["a.example.com", "b.example.com"], ssl: true } },
    });
  });

  it("may have tags that only accessories use", () => {
    const yaml = `${WITHOUT_SERVERS}servers:\n  web:\n    - 203.0.113.10: writer\naccessories:\n  a: { image: b, tag: writer }\n`;
    expect(translated(yaml).stack).toMatchObject({
      env: { tags: { writer: {} } },
      servers: { web: [{ "203.0.113.10": "writer" }] },
    });
  });
});

describe("image and registry", () => {
  const of = (image: string, registry: string) =>
    translated(`service: shop\nimage: ${image}\nservers: [203.0.113.10]\n${registry}builder: { arch: amd64 }\n`);
  const LOGIN = "username: a, password: [P]";

  it.each([
    ["acme/shop", `registry: { server: ghcr.io, ${LOGIN} }\n`, { image: "acme/shop", registry: { server: "ghcr.io" } }],
    [
      "acme/shop",
      `registry: { server: example.com/group, ${LOGIN} }\n`,
      { image: "example.com/group/acme/shop", registry: { server: "example.com" } },
    ],
    ["Acme/Shop", `registry: { ${LOGIN} }\n`, { image: "acme/shop" }],
    ["ghcr.io/acme/shop", `registry: { server: ghcr.io, ${LOGIN} }\n`, { image: "ghcr.io/acme/shop" }],
    ["acme/shop", "registry: { server: registry.example.com }\n", { image: "registry.example.com/acme/shop" }],
  ])("%s with %s", (image, registry, expected) => {
    const { stack, said } = of(image, registry);
    expect(stack).toMatchObject(expected);
    expect(said.filter((line) => line.startsWith("needs you"))).toEqual([]);
  });

  it("are left out with a registry on localhost: hosts get the image from here", () => {
    const { stack } = of("shop", "registry: { server: localhost:5555 }\n");
    expect(stack).not.toHaveProperty("image");
    expect(stack).not.toHaveProperty("registry");
    expect(stack).toHaveProperty("builder");
  });

  it("have a password that a command prints as a secret, which a person sets", () => {
    const { stack, translation } = of("shop", 'registry: { username: AWS, password: "<%= %x(aws ecr get-login-password) %>" }\n');
    expect(stack.registry).toEqual({ username: "AWS", password: ["KAMAL_REGISTRY_PASSWORD"] });
    expect(translation.findings.filter(({ outcome }) => outcome === "needs you")).toHaveLength(1);
  });

  it("are built in the app's folder, from where the project is", () => {
    const built = (builder: string, toApp = "..") =>
      translated(`service: shop\nimage: shop\nservers: [203.0.113.10]\nbuilder: ${builder}\n`, { toApp }).stack.builder;
    expect(built("{ arch: amd64 }")).toEqual({ context: "..", clean: "commit", arch: "amd64" });
    expect(built("{ arch: amd64 }", ".")).toEqual({ clean: "commit", arch: "amd64" });
    expect(built("{ multiarch: false }")).toEqual({ context: ".." });
    expect(built("{ context: ., dockerfile: docker/Dockerfile }")).toEqual({ context: "..", dockerfile: "../docker/Dockerfile" });
    expect(built("{ context: app/ }")).toEqual({ context: "../app", dockerfile: "../Dockerfile" });
    expect(built("{ context: app/ }", ".")).toEqual({ context: "app", dockerfile: "Dockerfile" });
    expect(built("{ remote: { arch: amd64, host: ssh://a@b } }")).toMatchObject({ remote: "ssh://a@b" });
    expect(built("{ cache: { type: registry } }")).toMatchObject({ cache: { type: "registry", image: "shop-build-cache" } });
  });
});

describe("secrets", () => {
  it("are read in Kamal's files in each run; those that are not there, or empty, are to be set", () => {
    const files = {
      ".kamal/secrets-common": "KAMAL_REGISTRY_PASSWORD=$(gh auth token)\n",
      ".kamal/secrets": "A=$A\nB=$(kamal secrets fetch --adapter doppler X)\nC=hunter2\nD=\n",
    };
    const { translation, stack, said, text } = translated(`${SMALLEST}env:\n  secret: [A, "X:B", C, D, F]\n`, { files });
    expect(stack.secrets_from).toEqual([{ dotenv: ["../.kamal/secrets-common", "../.kamal/secrets"], folder: ".." }]);
    expect(translation.secretsInFiles).toEqual(["A", "B", "C", "KAMAL_REGISTRY_PASSWORD"]);
    expect(translation.secrets).toEqual([
      { name: "D", print: undefined, from: ".kamal/secrets:4, where it is empty" },
      { name: "F", print: undefined, from: "not in Kamal's files of secrets" },
    ]);
    expect(said.join("\n")).toContain("4 secrets are read there in each run, by slipway:secrets_from");
    expect(text).not.toContain("hunter2");
  });

  it("are no source where no name of the files is used", () => {
    const { stack } = translated(`${SMALLEST}env:\n  secret: [F]\n`, { files: { ".kamal/secrets": "A=$A\n" } });
    expect(stack.secrets_from).toBeUndefined();
  });

  it("that Ruby reads as a different number are named as such, without the number", () => {
    const { said, text } = translated(`${SMALLEST}env: { clear: { DB_PASSWORD: 0123 } }\n`);
    expect(said.join("\n")).toContain("Ruby reads a different number than the file has: set what the container has now");
    expect(said.join("\n") + text).not.toMatch(/0123|\b83\b/);
  });

  it("of one name and two values are two", () => {
    const yaml = `${SMALLEST}env: { clear: { DB_PASSWORD: one } }\naccessories:\n  db: { image: a, host: 203.0.113.10, env: { DB_PASSWORD: two } }\n  ab: { image: a, host: 203.0.113.10, env: { DB_PASSWORD: one } }\n`;
    const { stack } = translated(yaml);
    expect(stack.env).toEqual({ secret: ["DB_PASSWORD"] });
    expect(stack.accessories).toMatchObject({
      db: { env: { secret: ["DB_PASSWORD:DB_DB_PASSWORD"] } },
      ab: { env: { secret: ["DB_PASSWORD"] } },
    });
  });

  it("are what comes from the environment, but not a default", () => {
    const yaml = `${SMALLEST}env:\n  clear:\n    A: <%= ENV["A"] %>\n    B: <%= ENV["B"] || "x" %>\n    C: <%= ENV.fetch("A", "x") %>\n    D: https://<%= ENV["NONE"] %>/\n`;
    const { stack, translation } = translated(yaml, { env: { A: "hunter2" } });
    expect(stack.env).toEqual({ clear: { B: "x" }, secret: ["A", "C", "D"] });
    expect(translation.secrets.map(({ name, print }) => [name, print]).slice(1)).toEqual([
      ["A", "printenv A"],
      ["C", "printenv A"],
      ["D", "printenv NONE"],
    ]);
  });

  it.each([
    ["DB_PASSWORD", "x", true],
    ["API_TOKEN", "x", true],
    ["SECRET_KEY_BASE", "x", true],
    ["STRIPE_API_KEY", "x", true],
    ["URL", "redis://:p@host", true],
    ["URL", "redis://host:6379/1", false],
    ["TLS_KEY", "/etc/key.pem", false],
    ["MAIL_API_KEY", "/run/key", false],
    ["DB_PASSWORD", "12345", true],
    ["USE_TOKEN", "true", false],
    ["CACHE_KEY", "x", false],
    ["PASSWORD_MIN", "8", false],
  ])("%s of %s is one: %s", (name, value, expected) => expect(isSecret(name, value)).toBe(expected));
});

describe("hooks", () => {
  it("are run by Slipway as they are, from where they are", () => {
    const files = {
      ".kamal/hooks/post-deploy": "#!/bin/sh\ncurl x\n",
      ".kamal/hooks/pre-deploy": "kamal app exec 'db:migrate'\n",
      ".kamal/hooks/pre-build": "x",
      ".kamal/hooks/docker-setup.sample": "x",
    };
    const { stack, said } = translated(SMALLEST, { files });
    expect(stack.hooks_path).toBe("../.kamal/hooks");
    expect(stack.hooks).toBeUndefined();
    expect(said.join("\n")).toContain(
      "calls Kamal in .kamal/hooks/pre-deploy:1: if it is a migration, write its command as slipway:release",
    );
    expect(said.filter((line) => /^needs you \d+ hooks\./.test(line))).toEqual([expect.stringContaining("pre-deploy")]);
  });

  it("are not named where there are none", () => expect(translated(SMALLEST).stack.hooks_path).toBeUndefined());

  it("in a folder of their own, and what they print", () => {
    const yaml = `${SMALLEST}hooks_path: bin/hooks\nhooks_output: { pre-deploy: quiet, post-deploy: verbose }\n`;
    const { stack } = translated(yaml, { files: { "bin/hooks/pre-deploy": "x" } });
    expect(stack).toMatchObject({
      hooks_path: "../bin/hooks",
      hooks_output: { pre_deploy: "quiet", post_deploy: "verbose" },
    });
  });
});

describe("small forms", () => {
  it.each([
    ["app logs -f -r web", "slipway logs -f --role web"],
    ['app exec --reuse "bin/rails db:migrate"', "slipway exec --reuse -- bin/rails db:migrate"],
    ["app exec -it sh", "slipway exec -i -- sh"],
    ["app details", "slipway status"],
    ['accessory exec db --reuse -i "psql -U x"', "slipway accessory exec db -i -- psql -U x"],
    ["accessory logs db -f", "slipway accessory logs db -f"],
    ["accessory reboot db", undefined],
    ["server exec uptime", undefined],
    ["app exec -e A:B run", undefined],
  ])("the alias %s is %s", (written, expected) => expect(commandOf(written)).toBe(expected));

  it.each([
    ["10s", 10],
    ["1m30s", 90],
    ["500ms", 1],
    ["7", 7],
    ["x", undefined],
  ])("%s is %s seconds", (text, seconds) => expect(secondsOf(text)).toBe(seconds));

  it.each([
    ["type=volume,src=a,dst=/b", { kind: "volume", text: "a:/b" }],
    ["type=bind,source=/a,target=/b,readonly", { kind: "volume", text: "/a:/b:ro" }],
    ["type=tmpfs,dst=/b", { kind: "tmpfs", text: "/b" }],
  ])("the mount %s", (text, expected) => expect(mountOf(text)).toEqual(expected));

  it("a mount with a driver needs a person", () =>
    expect(mountOf('type=volume,src=a,dst=/b,volume-driver=local,"volume-opt=o=addr=x,rw"').kind).toBe("other"));
});
