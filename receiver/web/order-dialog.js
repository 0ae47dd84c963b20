const WORDS = {
  drain: {
    verb: 'Drain',
    explanation:
      'No new pilots start there. Running ones finish, then the VM halts by its own rules.',
  },
  undrain: { verb: 'Undrain', explanation: 'New pilots may start there again.' },
  halt: {
    verb: 'Halt',
    explanation:
      'Its pilots are ended, its last logs are sent, and the VM powers itself off for good.',
  },
  order: { verb: 'Order', explanation: 'Its other pilots go on meanwhile.' },
};

const byId = id => document.getElementById(id);

byId('order-cancel').addEventListener('click', () => byId('order').close());

/** Shows the fields of one kind alone. */
const showFields = kind => {
  const isPilot = kind === 'end-pilot';
  byId('order-deadline').hidden = kind !== 'drain';
  byId('order-now').hidden = kind !== 'halt' && !isPilot;
  byId('order-pilot').hidden = !isPilot;
  byId('pilot').required = isPilot;
  byId('order-last').hidden = !isPilot;
};
byId('kind').addEventListener('change', () => showFields(byId('kind').value));

/** The directive as the fields say it. */
const readOrder = kind => {
  const deadline = byId('deadline').value;
  return {
    kind,
    by: 'the page',
    reason: byId('reason').value,
    ...(kind === 'drain' && deadline !== '' ? { deadlineMs: Number(deadline) * 60_000 } : {}),
    ...((kind === 'halt' || kind === 'end-pilot') && byId('now').checked ? { mode: 'now' } : {}),
    ...(kind === 'end-pilot'
      ? { pilot: byId('pilot').value.trim(), restart: !byId('last').checked }
      : {}),
  };
};

/**
 * Asks before anything is sent; resolves with the directive, or with nothing if it was cancelled.
 * @param kind `drain`, `undrain` or `halt`; with `order` the dialog asks which of the others
 */
export const askForOrder = (vm, kind) => {
  const dialog = byId('order');
  const { verb, explanation } = WORDS[kind];
  const isOpen = kind === 'order';
  byId('order-form').reset();
  byId('order-title').textContent = isOpen
    ? `An order for ${vm.hostname}`
    : `${verb} ${vm.hostname}?`;
  byId('order-explanation').textContent = explanation;
  byId('order-kind').hidden = !isOpen;
  showFields(isOpen ? byId('kind').value : kind);
  byId('order-confirm').textContent = verb;
  byId('order-confirm').classList.toggle('danger', kind === 'halt');
  dialog.returnValue = '';
  dialog.showModal();
  byId(isOpen ? 'kind' : 'reason').focus();
  return new Promise(resolve => {
    dialog.addEventListener(
      'close',
      () => {
        if (dialog.returnValue !== 'confirm') return resolve(undefined);
        resolve(readOrder(isOpen ? byId('kind').value : kind));
      },
      { once: true },
    );
  });
};
