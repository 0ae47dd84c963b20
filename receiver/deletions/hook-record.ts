import type { HookOutcome } from '../fleet/deletion.ts';

/** What a hook is asked for. */
export const HOOK_EVENTS = ['delete', 'protect', 'unprotect'] as const;
export type HookEvent = (typeof HOOK_EVENTS)[number];

/** One call of a hook, or one word of an operator, as the audit keeps it. Times are ms since 1970. */
export interface HookRecord {
  vmId: string;
  event: HookEvent | 'delete-asked' | 'said-deleted';
  atMs: number;
  /** How long it took. */
  tookMs: number;
  /** Absent for what an operator said. */
  outcome?: HookOutcome;
  /** Absent where it did not end by itself. */
  exitCode?: number;
  /** Who said it, or the end of what the hook printed. */
  detail: string;
}
