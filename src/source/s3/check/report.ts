/** The lines of `imgproxy s3 check`: a mark, what is so, and below it what to do. */
export class CheckReport {
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  section(title: string): void {
    this.#write(`${title}\n`);
  }

  ok(text: string): void {
    this.#line("ok", text);
  }

  /** Neither good nor bad. */
  note(text: string): void {
    this.#line("-", text);
  }

  warn(text: string, advice?: string): void {
    this.#line("warn", text, advice);
  }

  fail(text: string, advice?: string): void {
    this.#line("FAIL", text, advice);
  }

  #line(mark: string, text: string, advice?: string): void {
    this.#write(`  ${mark.padEnd(4)}  ${text}\n`);
    if (advice !== undefined) this.#write(`        -> ${advice}\n`);
  }
}
