/** What is known of a fleet when one of its VMs is about to be given up for lost. */
export interface Silence {
  /** VMs that were silent for half of the time that is allowed, or longer. */
  silent: number;
  /** VMs that speak. */
  speaking: number;
}

/** So few may go silent at once without a doubt that it is they who have gone. */
const FEW = 2;

/**
 * False where it is rather the receiver that hears nobody, as behind a cable that was pulled: more VMs are silent
 * than speak. Deleting them would end work that goes on.
 */
export const mayGiveUp = ({ silent, speaking }: Silence): boolean =>
  silent <= Math.max(FEW, speaking);
