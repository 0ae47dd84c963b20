const KEY = 'pilotage-operator-token';
const TIMEOUT_MS = 15_000;

/** A refusal or failure; `denied` when it is the token that is wrong. */
export class ApiError extends Error {
  constructor(message, denied) {
    super(message);
    this.denied = denied;
  }
}

/** From `#token=…` of the address, which is then taken out of it, or from earlier in this tab. */
export const recallToken = () => {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return sessionStorage.getItem(KEY);
};
export const keepToken = token => sessionStorage.setItem(KEY, token);
export const forgetToken = () => sessionStorage.removeItem(KEY);

const ask = async (path, options = {}) => {
  let reply;
  try {
    reply = await fetch(path, {
      ...options,
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { authorization: `Bearer ${recallToken()}`, ...options.headers },
    });
  } catch {
    throw new ApiError('the receiver does not answer', false);
  }
  const body = await reply.json().catch(() => null);
  if (reply.ok && body !== null) return body;
  const denied = reply.status === 401 || reply.status === 403;
  throw new ApiError(body?.error?.message ?? `the receiver answered ${reply.status}`, denied);
};

export const listVms = () => ask('/v1/vms?limit=1000');

export const readVm = vmId => ask(`/v1/vms/${encodeURIComponent(vmId)}`);

export const sendDirective = (vmId, directive) =>
  ask(`/v1/vms/${encodeURIComponent(vmId)}/directives`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(directive),
  });
