import { describe, expect, test } from 'vitest';
import { parseBusyMs } from '../../../../../agent/monitor/readings/busy-cores.ts';
import { type Counters, growthPerMs } from '../../../../../agent/monitor/readings/counters.ts';
import { parseDiskBytes } from '../../../../../agent/monitor/readings/disk-traffic.ts';
import { parseIoWaitMs } from '../../../../../agent/monitor/readings/io-wait.ts';
import { parseMemoryFree } from '../../../../../agent/monitor/readings/memory.ts';
import { parseNetworkBytes } from '../../../../../agent/monitor/readings/network.ts';
import { parsePressure } from '../../../../../agent/monitor/readings/pressure.ts';
import { createReadProc } from '../../../../../agent/monitor/readings/proc.ts';
import { FAILED, measured, NO_DATA, type Reading } from '../../../../../agent/reading.ts';
import { PilotageError } from '../../../../../platform/errors.ts';
import { createLog } from '../../../../../platform/log.ts';
import { filesWith } from '../../../../support/gpu-machine.ts';
import { at } from '../worlds.ts';

/** Of a VM with two cores (Linux 6.1), shortened where the rest repeats itself. */
const STAT = `cpu  3108847 193953 537050 1517920 16936 0 9207 28752 0 0
cpu0 1552824 98283 256829 779496 3653 0 771 14039 0 0
cpu1 1556022 95670 280220 738424 13283 0 8435 14712 0 0
intr 98276301 0 9 0 0 0 0 0
ctxt 200393311
`;
const NET_HEAD = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;
const NET = `${NET_HEAD}    lo: 202684523  572835    0    0    0     0          0         0 202684523  572835    0    0    0     0       0          0
  eth0: 4191556038   97605    0    0    0     0          0         0  5903945   56507    0    0    0     0       0          0
eth0.7: 100   1    0    0    0     0          0         0  100   1    0    0    0     0       0          0
docker0:       9       9    0    0    0     0          0         0        9       9    0    0    0     0       0          0
enp0s31f6:1000 2 0 0 0 0 0 0 24 2 0 0 0 0 0 0
veth1a2b3c4:       7       1    0    0    0     0          0         0        7       1    0    0    0     0       0          0
`;
const DISKS = `   7       0 loop0 16083 2181 1111628 9550 1504 114418 1222416 22172 0 7632 32378 2 0 204802 0 301 654
 254       0 vda 1081142 71735 1000 7618026 2787660 1059021 24 2152928 0 679688 10053256 1145271 140 189836128 211820 642934 70481
 254       1 vda1 1081142 71735 900 7618026 2787660 1059021 20 2152928 0 679688 10053256 1145271 140 189836128 211820 642934 70481
 259       0 nvme0n1 5 0 8 1 2 0 8 1 0 1 2 0 0 0 0 0 0
 259       1 nvme0n1p1 5 0 8 1 2 0 8 1 0 1 2 0 0 0 0 0 0
 253       0 dm-0 10 0 80 1 2 0 80 1 0 1 2
 202       1 xvda1 10 0 2 1 2 0 2 1 0 1 2
`;
const MEMINFO = `MemTotal:       24684092 kB
MemFree:        21762248 kB
MemAvailable:   12342046 kB
Buffers:          113876 kB
Cached:          2027964 kB
HugePages_Total:       0
Hugepagesize:       2048 kB
`;
const PSI = `some avg10=0.24 avg60=12.29 avg300=0.45 total=377733942
full avg10=0.00 avg60=0.00 avg300=0.05 total=117385402
`;

const entries = (reading: Reading<Counters>) =>
  reading.ok ? Object.fromEntries(reading.value) : reading;

describe('what the kernel tells', () => {
  test('of cores that wait for I/O, in hundredths of a second', () => {
    expect(entries(parseIoWaitMs(STAT))).toEqual({ cpu: 169_360 });
  });

  test('of processors: what they worked, and not what the host took', () => {
    const ticks = 3_108_847 + 193_953 + 537_050 + 0 + 9207;
    expect(entries(parseBusyMs(STAT))).toEqual({ cpu: ticks * 10 });
  });

  test('of the network: interfaces that lead out, received and sent together', () => {
    expect(entries(parseNetworkBytes(NET))).toEqual({ eth0: 4_197_459_983, enp0s31f6: 1024 });
    expect(entries(parseNetworkBytes(NET_HEAD))).toEqual({});
  });

  test('of disks: whole ones, and partitions that have none above them', () => {
    expect(entries(parseDiskBytes(DISKS))).toEqual({
      vda: 1024 * 512,
      nvme0n1: 16 * 512,
      xvda1: 4 * 512,
    });
    expect(entries(parseDiskBytes(''))).toEqual({});
  });

  test('of memory and pressure', () => {
    expect(parseMemoryFree(MEMINFO)).toEqual(measured(0.5));
    expect(parsePressure(PSI)).toEqual(measured(12.29));
    // That of processors has one line in older kernels.
    expect(parsePressure(PSI.slice(0, PSI.indexOf('\n') + 1))).toEqual(measured(12.29));
  });

  const cut = (text: string, length: number): string => text.slice(0, text.length - length);
  test.each<[string, (text: string) => Reading<unknown>, string[]]>([
    [
      'stat',
      parseIoWaitMs,
      ['', 'cpu0 1 2 3 4 5 6\n', 'cpu  1 2 3 4\n', 'cpu  1 2 3 4 x 6\n', 'cpu  1 2 3 4 5'],
    ],
    [
      'stat',
      parseBusyMs,
      ['', 'cpu0 1 2 3 4 5 6 7\n', 'cpu  1 2 3 4 5 6\n', 'cpu  1 2 x 4 5 6 7\n'],
    ],
    [
      'net/dev',
      parseNetworkBytes,
      ['', 'eth0: 1 2\n', `${NET}eth1: 1 2 3\n`, cut(NET, 1), cut(NET, 9)],
    ],
    [
      'diskstats',
      parseDiskBytes,
      ['vda', `${DISKS} 8 0 sda\n`, cut(DISKS, 1), ' 8 0 sda 1 2 -3 4 5 6 7 8 9\n'],
    ],
    [
      'meminfo',
      parseMemoryFree,
      [
        '',
        'MemTotal: 0 kB\nMemAvailable: 0 kB\n',
        MEMINFO.replace('MemAvailable', 'x'),
        MEMINFO.replace('12342046', '99999999'),
      ],
    ],
    [
      'pressure',
      parsePressure,
      [
        '',
        'full avg10=0.00 avg60=0.00 avg300=0.05 total=1\n',
        cut(PSI, PSI.length - 20),
        PSI.replace('12.29', '-'),
      ],
    ],
  ])('%s that is not understood has failed, and is never zero', (_what, parse, texts) => {
    for (const text of texts) expect(parse(text), text).toEqual(FAILED);
  });
});

