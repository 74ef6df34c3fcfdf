/** What an output may be, by key. A new key of the schema belongs into one of these lists. */
export const PLANNED = `
  servers.hosts.proxy.host servers.hosts.proxy.hosts[] servers.hosts.proxy.canonical_host servers.replicas
  servers.image servers.version
  servers.strategy servers.cmd servers.cmd[] servers.env.clear servers.env servers.options.memory
  servers.options.memory_swap servers.options.memory_reservation servers.options.cpus servers.options.cpu_shares
  servers.options.pids_limit servers.options.oom_score_adj servers.options.shm_size servers.options.ulimit
  servers.options.ulimit[] servers.options.restart servers.options.publish servers.options.publish[]
  servers.options.add_host servers.options.add_host[] servers.options.dns servers.options.dns[]
  servers.options.devices servers.options.devices[] servers.options.gpus servers.options.tmpfs servers.options.tmpfs[]
  servers.options.read_only servers.options.cap_add[] servers.options.cap_drop[] servers.options.privileged
  servers.options.security_opt servers.options.security_opt[] servers.options.sysctls servers.options.ipc
  servers.options.init servers.options.stop_signal servers.options.entrypoint servers.options.entrypoint[]
  servers.options.user servers.options.group_add[] servers.options.no_healthcheck servers.options.workdir servers.options.hostname
  servers.options.network servers.options.network[] servers.options.network_alias servers.options.network_alias[]
  servers.options.runtime
  servers.volumes[] servers.asset_path servers.labels servers.logging.driver servers.logging.options servers.proxy
  servers.proxy.host servers.proxy.hosts[] servers.proxy.app_port servers.proxy.ssl servers.proxy.ssl.certificate_pem
  servers.proxy.ssl_staging servers.proxy.ssl_redirect servers.proxy.canonical_host servers.proxy.forward_headers
  servers.proxy.response_timeout servers.proxy.path_prefix servers.proxy.path_prefixes[]
  servers.proxy.strip_path_prefix servers.proxy.healthcheck.path servers.proxy.healthcheck.interval
  servers.proxy.healthcheck.timeout servers.proxy.healthcheck.port servers.proxy.healthcheck.host
  servers.proxy.buffering.requests servers.proxy.buffering.responses servers.proxy.buffering.memory
  servers.proxy.buffering.max_request_body servers.proxy.buffering.max_response_body
  servers.proxy.logging.request_headers[] servers.proxy.logging.response_headers[] servers.proxy.scope_cookie_paths
  servers.healthcheck.path servers.healthcheck.port servers.healthcheck.host servers.healthcheck.cmd
  servers.healthcheck.cmd[] servers.healthcheck.interval servers.healthcheck.timeout servers.readiness_delay
  servers.stop_timeout servers.stop_delay
  image version env maintenance secrets labels volumes[] asset_path release release[] watch deploy_timeout
  drain_timeout stop_timeout stop_wait readiness_delay retain_containers
  proxy.host proxy.hosts[] proxy.app_port proxy.ssl proxy.ssl.certificate_pem proxy.ssl_staging proxy.ssl_redirect
  proxy.canonical_host proxy.forward_headers proxy.response_timeout proxy.path_prefix proxy.path_prefixes[]
  proxy.strip_path_prefix proxy.healthcheck.path proxy.healthcheck.interval proxy.healthcheck.timeout
  proxy.healthcheck.port proxy.healthcheck.host proxy.buffering.requests proxy.buffering.responses
  proxy.buffering.memory proxy.buffering.max_request_body proxy.buffering.max_response_body
  proxy.logging.request_headers[] proxy.logging.response_headers[] proxy.scope_cookie_paths
  env.clear env.tags.clear env.tags
  maintenance.message
  registry.server registry.username registry.password
  accessories.image accessories.preset accessories.cmd accessories.cmd[] accessories.port accessories.public
  accessories.env.clear accessories.env accessories.files[].content accessories.files[].remote
  accessories.files[].mode accessories.files[].owner accessories.files[].template accessories.directories[]
  accessories.directories[].local accessories.directories[].remote accessories.directories[].mode
  accessories.directories[].owner accessories.directories[].options accessories.volumes[] accessories.labels accessories.options.memory
  accessories.options.memory_swap accessories.options.memory_reservation accessories.options.cpus
  accessories.options.cpu_shares accessories.options.pids_limit accessories.options.oom_score_adj
  accessories.options.shm_size accessories.options.ulimit accessories.options.ulimit[] accessories.options.restart
  accessories.options.add_host accessories.options.add_host[] accessories.options.dns accessories.options.dns[]
  accessories.options.devices accessories.options.devices[] accessories.options.gpus accessories.options.tmpfs
  accessories.options.tmpfs[] accessories.options.read_only accessories.options.cap_add[]
  accessories.options.cap_drop[] accessories.options.privileged accessories.options.security_opt
  accessories.options.security_opt[] accessories.options.sysctls accessories.options.ipc accessories.options.init
  accessories.options.stop_signal accessories.options.entrypoint accessories.options.entrypoint[]
  accessories.options.user accessories.options.group_add[] accessories.options.no_healthcheck
  accessories.options.workdir accessories.options.hostname accessories.options.network accessories.options.network[]
  accessories.options.network_alias accessories.options.network_alias[] accessories.options.runtime accessories.options.publish accessories.options.publish[] accessories.network accessories.healthcheck.path accessories.healthcheck.port
  accessories.healthcheck.host accessories.healthcheck.cmd accessories.healthcheck.cmd[]
  accessories.healthcheck.interval accessories.healthcheck.timeout accessories.healthcheck.tcp accessories.proxy.host
  accessories.proxy.hosts[] accessories.proxy.app_port accessories.proxy.ssl accessories.proxy.ssl.certificate_pem
  accessories.proxy.ssl_staging accessories.proxy.ssl_redirect accessories.proxy.canonical_host
  accessories.proxy.forward_headers accessories.proxy.response_timeout accessories.proxy.path_prefix
  accessories.proxy.path_prefixes[] accessories.proxy.strip_path_prefix accessories.proxy.healthcheck.path
  accessories.proxy.healthcheck.interval accessories.proxy.healthcheck.timeout accessories.proxy.healthcheck.port
  accessories.proxy.healthcheck.host accessories.proxy.buffering.requests accessories.proxy.buffering.responses
  accessories.proxy.buffering.memory accessories.proxy.buffering.max_request_body
  accessories.proxy.buffering.max_response_body accessories.proxy.logging.request_headers[]
  accessories.proxy.logging.response_headers[] accessories.proxy.scope_cookie_paths accessories.registry.server
  accessories.registry.username accessories.logging.driver accessories.logging.options accessories.stop_timeout
  accessories.boot_timeout accessories.data accessories.start_empty accessories.backup.schedule
  accessories.backup.timezone accessories.backup.keep accessories.backup.to.directory
  accessories.backup.to.s3.endpoint accessories.backup.to.s3.region accessories.backup.to.s3.bucket
  accessories.backup.to.s3.prefix accessories.backup.encrypt accessories.backup.volumes[] accessories.backup.drill
  accessories.backup.timeout
  jobs.schedule jobs.timezone jobs.cmd jobs.image jobs.concurrency jobs.timeout
  schedule.image
  logging.driver logging.options
  release.cmd release.cmd[] release.timeout
  hooks.pre_deploy hooks.pre_deploy[] hooks.pre_app_boot hooks.pre_app_boot[]
  hooks.post_app_boot hooks.post_app_boot[] hooks.post_deploy hooks.post_deploy[]
  boot.limit boot.wait boot.parallel_roles
  canary.version canary.image canary.percent canary.allow[]
`
  .trim()
  .split(/\s+/);

