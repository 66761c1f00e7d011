import { describe, expect, test } from "bun:test";
import { describeOwnProgram } from "../../src/native/own-program.ts";
import { TUNED_MARK } from "../../src/native/tuning.ts";

describe("another process of this program", () => {
  test("is started by the same file", () => {
    const [runtime, main = ""] = describeOwnProgram({}).command;
    expect(runtime).toBe(process.execPath);
    expect(main).toEndWith("/src/main.ts");
  });

  test("has as many native jobs as it has workers, and two more, unless the user has said how many", () => {
    const jobsOf = (env: Record<string, string>) => describeOwnProgram(env).environmentFor(3)["UV_THREADPOOL_SIZE"];
    expect(jobsOf({})).toBe("5");
    expect(jobsOf({ UV_THREADPOOL_SIZE: "18", [TUNED_MARK]: "MALLOC_ARENA_MAX,UV_THREADPOOL_SIZE" })).toBe("5");
    expect(jobsOf({ UV_THREADPOOL_SIZE: "18", [TUNED_MARK]: "MALLOC_ARENA_MAX" })).toBe("18");
    expect(jobsOf({ UV_THREADPOOL_SIZE: "18" })).toBe("18");
  });

  test("gets the environment as it was, without what is for this process alone", () => {
    const env: Record<string, string> = { LANG: "C", NOTIFY_SOCKET: "/n", WATCHDOG_USEC: "1", WATCHDOG_PID: "2" };
    const program = describeOwnProgram(env);
    env["IMGPROXY_KEY"] = "from a file";
    expect(program.environmentFor(4)).toEqual({ LANG: "C", UV_THREADPOOL_SIZE: "6" });
  });
});
