import { describe, expect, it, test } from 'vitest';
import { groupsOf, selectScenarios } from '../../vm/select.ts';

const ALL = [
  { name: 'broken-context', smoke: true },
  { name: 'life', smoke: true },
  { name: 'context-ec2', smoke: true },
  { name: 'context-nocloud', smoke: true },
  { name: 'plain', smoke: false },
];

describe('selectScenarios', () => {
  test.each([
    [[], ['broken-context', 'life', 'context-ec2', 'context-nocloud']],
    [['plain'], ['plain']],
    [
      ['plain', 'life'],
      ['life', 'plain'],
    ],
    [['context'], ['context-ec2', 'context-nocloud']],
    [
      ['context', 'context-ec2', 'plain'],
      ['context-ec2', 'context-nocloud', 'plain'],
    ],
  ])('%j → %j', (asked, chosen) => {
    expect(selectScenarios(ALL, asked).map(({ name }) => name)).toEqual(chosen);
  });

  test.each([
    [['contexts'], 'contexts'],
    [['broken'], 'broken'],
    [['life', 'nothing', 'none'], 'nothing, none'],
  ])('refuses %j', (asked, told) => {
    expect(() => selectScenarios(ALL, asked)).toThrow(`no scenario is called ${told};`);
  });
});

it('takes for a group what several names begin with', () => {
  expect([...groupsOf(ALL)]).toEqual([['context', ['context-ec2', 'context-nocloud']]]);
});
