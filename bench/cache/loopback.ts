/** A client that costs next to nothing: it knows how long an answer is and counts bytes instead of reading them. */
import { connect, type Socket } from "node:net";

export type LoopbackLoad = {
  readonly port: number;
  readonly path: string;
  /** Connections, each with one request under way. */
  readonly connections: number;
  readonly seconds: number;
};

/** Answers a second. Throws when a server sends anything but equal answers of status 200. */
export async function answersPerSecond(
  load: LoopbackLoad,
): Promise<{ readonly perSecond: number; readonly answers: number }> {
  const { port, path, connections, seconds } = load;
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: image/*\r\n\r\n`);
  const length = await answerLength(port, request);
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  let answers = 0;
  let isOver = false;
  const runs = sockets.map(
    (socket) =>
      new Promise<void>((resolve, reject) => {
        let missing = length;
        socket.on("error", reject).on("close", () => reject(new Error("the server closed the connection")));
        socket.on("data", (piece) => {
          missing -= piece.length;
          if (missing < 0) reject(new Error("an answer is longer than the first"));
          if (missing !== 0) return;
          answers++;
          missing = length;
          if (isOver) resolve();
          else socket.write(request);
        });
        socket.write(request);
      }),
  );
  const since = performance.now();
  setTimeout(() => {
    isOver = true;
  }, seconds * 1000);
  await Promise.all(runs);
  const took = (performance.now() - since) / 1000;
  for (const socket of sockets) socket.removeAllListeners("close").destroy();
  return { perSecond: answers / took, answers };
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(socket)).once("error", reject);
  });
}

/** Bytes of one whole answer, head and body. */
async function answerLength(port: number, request: Buffer): Promise<number> {
  const socket = await open(port);
  try {
    return await new Promise((resolve, reject) => {
      let answer = Buffer.alloc(0);
      socket.on("error", reject);
      socket.on("data", (piece) => {
        answer = Buffer.concat([answer, Buffer.from(piece)]);
        const bodyAt = answer.indexOf("\r\n\r\n") + 4;
        if (bodyAt < 4) return;
        const head = answer.toString("latin1", 0, bodyAt);
        const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? Number.NaN);
        if (!head.startsWith("HTTP/1.1 200")) reject(new Error(head));
        else if (answer.length === bodyAt + length) resolve(answer.length);
      });
      socket.write(request);
    });
  } finally {
    socket.destroy();
  }
}
