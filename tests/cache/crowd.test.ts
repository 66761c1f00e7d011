/** The executable in front of a crowd that wants one image which nobody has asked for before. */
import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { freePort, startServer } from "../support/executable.ts";
import { image, RED, startCountingOrigin } from "./kept-stand.ts";

/** Each client is a connection: one descriptor here and one in the server, beside what both need for themselves. */
function crowdSize(): number {
  const limits = readFileSync("/proc/self/limits", "utf8");
  const descriptors = Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1] ?? 1024);
  return Math.min(10_000, descriptors - 500);
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket)).once("error", reject);
  });
}

/** Asks over an open connection; the status and the hash of the body, once the server has closed it. */
function ask(socket: Socket, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    socket.removeAllListeners("error").once("error", reject);
    socket.on("data", (piece) => pieces.push(Buffer.from(piece)));
    socket.once("close", () => {
      const answer = Buffer.concat(pieces);
      const bodyAt = answer.indexOf("\r\n\r\n") + 4;
      const digest = createHash("sha256").update(answer.subarray(bodyAt)).digest("hex");
      resolve(`${answer.subarray(9, 12)} ${digest}`);
    });
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  });
}

test("10000 requests at once for one cold image are one request to the source, and all get the image", async () => {
  const size = crowdSize();
  const { promise: opened, resolve: openGate } = Promise.withResolvers<void>();
  await using origin = startCountingOrigin(async () => {
    await opened;
    return image(RED);
  });
  const metricsAt = `127.0.0.1:${await freePort()}`;
  await using server = await startServer({
    env: {
      IMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES: "true",
      IMGPROXY_PROMETHEUS_BIND: metricsAt,
      IMGPROXY_MAX_CLIENTS: "0",
      IMGPROXY_TIMEOUT: "100",
      IMGPROXY_DOWNLOAD_TIMEOUT: "100",
      IMGPROXY_WRITE_RESPONSE_TIMEOUT: "100",
      // One worker and one place to wait: whoever works for himself is refused.
      IMGPROXY_WORKERS: "1",
      IMGPROXY_REQUESTS_QUEUE_SIZE: "1",
      IMGPROXY_LOG_LEVEL: "error",
    },
  });
  const metric = async (name: string) => {
    const text = await (await fetch(`http://${metricsAt}/`)).text();
    return Number(new RegExp(`^${name} (\\d+)`, "m").exec(text)?.[1] ?? 0);
  };
  const port = Number(new URL(server.url).port);
  const path = `/unsafe/w:20/plain/${origin.url}/cold.png`;

  const answers: Promise<string>[] = [];
  // In waves, since the system's queue of connections to be accepted is shorter than the crowd.
  for (let at = 0; at < size; at += 250) {
    const wave = await Promise.all(Array.from({ length: Math.min(250, size - at) }, () => open(port)));
    for (const socket of wave) answers.push(ask(socket, path));
  }
  while ((await metric("requests_in_progress")) < size) await Bun.sleep(50);
  openGate();
  const outcomes = new Map<string, number>();
  for (const outcome of await Promise.all(answers)) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);

  const alone = await fetch(server.url + path);
  const digest = createHash("sha256")
    .update(await alone.bytes())
    .digest("hex");
  expect([...outcomes]).toEqual([[`200 ${digest}`, size]]);
  expect(await metric("shared_requests_total")).toBe(size - 1);
  // The crowd's one, and the one that came alone.
  expect(origin.asked).toHaveLength(2);
}, 120_000);
