import { describe, expect, it } from "vitest";
import { aPerson, faultsOf, Machine, prints, valuesOf } from "./tools.ts";

const KEY = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n";
const ODD = ` a'b"c\\d$e\`f ü #`;

describe("sops", () => {
  it("gives all values in one call, nested ones by their path, as they are", async () => {
    using machine = new Machine().program("sops", prints({ A: ODD, db: { password: KEY }, PORT: 5432, ON: true, NONE: null }));
    const answers = await machine.ask(
      [{ sops: "s.yaml", names: { DB: "db/password" } }],
      ["A", "DB", "PORT", "ON", "NONE", "MISSING"],
    );
    expect(valuesOf(answers)).toEqual({ A: ODD, DB: KEY, PORT: "5432", ON: "true" });
    expect(answers.hints).toEqual({ NONE: "it is null there" });
    expect(machine.calls).toHaveLength(1);
  });

  it.each([
    [128, "no key here decrypts it: set SOPS_AGE_KEY_FILE (age), or log in to the key service that encrypted it"],
    [51, "the file was changed without sops (its MAC differs): restore it from version control"],
    [100, "there is no such file"],
    [2, "sops says: error loading config"],
  ])("says what exit code %i means", async (code, fault) => {
    using machine = new Machine().program("sops", `echo 'error loading config' >&2; exit ${code}`);
    expect(faultsOf(await machine.ask([{ sops: "s.yaml" }], ["A"]))).toEqual([`[0] ${fault}`]);
  });

  it("says how it is installed", async () => {
    using machine = new Machine();
    expect(faultsOf(await machine.ask([{ sops: "s.yaml" }], ["A"]))).toEqual([
      "[0] needs sops, which is not on PATH: install it: brew install sops, or https://github.com/getsops/sops/releases",
    ]);
  });
});

describe("1password", () => {
  const FIELDS = [
    { id: "password", label: "password", value: "own" },
    { id: "x1", label: "TOKEN", value: ODD, reference: "op://Production/shop/TOKEN" },
    { id: "x2", label: "PEM", value: KEY },
    { id: "x3", label: "EMPTY" },
    { id: "x4", label: "url", section: { id: "s1", label: "db" }, value: "postgres://" },
  ];
  const place = { "1password": { item: "shop", vault: "Production", account: "acme" } };

  it("gives the fields of an item in one call, whatever characters they have", async () => {
    using machine = new Machine().program("op", prints({ fields: FIELDS }));
    const answers = await machine.ask(
      [{ ...place, names: { DATABASE_URL: "db/url" } }],
      ["TOKEN", "PEM", "DATABASE_URL", "EMPTY", "NONE"],
    );
    expect(valuesOf(answers)).toEqual({ TOKEN: ODD, PEM: KEY, DATABASE_URL: "postgres://" });
    expect(answers.hints).toEqual({ EMPTY: "that field is empty" });
    expect(machine.calls).toEqual(["op item get shop --format json --vault Production --account acme"]);
  });

  it("refuses a name that two fields have", async () => {
    using machine = new Machine().program("op", prints({ fields: [...FIELDS, { id: "x9", label: "TOKEN", value: "other" }] }));
    expect(faultsOf(await machine.ask([place], ["TOKEN"]))).toEqual([
      "[0] several fields are called TOKEN: write SECTION/TOKEN under names",
    ]);
  });

  const SIGNED_OUT = `echo '[ERROR] 2026/12/01 10:00:00 account is not signed in' >&2; exit 1`;

  it("names the login without a terminal, and asks for none", async () => {
    using machine = new Machine().program("op", SIGNED_OUT);
    expect(faultsOf(await machine.ask([place], ["TOKEN"]))).toEqual([
      "[0] needs a login: eval $(op signin --account acme), or OP_SERVICE_ACCOUNT_TOKEN in CI (op says: [ERROR] 2026/12/01 10:00:00 account is not signed in)",
    ]);
    expect(machine.calls.some((call) => call.includes("signin"))).toBe(false);
  });

  it("signs in at a terminal once for all items, and passes the session by the environment", async () => {
    using machine = new Machine().program(
      "op",
      `case "$*" in
  signin*) echo the-session-4711 ;;
  "account list"*) ${prints([{ url: "acme.1password.com", user_uuid: "UUID1" }])}
  ;;
  *) if [ "$OP_SESSION_UUID1" != the-session-4711 ]; then ${SIGNED_OUT}; fi
  ${prints({ fields: FIELDS })}
  ;;
esac`,
    );
    machine.prompts = aPerson();
    const items = { "1password": { ...place["1password"], item: ["shop", "more", "third"] } };
    expect(valuesOf(await machine.ask([items], ["TOKEN"]))).toEqual({ TOKEN: ODD });
    expect(machine.calls.filter((call) => call.startsWith("op signin"))).toHaveLength(1);
    expect(machine.calls.join("\n")).not.toContain("the-session-4711");
  });

  it("says so when the login has no effect", async () => {
    using machine = new Machine().program("op", `case "$*" in signin*|account*) ;; *) ${SIGNED_OUT} ;; esac`);
    machine.prompts = aPerson();
    expect(faultsOf(await machine.ask([place], ["TOKEN"]))[0]).toContain("needs a login: eval $(op signin --account acme)");
  });

  it("has no account but a vault with a service account", async () => {
    using machine = new Machine().program("op", prints({ fields: FIELDS }));
    machine.env = { OP_SERVICE_ACCOUNT_TOKEN: "ops_4711" };
    expect(faultsOf(await machine.ask([{ "1password": { item: "shop" } }], ["TOKEN"]))[0]).toContain("needs vault");
    await machine.ask([place], ["TOKEN"]);
    expect(machine.calls).toEqual(["op item get shop --format json --vault Production"]);
  });
});