/** An output changes nothing that is declared: a value of one kind, a check, what no program has, and a hook without its build. */
export const WITHOUT_EFFECT = [
  "servers.options.pid",
  "servers.options.userns",
  "accessories.options.pid",
  "accessories.options.userns",
  "allow_empty_roles",
  ...["registry.expires", "accessories.registry.expires"],
  ...["hooks.pre_build", "hooks.pre_build[]"],
];

const because = (why: string, write: string): string =>
  `cannot be an output: it has to be known when the program runs, because ${why}; ${write}`;
const NAME = because("it is a part of names on the hosts", "write the name itself");
const SERVER = because("it decides which resources there are", "write the Server itself");
const PLACE = because("it decides on which servers the accessory runs", "set host or hosts to a Server");
const TAG = because("it is the name of a part of env.tags", "write the name itself");
const OWNER = because("it decides what on the hosts belongs to this stack", "write project/stack");
const FILE = because("the file is read then", 'write its path, or { content, remote: "/path" } for a content that is an output');
const SECRET = because("it is the name of a secret", "pass the value in secrets, and write its name here");
const VARIABLE = because("it is the name of a secret", "for a value, write a map: { NAME: value }");

const BUILD = because("files and settings of a build are compared with those of the last one then", "write the value itself");

const HOOK = because("it decides which hooks there are, and how they run", "write the value itself");
const TRUST = because("images are verified before anything is declared", "write the value itself");

function refusedOfBuilder(key: string, argument: string): Record<string, readonly [string, string]> {
  const plain = ["context", "dockerfile", "target", "ssh", "arch", "clean", "remote", "with", "driver", "provenance", "sbom"];
  const all = [...plain, "cache.type", "cache.image", "cache.options"];
  return {
    ...Object.fromEntries(all.map((own) => [`${key}.${own}`, [`${argument}.${own}`, BUILD] as const])),
    [`${key}.arch[]`]: [`${argument}.arch[0]`, BUILD],
    [`${key}.args`]: [`${argument}.args.NAME`, BUILD],
    [`${key}.secrets[]`]: [`${argument}.secrets[0]`, SECRET],
  };
}

