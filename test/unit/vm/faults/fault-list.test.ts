import { execFileSync } from 'node:child_process';
import * as v from 'valibot';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { Context } from '../../../../agent/context/schema.ts';
import { WORK_DONE } from '../../../vm/faults/expected.ts';
import { FAULTS } from '../../../vm/faults/index.ts';
import { MOMENTS, strikeAt } from '../../../vm/faults/moments.ts';
import { PAYLOAD } from '../../../vm/faults/payload.ts';
import { insideOf } from '../../../vm/faults/run-fault.ts';
import { beginsAtWork } from '../../../vm/faults/scenarios.ts';
import { faultSite } from '../../../vm/faults/site.ts';
import { putFiles } from '../../../vm/faults/start-agent.ts';
import { holdBack } from '../../../vm/faults/worlds.ts';

/** Fails with the shell's own words if the script is none. */
const checkShell = (script: string): string =>
  execFileSync('/bin/sh', ['-n'], { input: script, encoding: 'utf8' });

describe('the fault list', () => {
  it('names each fault once', () => {
    const names = FAULTS.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    for (const name of names) expect(name).toMatch(/^[a-z]+(?:-[a-z0-9]+)*$/);
  });

  test.each(FAULTS.map(fault => [fault.name, fault] as const))(
    '%s has a context that the agent understands, and ends before its hard end',
    (_, fault) => {
      const context = v.parse(
        Context,
        parse(faultSite({ ...fault, latestS: fault.boundS + 60 }, 120.5).content),
      );
      const latestMs = context.policies.lifetime.max - 120_500;
      expect(latestMs).toBeGreaterThan(fault.boundS * 1000);
      expect(fault.expected.notBeforeS ?? 0).toBeLessThan(fault.boundS);
      expect(fault.expected.finished).toBeLessThanOrEqual(fault.expected.begun);
    },
  );

  it('says to the shell what a shell understands', () => {
    const scripts = FAULTS.flatMap(({ before = ':', strikes }) => [
      before,
      ...strikes.map(({ at, does }) => strikeAt(at, insideOf(does))),
    ]);
    const conditions = Object.values(MOMENTS).map(moment => `until { ${moment}; }; do :; done`);
    checkShell([putFiles([PAYLOAD]), PAYLOAD.content, ...scripts, ...conditions].join('\n'));
  });

  it('has few enough in the smoke set that they fit beside the rest', () => {
    expect(FAULTS.filter(({ smoke }) => smoke).length).toBeLessThanOrEqual(3);
  });

  it('begins at work where the VM is to be at work anyway', () => {
    const strikes = [{ at: 'the payload works', does: { kind: 'wait', seconds: 1 } }] as const;
    const fault = {
      ...({ name: 'a', done: 'b', payload: 'short', boundS: 1 } as const),
      strikes,
      expected: WORK_DONE,
    };
    expect(beginsAtWork(fault)).toBe(true);
    expect(beginsAtWork({ ...fault, before: 'true' })).toBe(false);
    expect(beginsAtWork({ ...fault, context: {} })).toBe(false);
    const early = [{ ...strikes[0], at: 'it has begun' }] as const;
    expect(beginsAtWork({ ...fault, strikes: early })).toBe(false);
  });

  it('holds back what the image enables', () => {
    expect(parse(holdBack(['a.service', 'b.timer']))).toEqual({
      bootcmd: ['systemctl stop --no-block a.service b.timer'],
    });
  });
});