describe("aws", () => {
  const values = (...all: [string, string][]) =>
    all.map(([Name, SecretString]) => ({ Name, ARN: `arn:aws:secretsmanager:eu:1:secret:${Name}-AbCdEf`, SecretString }));

  it("gives keys of JSON objects and secrets of their own in one call, numbers as text", async () => {
    const answer = {
      SecretValues: values(["shop", JSON.stringify({ A: ODD, PORT: 5432, NONE: null })], ["p/B", KEY]),
      Errors: [],
    };
    using machine = new Machine().program("aws", prints(answer));
    const answers = await machine.ask(
      [{ aws: { secret: "shop", prefix: "p/", region: "eu-central-1", profile: "acme" } }],
      ["A", "PORT", "B", "NONE"],
    );
    expect(valuesOf(answers)).toEqual({ A: ODD, PORT: "5432", B: KEY });
    expect(answers.hints).toEqual({ NONE: "it is null there" });
    expect(machine.calls).toEqual([
      "aws secretsmanager batch-get-secret-value --secret-id-list shop p/A p/PORT p/B p/NONE --output json --no-cli-pager --region eu-central-1 --profile acme",
    ]);
  });

  it("sees errors in an answer that ended well", async () => {
    const Errors = [{ SecretId: "shop", ErrorCode: "AccessDeniedException", Message: "no kms:Decrypt" }];
    using machine = new Machine().program("aws", prints({ SecretValues: [], Errors }));
    expect(faultsOf(await machine.ask([{ aws: { secret: "shop" } }], ["A"]))).toEqual(["[0] shop: no kms:Decrypt"]);
  });

  it("takes a missing secret of its own for missing, and a missing object for a fault", async () => {
    const Errors = ["shop", "p/A"].map((SecretId) => ({
      SecretId,
      ErrorCode: "ResourceNotFoundException",
      Message: "can't find it",
    }));
    using machine = new Machine().program("aws", prints({ SecretValues: [], Errors: [Errors[1]] }));
    expect(await machine.ask([{ aws: { prefix: "p/" } }], ["A"])).toEqual({ values: {}, hints: {}, faults: [] });
    machine.program("aws", prints({ SecretValues: [], Errors: [Errors[0]] }));
    expect(faultsOf(await machine.ask([{ aws: { secret: "shop" } }], ["A"]))).toEqual(["[0] shop: can't find it"]);
  });

  it("asks for 20 a call", async () => {
    using machine = new Machine().program("aws", prints({ SecretValues: [], Errors: [] }));
    const names = Array.from({ length: 41 }, (_, at) => `N${at}`);
    await machine.ask([{ aws: { prefix: "p/" } }], names);
    expect(machine.calls.map((call) => call.match(/p\/N/g)?.length).sort()).toEqual([1, 20, 20]);
  });

  it("names the login", async () => {
    using machine = new Machine().program("aws", `echo 'Error loading SSO Token: the SSO session has expired' >&2; exit 255`);
    expect(faultsOf(await machine.ask([{ aws: { secret: "shop", profile: "acme" } }], ["A"]))[0]).toMatch(
      /^\[0\] needs a login: aws sso login --profile acme, or/,
    );
  });
});

