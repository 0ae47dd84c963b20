import { createLogStore } from '../../../../agent/logs/log-store.ts';
import { PATHS } from '../../../../agent/paths.ts';
import { createLogRing } from '../../../../agent/uplink/log-ring.ts';
import { createLogTails } from '../../../../agent/uplink/log-tails.ts';
import { createUplink, type VmReport } from '../../../../agent/uplink/uplink.ts';
import { PilotageError } from '../../../../platform/errors.ts';
import type { HttpReply, HttpRequest } from '../../../../platform/http.ts';
import { createLog } from '../../../../platform/log.ts';
import type { Directive } from '../../../../protocol/directive.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { createMemorySparse } from '../../../support/memory-sparse.ts';

const reading = { ok: true, value: 0 } as const;
export const REPORT: VmReport = {
  state: 'running',
  reason: '',
  uptimeMs: 1,
  load: reading,
  cpuCores: reading,
  payloads: reading,
  pilots: [],
  verdicts: [],
  acknowledged: [],
};
export const reply = (status: number, body: object): HttpReply => ({
  status,
  headers: {},
  body: JSON.stringify(body),
});
export const ENROLLED = {
  protocol: 1,
  vmId: '01890000-0000-7000-8000-000000000000',
  token: 'T'.repeat(43),
  nextHeartbeatMs: 60_000,
  receiverTime: 'now',
};
export const HEARD = { nextHeartbeatMs: 60_000, receiverTime: 'now', directives: [] };

/** An uplink on a receiver that answers as the test says, and the requests that it saw. */
export const setUp = async (
  answer: (request: HttpRequest, body: Record<string, unknown>) => HttpReply,
  report = () => REPORT,
) => {
  const files = createMemoryFiles();
  await files.makeDirectory(PATHS.state, { mode: 0o700 });
  const clock = createManualClock();
  const log = createLog('silent', () => undefined);
  const store = createLogStore({ files, sparse: createMemorySparse(files, clock), log });
  const requests: {
    path: string;
    body: Record<string, unknown>;
    authorization: string | undefined;
  }[] = [];
  const obeyed: Directive[] = [];
  const server = {
    request: async (request: HttpRequest) => {
      const body = JSON.parse(request.body ?? '{}') as Record<string, unknown>;
      requests.push({ path: request.path, body, authorization: request.headers?.authorization });
      return answer(request, body);
    },
    close: async () => undefined,
  };
  const create = (instanceId = 'i-1', ordered?: () => number | undefined) =>
    createUplink(
      {
        clock,
        files,
        log,
        server,
        logTails: createLogTails(store, createLogRing()),
        store,
        random: () => 1,
      },
      {
        receiverUrl: 'https://r',
        secret: 's',
        identity: { instanceId, hostname: 'h' },
        bootId: 'b',
        agentVersion: '0',
      },
      report,
      directives => obeyed.push(...directives),
      undefined,
      ordered,
    );
  const stop = new AbortController();
  return { clock, requests, obeyed, create, stop, files };
};
export const obliging = (request: HttpRequest): HttpReply =>
  reply(200, request.path === '/v1/enrol' ? ENROLLED : HEARD);
export const gone = (): HttpReply => {
  throw new PilotageError('http-failed', 'connection refused');
};
