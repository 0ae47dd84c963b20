import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { parse } from 'yaml';

const README = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');

const find = (pattern: RegExp): string => {
  const found = pattern.exec(README)?.[1];
  if (found === undefined) throw new Error(`README.md has nothing like ${pattern}`);
  return found;
};

/** How README tells a pool's administrator to write a token, for the pool of a test. */
export const tokenCommand = (domain: string): string =>
  find(/^(condor_token_create .*)$/m).replace('pool.example.org', domain);

const Recipe = v.looseObject({
  credentials: v.tuple([v.strictObject({ name: v.string(), content: v.string() })]),
  pilots: v.looseObject({ collectors: v.array(v.string()) }),
});

/** README's context for a pool, with that pool's address and the token that it wrote. */
export const recipeFor = (collector: string, token: string) => {
  const recipe = v.parse(Recipe, parse(find(/htcondor\.yaml" <<'END'\n(.*?)^END$/ms)));
  const [credential] = recipe.credentials;
  return {
    ...recipe,
    credentials: [{ ...credential, content: token }],
    pilots: { ...recipe.pilots, collectors: [collector] },
  };
};
