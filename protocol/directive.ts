import * as v from 'valibot';
import {
  COLLECT_LOGS,
  END_PILOT,
  PACE,
  REDISCOVER_SQUIDS,
  RELOAD_CONTEXT,
  SIGNAL,
} from './order-fields.ts';
import { PeekQuestion } from './peek.ts';
import { DurationMs, Name, Text } from './words.ts';

/**
 * What a receiver asks of a VM. Every directive has an id and a time to live; it is repeated in each
 * answer until the VM acknowledges that id, and obeying it twice changes nothing.
 */
const common = {
  id: Name,
  /** From receipt, ms; an expired directive is acknowledged as `expired` and not obeyed. */
  expiresInMs: DurationMs,
  reason: v.optional(Text, ''),
  /** Who asks, for the VM's own log. */
  by: v.optional(Text),
};

export const DrainDirective = v.object({
  ...common,
  kind: v.literal('drain'),
  /** How long running pilots may go on, ms from receipt; without it the context's own deadline. */
  deadlineMs: v.optional(DurationMs),
});
export const UndrainDirective = v.object({ ...common, kind: v.literal('undrain') });
export const HaltDirective = v.object({
  ...common,
  kind: v.literal('halt'),
  /** `graceful`: pilots are told to end and get their grace; `now`: they are killed. */
  mode: v.optional(v.picklist(['graceful', 'now']), 'graceful'),
});
export const EndPilotDirective = v.object({ ...common, ...END_PILOT });
export const SignalDirective = v.object({ ...common, ...SIGNAL });
export const CollectLogsDirective = v.object({ ...common, ...COLLECT_LOGS });
export const PaceDirective = v.object({ ...common, ...PACE });
export const RediscoverDirective = v.object({ ...common, ...REDISCOVER_SQUIDS });
export const ReloadDirective = v.object({ ...common, ...RELOAD_CONTEXT });
/** A look at a pilot; what is seen goes to `POST /v1/peeks/:id`. */
export const PeekDirective = v.object({
  ...common,
  kind: v.literal('peek'),
  ...PeekQuestion.entries,
  by: v.optional(Text, ''),
});
export type PeekDirective = v.InferOutput<typeof PeekDirective>;

/**
 * A kind, or a known kind with a field, of a newer receiver: kept whole, so that it stays unknown
 * however often it is looked at, can be reported back, and is never obeyed in part.
 */
export const UnknownDirective = v.looseObject({ ...common, kind: Name });

export const KnownDirective = v.variant('kind', [
  DrainDirective,
  UndrainDirective,
  HaltDirective,
  EndPilotDirective,
  SignalDirective,
  CollectLogsDirective,
  PaceDirective,
  RediscoverDirective,
  ReloadDirective,
  PeekDirective,
]);
export type KnownDirective = v.InferOutput<typeof KnownDirective>;

/** All but looks, which are asked and answered in another way. */
export const DIRECTIVE_KINDS = [
  'drain',
  'undrain',
  'halt',
  'end-pilot',
  'signal',
  'collect-logs',
  'pace',
  'rediscover-squids',
  'reload-context',
] as const;
export type DirectiveKind = (typeof DIRECTIVE_KINDS)[number];

/** One directive as it arrives: known, or only known to be one. */
export const Directive = v.union([KnownDirective, UnknownDirective]);
export type Directive = v.InferOutput<typeof Directive>;

/** True for a directive whose kind, and whose fields of that kind, this version understands. */
export const isKnownDirective = (directive: Directive): directive is KnownDirective =>
  v.is(KnownDirective, directive);

export const isPeek = (directive: Directive): directive is PeekDirective =>
  v.is(PeekDirective, directive);

export const ACKNOWLEDGEMENTS = ['done', 'expired', 'unknown-kind', 'refused'] as const;
export const Acknowledgement = v.object({
  id: Name,
  outcome: v.picklist(ACKNOWLEDGEMENTS),
  detail: v.optional(Text, ''),
});
export type Acknowledgement = v.InferOutput<typeof Acknowledgement>;
