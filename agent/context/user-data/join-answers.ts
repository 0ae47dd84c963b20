import { stringify } from 'yaml';
import { isJsonObject, type Json, mergePatch } from '../merge.ts';
import type { ContextText } from '../source-file.ts';

const credentialsOf = (context: Json): Json[] =>
  isJsonObject(context) && Array.isArray(context.credentials) ? context.credentials : [];

const nameOf = (credential: Json): Json | undefined =>
  isJsonObject(credential) ? credential.name : undefined;

/**
 * Pieces of context, one an answer → a text to be merged last.
 * @param merged what the context says without them
 */
export const joinAnswers = (pieces: readonly Json[], merged: Json): ContextText => {
  const joined = pieces.reduce<Json>(mergePatch, { version: 1 });
  // A list replaces the one before it, and credentials of other names are to stay.
  const fresh = pieces.flatMap(credentialsOf);
  const names = new Set(fresh.map(nameOf));
  const credentials = [...credentialsOf(merged).filter(old => !names.has(nameOf(old))), ...fresh];
  const all = fresh.length === 0 ? joined : mergePatch(joined, { credentials });
  return { name: 'answers', text: stringify(all, { lineWidth: 0 }) };
};
