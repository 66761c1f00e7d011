import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { imageAnswer } from "../http/image-origin.ts";
import { type Origin, startOrigin } from "../source/http/origin.ts";
import type { SoakPicture } from "./pictures.ts";

/** Longer than any download may take here. */
const PIECE_MS = 30;
const PIECES = 6;

const type = "application/octet-stream";
const text = (status: number, words: string) =>
  imageAnswer({ "Content-Type": "text/plain" }, Buffer.from(words), status);
const redirect = (location: string) => `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;

function chunked(bytes: Buffer): Buffer {
  const head = Buffer.from(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${bytes.length.toString(16)}\r\n`);
  return Buffer.concat([head, bytes, Buffer.from("\r\n0\r\n\r\n")]);
}

function inPieces(socket: Socket, bytes: Buffer): void {
  const size = Math.ceil(bytes.length / PIECES);
  for (let piece = 0; piece < PIECES; piece++)
    setTimeout(() => void socket.write(bytes.subarray(piece * size, (piece + 1) * size)), piece * PIECE_MS);
}

type Way = (socket: Socket, bytes: Buffer, rest: string) => void;

/** Honest ways to deliver a picture. */
const GOOD_WAYS = {
  plain: (socket, bytes) => void socket.write(imageAnswer({ "Content-Type": type }, bytes)),
  chunked: (socket, bytes) => void socket.write(chunked(bytes)),
  gzip: (socket, bytes) =>
    void socket.write(imageAnswer({ "Content-Encoding": "gzip" }, gzipSync(bytes, { level: 1 }))),
  pieces: (socket, bytes) => inPieces(socket, imageAnswer({ "Content-Type": type }, bytes)),
  late: (socket, bytes) => void setTimeout(() => socket.write(imageAnswer({ "Content-Type": type }, bytes)), 100),
  closing: (socket, bytes) => void socket.end(imageAnswer({ Connection: "close" }, bytes)),
  moved: (socket, _, rest) => void socket.write(redirect(`/plain/${rest}`)),
} satisfies Record<string, Way>;

/** Everything that goes wrong with sources. */
const BAD_WAYS = {
  silent: () => undefined,
  stalled: (socket, bytes) => void socket.write(imageAnswer({ "Content-Length": String(2 * bytes.length) }, bytes)),
  short: (socket, bytes) => void socket.end(imageAnswer({ "Content-Length": String(bytes.length + 5000) }, bytes)),
  huge: (socket, bytes) => void socket.write(imageAnswer({ "Content-Length": "20000000000" }, bytes)),
  dropped: (socket) => void socket.destroy(),
  reset: (socket, bytes) => {
    socket.write(imageAnswer({ "Content-Length": String(bytes.length) }, bytes.subarray(0, bytes.length / 2)));
    setTimeout(() => socket.resetAndDestroy(), 20);
  },
  circle: (socket, _, rest) => void socket.write(redirect(`/circle/${rest}`)),
  nowhere: (socket) => void socket.write(redirect("http://127.0.0.1:1/")),
  missing: (socket) => void socket.write(text(404, "not here")),
  failing: (socket) => void socket.write(text(500, "oh no")),
  words: (socket) => void socket.write(text(200, "this is no picture")),
  nothing: (socket) => void socket.write(imageAnswer({}, Buffer.alloc(0))),
  noise: (socket) => void socket.end("\0\x01\x02 this is not HTTP\r\n\r\n"),
  badgzip: (socket, bytes) => void socket.write(imageAnswer({ "Content-Encoding": "gzip" }, bytes)),
  broken: (socket, bytes) =>
    void socket.write(imageAnswer({}, Buffer.concat([bytes.subarray(0, 40), Buffer.alloc(900, 7)]))),
} satisfies Record<string, Way>;

export type GoodWay = keyof typeof GOOD_WAYS;
export type BadWay = keyof typeof BAD_WAYS;
// The keys of both tables are exactly these.
export const GOOD_WAY_NAMES = Object.keys(GOOD_WAYS) as readonly GoodWay[];
export const BAD_WAY_NAMES = Object.keys(BAD_WAYS) as readonly BadWay[];

/** An origin that serves each picture in every way, `/way/name`, good ones and bad ones. */
export function startRoughOrigin(pictures: readonly SoakPicture[]): Promise<Origin> {
  const files = new Map(pictures.map(({ name, bytes }) => [name, Buffer.from(bytes)]));
  const ways = new Map<string, Way>([...Object.entries(GOOD_WAYS), ...Object.entries(BAD_WAYS)]);
  return startOrigin(({ target }, socket) => {
    const [, way = "", rest = ""] = /^\/(\w+)\/(.*)$/.exec(target) ?? [];
    const bytes = files.get(rest.split("?")[0] ?? "") ?? Buffer.from("no such picture");
    (ways.get(way) ?? BAD_WAYS.missing)(socket, bytes, rest);
  });
}
