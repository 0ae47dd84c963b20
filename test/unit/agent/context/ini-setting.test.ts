import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withoutSetting, withSetting } from '../../../../agent/context/ini-setting.ts';

const proxy = { section: 'main', key: 'proxy', value: 'http://p:3128' };
const put = (text: string, setting = proxy): string => withSetting(text, 'proxy', setting);
const BLOCK = '# pilotage proxy: begin\nproxy=http://p:3128\n# pilotage proxy: end\n';
const KEPT = '# pilotage proxy kept: ';

describe('a setting', () => {
  test.each([
    ['[main]\ngpgcheck=1\n', `[main]\n${BLOCK}gpgcheck=1\n`],
    [
      '[main]\nproxy = http://old\ngpgcheck=1\n',
      `[main]\n${BLOCK}${KEPT}proxy = http://old\ngpgcheck=1\n`,
    ],
    ['[main]\nProxy:x\n  more\n', `[main]\n${BLOCK}${KEPT}Proxy:x\n${KEPT}  more\n`],
    ['[main]\n#proxy=a\nproxy_username=b\n', `[main]\n${BLOCK}#proxy=a\nproxy_username=b\n`],
    ['[a]\nproxy=1\n[main]\n[b]\nproxy=2\n', `[a]\nproxy=1\n[main]\n${BLOCK}[b]\nproxy=2\n`],
    ['[a]\nx=1\n', `[a]\nx=1\n${BLOCK.replace('begin\n', 'begin\n[main]\n')}`],
    ['', BLOCK.replace('begin\n', 'begin\n[main]\n')],
  ])('of a section, in %j', (before, after) => {
    expect(put(before)).toBe(after);
    expect(put(after)).toBe(after);
    expect(withoutSetting(after, 'proxy')).toBe(before);
  });

  test.each([
    [
      'infodir = /x\n[CA]\nhttp_proxy=1\n',
      '# pilotage proxy: begin\nhttp_proxy=h\n# pilotage proxy: end\ninfodir = /x\n[CA]\nhttp_proxy=1\n',
    ],
    [
      'http_proxy = old\n',
      `# pilotage proxy: begin\nhttp_proxy=h\n# pilotage proxy: end\n${KEPT}http_proxy = old\n`,
    ],
  ])('before the first section, in %j', (before, after) => {
    const setting = { section: '', key: 'http_proxy', value: 'h' };
    expect(put(before, setting)).toBe(after);
    expect(withoutSetting(after, 'proxy')).toBe(before);
  });

  const line = fc.oneof(
    fc.constantFrom(
      '[main]',
      '[other]',
      '',
      '# proxy=x',
      'proxy=1',
      'proxy : 2',
      '  indented',
      'x=1',
    ),
    fc.stringMatching(/^[ -~]{0,12}$/),
  );
  test('leaves nothing behind, in any text', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), lines => {
        const text = `${lines.join('\n')}\n`;
        const changed = put(text);
        expect(put(changed)).toBe(changed);
        expect(withoutSetting(changed, 'proxy')).toBe(text);
      }),
    );
  });

  test('is what a strict reader of ini files sees, once', () => {
    const text = put('# dnf\n[main]\ngpgcheck=True\nproxy=http://old:1\n\n[repo]\nproxy=_none_\n');
    const seen = execFileSync(
      'python3',
      [
        '-c',
        'import configparser, sys; c = configparser.ConfigParser(); c.read_file(sys.stdin); print(c["main"]["proxy"], c["main"]["gpgcheck"], c["repo"]["proxy"])',
      ],
      { input: text, encoding: 'utf8' },
    );
    expect(seen).toBe('http://p:3128 True _none_\n');
  });
});
