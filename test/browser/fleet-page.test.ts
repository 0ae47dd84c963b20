import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VM_STATES } from '../../protocol/words.ts';
import { openTab, startBrowser } from '../support/browser.ts';
import {
  createTestFolder,
  type ReceiverUnderTest,
  startReceiver,
} from '../support/receiver-under-test.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const HOSTILE = '<img src=x onerror="document.title=`owned`"><b>wn-evil</b>';

/** A fleet with a VM in each state. */
const fillFleet = async (receiver: ReceiverUnderTest) => {
  const silent = await receiver.enrol('wn-silent');
  await silent.beat({ state: 'running', reason: 'two pilots at work' });
  await receiver.clock.advance(600_000);
  await receiver.enrol('wn-fresh');
  for (const state of VM_STATES) {
    await receiver.clock.advance(60_000);
    const vm = await receiver.enrol(`wn-${state}`);
    await vm.beat({
      state,
      reason: `it is ${state}, as the test wants it; and this reason is long enough to need lines`,
      load: { ok: true, value: 3.217 },
      payloads: { ok: true, value: 2 },
      pilots: [
        {
          slot: 's1',
          generation: 1,
          state: 'running',
          activity: 'busy',
          cores: 4,
          payloadsStarted: 5,
        },
        { slot: 's2', generation: 2, state: 'waiting', activity: 'waiting', cores: 4 },
      ],
      uptimeMs: 7_500_000,
    });
  }
  const evil = await receiver.enrol(HOSTILE);
  await evil.beat({ reason: '"><script>document.title="owned"</script>' });
};

const open = async (receiver: ReceiverUnderTest, options = {}) => {
  const tab = await openTab(browser, options);
  await tab.page.goto(`${receiver.address}/#token=${receiver.operatorToken}`);
  await tab.page.getByText('live', { exact: true }).waitFor();
  return tab;
};
const row = (page: Page, host: string) => page.getByRole('row').filter({ hasText: host });

