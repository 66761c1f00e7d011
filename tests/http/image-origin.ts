import sharp from "sharp";
import { type Origin, type Respond, startOrigin } from "../source/http/origin.ts";

export const MODIFIED = "Wed, 01 Jan 2025 00:00:00 GMT";

/** A PNG of 64 × 48 pixels. */
export const PNG = await sharp({ create: { width: 64, height: 48, channels: 3, background: { r: 200, g: 60, b: 30 } } })
  .png()
  .toBuffer();

/** Bytes of an answer; a length that is given is not corrected. */
export function imageAnswer(headers: Readonly<Record<string, string>> = {}, body: Buffer = PNG, status = 200): Buffer {
  const all = { "Content-Type": "image/png", "Content-Length": String(body.length), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return Buffer.concat([Buffer.from([`HTTP/1.1 ${status} Status`, ...lines, "", ""].join("\r\n")), body]);
}

type Routes = Readonly<Record<string, Respond>>;

/** Paths and what they do; a path matches the one it begins with. */
const ROUTES: Routes = {
  "/ok": (_, socket) => void socket.write(imageAnswer()),
  "/etag": (request, socket) => {
    const validators = { ETag: '"abc"', "Last-Modified": MODIFIED, "Cache-Control": "max-age=55" };
    const isFresh = request.headers.get("If-None-Match")?.includes('"abc"') ?? false;
    if (!isFresh) return void socket.write(imageAnswer(validators));
    const lines = Object.entries(validators).map(([name, value]) => `${name}: ${value}`);
    return void socket.write(["HTTP/1.1 304 Not Modified", ...lines, "", ""].join("\r\n"));
  },
  "/rich": (_, socket) =>
    void socket.write(
      imageAnswer({ "X-Foo": "bar", "Set-Cookie": "a=b", Vary: "Origin", Link: "<x>; rel=y", ETag: '"r1"' }),
    ),
  "/cookie": (request, socket) => {
    const status = request.headers.get("Cookie") === "sid=42" ? 200 : 403;
    socket.write(imageAnswer({}, PNG, status));
  },
  "/404": (_, socket) => void socket.write(imageAnswer({ "Content-Type": "text/plain" }, Buffer.from("nope"), 404)),
  "/500": (_, socket) => void socket.write(imageAnswer({ "Content-Type": "text/plain" }, Buffer.from("oh"), 500)),
  "/text": (_, socket) => void socket.write(imageAnswer({ "Content-Type": "text/plain" }, Buffer.from("no image"))),
  "/broken": (_, socket) =>
    void socket.write(imageAnswer({}, Buffer.concat([PNG.subarray(0, 8), Buffer.alloc(200, 7)]))),
  "/range": (_, socket) =>
    void socket.write(imageAnswer({ "Content-Range": `bytes 0-7/${PNG.length}` }, PNG.subarray(0, 8), 206)),
  "/chunked": (_, socket) => {
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    socket.write(Buffer.concat([Buffer.from(`${PNG.length.toString(16)}\r\n`), PNG, Buffer.from("\r\n0\r\n\r\n")]));
  },
  "/cut": (_, socket) => {
    socket.write(
      imageAnswer({ "Content-Length": String(PNG.length + 50_000) }, Buffer.concat([PNG, Buffer.alloc(20_000)])),
    );
    socket.end();
  },
  "/drop": (_, socket) => socket.destroy(),
  "/stall": (_, socket) => void socket.write(imageAnswer({ "Content-Length": "50000" }, Buffer.alloc(20_000))),
  "/silent": () => undefined,
  "/delay": (request, socket) => {
    const ms = Number(/\/delay\/(\d+)/.exec(request.target)?.[1] ?? 0);
    setTimeout(() => socket.write(imageAnswer()), ms);
  },
};

/** An origin of images, and of everything that can go wrong with them. */
export function startImageOrigin(more: Routes = {}): Promise<Origin> {
  const routes = Object.entries({ ...ROUTES, ...more });
  return startOrigin((request, socket) => {
    const found = routes.find(([path]) => request.target.startsWith(path))?.[1];
    if (found === undefined) socket.write(imageAnswer({ "Content-Type": "text/plain" }, Buffer.from("no route"), 404));
    else found(request, socket);
  });
}
