/** Two values for an output that is not known yet. They differ, and the schema accepts both. */
export type Placeholders = readonly [one: unknown, other: unknown];

/** A text of its own in the format of a key, or two values in it. */
type Format = ((text: string) => string) | Placeholders;

const path: Format = (text) => `/${text}`;
const mount: Format = (text) => `${text}:/${text}`;
const address: Format = (text) => `${text}:10.0.0.1`;
const mode: Format = ["0640", "0600"];
const cron: Format = ["17 3 * * *", "17 4 * * *"];
const timezone: Format = ["Europe/Berlin", "Europe/Paris"];

/**
 * By key: texts that a resolver checks further than the schema says. Those that are compared with one another fit together: memory is
 * between its reservation and its swap.
 */
export const FORMATS: Readonly<Record<string, Format>> = {
  "proxy.path_prefix": path,
  "proxy.path_prefixes[]": path,
  "proxy.healthcheck.path": path,
  "ssl.certificate_pem": (text) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`,
  asset_path: path,
  "servers.asset_path": path,
  "volumes[]": mount,
  "servers.volumes[]": mount,
  "accessories.volumes[]": mount,
  // The one has a preset, the other has none.
  "accessories.image": ["registry.invalid/pending/postgres", "registry.invalid/pending"],
  "accessories.port": [20_001, 20_002],
  "accessories.directories[]": mount,
  "directories[].remote": path,
  "directories[].mode": mode,
  "files[].remote": path,
  "files[].mode": mode,
  "healthcheck.path": path,
  "options.memory": ["1g", "2g"],
  "options.memory_swap": ["3g", "4g"],
  "options.memory_reservation": ["256m", "512m"],
  "options.shm_size": ["256m", "512m"],
  "options.ulimit": ["nofile=1024", "nofile=2048"],
  "options.ulimit[]": ["nofile=1024", "nofile=2048"],
  "options.restart": ["always", "on-failure:5"],
  "options.publish": ["20003:20003", "20004:20004"],
  "options.publish[]": ["20003:20003", "20004:20004"],
  "options.add_host": address,
  "options.add_host[]": address,
  "options.dns": ["10.0.0.1", "10.0.0.2"],
  "options.dns[]": ["10.0.0.1", "10.0.0.2"],
  "options.devices": path,
  "options.devices[]": path,
  "options.tmpfs": path,
  "options.tmpfs[]": path,
  "options.stop_signal": ["SIGTERM", "SIGQUIT"],
  "options.workdir": path,
  "options.hostname": ["a.example.com", "b.example.com"],
  "backup.schedule": cron,
  "backup.timezone": timezone,
  "to.directory": path,
  "s3.endpoint": (text) => `https://${text}.invalid`,
  "backup.encrypt": [
    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg",
  ],
  "jobs.schedule": cron,
  "jobs.timezone": timezone,
  "boot.limit": [1, 2],
};
