import { z } from "zod";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { PROXY_IMAGE } from "../../lab/proxy.ts";

/** What a `deploy.yml` says of an app. */
export interface KamalAppConfig {
  readonly service: string;
  readonly destination?: string | undefined;
  /** Image without a tag. @example "10.0.0.1:5000/shop" */
  readonly image: string;
  readonly hosts: readonly LabHost[];
  /** `proxy.host`: every host name without it. */
  readonly host?: string;
  /** `env.secret` */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** What a `deploy.yml` says of an accessory. */
export interface KamalAccessoryConfig {
  readonly name: string;
  readonly image: string;
  readonly host: LabHost;
  readonly port?: string;
  readonly cmd?: string;
  readonly clear?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  /** `data:/var/lib/postgresql/data` */
  readonly directories?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, string>>;
}

/**
 * An app that Kamal 2.12 deploys: the commands that its source has, in their order, in the home of the SSH user, root. What it runs on the
 * operator's machine and its audit log are left out.
 */
export class KamalApp {
  readonly #lab: Lab;
  readonly #config: KamalAppConfig;

  constructor(lab: Lab, config: KamalAppConfig) {
    this.#lab = lab;
    this.#config = config;
  }

  /** `kamal deploy --skip-push --version VERSION` */
  async deploy(version: string): Promise<void> {
    const { username, password, server } = this.#lab.registry;
    await this.#everywhere(`docker login ${server} -u ${username} -p '${password}'
      docker image rm --force ${this.#image(version)} || true
      docker pull ${this.#image(version)}
      docker inspect -f '{{ .Config.Labels.service }}' ${this.#image(version)} | grep -x ${this.#config.service}
      mkdir -p .kamal`);
    await this.#locked(async () => {
      await this.#everywhere(`${PROXY_BOOT}
        ${this.#versions()} | grep -v -x -F "$(${this.#current()})" | while read stale; do ${this.#stop("$stale")}; done`);
      await this.#boot(version);
      await this.#everywhere(this.#prune());
    });
  }

  /** `kamal rollback VERSION` */
  async rollback(version: string): Promise<void> {
    await this.#everywhere(`docker container ls --all --filter 'name=^${this.#container(version)}$' --quiet | grep .`);
    await this.#locked(() => this.#boot(version));
  }

  /** `kamal accessory boot NAME`. Gives the id of its container. */
  async bootAccessory(accessory: KamalAccessoryConfig): Promise<string> {
    const { name, image, host, port, cmd = "", clear = {}, secrets = {}, volumes = [], directories = [] } = accessory;
    const service = `${this.#config.service}-${name}`;
    const folders = directories.map((written) => written.split(":").slice(0, 2)) as [local: string, remote: string][];
    const flags = [
      ...(port === undefined ? [] : [`--publish "${port}"`]),
      `--env KAMAL_HOST="${host.address}"`,
      ...Object.entries(clear).map(([key, value]) => `--env ${key}="${value}"`),
      `--env-file ${this.#folder}/env/accessories/${name}.env`,
      ...volumes.map((volume) => `--volume ${volume}`),
      ...folders.map(([local, remote]) => `--volume $PWD/${service}/${local}:${remote}`),
      ...Object.entries({ service, ...accessory.labels }).map(([key, value]) => `--label ${key}="${value}"`),
      ...Object.entries(accessory.options ?? {}).map(([key, value]) => `--${key} "${value}"`),
    ];
    const { username, password, server } = this.#lab.registry;
    const id = await on(
      host,
      `exec 3>&1 >/dev/null
      docker login ${server} -u ${username} -p '${password}'
      docker network create kamal || true
      ${folders.map(([local]) => `mkdir -p $PWD/${service}/${local}`).join("\n")}
      mkdir -p ${this.#folder}/env/accessories
      ${writeSecrets(`${this.#folder}/env/accessories/${name}.env`, secrets)}
      docker run --name ${service} --detach --restart unless-stopped --network kamal --log-opt max-size="10m" ${flags.join(" ")} ${image} ${cmd} >&3`,
    );
    return id.trim();
  }

  /** What of the app is on its hosts: containers and their starts, images, files, and its route. The same as long as nothing touches it. */
  facts(): Promise<unknown> {
    const { service } = this.#config;
    return Promise.all(
      this.#config.hosts.map(async (host) => ({
        containers: await on(
          host,
          `docker ps --all --quiet ${this.#filters} | xargs docker inspect -f '{{.Id}} {{.Name}} {{.State.StartedAt}} {{.State.Status}}'`,
        ),
        images: await on(host, `docker image ls --filter label=service=${service} --format '{{.ID}} {{.Repository}}:{{.Tag}}'`),
        files: await on(host, `find .kamal/apps/${this.#name} -type f | sort | xargs sha256sum`),
        route: States.parse(JSON.parse(await on(host, `cat ${STATE}`))).find(({ name }) => name === this.#prefix),
      })),
    );
  }

  async #locked(work: () => Promise<void>): Promise<void> {
    const [primary] = this.#config.hosts;
    const lock = `.kamal/lock-${this.#name}`;
    if (primary !== undefined) await on(primary, `mkdir ${lock} && echo locked >${lock}/details`);
    await work();
    if (primary !== undefined) await on(primary, `rm ${lock}/details && rm -r ${lock}`);
  }

