import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { needPackages } from './debian-packages.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** Debian's Chromium, without a screen. */
export const startBrowser = async (): Promise<Browser> => {
  await needPackages(['chromium']);
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
};

export interface Tab {
  page: Page;
  /** What the page complained of on its console, and errors that it did not catch. */
  complaints: string[];
  /** Where it asked anything of. */
  origins: Set<string>;
}

/** A tab of its own profile, closed when the test ends; its timers run when the test says so. */
export const openTab = async (
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<Tab> => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 800 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  const origins = new Set<string>();
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', error => complaints.push(String(error)));
  page.on('request', request => origins.add(new URL(request.url()).origin));
  await page.clock.install();
  return { page, complaints, origins };
};
