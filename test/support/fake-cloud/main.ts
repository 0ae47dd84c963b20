import { readFileSync, writeFileSync } from 'node:fs';
import type { FakeCloudState } from './install.ts';

/**
 * A hook and its cloud in one: `main.ts STATE EVENT`. It takes a deletion on, and says that the VM is gone when it is
 * asked again. What a receiver must not do to a cloud stands in `violations`.
 */
const [, , file = '', event = '', ...more] = process.argv;
const cloud = JSON.parse(readFileSync(file, 'utf8')) as FakeCloudState;
const facts = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => name.startsWith('PILOTAGE_')),
);
const id = facts.PILOTAGE_INSTANCE_ID ?? '';
const input = JSON.parse(readFileSync(0, 'utf8')) as Record<string, string>;
const violate = (what: string): void => void cloud.violations.push(`${event} ${id}: ${what}`);

const instance = cloud.instances[id];
if (more.length > 0) violate(`it has arguments ${more}`);
if (input.event !== event || input.instanceId !== id) violate('its input says something else');
if (facts.PILOTAGE_CLOUD !== 'ec2') violate('it is of another cloud');
if (event === 'delete' && instance?.isBusy === true) violate('it works');
if (event === 'delete' && cloud.gone.includes(id)) violate('it was said to be gone');
for (const name of Object.keys(process.env))
  if (/TOKEN|SECRET|KEY/.test(name)) violate(`it was given ${name}`);
cloud.calls.push(`${event} ${id}`);

const answer = (): [number, string] => {
  const scripted = cloud.script.shift();
  if (scripted !== undefined) return [scripted, `scripted ${scripted}`];
  if (instance === undefined) return [11, 'no such instance'];
  if (event === 'protect' || event === 'unprotect') {
    instance.isSpared = event === 'protect';
    return [0, event];
  }
  if (event !== 'delete') return [99, `what is ${event}?`];
  if (instance.isDeleting !== true) {
    instance.isDeleting = true;
    return [10, 'it is being deleted'];
  }
  delete cloud.instances[id];
  cloud.gone.push(id);
  return [0, 'it is gone'];
};
const [exitCode, said] = answer();
writeFileSync(file, JSON.stringify(cloud));
console.log(said);
process.exitCode = exitCode;
