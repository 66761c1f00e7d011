import sharp from "sharp";

/**
 * Sets sharp up for a server, once, by whoever composes the program: a job uses one thread, since many jobs run side by side,
 * and libvips keeps no finished operations, since no two requests share any.
 */
export function configureSharp(): void {
  sharp.concurrency(1);
  sharp.cache(false);
}
