/** Longest that one answer of a store of secrets may take. */
export const STORE_TIMEOUT_MS = 10_000;
