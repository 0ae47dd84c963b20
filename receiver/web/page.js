import { forgetToken, keepToken, listVms, recallToken, sendDirective } from './fleet-api.js';
import { createFleetTable } from './fleet-table.js';
import { askForOrder } from './order-dialog.js';
import { showWhy } from './why-dialog.js';

const STATES = [
  'running',
  'draining',
  'contextualizing',
  'enrolled',
  'halting',
  'stalled',
  'failed',
  'halted',
  'to-be-deleted',
  'deleting',
  'ended',
];
const POLL_MS = 2000;
const MAX_POLL_MS = 30_000;

const byId = id => document.getElementById(id);
const view = { vms: [], state: undefined, more: false, at: 0, failures: 0, timer: undefined };

const say = (id, text) => {
  if (byId(id).textContent !== text) byId(id).textContent = text;
};
const setPulse = (mood, text) => {
  byId('pulse').dataset.mood = mood;
  say('pulse', text);
};

const explain = async vm => {
  try {
    await showWhy(vm);
  } catch (error) {
    say('message', `${vm.hostname} cannot be looked at: ${error.message}.`);
  }
};

const table = createFleetTable(byId('head'), byId('rows'), async (vm, kind) => {
  if (kind === 'why') return explain(vm);
  const directive = await askForOrder(vm, kind);
  if (directive === undefined) return;
  const what = directive.kind.replaceAll('-', ' ');
  try {
    await sendDirective(vm.vmId, directive);
    say('message', `${vm.hostname} will be told to ${what} with its next heartbeat.`);
  } catch (error) {
    say('message', `${what} was not sent to ${vm.hostname}: ${error.message}.`);
  }
});

/** Times that go on by themselves between two answers. */
const aged = vm => {
  const sinceMs = performance.now() - view.at;
  const now = Date.parse(view.receiverTime) + sinceMs;
  return {
    ...vm,
    heardMs: vm.lastHeardAgeMs + sinceMs,
    inStateMs: Math.max(0, now - Date.parse(vm.stateSince)),
  };
};

const matches = (vm, text) =>
  text === '' ||
  [vm.hostname, vm.instanceId, vm.vmId, vm.site, vm.endpoint, vm.runningPod, vm.vo, vm.image]
    .concat(vm.reason, vm.state, vm.deletion?.said, vm.billed)
    .some(value => value?.toLowerCase().includes(text));

const captionOf = shown => {
  const all = view.vms.length;
  if (all === 0) return 'No VM has enrolled yet.';
  const count = shown === all ? `${all} ${all === 1 ? 'VM' : 'VMs'}` : `${shown} of ${all} VMs`;
  return view.more ? `${count}: the first to enrol; the command-line client lists all` : count;
};

const showChips = () => {
  for (const chip of byId('states').children) {
    const { state } = chip.dataset;
    const count = view.vms.filter(vm => vm.state === state).length;
    chip.hidden = count === 0 && view.state !== state;
    chip.setAttribute('aria-pressed', String(view.state === state));
    if (chip.lastChild.textContent !== String(count)) chip.lastChild.textContent = String(count);
  }
};

const show = () => {
  const text = byId('search').value.trim().toLowerCase();
  const chosen = view.vms.filter(
    vm => (view.state === undefined || vm.state === view.state) && matches(vm, text),
  );
  showChips();
  say('caption', captionOf(chosen.length));
  table.show(chosen.map(aged));
};

const showSignIn = trouble => {
  clearTimeout(view.timer);
  view.timer = undefined;
  view.vms = [];
  table.show([]);
  byId('fleet').hidden = true;
  byId('sign-out').hidden = true;
  byId('sign-in').hidden = false;
  say('sign-in-trouble', trouble);
  setPulse('idle', 'not connected');
  byId('token').focus();
};

const poll = async () => {
  try {
    const answer = await listVms();
    if (byId('fleet').hidden) return;
    Object.assign(view, { vms: answer.vms, more: answer.nextCursor !== null, failures: 0 });
    Object.assign(view, { at: performance.now(), receiverTime: answer.receiverTime });
    setPulse('live', 'live');
    show();
  } catch (error) {
    if (error.denied) {
      forgetToken();
      return showSignIn(`That did not open the fleet: ${error.message}.`);
    }
    view.failures += 1;
  }
  const waitMs = Math.min(MAX_POLL_MS, POLL_MS * 2 ** view.failures);
  if (view.failures > 0) setPulse('lost', `no answer, next try within ${waitMs / 1000} s`);
  view.timer = setTimeout(poll, view.failures > 0 ? waitMs : POLL_MS);
};

const start = () => {
  byId('sign-in').hidden = true;
  byId('fleet').hidden = false;
  byId('sign-out').hidden = false;
  setPulse('idle', 'connecting');
  clearTimeout(view.timer);
  poll();
};

for (const state of STATES) {
  const chip = document.createElement('button');
  chip.type = 'button';
  chip.className = 'chip';
  chip.dataset.state = state;
  chip.append(document.createElement('span'), document.createElement('b'));
  chip.firstChild.textContent = state;
  chip.addEventListener('click', () => {
    view.state = view.state === state ? undefined : state;
    show();
  });
  byId('states').append(chip);
}
byId('search').addEventListener('input', show);
byId('sign-in').addEventListener('submit', event => {
  event.preventDefault();
  keepToken(byId('token').value.trim());
  byId('token').value = '';
  say('sign-in-trouble', '');
  start();
});
byId('sign-out').addEventListener('click', () => {
  forgetToken();
  showSignIn('');
});
addEventListener('hashchange', () => recallToken() && start());
// Ages go on also while no answer comes.
setInterval(() => view.vms.length > 0 && show(), 1000);

if (recallToken()) start();
else showSignIn('');
