import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../../agent/cli/commands.ts';
import { parseCommandLine, parseRun } from '../../../../agent/cli/parser.ts';

const run = COMMANDS.find(({ name }) => name === 'run') ?? expect.fail('there is no command run');
const parse = async (...args: string[]) => {
  let printed = '';
  const parsed = await parseCommandLine(args, COMMANDS, 'v', text => {
    printed += text;
  });
  return { printed, parsed };
};

describe('the command line', () => {
  test.each(COMMANDS.map(({ name }) => name))('%s has help with an example', async name => {
    const { printed, parsed } = await parse(name, '--help');
    expect(parsed).toBeUndefined();
    expect(printed).toContain('Examples:');
  });

  test('gives values and defaults', async () => {
    const { parsed } = await parse('drain', '--deadline', '2h', '--root=/x');
    expect(parsed?.command.name).toBe('drain');
    expect(parsed?.values).toMatchObject({ deadline: '2h', root: '/x' });
  });

  test.each([
    [['drian'], 'drain'],
    [['drain', '--dead', '1h'], 'dead'],
    [[], 'a command is needed'],
  ])('%j is refused with %j', async (args, said) => {
    await expect(parse(...args)).rejects.toThrow(said);
  });
});

describe('run as the unit starts it', () => {
  test.each([[['run']], [['run', '--root', '/x']], [['run', '--log-level=debug', '--root', '/x']]])(
    '%j means what yargs would make of it',
    async args => {
      const { parsed } = await parse(...args);
      for (const [name, value] of Object.entries(
        parseRun(args, run)?.values ?? expect.fail('not parsed'),
      ))
        expect(parsed?.values[name]).toBe(value);
    },
  );

  test.each([
    [['status']],
    [['run', '--help']],
    [['run', '--nonsense', 'x']],
    [['run', '--root']],
    [['run', 'x']],
  ])('%j is left to yargs', args => {
    expect(parseRun(args, run)).toBeUndefined();
  });
});
