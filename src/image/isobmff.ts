/** A box of an ISO base media file: four letters and what is in it. */
export type Box = { readonly type: string; readonly payload: Uint8Array };

const MAX_BOXES = 4096;

/** Walks the boxes at the top of a file. Stops at what is cut off or makes no sense, and after 4096 boxes. */
export function* topLevelBoxes(file: Uint8Array): Generator<Box> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 0, count = 0; at + 8 <= file.length && count < MAX_BOXES; count++) {
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    let headBytes = 8;
    let length = view.getUint32(at);
    if (length === 1) {
      if (at + 16 > file.length) return;
      headBytes = 16;
      length = Number(view.getBigUint64(at + 8));
    } else if (length === 0) length = file.length - at;
    if (length < headBytes) return;
    yield { type, payload: file.subarray(at + headBytes, at + length) };
    at += length;
  }
}