describe("doppler", () => {
  it("gives computed values, and says which are restricted", async () => {
    const secrets = { A: { computed: ODD, note: "" }, B: { computed: null, computedVisibility: "restricted" } };
    using machine = new Machine().program("doppler", prints(secrets));
    const answers = await machine.ask([{ doppler: { project: "shop", config: "prd" } }], ["A", "B", "C"]);
    expect(valuesOf(answers)).toEqual({ A: ODD });
    expect(answers.hints).toEqual({ B: "it is restricted there (restricted): use a service token that may read it" });
    expect(machine.calls).toEqual(["doppler secrets --json --no-check-version --project shop --config prd"]);
  });

  it("names the login", async () => {
    using machine = new Machine().program(
      "doppler",
      `echo 'Unable to fetch secrets\nDoppler Error: you must provide a token' >&2; exit 1`,
    );
    expect(faultsOf(await machine.ask([{ doppler: {} }], ["A"]))[0]).toMatch(
      /^\[0\] needs a login: doppler login, or DOPPLER_TOKEN/,
    );
  });
});

describe.each(["vault", "openbao"])("%s", (kind) => {
  const program = kind === "vault" ? "vault" : "bao";
  const place = { [kind]: { path: "shop/production", mount: "kv", address: "https://v.example.com" } };

  it("gives values of version 2 and of version 1", async () => {
    using machine = new Machine().program(program, prints({ data: { data: { A: ODD, data: "x" }, metadata: { version: 3 } } }));
    expect(valuesOf(await machine.ask([place], ["A", "B"]))).toEqual({ A: ODD });
    expect(machine.calls).toEqual([`${program} kv get -mount=kv -format=json shop/production`]);
    machine.program(program, prints({ data: { A: "one", data: "own" } }));
    expect(valuesOf(await machine.ask([{ ...place, names: { D: "data" } }], ["A", "D"]))).toEqual({ A: "one", D: "own" });
  });

  it("says that the current version is deleted", async () => {
    const deleted = { data: { data: null, metadata: { version: 4, deletion_time: "2026-12-01T10:00:00Z" } } };
    using machine = new Machine().program(program, `${prints(deleted)}\nexit 2`);
    expect(faultsOf(await machine.ask([place], ["A"]))).toEqual([
      "[0] the current version of kv/shop/production is deleted: write it again, or undelete it",
    ]);
  });

  it("says that there is nothing, and what a login has to be allowed", async () => {
    using machine = new Machine().program(program, `echo 'No value found at kv/data/shop/production' >&2; exit 2`);
    expect(faultsOf(await machine.ask([place], ["A"]))).toEqual(["[0] there is nothing at kv/shop/production"]);
    machine.program(program, `echo 'Code: 403. Errors:\n* permission denied' >&2; exit 2`);
    expect(faultsOf(await machine.ask([place], ["A"]))[0]).toContain(
      `needs a login that may read kv/shop/production: ${program} login`,
    );
  });
});

describe("gcp", () => {
  it("decodes both alphabets of base64, keeps every byte, and takes a missing one for missing", async () => {
    const data = (text: string) => ({ payload: { data: Buffer.from(text).toString("base64url") } });
    using machine = new Machine().program(
      "gcloud",
      `case "$*" in *=shop-A*) ${prints(data("ü>?~\n"))}
;; *=shop-B*) ${prints({ payload: { data: Buffer.from(KEY).toString("base64") } })}
;; *) echo 'ERROR: (gcloud.secrets.versions.access) NOT_FOUND: Secret not found' >&2; exit 1 ;; esac`,
    );
    const answers = await machine.ask([{ gcp: { project: "acme", prefix: "shop-", impersonate: "ci@acme" } }], ["A", "B", "C"]);
    expect(valuesOf(answers)).toEqual({ A: "ü>?~\n", B: KEY });
    expect(answers.faults).toEqual([]);
    expect(machine.calls).toContain(
      "gcloud secrets versions access latest --secret=shop-A --project=acme --impersonate-service-account=ci@acme --format=json --quiet",
    );
  });

  it("names the login", async () => {
    using machine = new Machine().program(
      "gcloud",
      `echo 'ERROR: You do not currently have an active account selected. gcloud auth login' >&2; exit 1`,
    );
    expect(faultsOf(await machine.ask([{ gcp: {} }], ["A", "B"]))[0]).toMatch(/^\[0\] needs a login: gcloud auth login/);
  });
});

