import type { Variable } from "./variable.ts";
import type { ConfigKey, VARIABLES } from "./variables.ts";

/** Every setting with its effective value: frozen, built once at start. Derived from the table of variables. */
export type Config = {
  readonly [Key in ConfigKey]: (typeof VARIABLES)[Key] extends Variable<infer Value> ? Value : never;
};
