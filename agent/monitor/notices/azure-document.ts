import * as v from 'valibot';
import { parseJson } from '../../../platform/parse-json.ts';

const Guid = v.pipe(v.string(), v.regex(/^[\w-]{1,128}$/));
/** RFC 9110, 5.6.7, as Azure writes it. */
const HttpDate = v.pipe(
  v.string(),
  v.regex(/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/),
  v.check(text => !Number.isNaN(Date.parse(text))),
);

const ScheduledEvent = v.object({
  EventId: Guid,
  EventType: v.picklist(['Freeze', 'Reboot', 'Redeploy', 'Preempt', 'Terminate']),
  ResourceType: v.string(),
  /** Names of the VMs. */
  Resources: v.pipe(v.array(v.string()), v.maxLength(1000)),
  EventStatus: v.picklist(['Scheduled', 'Started']),
  /** Empty once it has started. */
  NotBefore: v.union([v.literal(''), HttpDate]),
});
export type ScheduledEvent = v.InferOutput<typeof ScheduledEvent>;

const Document = v.object({
  /** Another one with each change. */
  DocumentIncarnation: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  Events: v.pipe(v.array(ScheduledEvent), v.maxLength(1000)),
});
export type AzureDocument = v.InferOutput<typeof Document>;

/** Azure's list of scheduled events (api-version 2020-07-01); `undefined` for any other text. */
export const parseAzureDocument = (text: string): AzureDocument | undefined =>
  parseJson(Document, text);
