/** One of the four ways in which a JPEG XL header writes a number: an offset and that many bits. */
export type NumberForm = { readonly offset: number; readonly bits: number };

/** Reads bits, the lowest of each byte first, as JPEG XL headers have them. Past the end it throws a `RangeError`. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** At most 32 bits. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      const byte = this.#bytes[this.#position >> 3];
      if (byte === undefined) throw new RangeError("the header is cut off");
      value += ((byte >> (this.#position & 7)) & 1) * 2 ** i;
      this.#position += 1;
    }
    return value;
  }

  flag(): boolean {
    return this.bits(1) === 1;
  }

  /** A number in one of four forms, chosen by two bits. */
  number(forms: readonly [NumberForm, NumberForm, NumberForm, NumberForm]): number {
    const { offset, bits } = forms[this.bits(2)] ?? forms[0];
    return offset + this.bits(bits);
  }

  skip(count: number): void {
    this.#position += count;
  }
}
