import type { GlideinwmsPilots } from '../../context/schema/pilot-glideinwms.ts';
import type { Context } from '../../context/schema.ts';
import { NO_DATA } from '../../reading.ts';
import { type Outcome, outcomeOfMessage } from '../outcome.ts';
import { type GlideinwmsRun, placesOf } from './glideinwms-places.ts';
import { readGlideinEnd } from './glideinwms-result.ts';
import { beginGlidein, webbaseOf } from './glideinwms-start.ts';
import { askGlidein, drainSteps, hurrySteps, parseLook, undrainSteps } from './glideinwms-tools.ts';
import { isStarter } from './htcondor-places.ts';
import type { Download, LaunchFile, PilotKind, RunEnd } from './kind.ts';

const SCRIPT_BYTES = 4 * 1024 * 1024;
/** The result is small; what its last script says of condor comes before it. */
const END_BYTES = 64 * 1024;
/** From the hurry's end to that of the startd, ms. */
const ENDING_MS = 15_000;

const isAskedDirectly = (url: string, { noProxy }: NonNullable<Context['proxy']>): boolean => {
  const { hostname } = new URL(url);
  return noProxy.some(
    host => hostname === host || hostname.endsWith(`.${host.replace(/^\./, '')}`),
  );
};

const download = (run: GlideinwmsRun): Download => {
  const { sha256, sha1, downloadTime } = run.pilots;
  const url = `${webbaseOf(run)}/glidein_startup.sh`;
  const { proxy } = run.context;
  return {
    ...{ url, sha256, sha1, timeoutMs: downloadTime, maxBytes: SCRIPT_BYTES, begins: '#!' },
    proxy: proxy === undefined || isAskedDirectly(url, proxy) ? undefined : proxy.http,
  };
};

/** Refused by the server, or not what was asked for: another try changes little. */
const WRONG_SCRIPT = ['http-refused', 'http-untrusted', 'reply-invalid'];

const classify = ({ exit: { result, code, status }, last }: RunEnd): Outcome => {
  if (result === 'start-failed')
    return WRONG_SCRIPT.includes(status) ? 'site-problem' : 'transient';
  if (code !== 'exited') return 'transient';
  if (status === '126' || status === '127') return 'bad-node';
  const said = outcomeOfMessage(last?.said ?? '') ?? last?.end?.outcome;
  if (said !== undefined) return said;
  if (status === '0') return last?.payloadsStarted === 0 ? 'nothing-to-do' : 'work-done';
  // It tells its failures by a result; without one it has refused its arguments.
  return status === '1' ? 'site-problem' : 'transient';
};

/** A glidein of glideinWMS, as its factory's glidein_startup.sh makes it; it runs as the slot's user. */
export const glideinwmsKind: PilotKind<GlideinwmsPilots> = {
  name: 'glideinwms',
  launch: run => {
    const { script, proxy, token } = placesOf(run);
    const files: LaunchFile[] = [proxy, token].flatMap(credential =>
      credential === undefined
        ? []
        : [
            {
              ...{ path: credential.path, mode: 0o600, owner: 'pilot' },
              content: { copyOf: credential.source },
            },
          ],
    );
    return {
      user: 'pilot',
      command: beginGlidein(run),
      environment: {
        ...run.pilots.environment,
        ...(proxy === undefined ? {} : { X509_USER_PROXY: run.at(proxy.path) }),
      },
      files: [
        ...files,
        { path: script, mode: 0o600, owner: 'pilot', content: { download: download(run) } },
      ],
    };
  },
  question: run => ({
    file: run.places.status,
    read: text => {
      const line = text?.trim() ?? '';
      const said = line === '' ? {} : { said: line.slice(0, 200) };
      return { ready: true, payloads: NO_DATA, ...said };
    },
    ask: { everyMs: run.pilots.askEvery, command: askGlidein(run), parse: parseLook },
    end: { file: run.places.stdout, bytes: END_BYTES, read: readGlideinEnd },
  }),
  tell: {
    drain: drainSteps,
    undrain: undrainSteps,
    hurry: hurrySteps,
    hurryMs: ({ vacate }) => vacate + ENDING_MS,
  },
  isRunner: isStarter,
  refusesPayloads: true,
  // The fast end of condor's daemons: jobs go back to their queue.
  stop: { signal: 'QUIT', to: 'all' },
  classify,
};