describe("bitwarden", () => {
  const item = {
    login: { username: "u", password: "p" },
    notes: null,
    fields: [
      { name: "TOKEN", value: ODD },
      { name: "PEM", value: KEY },
    ],
  };
  const LOCKED = `echo 'Vault is locked.' >&2; exit 1`;
  const whenOpen = (unlock: string, session: string) => `case "$*" in
  status*) echo '{"status":"locked"}' ;;
  "unlock --raw") ${unlock} ;;
  *) if [ "$BW_SESSION" != "${session}" ]; then ${LOCKED}; fi
${prints(item)}
;; esac`;

  it("gives fields and the login of an item", async () => {
    using machine = new Machine().program("bw", prints(item));
    expect(
      valuesOf(await machine.ask([{ bitwarden: { item: "shop" }, names: { DB: "password" } }], ["TOKEN", "PEM", "DB", "X"])),
    ).toEqual({
      TOKEN: ODD,
      PEM: KEY,
      DB: "p",
    });
    expect(machine.calls).toEqual(["bw get item shop --nointeraction"]);
  });

  it("unlocks at a terminal, and passes the session by the environment", async () => {
    using machine = new Machine().program("bw", whenOpen("echo session-4711", "session-4711"));
    machine.prompts = aPerson();
    expect(valuesOf(await machine.ask([{ bitwarden: { item: "shop" } }], ["TOKEN"]))).toEqual({ TOKEN: ODD });
    expect(machine.calls.join("\n")).not.toContain("session-4711");
  });

  it.each([
    ["gives no session and ends well", whenOpen(":", "x"), "bw unlock printed no session"],
    ["gives a session that does not work", whenOpen("echo useless", "x"), "a fault of bw 2026.3 and 2026.4"],
  ])("says so when it %s", async (_, script, fault) => {
    using machine = new Machine().program("bw", script);
    machine.prompts = aPerson();
    expect(faultsOf(await machine.ask([{ bitwarden: { item: "shop" } }], ["TOKEN"]))[0]).toContain(fault);
  });

  it("names what to do without a terminal", async () => {
    using machine = new Machine().program("bw", whenOpen("echo session", "session"));
    expect(faultsOf(await machine.ask([{ bitwarden: { item: "shop" } }], ["TOKEN"]))).toEqual([
      "[0] needs an open vault: export BW_SESSION=$(bw unlock --raw) (bw says: Vault is locked.)",
    ]);
  });

  it("says that a word matches several items", async () => {
    using machine = new Machine().program("bw", `echo 'More than one result was found.' >&2; exit 1`);
    expect(faultsOf(await machine.ask([{ bitwarden: { item: "shop" } }], ["TOKEN"]))[0]).toContain("several items match shop");
  });
});

describe("bitwarden-sm", () => {
  const secrets = [
    { id: "1", key: "A", value: ODD },
    { id: "2", key: "B", value: "one" },
    { id: "3", key: "B", value: "two" },
  ];

  it("gives a project's secrets in one call, and refuses a key that two have if it is used", async () => {
    using machine = new Machine().program("bws", prints(secrets));
    expect(valuesOf(await machine.ask([{ "bitwarden-sm": { project: "p1" }, names: { C: "3" } }], ["A", "C"]))).toEqual({
      A: ODD,
      C: "two",
    });
    expect(machine.calls).toEqual(["bws secret list p1 --output json --color no"]);
    expect(faultsOf(await machine.ask([{ "bitwarden-sm": {} }], ["B"]))).toEqual([
      "[0] 2 secrets are called B: set project, or write the id of one under names",
    ]);
  });

  it("names the token", async () => {
    using machine = new Machine().program("bws", `echo 'Error: Missing access token' >&2; exit 1`);
    expect(faultsOf(await machine.ask([{ "bitwarden-sm": {} }], ["A"]))[0]).toContain("BWS_ACCESS_TOKEN");
  });
});

describe("infisical", () => {
  it("always passes environment, project and path", async () => {
    using machine = new Machine().program("infisical", prints([{ key: "A", value: ODD, type: "shared" }]));
    expect(valuesOf(await machine.ask([{ infisical: { project: "p1", environment: "prod" } }], ["A", "B"]))).toEqual({ A: ODD });
    expect(machine.calls).toEqual([
      "infisical export --format=json --env=prod --projectId=p1 --path=/ --silent --telemetry=false --secret-overriding=false",
    ]);
  });

  it("refuses what is no JSON although it ended well", async () => {
    using machine = new Machine().program("infisical", `echo 'A new release is available: secret-4711'`);
    const [fault] = faultsOf(await machine.ask([{ infisical: { project: "p1", environment: "prod" } }], ["A"]));
    expect(fault).toBe("[0] infisical ended well, but did not print what was asked for");
  });
});

describe("lastpass", () => {
  it("sees which items were left out", async () => {
    using machine = new Machine().program("lpass", prints([{ name: "A", fullname: "shop/A", password: ODD }]));
    expect(valuesOf(await machine.ask([{ lastpass: { folder: "shop" } }], ["A", "B"]))).toEqual({ A: ODD });
    expect(machine.calls).toEqual(["lpass show --json --color=never shop/A shop/B"]);
  });
});
