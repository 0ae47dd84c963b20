import { describe, expect, test } from 'vitest';
import { COMMAND_GROUPS, COMMANDS } from '../../../../agent/cli/commands.ts';
import { parseCommandLine, parseRun } from '../../../../agent/cli/parser.ts';

const run = COMMANDS.find(({ name }) => name === 'run') ?? expect.fail('there is no command run');
const parse = async (...args: string[]) => {
  let printed = '';
  const parsed = await parseCommandLine(args, COMMANDS, COMMAND_GROUPS, 'v', text => {
    printed += text;
  });
  return { printed, parsed };
};

describe('the command line', () => {
  test.each(COMMANDS.map(({ name }) => name))('%s has help with an example', async name => {
    const { printed, parsed } = await parse(...name.split(' '), '--help');
    expect(parsed).toBeUndefined();
    expect(printed).toContain('Examples:');
  });

  test('gives values and defaults', async () => {
    const { parsed } = await parse('drain', '--deadline', '2h', '--root=/x');
    expect(parsed?.command.name).toBe('drain');
    expect(parsed?.values).toMatchObject({ deadline: '2h', root: '/x' });
  });

  test('gives what stands behind a command of two words', async () => {
    const { parsed } = await parse('context', 'validate', 'a.yaml', 'b.yaml', '--json');
    expect(parsed?.command.name).toBe('context validate');
    expect(parsed?.values).toMatchObject({ files: ['a.yaml', 'b.yaml'], json: true });
  });

  test('describes every group of commands', async () => {
    for (const { name } of COMMANDS.filter(command => command.name.includes(' ')))
      expect(COMMAND_GROUPS).toHaveProperty(name.slice(0, name.indexOf(' ')));
    const { printed } = await parse('context', '--help');
    expect(printed).toContain('pilotage-agent context validate <files..>');
  });

  test.each([
    [['context'], 'a command of context is needed'],
    [['context', 'validat', 'x'], 'did you mean context validate?'],
    [['context', 'validate'], 'Not enough'],
    [['context', 'validate', 'x', '--jsno'], 'jsno'],
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
