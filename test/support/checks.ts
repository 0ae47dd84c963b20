/** Counts what was checked and prints each line as it is known. */
export interface Checks {
  /** Prints `ok` or `FAILED` with what was seen; never throws. Returns the condition. */
  check(name: string, condition: boolean, detail?: string): boolean;
  readonly passed: number;
  readonly failed: number;
}

export const createChecks = (print: (line: string) => void = console.log): Checks => {
  let passed = 0;
  let failed = 0;
  return {
    check: (name, condition, detail) => {
      if (condition) passed += 1;
      else failed += 1;
      const seen = detail === undefined || detail === '' ? '' : `  (${detail.trim()})`;
      print(condition ? `ok      ${name}` : `FAILED  ${name}${seen}`);
      return condition;
    },
    get passed() {
      return passed;
    },
    get failed() {
      return failed;
    },
  };
};

/** The last line of every runner of ours, which `.ci/run` adds up. */
export const tallyLine = (passed: number, failed: number): string =>
  `${passed} passed, ${failed} failed`;
