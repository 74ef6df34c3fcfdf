import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { join, normalize } from "node:path";
import { pipeline } from "node:stream/promises";

/** A process of its own: gives the files of a folder by HTTP. `node server.ts ADDRESS PORT FOLDER` */
const [address, port, root = ""] = process.argv.slice(2);

const server = createServer(async (asked, answer) => {
  try {
    const { pathname } = new URL(asked.url ?? "/", "http://lab");
    const file = join(root, normalize(decodeURIComponent(pathname))); // a normal absolute path never leaves the folder
    const found = await stat(file).catch(() => undefined);
    if (found === undefined || !found.isFile()) {
      answer.writeHead(404).end();
      return;
    }
    answer.writeHead(200, { "content-length": found.size, "last-modified": found.mtime.toUTCString() });
    if (asked.method === "HEAD") answer.end();
    else await pipeline(createReadStream(file), answer);
  } catch (error) {
    console.error(asked.url, error);
    answer.destroy();
  }
});
server.listen(Number(port), address, () => console.info(`archive of ${root} at ${address}:${port}`));
