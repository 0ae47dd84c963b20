/** Bounds that both sides keep, so that neither can be made to hold more than it agreed to. */
export const LIMITS = {
  /** Largest body of an enrolment or heartbeat, bytes. */
  bodyBytes: 256 * 1024,
  /** Pilots listed in one heartbeat. */
  pilots: 1024,
  /** Readings in one heartbeat beside those that have a field of their own. */
  readings: 32,
  /** Log pieces in one heartbeat, and characters in each. */
  logPieces: 64,
  logPieceChars: 16 * 1024,
  /** Bytes of a log in one step of sending it whole, before they are compressed. */
  wholeChunkBytes: 128 * 1024,
  /** Directives in one answer, and acknowledgements in one heartbeat. */
  directives: 64,
  /** Plans in one answer. */
  plans: 16,
  /** Names of credentials that a receiver holds, thus offers in one answer; characters in each. */
  credentials: 64,
  credentialChars: 64 * 1024,
  /** Characters of what is seen of a pilot, and lines of a log that are asked for at once. */
  peekChars: 32 * 1024,
  peekLines: 1000,
  /** Jobs that one pilot tells of. */
  jobs: 256,
  /** Looks at one VM that wait for their answers. */
  peeks: 16,
  /** Free text written by a person or a program: reasons, hostnames, messages. */
  textChars: 2000,
  /** Names and identifiers. */
  nameChars: 256,
} as const;
