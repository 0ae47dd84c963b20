/** Ends the program with a plain word where it is not run by root. */
export const needRoot = (what: string): void => {
  if (process.getuid?.() === 0) return;
  console.error(`${what} builds a Debian root, so it has to be run by root.`);
  console.log('0 passed, 1 failed');
  process.exit(1);
};
