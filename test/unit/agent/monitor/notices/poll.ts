import type { RequestListener } from 'node:http';
import { onTestFinished } from 'vitest';
import { parseContext } from '../../../../../agent/context/parse.ts';
import type { Preemption } from '../../../../../agent/context/schema/policies.ts';
import type {
  NoticeSource,
  NoticeVm,
  Poller,
} from '../../../../../agent/monitor/notices/source.ts';
import { createLightHttp } from '../../../../../platform/light-http.ts';
import { startLoopbackServer } from '../../../../support/loopback-server.ts';
import { createManualClock } from '../../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../../support/memory-files.ts';

/** What a context says of this policy. */
export const settingsOf = (preemption: object = {}): Preemption => {
  const text = JSON.stringify({ version: 1, policies: { preemption } });
  const { policies } = parseContext([{ name: 'c', text }]).context;
  if (policies.preemption === false) throw new Error('switched off');
  return policies.preemption;
};

export const vmOf = (more: Partial<NoticeVm> = {}): NoticeVm => ({
  cloud: undefined,
  lifeCycle: undefined,
  settings: settingsOf(),
  ...more,
});

/** One source with the agent's own HTTP client, before a real server. */
export const pollOf = async (
  source: NoticeSource,
  listener: RequestListener,
  { settings = {}, allowImdsV1 = false }: { settings?: object; allowImdsV1?: boolean } = {},
): Promise<{ poller: Poller; stop: AbortController }> => {
  const { origin } = await startLoopbackServer(listener);
  const stop = new AbortController();
  const poller = source.create(
    {
      http: createLightHttp,
      files: createMemoryFiles(),
      clock: createManualClock(),
      options: { metadataUrl: origin, allowImdsV1 },
    },
    vmOf({ settings: settingsOf(settings) }),
    stop.signal,
  );
  onTestFinished(() => poller.close());
  return { poller, stop };
};

/** RFC 9110's date, some ms from now on the host's clock, which is the servers'. */
export const httpDate = (inMs: number): string => new Date(Date.now() + inMs).toUTCString();
/** EC2's, likewise. */
export const isoDate = (inMs: number): string =>
  new Date(Date.now() + inMs).toISOString().replace(/\.\d+/, '');
