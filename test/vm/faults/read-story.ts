/** What a VM did after a fault, as its journal and its console tell. */
export interface Story {
  /** Starts of the agent. */
  agents: number;
  /** What payloads said of themselves. */
  begun: number;
  finished: number;
  /** Why it powered itself off, by the agent's words. */
  because: string | undefined;
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** The agent's own lines, as far as they are whole. */
const agentLines = (journal: string): Record<string, unknown>[] =>
  [...journal.matchAll(/ pilotage-agent\[\d+\]: (\{.*\})$/gm)].flatMap(([, json = '']) => {
    try {
      return [JSON.parse(json) as Record<string, unknown>];
    } catch {
      // Cut by the end of the machine.
      return [];
    }
  });

/** @param journal as `journalctl -o short-monotonic` prints it */
export const readStory = (journal: string, console: string): Story => {
  const lines = agentLines(journal);
  return {
    agents: lines.filter(({ msg }) => msg === 'agent started').length,
    begun: count(journal, / payload\[\d+\]: begun$/gm),
    finished: count(journal, / payload\[\d+\]: finished$/gm),
    because: [...console.matchAll(/pilotage: powering off: (.*)$/gm)].at(-1)?.[1]?.trim(),
  };
};

/**
 * What the VM did, in a line for people.
 * @param starts of the agent that were no consequence of a fault
 */
export const tellStory = ({ agents, begun, finished, because }: Story, starts: number): string => {
  const again = agents - starts;
  return [
    ...(again > 0 ? [`the agent came back ${again === 1 ? 'once' : `${again} times`}`] : []),
    begun === 0
      ? 'no payload'
      : `${finished} of ${begun} payload${begun === 1 ? '' : 's'} finished`,
    because === undefined ? 'no word on why it ended' : `“${because}”`,
  ].join(', ');
};
