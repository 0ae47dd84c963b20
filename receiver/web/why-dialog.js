import { readVm } from './fleet-api.js';

const byId = id => document.getElementById(id);

byId('why-close').addEventListener('click', () => byId('why').close());

const short = told => (typeof told === 'number' ? String(Number(told.toPrecision(3))) : told);

/** Load and its like are readings of their own; each without a value says why there is none. */
const readingsOf = ({ load, cpuCores, payloads, readings }) => {
  const main = Object.entries({ load, cpuCores, payloads }).flatMap(([name, reading]) =>
    reading === null ? [] : [[name, reading.ok ? reading.value : reading.reason]],
  );
  return [...main, ...Object.entries(readings)]
    .map(([name, told]) => `${name} ${short(told)}`)
    .join(', ');
};

/** What a policy that only observes asks for it would do. */
const actionOf = ({ action, mode }) =>
  mode === 'observe' && action !== 'none' ? `would ${action}` : action;

/** Whatever a VM sends is text, never markup. */
const rowOf = verdict => {
  const row = document.createElement('tr');
  for (const [index, text] of [verdict.policy, actionOf(verdict), verdict.because].entries()) {
    const cell = document.createElement(index === 0 ? 'th' : 'td');
    if (index === 0) cell.scope = 'row';
    cell.textContent = text;
    row.append(cell);
  }
  row.dataset.action = verdict.action;
  return row;
};

/** Shows the chain of one VM as it told it last: reading → policy → decision. */
export const showWhy = async ({ vmId, hostname }) => {
  const vm = await readVm(vmId);
  byId('why-title').textContent = `Why ${hostname} is ${vm.state}`;
  byId('why-reason').textContent = vm.reason || 'It gives no reason.';
  byId('why-readings').textContent = readingsOf(vm) || 'It has told no readings.';
  byId('why-verdicts').replaceChildren(...vm.verdicts.map(rowOf));
  byId('why').showModal();
};
