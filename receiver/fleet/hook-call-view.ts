import type { HookRecord } from '../deletions/hook-record.ts';

/** A call of a hook as operators read it. */
export interface HookCallView {
  event: HookRecord['event'];
  at: string;
  tookMs: number;
  outcome: HookRecord['outcome'] | null;
  exitCode: number | null;
  detail: string;
}

export const hookCallView = (call: HookRecord): HookCallView => ({
  event: call.event,
  at: new Date(call.atMs).toISOString(),
  tookMs: call.tookMs,
  outcome: call.outcome ?? null,
  exitCode: call.exitCode ?? null,
  detail: call.detail,
});
