import { expect, test } from "bun:test";
import { Agent, get } from "node:http";
import { get as getHttps, Agent as HttpsAgent } from "node:https";
import type { AddressGuard } from "../../../src/source/guard/address-guard.ts";
import { limitPool } from "../../../src/source/http/pool.ts";
import { failureOf } from "../../support/failure.ts";
import { answer, startOrigin } from "./origin.ts";

const open: AddressGuard = () => undefined;

test("a TLS handshake that takes too long is a timeout", async () => {
  await using origin = await startOrigin(() => undefined);
  const agent = limitPool(new HttpsAgent(), open, { connectMs: 1000, tlsMs: 30 });
  const error = await failureOf(
    new Promise((resolve, reject) =>
      getHttps({ host: "127.0.0.1", port: origin.port, agent }, resolve).on("error", reject),
    ),
  );
  expect(error.kind).toBe("source_timeout");
  expect(error.message).toContain("secureConnect");
});

test("a connection that is never made is a timeout", async () => {
  const agent = limitPool(new Agent(), open, { connectMs: 30, tlsMs: 1000 });
  // The name is never resolved, so the socket never connects.
  const lookup = () => undefined;
  const error = await failureOf(
    new Promise((resolve, reject) => get({ host: "slow.example", lookup, agent }, resolve).on("error", reject)),
  );
  expect(error.kind).toBe("source_timeout");
});

test("a hundred connections at most are kept idle, over all hosts", async () => {
  await using origin = await startOrigin((_, socket) => void setTimeout(() => socket.write(answer(200)), 50));
  const agent = limitPool(new Agent({ keepAlive: true }), open);
  const lookup = (_: string, __: unknown, done: (error: null, list: { address: string; family: number }[]) => void) =>
    done(null, [{ address: "127.0.0.1", family: 4 }]);
  const fetchFrom = (host: string) =>
    new Promise<void>((resolve, reject) => {
      get({ host, port: origin.port, agent, lookup }, (response) => response.resume().once("close", resolve)).on(
        "error",
        reject,
      );
    });
  await Promise.all(Array.from({ length: 120 }, (_, index) => fetchFrom(`host${index % 60}.example`)));
  const idle = Object.values(agent.freeSockets).reduce((sum, sockets) => sum + (sockets?.length ?? 0), 0);
  expect(idle).toBe(100);
  agent.destroy();
});
