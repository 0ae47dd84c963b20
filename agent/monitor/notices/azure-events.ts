import { PilotageError } from '../../../platform/errors.ts';
import type { HttpReply } from '../../../platform/http.ts';
import { createAsker, leftUntil, notUnderstood, textOf } from './asker.ts';
import { type AzureDocument, parseAzureDocument, type ScheduledEvent } from './azure-document.ts';
import type { Announcement, NoticePorts, NoticeSource, Poller } from './source.ts';

const WHAT = "Azure's metadata service";
const ORIGINS = ['http://169.254.169.254'];
const NAME_PATH = '/metadata/instance/compute/name?api-version=2021-08-01&format=text';
const EVENTS_PATH = '/metadata/scheduledevents?api-version=2020-07-01';
const HEADERS = { metadata: 'true' };
/** The first call switches the service on for this VM, which may take two minutes. */
const FIRST_MS = 150_000;

/** What each kind does to a VM; a freeze lasts seconds and ends nothing. */
const DOES: Readonly<Record<ScheduledEvent['EventType'], string>> = {
  Freeze: 'pause',
  Reboot: 'reboot',
  Redeploy: 'move, with the loss of its temporary disk,',
  Preempt: 'take back',
  Terminate: 'delete',
};

const announce = (
  { EventId, EventType, EventStatus, NotBefore }: ScheduledEvent,
  reply: HttpReply,
  clock: NoticePorts['clock'],
): Announcement => {
  const when = EventStatus === 'Started' ? 'now' : `from ${NotBefore || 'now'} on`;
  const because = `Azure will ${DOES[EventType]} this VM ${when}`;
  const told = `${EventStatus} ${NotBefore}`;
  if (EventType === 'Freeze') return { id: EventId, kind: 'advice', told, because };
  const isDue = EventStatus === 'Started' || NotBefore === '';
  const leftMs = isDue ? 0 : leftUntil(Date.parse(NotBefore), reply, clock);
  return { id: EventId, kind: 'preempt', leftMs, told, because };
};

const createPoller = (
  { http, clock, options: { metadataUrl } }: NoticePorts,
  signal: AbortSignal,
): Poller => {
  const asker = createAsker(http, metadataUrl === undefined ? ORIGINS : [metadataUrl], signal);
  const acknowledged = new Set<string>();
  let name: string | undefined;
  let known: { document: AzureDocument; announced: readonly Announcement[] } | undefined;

  const isOurs = ({ Resources }: ScheduledEvent): boolean =>
    Resources.some(resource => resource.toLowerCase() === name);
  /** What is acknowledged begins at once, for every VM that it names. */
  const isOursAlone = (event: ScheduledEvent): boolean =>
    isOurs(event) && event.Resources.length === 1;

  const learnName = async (): Promise<string> => {
    const text = textOf(await asker.ask({ path: NAME_PATH, headers: HEADERS }), WHAT, NAME_PATH);
    const told = text?.trim().toLowerCase() ?? '';
    if (!/^[\w.-]{1,255}$/.test(told)) throw notUnderstood(`the name of this VM by ${WHAT}`);
    return told;
  };

  const acknowledge = async (): Promise<void> => {
    const events = (known?.document.Events ?? []).filter(
      event =>
        isOursAlone(event) &&
        event.EventType !== 'Freeze' &&
        event.EventStatus === 'Scheduled' &&
        !acknowledged.has(event.EventId),
    );
    if (events.length === 0) return;
    const StartRequests = events.map(({ EventId }) => ({ EventId }));
    const { status } = await asker.ask({
      ...{ method: 'POST', path: EVENTS_PATH, body: JSON.stringify({ StartRequests }) },
      headers: { ...HEADERS, 'content-type': 'application/json' },
    });
    if (status !== 200)
      throw new PilotageError(
        'http-refused',
        `${WHAT} answers ${status} to what was acknowledged`,
        {
          status,
        },
      );
    for (const { EventId } of events) acknowledged.add(EventId);
  };

  return {
    poll: async () => {
      name ??= await learnName();
      const timeoutMs = known === undefined ? FIRST_MS : 3000;
      const reply = await asker.ask({ path: EVENTS_PATH, headers: HEADERS, timeoutMs });
      const text = textOf(reply, WHAT, EVENTS_PATH);
      const document = text === undefined ? undefined : parseAzureDocument(text);
      if (document === undefined) throw notUnderstood(`the list of events by ${WHAT}`);
      if (known?.document.DocumentIncarnation !== document.DocumentIncarnation)
        known = {
          document,
          announced: document.Events.filter(isOurs).map(event => announce(event, reply, clock)),
        };
      return known.announced;
    },
    acknowledge,
    close: asker.close,
  };
};

/**
 * "Azure Metadata Service: Scheduled Events for Linux VMs". Half a minute is the least notice, given to
 * spot VMs; the others have five to fifteen.
 */
export const azureEvents: NoticeSource = {
  name: 'azure-events',
  isFor: ({ cloud }) => cloud === 'azure',
  everyMs: ({ lifeCycle }) => (lifeCycle === 'normal' ? 5000 : 1000),
  timeoutMs: FIRST_MS + 10_000,
  create: (ports, _vm, signal) => createPoller(ports, signal),
};
