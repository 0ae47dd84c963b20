import { duration, reading, readingRank } from './format.js';

const say = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};
const make = (tag, className) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  return element;
};

/** Shows up to three lines in a cell; whatever a VM sends is text, never markup. */
const lines = (cell, texts) => {
  for (const [index, text] of texts.entries()) {
    const line = cell.children[index] ?? cell.appendChild(make('span', `line line-${index}`));
    say(line, text ?? '');
    line.title = text ?? '';
  }
};

/** What is left of a VM in its cloud, and what was said of that. */
const deletionText = ({ deletion, billed }) =>
  [
    billed.length === 0 ? '' : `billed: ${billed.join(', ')}`,
    deletion?.hasGivenUp ? 'given up' : '',
    deletion?.said ?? '',
  ]
    .filter(text => text !== '')
    .join('; ');

const GONE = ['halted', 'halting', 'to-be-deleted', 'deleting', 'ended'];

const COLUMNS = [
  {
    name: 'State',
    rank: vm => vm.state,
    show: (cell, vm) => {
      lines(cell, [vm.state, `for ${duration(vm.inStateMs)}`]);
      cell.firstChild.dataset.state = vm.state;
    },
  },
  {
    name: 'VM',
    rank: vm => vm.hostname,
    show: (cell, vm) => lines(cell, [vm.hostname, vm.instanceId, vm.vmId]),
  },
  {
    name: 'Site',
    rank: vm => `${vm.site} ${vm.endpoint}`,
    show: (cell, vm) => lines(cell, [vm.site ?? '–', vm.endpoint]),
  },
  {
    name: 'Pod',
    rank: vm => vm.runningPod ?? '',
    show: (cell, vm) => lines(cell, [vm.runningPod ?? '–', vm.vo]),
  },
  {
    name: 'Image',
    rank: vm => vm.image ?? '',
    show: (cell, vm) => lines(cell, [vm.image ?? '–', vm.instanceType]),
  },
  {
    name: 'Reason',
    rank: vm => vm.reason,
    show: (cell, vm) => lines(cell, [vm.reason || '–', deletionText(vm)]),
    className: 'reason',
  },
  {
    name: 'Load',
    number: true,
    rank: vm => readingRank(vm.load),
    show: (cell, vm) => lines(cell, [reading(vm.load), vm.cores === null ? '' : `of ${vm.cores}`]),
  },
  {
    name: 'Pilots',
    number: true,
    rank: vm => vm.pilotsRunning,
    show: (cell, vm) => {
      const does = Object.entries(vm.pilotActivities).map(([what, count]) => `${count} ${what}`);
      lines(cell, [String(vm.pilotsRunning), does.join(', ')]);
    },
  },
  {
    name: 'Payloads',
    number: true,
    rank: vm => readingRank(vm.payloads),
    show: (cell, vm) => {
      const started = vm.payloadsStarted === null ? '' : `${vm.payloadsStarted} started`;
      lines(cell, [reading(vm.payloads), started]);
    },
  },
  {
    name: 'Uptime',
    number: true,
    rank: vm => vm.uptimeMs ?? -1,
    show: (cell, vm) => lines(cell, [vm.uptimeMs === null ? '–' : duration(vm.uptimeMs)]),
  },
  {
    name: 'Heard',
    number: true,
    rank: vm => vm.heardMs,
    show: (cell, vm) => lines(cell, [`${duration(vm.heardMs)} ago`]),
  },
];

const compare = (a, b) => {
  if (typeof a === 'number' && typeof b === 'number') return a - b || 0;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
};

/**
 * The table of VMs. Rows are kept and only what changed is written, so that the keyboard's focus
 * and a selection stay where they are.
 * @param order called with a VM and `drain`, `undrain`, `halt`, `order` for any other, or `why`
 */
export const createFleetTable = (head, body, order) => {
  const rows = new Map();
  let sorting = { column: undefined, down: false };
  let shown = [];

  const action = (kind, label, row) => {
    const button = make('button', 'quiet small');
    button.type = 'button';
    button.textContent = label;
    button.addEventListener('click', () => order(row.vm, kind));
    return button;
  };
  const createRow = () => {
    const row = { line: make('tr'), cells: [], vm: undefined };
    for (const [index, column] of COLUMNS.entries()) {
      const cell = make(index === 1 ? 'th' : 'td', column.number ? 'number' : column.className);
      if (index === 1) cell.scope = 'row';
      row.cells.push(cell);
    }
    row.drain = action('drain', 'Drain', row);
    row.undrain = action('undrain', 'Undrain', row);
    row.halt = action('halt', 'Halt', row);
    row.order = action('order', 'More', row);
    row.why = action('why', 'Why', row);
    const actions = make('td', 'actions');
    actions.append(row.drain, row.undrain, row.halt, row.order, row.why);
    row.line.append(...row.cells, actions);
    return row;
  };
  const fill = (row, vm) => {
    row.vm = vm;
    for (const [index, column] of COLUMNS.entries()) column.show(row.cells[index], vm);
    const gone = GONE.includes(vm.state);
    row.drain.hidden = gone || vm.reportedState === 'draining';
    row.undrain.hidden = gone || vm.reportedState !== 'draining';
    row.halt.hidden = gone;
    row.order.hidden = gone;
    for (const button of [row.drain, row.undrain, row.halt, row.order, row.why])
      button.setAttribute('aria-label', `${button.textContent} ${vm.hostname}`);
  };

  const show = vms => {
    shown = vms;
    const { column, down } = sorting;
    const sorted = column
      ? vms.toSorted((a, b) => compare(column.rank(a), column.rank(b)) * (down ? -1 : 1))
      : vms;
    const present = new Set(sorted.map(vm => vm.vmId));
    for (const [vmId, row] of rows) {
      if (present.has(vmId)) continue;
      row.line.remove();
      rows.delete(vmId);
    }
    for (const [index, vm] of sorted.entries()) {
      const row = rows.get(vm.vmId) ?? createRow();
      rows.set(vm.vmId, row);
      fill(row, vm);
      if (body.children[index] !== row.line) body.insertBefore(row.line, body.children[index]);
    }
  };

  const heads = COLUMNS.map(column => {
    const cell = make('th', column.number ? 'number' : '');
    cell.scope = 'col';
    const button = make('button', 'sort');
    button.type = 'button';
    button.textContent = column.name;
    button.addEventListener('click', () => {
      const again = sorting.column === column;
      sorting = again && sorting.down ? {} : { column, down: again };
      for (const [index, other] of heads.entries()) {
        const direction = sorting.down ? 'descending' : 'ascending';
        if (COLUMNS[index] === sorting.column) other.setAttribute('aria-sort', direction);
        else other.removeAttribute('aria-sort');
      }
      show(shown);
    });
    cell.append(button);
    return cell;
  });
  const last = make('th');
  last.scope = 'col';
  last.textContent = 'Actions';
  head.append(...heads, last);
  return { show };
};
