import type { Clock } from '../../platform/clock.ts';
import type { Exec } from '../../platform/exec.ts';
import type { Files } from '../../platform/files.ts';
import type { Http } from '../../platform/http.ts';
import type { CHECK_NAMES } from '../context/schema/checks.ts';
import type { Context } from '../context/schema.ts';
import type { Slot } from '../pilot/slots.ts';

/**
 * `failed`: no payload may run here; `warning`: it may, but somebody should know; `skipped`: it does
 * not apply to this VM, or cannot be told.
 */
export type CheckVerdict = 'ok' | 'warning' | 'failed' | 'skipped';

export interface CheckOutcome {
  verdict: CheckVerdict;
  /** For a person: what was measured, and against what. */
  reason: string;
}

export interface CheckResult extends CheckOutcome {
  check: string;
  tookMs: number;
}

export interface CheckPorts {
  /** The VM's files. */
  files: Files;
  /** The files of the machine on which we run: /proc and /dev. */
  host: Files;
  exec: Exec;
  clock: Clock;
  http: Http;
  /** Addresses of a host name; fails if it has none. */
  lookup: (host: string) => Promise<readonly string[]>;
}

export interface CheckInput {
  context: Context;
  slots: readonly Slot[];
}

/** One question about the node. Its measuring is bounded in time by whoever runs it. */
export interface Check {
  readonly name: (typeof CHECK_NAMES)[number];
  run(input: CheckInput, ports: CheckPorts, signal: AbortSignal): Promise<CheckOutcome>;
}

export const ok = (reason: string): CheckOutcome => ({ verdict: 'ok', reason });
export const warning = (reason: string): CheckOutcome => ({ verdict: 'warning', reason });
export const failed = (reason: string): CheckOutcome => ({ verdict: 'failed', reason });
export const skipped = (reason: string): CheckOutcome => ({ verdict: 'skipped', reason });

const GRAVITY: Readonly<Record<CheckVerdict, number>> = {
  failed: 3,
  warning: 2,
  ok: 1,
  skipped: 0,
};

/** The gravest of several outcomes, with all the reasons that are as grave. */
export const gravest = (outcomes: readonly CheckOutcome[], none: string): CheckOutcome => {
  const top = Math.max(...outcomes.map(({ verdict }) => GRAVITY[verdict]));
  const worst = outcomes.filter(({ verdict }) => GRAVITY[verdict] === top);
  const [first] = worst;
  if (first === undefined) return skipped(none);
  return { verdict: first.verdict, reason: worst.map(({ reason }) => reason).join('; ') };
};