describe('what grows between two looks', () => {
  const sample = (monotonicMs: number, counters: Record<string, number>) => ({
    monotonicMs,
    counters: measured(new Map(Object.entries(counters))),
  });

  test.each([
    ['the sum of all', { a: 100, b: 0 }, { a: 300, b: 50 }, measured(0.25)],
    ['nothing by what came or went', { a: 100 }, { b: 1000 }, measured(0)],
    ['nothing by what began anew', { a: 100, b: 0 }, { a: 3, b: 10 }, measured(0.01)],
  ])('%s', (_what, before, now, grown) => {
    expect(growthPerMs(sample(0, before), sample(1000, now))).toEqual(grown);
  });

  test('is not known at a first look, after a failed one, nor while no time has passed', () => {
    const now = sample(1000, { a: 1 });
    expect(growthPerMs(undefined, now)).toEqual(NO_DATA);
    expect(growthPerMs({ monotonicMs: 0, counters: FAILED }, now)).toEqual(NO_DATA);
    expect(growthPerMs(now, now)).toEqual(NO_DATA);
    expect(growthPerMs(now, { monotonicMs: 2000, counters: FAILED })).toEqual(FAILED);
  });
});

describe('a look at the kernel', () => {
  const ALL = {
    '/proc/stat': STAT,
    '/proc/net/dev': NET,
    '/proc/diskstats': DISKS,
    '/proc/meminfo': MEMINFO,
    '/proc/pressure/cpu': PSI,
    '/proc/pressure/memory': PSI,
    '/proc/pressure/io': PSI,
  };
  const setUp = async (texts: Record<string, string>) => {
    const files = await filesWith(texts);
    const lines: string[] = [];
    const log = createLog('debug', line => void lines.push(line));
    const read = createReadProc({ files, log });
    const put = (path: string, text: string) => files.write(path, text, { mode: 0o444 });
    return { files, read, put, lines, log };
  };

  test('tells all of it from the second time on', async () => {
    const { read, put } = await setUp(ALL);
    expect(read(at(0))).toEqual({
      ...{
        busyCores: NO_DATA,
        ioWaitCores: NO_DATA,
        networkBytesPerS: NO_DATA,
        diskBytesPerS: NO_DATA,
      },
      memoryFreeShare: measured(0.5),
      ...{
        cpuPressure: measured(12.29),
        memoryPressure: measured(12.29),
        ioPressure: measured(12.29),
      },
    });
    await put('/proc/stat', STAT.replace(' 16936 ', ' 17936 '));
    await put('/proc/net/dev', NET.replace(' 5903945 ', ' 5913945 '));
    expect(read(at(10_000))).toMatchObject({
      ...{ ioWaitCores: measured(1), busyCores: measured(0) },
      networkBytesPerS: measured(1000),
      diskBytesPerS: measured(0),
    });
  });

  test('leaves out what this kernel does not tell', async () => {
    const { read } = await setUp({ '/proc/meminfo': MEMINFO });
    expect(read(at(0))).toEqual({ memoryFreeShare: measured(0.5) });
  });

  test('leaves out pressure that the kernel could tell of and was not started to', async () => {
    const { files, log } = await setUp(ALL);
    const readKernel = (path: string, bytes: number): string | undefined => {
      if (path.startsWith('/proc/pressure/'))
        throw new PilotageError('file-failed', 'no', { errno: 'ENOTSUP' });
      return files.readKernel(path, bytes);
    };
    const read = createReadProc({ files: { ...files, readKernel }, log });
    expect(Object.keys(read(at(0)))).not.toContain('ioPressure');
  });

  test('is spoilt by none that fails or goes, which is told once', async () => {
    const { files, read, put, lines } = await setUp(ALL);
    read(at(0));
    await put('/proc/meminfo', 'garbage');
    await files.remove('/proc/net/dev');
    for (const ms of [1000, 2000])
      expect(read(at(ms))).toMatchObject({
        memoryFreeShare: FAILED,
        networkBytesPerS: FAILED,
        diskBytesPerS: measured(0),
        ioPressure: measured(12.29),
      });
    expect(lines).toHaveLength(2);
    await put('/proc/meminfo', MEMINFO);
    expect(read(at(3000))).toMatchObject({ memoryFreeShare: measured(0.5) });
  });
});
