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
};

const byId = id => document.getElementById(id);

byId('order-cancel').addEventListener('click', () => byId('order').close());

/** Asks before anything is sent; resolves with the directive, or with nothing if it was cancelled. */
export const askForOrder = (vm, kind) => {
  const dialog = byId('order');
  const { verb, explanation } = WORDS[kind];
  byId('order-form').reset();
  byId('order-title').textContent = `${verb} ${vm.hostname}?`;
  byId('order-explanation').textContent = explanation;
  byId('order-deadline').hidden = kind !== 'drain';
  byId('order-now').hidden = kind !== 'halt';
  byId('order-confirm').textContent = verb;
  byId('order-confirm').classList.toggle('danger', kind === 'halt');
  dialog.returnValue = '';
  dialog.showModal();
  byId('reason').focus();
  return new Promise(resolve => {
    dialog.addEventListener(
      'close',
      () => {
        if (dialog.returnValue !== 'confirm') return resolve(undefined);
        const deadline = byId('deadline').value;
        resolve({
          kind,
          reason: byId('reason').value,
          ...(kind === 'drain' && deadline !== '' ? { deadlineMs: Number(deadline) * 60_000 } : {}),
          ...(kind === 'halt' && byId('now').checked ? { mode: 'now' } : {}),
        });
      },
      { once: true },
    );
  });
};