/** What has to be known when the program runs: the argument as the program writes it, and what is said of it. */
export const REFUSED: Readonly<Record<string, readonly [argument: string, message: string]>> = {
  service: ["service", NAME],
  destination: ["destination", NAME],
  servers: ["servers", SERVER],
  "servers.hosts": ["servers.worker.hosts", SERVER],
  "servers.hosts.tags": ["servers.worker.hosts[0].tags", TAG],
  "servers.hosts.tags[]": ["servers.worker.hosts[0].tags[0]", TAG],
  "servers.env.secret[]": ["servers.worker.env.secret[0]", VARIABLE],
  "servers.proxy.ssl.certificate_pem[]": ["servers.web.proxy.ssl.certificatePem[0]", SECRET],
  "servers.proxy.ssl.private_key_pem": ["servers.web.proxy.ssl.privateKeyPem", SECRET],
  "servers.proxy.ssl.private_key_pem[]": ["servers.web.proxy.ssl.privateKeyPem[0]", SECRET],
  primary_role: ["primaryRole", because("it is the name of a role in servers", "write the name itself")],
  "proxy.ssl.certificate_pem[]": ["proxy.ssl.certificatePem[0]", SECRET],
  "proxy.ssl.private_key_pem": ["proxy.ssl.privateKeyPem", SECRET],
  "proxy.ssl.private_key_pem[]": ["proxy.ssl.privateKeyPem[0]", SECRET],
  "env.secret[]": ["env.secret[0]", VARIABLE],
  "env.tags.secret[]": ["env.tags.NAME.secret[0]", VARIABLE],
  ...refusedOfBuilder("builder", "builder"),
  ...refusedOfBuilder("servers.builder", "servers.worker.builder"),
  ...refusedOfBuilder("jobs.builder", "jobs.nightly.builder"),
  ...Object.fromEntries(
    [
      ...[["key"], ["key[]", "key[0]"], ["identity"], ["identity_regexp", "identityRegexp"], ["issuer"]],
      ...[
        ["issuer_regexp", "issuerRegexp"],
        ["trusted_root", "trustedRoot"],
        ["transparency_log", "transparencyLog"],
      ],
    ].map(([key, argument = key]): [string, readonly [string, string]] => [
      `verify.cosign.${key}`,
      [`verify.cosign.${argument}`, TRUST],
    ]),
  ),
  hooks_path: ["hooksPath", because("the folder is read then", "write its path")],
  ...Object.fromEntries(
    [
      ["hooks_output", "hooksOutput"],
      ["hooks_timeout", "hooksTimeout"],
    ].flatMap(([key, argument]): [string, readonly [string, string]][] => [
      [`${key}`, [`${argument}`, HOOK]],
      ...[
        ["pre_build", "preBuild"],
        ["pre_deploy", "preDeploy"],
        ["pre_app_boot", "preAppBoot"],
        ["post_app_boot", "postAppBoot"],
        ["post_deploy", "postDeploy"],
      ].map(([own, name]): [string, readonly [string, string]] => [`${key}.${own}`, [`${argument}.${name}`, HOOK]]),
    ]),
  ),
  error_pages_path: ["errorPagesPath", because("the folder is read then", "write its path")],
  "registry.username[]": ["registry.username[0]", SECRET],
  "registry.password[]": ["registry.password[0]", SECRET],
  "accessories.host": ["accessories.db.host", SERVER],
  "accessories.hosts": ["accessories.db.hosts", SERVER],
  "accessories.role": ["accessories.db.role", PLACE],
  "accessories.roles[]": ["accessories.db.roles[0]", PLACE],
  "accessories.tag": ["accessories.db.tag", PLACE],
  "accessories.tags[]": ["accessories.db.tags[0]", PLACE],
  "accessories.service": ["accessories.db.service", NAME],
  "accessories.env.secret[]": ["accessories.db.env.secret[0]", VARIABLE],
  "accessories.files[]": ["accessories.db.files[0]", FILE],
  "accessories.files[].local": ["accessories.db.files[0].local", FILE],
  "accessories.proxy.ssl.certificate_pem[]": ["accessories.db.proxy.ssl.certificatePem[0]", SECRET],
  "accessories.proxy.ssl.private_key_pem": ["accessories.db.proxy.ssl.privateKeyPem", SECRET],
  "accessories.proxy.ssl.private_key_pem[]": ["accessories.db.proxy.ssl.privateKeyPem[0]", SECRET],
  "accessories.registry.username[]": ["accessories.db.registry.username[0]", SECRET],
  "accessories.registry.password": ["accessories.db.registry.password", SECRET],
  "accessories.registry.password[]": ["accessories.db.registry.password[0]", SECRET],
  "accessories.protect": ["accessories.db.protect", because("it is an option of the resource", "write true or false")],
  "accessories.backup.to.s3.access_key[]": ["accessories.db.backup.to.s3.accessKey[0]", SECRET],
  "accessories.backup.to.s3.secret_key[]": ["accessories.db.backup.to.s3.secretKey[0]", SECRET],
  "jobs.role": ["jobs.nightly.role", because("it decides which server runs the job", "write the name of the role itself")],
  "jobs.on_host": ["jobs.nightly.onHost", because("it decides which server runs the job", "write the Server itself")],
  adopt: ["adopt", OWNER],
  "adopt[]": ["adopt[0]", OWNER],
};