describe('the page', () => {
  it('asks for the token, and says when it is the wrong one', async () => {
    const receiver = await startReceiver();
    await receiver.enrol('wn1');
    const { page } = await openTab(browser);
    await page.goto(receiver.address);
    const token = page.getByLabel('Token');
    expect(await token.evaluate(element => element === element.ownerDocument.activeElement)).toBe(
      true,
    );
    await token.fill('a wrong one');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'did not open the fleet' }).waitFor();
    await token.fill(receiver.operatorToken);
    await page.getByRole('button', { name: 'Show the fleet' }).click();
    await row(page, 'wn1').waitFor();
    await page.reload();
    await row(page, 'wn1').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.reload();
    await token.waitFor();
    expect(await page.getByRole('table').isVisible()).toBe(false);
  });

  it('takes the token out of its address', async () => {
    const receiver = await startReceiver();
    const { page } = await open(receiver);
    expect(page.url()).toBe(`${receiver.address}/`);
    expect(await page.getByText('No VM has enrolled yet.').isVisible()).toBe(true);
  });

  it('shows every state, whatever the VMs call themselves, and asks only its receiver', async () => {
    const receiver = await startReceiver();
    await fillFleet(receiver);
    const { page, complaints, origins } = await open(receiver);
    await row(page, 'wn-evil').waitFor();
    for (const state of ['stalled', 'enrolled', ...VM_STATES])
      expect(await page.getByRole('cell', { name: state, exact: false }).count()).toBeGreaterThan(
        0,
      );
    const cells = await row(page, 'wn-draining').getByRole('cell').allInnerTexts();
    expect(cells.join(' | ')).toMatch(
      /draining.*CERN.*3\.22.*1\s+1 waiting, 1 busy \| 2\s+5 started \| 2h 5m/s,
    );
    expect(await row(page, 'wn-evil').textContent()).toContain(HOSTILE);
    expect(await page.locator('tbody img, tbody script, tbody b').count()).toBe(0);
    expect(await page.title()).toBe('Pilotage fleet');
    expect(await page.getByRole('table', { name: '9 VMs' }).count()).toBe(1);
    expect(complaints).toEqual([]);
    expect([...origins]).toEqual([receiver.address]);
  });

  it('shows what is billed on after power-off, until its cloud says that it is gone', async () => {
    const receiver = await startReceiver();
    const vm = await receiver.enrol('wn1');
    const cloud = { name: 'ec2', instanceId: 'i-1', region: 'eu-west-1' };
    await vm.beat({ state: 'halted', reason: 'lifetime', cloud });
    const { page, complaints } = await open(receiver);
    await row(page, 'wn1').getByText('to-be-deleted').waitFor();
    expect(await row(page, 'wn1').textContent()).toContain(
      'billed: EBS volumes, elastic addresses',
    );
    expect(await page.getByRole('button', { name: 'Halt wn1' }).count()).toBe(0);
    await receiver.operator('POST', '/v1/vms/wn1/deletion', { action: 'deleted', by: 'ada' });
    await row(page, 'wn1').getByText('said to be gone by ada at 127.0.0.1').waitFor();
    await page.getByRole('button', { name: 'ended' }).waitFor();
    expect(await row(page, 'wn1').textContent()).not.toContain('billed');
    expect(complaints).toEqual([]);
  });

  it('follows the fleet by itself, and leaves the focus where it is', async () => {
    const receiver = await startReceiver();
    const vm = await receiver.enrol('wn1');
    await vm.beat({ state: 'running' });
    const { page } = await open(receiver);
    const drain = page.getByRole('button', { name: 'Drain wn1' });
    await drain.focus();
    await vm.beat({ state: 'failed', reason: 'no space left' });
    await receiver.enrol('wn2');
    await page.clock.runFor(2000);
    await row(page, 'no space left').waitFor();
    await row(page, 'wn2').waitFor();
    expect(await drain.evaluate(element => element === element.ownerDocument.activeElement)).toBe(
      true,
    );
  });

  it('filters by state and text, and sorts', async () => {
    const receiver = await startReceiver();
    await fillFleet(receiver);
    const { page } = await open(receiver);
    await page.getByRole('button', { name: /^draining/ }).click();
    expect(await page.getByRole('table', { name: '1 of 9 VMs' }).count()).toBe(1);
    await page.getByRole('button', { name: /^draining/ }).click();
    await page.getByRole('searchbox').fill('WN-H');
    const hosts = async () => page.locator('tbody th .line-0').allInnerTexts();
    expect(await hosts()).toEqual(['wn-halting', 'wn-halted']);
    await page.getByRole('button', { name: 'VM', exact: true }).click();
    expect(await hosts()).toEqual(['wn-halted', 'wn-halting']);
    expect(await page.locator('th[aria-sort=ascending]').textContent()).toContain('VM');
  });

  it('drains and halts after asking, by keyboard too', async () => {
    const receiver = await startReceiver();
    const vm = await receiver.enrol('wn1');
    await vm.beat({ state: 'running' });
    const { page } = await open(receiver);
    await page.getByRole('button', { name: 'Halt wn1' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Halt wn1?' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Halt wn1' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect((await vm.beat()).directives).toEqual([]);

    await page.getByRole('button', { name: 'Drain wn1' }).click();
    await page.getByLabel('Running pilots may go on for').fill('30');
    await page.getByLabel('Reason').fill('host maintenance');
    await page.keyboard.press('Enter');
    await page.getByText('wn1 will be told to drain with its next heartbeat.').waitFor();
    expect((await vm.beat({ state: 'draining' })).directives).toMatchObject([
      { kind: 'drain', deadlineMs: 1_800_000, reason: 'host maintenance' },
    ]);
    await page.clock.runFor(2000);
    await page.getByRole('button', { name: 'Undrain wn1' }).waitFor();
    await page.getByRole('button', { name: 'Halt wn1' }).click();
    await page.getByLabel('Kill the pilots at once').check();
    await page.getByRole('button', { name: 'Halt', exact: true }).click();
    await page.getByText('wn1 will be told to halt').waitFor();
    expect((await vm.beat()).directives.at(-1)).toMatchObject({ kind: 'halt', mode: 'now' });
  });

  it('ends one pilot, and gives other orders', async () => {
    const receiver = await startReceiver();
    const vm = await receiver.enrol('wn1');
    await vm.beat({ state: 'running' });
    const { page } = await open(receiver);
    const more = page.getByRole('button', { name: 'More wn1' });
    await more.click();
    await page.getByLabel('Slot, or one run of it').fill('nonsense');
    await page.getByRole('button', { name: 'Order', exact: true }).click();
    expect(await page.getByRole('dialog', { name: 'An order for wn1' }).isVisible()).toBe(true);
    await page.getByLabel('Slot, or one run of it').fill('00-3');
    await page.getByLabel('No other pilot follows it').check();
    await page.getByRole('button', { name: 'Order', exact: true }).click();
    await page.getByText('wn1 will be told to end pilot with its next heartbeat.').waitFor();
    await more.click();
    await page.getByLabel('What it is to do').selectOption('Fetch its context anew');
    expect(await page.getByLabel('Slot, or one run of it').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Order', exact: true }).click();
    await page.getByText('wn1 will be told to reload context').waitFor();
    expect((await vm.beat()).directives).toMatchObject([
      { kind: 'end-pilot', pilot: '00-3', restart: false, mode: 'graceful' },
      { kind: 'reload-context', by: 'the page at 127.0.0.1' },
    ]);
  });

  it('shows why a VM does what it does: its readings, and each policy with what it asks for', async () => {
    const receiver = await startReceiver();
    const vm = await receiver.enrol('wn1');
    await vm.beat({
      state: 'draining',
      reason: 'downtime: planned in 2h (<b>new switches</b>)',
      load: { ok: true, value: 3.217 },
      payloads: { ok: false, reason: 'no-data' },
      readings: { networkBytesPerS: 1234.5, cvmfs: 'failed' },
      verdicts: [
        { policy: 'lifetime', action: 'none', because: 'age 2h', mode: 'enforce' },
        { policy: 'downtime', action: 'drain', because: 'planned in 2h', mode: 'enforce' },
        { policy: 'zero-load', action: 'halt', because: 'load 0', mode: 'observe' },
      ],
    });
    const { page } = await open(receiver);
    await page.getByRole('button', { name: 'Why wn1' }).click();
    const dialog = page.getByRole('dialog', { name: 'Why wn1 is draining' });
    const shown = await dialog.textContent();
    expect(shown).toContain('downtime: planned in 2h (<b>new switches</b>)');
    expect(shown).toMatch(/load 3\.22.*payloads no-data.*networkBytesPerS 1230.*cvmfs failed/);
    const rows = await dialog.getByRole('row').allInnerTexts();
    expect(
      rows.slice(1).map(text =>
        text
          .split(/\s{1,}/)
          .slice(0, 3)
          .join(' '),
      ),
    ).toEqual([...['lifetime none age', 'downtime drain planned', 'zero-load would halt']]);
    await page.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'hidden' });
  });

  it('says when the receiver is gone, asks less and less often, and comes back', async () => {
    const folder = createTestFolder();
    const first = await startReceiver({ folder });
    await first.enrol('wn1');
    const { page } = await open(first);
    const port = Number(new URL(first.address).port);
    await first.stop();
    await page.clock.runFor(2000);
    await page.getByText('no answer, next try within 4 s').waitFor();
    await page.clock.runFor(4000);
    await page.getByText('no answer, next try within 8 s').waitFor();
    expect(await row(page, 'wn1').isVisible()).toBe(true);
    await startReceiver({ folder, config: { listen: { host: '127.0.0.1', port } } });
    await page.clock.runFor(8000);
    await page.getByText('live', { exact: true }).waitFor();
  });

  it.each(['light', 'dark'] as const)('can be read in the %s', async colorScheme => {
    const receiver = await startReceiver();
    await fillFleet(receiver);
    const shots = process.env.PILOTAGE_SCREENSHOTS ?? createTestFolder();
    const { page, complaints } = await open(receiver, { colorScheme });
    await row(page, 'wn-evil').waitFor();
    await page.screenshot({ path: join(shots, `fleet-${colorScheme}.png`) });
    await page.getByRole('button', { name: 'Drain wn-running' }).click();
    await page.screenshot({ path: join(shots, `drain-${colorScheme}.png`) });
    await page.keyboard.press('Escape');
    await page.setViewportSize({ width: 390, height: 800 });
    await page.screenshot({ path: join(shots, `narrow-${colorScheme}.png`) });
    const overflow = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
    expect(overflow).toBe(false);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.screenshot({ path: join(shots, `sign-in-${colorScheme}.png`) });
    expect(complaints).toEqual([]);
  });
});
