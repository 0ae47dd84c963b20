import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { parseContext, parseLifeline } from '../../../../../agent/context/parse.ts';
import { isContextFile } from '../../../../../agent/context/source-file.ts';
import { arrangeContext } from '../../../../../agent/context/user-data/arrange.ts';
import { STAND_INS } from '../../../../../agent/context/vm-facts.ts';
import { validContext } from '../../../../fuzz/context/valid.ts';

const RECEIVER = 'receiver:\n  url: https://r.example.org\n  enrolmentSecret: s\n';
const arrange = (...texts: string[]) =>
  arrangeContext(texts.map((text, index) => ({ name: `/x/${index}-Site A.yaml`, text })));

describe('files of a context', () => {
  test('a lifeline of its own and everything else stay as they are', () => {
    const lifeline = `# Ours.\nversion: 1\n${RECEIVER}`;
    const site = '# Site.\n{"version": 1}';
    expect(arrange(site, lifeline)).toEqual([
      { name: '00-receiver.yaml', text: lifeline },
      { name: '50-Site-A.yaml', text: site },
    ]);
  });

  test('a lifeline among other keys comes out of them, and their comments stay', () => {
    const text = `version: 1\nhold: 5m\n${RECEIVER}# Pilots.\npilots: {kind: command, command: [/a]} # so\n`;
    expect(arrange(text)).toEqual([
      {
        name: '00-receiver.yaml',
        text: `version: 1\nhold: 5m\n${RECEIVER}`,
      },
      {
        name: '50-Site-A.yaml',
        text: 'version: 1\n# Pilots.\npilots: {kind: command, command: [/a]} # so\n',
      },
    ]);
  });

  test('a lifeline in several texts becomes one', () => {
    const [first, ...rest] = arrange(
      `version: 1\n${RECEIVER}`,
      'version: 1\nidentity: &i {site: A}\nx-again: *i\n',
      'version: 1\nreceiver: {enrolmentSecret: other}\n',
    );
    expect(first?.text).toBe(
      `version: 1\n${RECEIVER.replace(': s\n', ': other\n')}identity:\n  site: A\n`,
    );
    expect(rest).toEqual([{ name: '50-Site-A.yaml', text: 'version: 1\nx-again:\n  site: A\n' }]);
  });

  test('without a receiver there is no lifeline to keep apart', () => {
    expect(arrange('version: 1\nhold: 5m\n').map(({ name }) => name)).toEqual(['50-Site-A.yaml']);
  });

  test('together mean what the texts meant, whatever they say', () => {
    const lifeline = fc.constant({
      version: 1,
      receiver: { url: 'https://r.example.org', enrolmentSecret: 's' },
    });
    const texts = fc.array(fc.oneof(validContext, validContext, lifeline), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(texts, contexts => {
        const given = contexts.map((one, index) => ({ name: `${index}`, text: stringify(one) }));
        const files = arrangeContext(given);
        const names = files.map(({ name }) => name);
        expect(names).toEqual([...new Set(names)].sort());
        expect(names.every(isContextFile)).toBe(true);
        const before = parseContext(given, STAND_INS);
        expect(parseContext(files, STAND_INS).written).toEqual(before.written);
        const [first] = files;
        if (before.context.receiver !== undefined && first !== undefined)
          expect(parseLifeline(first, STAND_INS).lifeline).toEqual({
            version: 1,
            hold: before.context.hold,
            receiver: before.context.receiver,
            identity: before.context.identity,
          });
      }),
      { numRuns: 30 },
    );
  });
});
