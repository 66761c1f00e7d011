/**
 * Runs `listen` so that the `node:http` server which it makes listen shares its port (SO_REUSEPORT) with others that do so, too.
 *
 * `node:http` of Bun 1.4.5 passes over `reusePort`, except in workers of `node:cluster`, and those would open the port of the
 * metrics to sharing as well. It listens by calling `Bun.serve`, which knows the option, before `listen` returns.
 */
export function withSharedPort<Result>(listen: () => Result): Result {
  if (process.versions["bun"] === undefined) return listen();
  const { serve } = Bun;
  const shared = (options: object) => Reflect.apply(serve, Bun, [{ ...options, reusePort: true }]);
  Object.assign(Bun, { serve: shared });
  try {
    return listen();
  } finally {
    Object.assign(Bun, { serve });
  }
}
