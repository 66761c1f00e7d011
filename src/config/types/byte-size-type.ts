import { bad, good, type ValueType } from "./value-type.ts";

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** An amount of memory or disk: whole bytes, or a number with K, M, G or T (powers of 1024; `MB` and `MiB` mean `M`). */
export function byteSize({ min }: { readonly min: number }): ValueType<number> {
  return {
    name: "bytes",
    expected: `a size such as 512M or 10G, ${printSize(min)} or more`,
    parse: (text) => {
      const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([KMGT]?)(?:I?B)?$/i.exec(text) ?? [];
      const bytes = Math.floor(Number(digits) * (UNITS[unit.toUpperCase()] ?? Number.NaN));
      return bytes >= min && Number.isSafeInteger(bytes) ? good(bytes) : bad();
    },
    print: printSize,
  };
}

function printSize(bytes: number): string {
  for (const unit of ["T", "G", "M", "K"]) {
    const amount = bytes / (UNITS[unit] ?? 1);
    if (amount >= 1 && Number.isInteger(amount)) return `${amount}${unit}`;
  }
  return String(bytes);
}
