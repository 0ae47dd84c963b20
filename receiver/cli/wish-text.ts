import { formatDuration } from '../../platform/duration.ts';
import type { DirectiveWish } from '../directives/directive-record.ts';

/** What is wished, for people: its kind first. */
export const wishText = (wish: DirectiveWish): string => {
  switch (wish.kind) {
    case 'end-pilot': {
      const how = [
        ...(wish.mode === 'now' ? ['now'] : []),
        ...(wish.restart ? [] : ['no restart']),
      ];
      return [`end-pilot ${wish.pilot}`, ...how].join(', ');
    }
    case 'signal':
      return `signal ${wish.signal} to ${wish.pilot ?? 'all'}`;
    case 'collect-logs':
      return `collect-logs of ${wish.of ?? 'all'}`;
    case 'pace':
      return `pace ${formatDuration(wish.everyMs)} for ${formatDuration(wish.forMs)}`;
    case 'halt':
      return wish.mode === 'now' ? 'halt now' : 'halt';
    default:
      return wish.kind;
  }
};
