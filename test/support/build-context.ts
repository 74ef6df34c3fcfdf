import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { appProgram } from "../../lab/app.ts";

const run = promisify(execFile);

const DOCKERFILE = `FROM scratch
COPY app /app
COPY page.txt /
ARG VERSION=v1
ENV PATH=/ VERSION=$VERSION
CMD ["/app"]
`;

/** The folder of the test app with its Dockerfile, under version control. */
export class BuildContext implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<BuildContext> {
    const context = new BuildContext(await mkdtemp(join(tmpdir(), "slipway-context-")));
    await copyFile(await appProgram(), join(context.folder, "app"));
    await context.write({ Dockerfile: DOCKERFILE, "page.txt": "one", ".dockerignore": "docs\n" });
    await context.git("init", "--quiet");
    await context.commit("one");
    return context;
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(this.folder, name)), { recursive: true });
      await writeFile(join(this.folder, name), content);
    }
  }

  /** @returns the commit, short */
  async commit(message: string): Promise<string> {
    await this.git("add", "--all");
    await this.git("-c", "user.name=lab", "-c", "user.email=lab@example.com", "commit", "--quiet", "--message", message);
    return this.git("rev-parse", "--short", "HEAD");
  }

  async git(...args: readonly string[]): Promise<string> {
    return (await run("git", ["-C", this.folder, ...args])).stdout.trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
