import { formatDuration } from '../../platform/duration.ts';

/** How a credential stands, for `status`, `why` and the receiver. No content is in it. */
export interface CredentialLife {
  name: string;
  /** ms since 1970; absent: it does not say. */
  endMs?: number;
  /** ms; negative once it has expired. */
  leftMs?: number;
  /** Why somebody should look at it. */
  trouble?: string;
}

export interface LifeInput {
  name: string;
  nowMs: number;
  endMs: number | undefined;
  /** With less life than this it should have been renewed. */
  beforeMs: number;
  /** Why the last try to renew it failed; `undefined` if it did not. */
  failure: string | undefined;
  /** Who renews it, in words; `undefined`: nobody. */
  renewedFrom: string | undefined;
}

const told = (name: string, leftMs: number | undefined): string => {
  if (leftMs === undefined) return `${name} does not say how long it lives`;
  return leftMs <= 0
    ? `${name} expired ${formatDuration(-leftMs)} ago`
    : `${name} lives for ${formatDuration(leftMs)}`;
};

/** A credential in trouble is one whose renewal fails, and one that ends soon with nobody to renew it. */
export const describeLife = (input: LifeInput): CredentialLife => {
  const { name, nowMs, endMs, beforeMs, failure, renewedFrom } = input;
  const leftMs = endMs === undefined ? undefined : endMs - nowMs;
  const isShort = leftMs !== undefined && leftMs < beforeMs;
  const life = { name, ...(endMs === undefined ? {} : { endMs, leftMs: endMs - nowMs }) };
  if (failure !== undefined)
    return { ...life, trouble: `${told(name, leftMs)}, and could not be renewed: ${failure}` };
  if (renewedFrom === undefined)
    return isShort ? { ...life, trouble: `${told(name, leftMs)}, and nothing renews it` } : life;
  return leftMs !== undefined && leftMs <= 0
    ? { ...life, trouble: `${told(name, leftMs)}, and there is no fresher one in ${renewedFrom}` }
    : life;
};

/** All of them on one line, those in trouble first and alone if there are any. */
export const summarizeLives = (lives: readonly CredentialLife[]): string => {
  const troubles = lives.flatMap(({ trouble }) => trouble ?? []);
  return troubles.length > 0
    ? troubles.join('; ')
    : lives.map(({ name, leftMs }) => told(name, leftMs)).join(', ');
};
