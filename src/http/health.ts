import { type Answer, textAnswer } from "./answer.ts";

/** Longer than this, and the libraries hang: a load balancer should look elsewhere. */
const LIMIT_MS = 5000;

/**
 * Answers the health check: 200 with `message` when the libraries can still make an image (`check` resolves within 5 s), else 500.
 * Without a check the server is healthy while it answers.
 */
export async function answerHealth(message: string, check: (() => Promise<void>) | undefined): Promise<Answer> {
  const isHealthy = check === undefined || (await succeedsInTime(check));
  const headers = [["Cache-Control", "no-cache"]] as const;
  return isHealthy ? textAnswer(200, message, headers) : textAnswer(500, "Error", headers);
}

async function succeedsInTime(check: () => Promise<void>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, LIMIT_MS, false);
  try {
    const success = check().then(
      () => true,
      () => false,
    );
    return await Promise.race([success, late]);
  } finally {
    clearTimeout(timer);
  }
}