  async #boot(version: string): Promise<void> {
    const container = this.#container(version);
    const { host: name, secrets = {}, destination } = this.#config;
    const env = `${this.#folder}/env/roles`;
    await Promise.all(
      this.#config.hosts.map((host) =>
        on(
          host,
          `id_of() { docker container ls --all --filter "name=^$1$" --quiet; }
          if [ -n "$(id_of ${container})" ]; then docker rename ${container} ${container}_replaced_5e1f00ba12cd9a07; fi
          old=$(${this.#current()})
          mkdir -p ${env}
          ${writeSecrets(`${env}/web.env`, secrets)}
          docker run --detach --restart unless-stopped --name ${container} --network kamal --hostname ${host.name}-5e1f00ba12cd \
            --env KAMAL_CONTAINER_NAME="${container}" --env KAMAL_VERSION="${version}" --env KAMAL_HOST="${host.address}" \
            ${destination === undefined ? "" : `--env KAMAL_DESTINATION="${destination}"`} \
            --env-file ${env}/web.env --log-opt max-size="10m" \
            --label service="${this.#config.service}" --label role="web" --label destination${destination === undefined ? "" : `="${destination}"`} \
            ${this.#image(version)}
          docker exec kamal-proxy kamal-proxy deploy ${this.#prefix} --target="$(id_of ${container}):3000" \
            ${name === undefined ? "" : `--host="${name}"`} --deploy-timeout="30s" --drain-timeout="30s" --buffer-requests --buffer-responses \
            --log-request-header="Cache-Control" --log-request-header="Last-Modified" --log-request-header="User-Agent"
          if [ -n "$old" ]; then ${this.#stop("$old")}; fi`,
        ),
      ),
    );
    await this.#everywhere(`docker tag ${this.#image(version)} ${this.#latest}`);
  }

  #prune(): string {
    const { service, image } = this.#config;
    const stopped = ["created", "exited", "dead"].map((status) => `--filter status=${status}`).join(" ");
    return `docker ps -q -a --filter label=service=${service} ${stopped} | tail -n +6 | while read container_id; do docker rm $container_id; done
      docker image prune --force --filter label=service=${service}
      docker image ls --filter label=service=${service} --format '{{.ID}} {{.Repository}}:{{.Tag}}' \
        | grep -v -w "$(docker container ls -a --format '{{.Image}}\\|' --filter label=service=${service} | tr -d '\\n')${this.#latest}\\|${image}:<none>" \
        | while read image tag; do docker rmi $tag; done`;
  }

  /** Of the newest container of the latest image that runs, else of the newest one that runs. */
  #current(): string {
    const running = `docker ps --latest --format '{{.Names}}' ${this.#filters} --filter status=running --filter status=restarting`;
    const latest = `docker image ls --filter reference=${this.#latest} --format '{{.ID}}'`;
    return `{ ${running} --filter ancestor=$(${latest}); ${running}; } 2>/dev/null | head -1 | ${this.#version}`;
  }

  #versions(): string {
    return `docker ps ${this.#filters} --format '{{.Names}}' | ${this.#version}`;
  }

  get #version(): string {
    return `while read line; do echo \${line#${this.#prefix}-}; done`;
  }

  #stop(version: string): string {
    return `docker container ls --all --filter "name=^${this.#container(version)}$" --quiet | xargs docker stop`;
  }

  #everywhere(script: string): Promise<unknown> {
    return Promise.all(this.#config.hosts.map((host) => on(host, script)));
  }

  get #filters(): string {
    const { service, destination = "" } = this.#config;
    return `--filter label=service=${service} --filter label=destination=${destination} --filter label=role=web`;
  }

  get #name(): string {
    const { service, destination } = this.#config;
    return destination === undefined ? service : `${service}-${destination}`;
  }

  get #prefix(): string {
    const { service, destination } = this.#config;
    return destination === undefined ? `${service}-web` : `${service}-web-${destination}`;
  }

  get #folder(): string {
    return `.kamal/apps/${this.#name}`;
  }

  get #latest(): string {
    const { image, destination } = this.#config;
    return `${image}:latest${destination === undefined ? "" : `-${destination}`}`;
  }

  #image(version: string): string {
    return `${this.#config.image}:${version}`;
  }

  #container(version: string): string {
    return `${this.#prefix}-${version}`;
  }
}

/** `kamal proxy boot` */
export const bootProxy = (host: LabHost): Promise<string> => on(host, PROXY_BOOT);

const PROXY_BOOT = `docker network create kamal || true
  mkdir -p .kamal/proxy/apps-config
  docker container start kamal-proxy || docker run --name kamal-proxy --network kamal --detach --restart unless-stopped \
    --volume kamal-proxy-config:/home/kamal-proxy/.config/kamal-proxy \
    --volume $PWD/.kamal/proxy/apps-config:/home/kamal-proxy/.apps-config \
    --publish 80:80 --publish 443:443 --log-opt max-size=10m ${PROXY_IMAGE}`;

const STATE = "/var/lib/docker/volumes/kamal-proxy-config/_data/kamal-proxy.state";
const States = z.array(z.looseObject({ name: z.string() }));

const writeSecrets = (file: string, secrets: Readonly<Record<string, string>>): string =>
  `(umask 077; cat >${file} <<'END'
${Object.entries(secrets)
  .map(([name, value]) => `${name}=${value}`)
  .join("\n")}
END
)`;

const on = (host: LabHost, script: string): Promise<string> => host.must(`set -e\ncd /root\n${script}`);
