import { type Checks, createChecks } from '../support/checks.ts';

/** Tells what happens in a scenario as it happens, with the seconds since its start. */
export interface Timeline extends Checks {
  say(line: string): void;
  elapsedMs(): number;
}

export const createTimeline = (name: string): Timeline => {
  const startedMs = performance.now();
  const elapsedMs = (): number => performance.now() - startedMs;
  const say = (line: string): void => {
    const seconds = (elapsedMs() / 1000).toFixed(1).padStart(6);
    console.log(`[${name}] +${seconds} s  ${line}`);
  };
  const checks = createChecks(say);
  return {
    say,
    elapsedMs,
    check: checks.check,
    get passed() {
      return checks.passed;
    },
    get failed() {
      return checks.failed;
    },
  };
};
