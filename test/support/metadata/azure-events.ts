/** An event as Azure lists it. */
export interface AzureEvent {
  EventId: string;
  EventType: 'Freeze' | 'Reboot' | 'Redeploy' | 'Preempt' | 'Terminate';
  ResourceType: 'VirtualMachine';
  /** Names of VMs. */
  Resources: string[];
  EventStatus: 'Scheduled' | 'Started';
  /** RFC 9110's date; empty once it has started. */
  NotBefore: string;
  Description: string;
  EventSource: 'Platform' | 'User';
  DurationInSeconds: number;
}

/** What is planned for the VMs of a group, as the mock's cloud plans it. */
export interface AzureEvents {
  /** What is not said is usual; the same id again replaces. */
  plan(event: Partial<AzureEvent> & Pick<AzureEvent, 'EventId' | 'EventType'>): void;
  cancel(id: string): void;
  /** Ids that VMs have approved, in their order. */
  approved(): readonly string[];
  /** The answer to `GET /metadata/scheduledevents`. */
  document(): object;
  /** The answer's status to what a VM posts: 400 unless each of its `StartRequests` names an event there is. */
  approve(body: string): number;
}

const isRequest = (value: unknown): value is { EventId: string } =>
  typeof value === 'object' && value !== null && typeof Object(value).EventId === 'string';

const requestsOf = (body: string): { EventId: string }[] | undefined => {
  try {
    const { StartRequests: list } = Object(JSON.parse(body)) as { StartRequests?: unknown };
    return Array.isArray(list) && list.length > 0 && list.every(isRequest) ? list : undefined;
  } catch {
    return undefined;
  }
};

/** Scheduled events: another incarnation with each change; what is approved starts at once, for all it names. */
export const createAzureEvents = (vmName: string): AzureEvents => {
  const events = new Map<string, AzureEvent>();
  const approved: string[] = [];
  let incarnation = 1;
  return {
    plan: event => {
      events.set(event.EventId, {
        ...{ ResourceType: 'VirtualMachine', Resources: [vmName], EventStatus: 'Scheduled' },
        ...{ NotBefore: '', Description: 'planned by the mock', EventSource: 'Platform' },
        ...{ DurationInSeconds: -1, ...event },
      });
      incarnation += 1;
    },
    cancel: id => {
      events.delete(id);
      incarnation += 1;
    },
    approved: () => approved,
    document: () => ({ DocumentIncarnation: incarnation, Events: [...events.values()] }),
    approve: body => {
      const requests = requestsOf(body);
      if (requests === undefined || requests.some(({ EventId }) => !events.has(EventId)))
        return 400;
      for (const { EventId } of requests) {
        approved.push(EventId);
        const event = events.get(EventId);
        if (event !== undefined)
          events.set(EventId, { ...event, EventStatus: 'Started', NotBefore: '' });
      }
      incarnation += 1;
      return 200;
    },
  };
};
