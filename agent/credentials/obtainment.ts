/** Content that came from a source. */
export interface Obtained {
  content: string;
  /** When it ends, ms since 1970; absent: nobody says. */
  endMs?: number;
}
