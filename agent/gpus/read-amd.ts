import type { Files } from '../../platform/files.ts';
import type { Gpu } from './gpu.ts';

/** GPUs of the amdgpu driver, as the kernel's topology of compute devices (amdkfd) has them. */

const NODES = '/sys/class/kfd/kfd/topology/nodes';
const MAX_BYTES = 16 * 1024;

/** `name value`, a line each. */
export const parseProperties = (text: string): ReadonlyMap<string, bigint> =>
  new Map(
    [...text.matchAll(/^(\w+) (\d{1,20})$/gm)].map(([, name = '', value = '']) => [
      name,
      BigInt(value),
    ]),
  );

/** `undefined` for a node that is no GPU: processors are nodes too. */
const gpuOf = (properties: ReadonlyMap<string, bigint>): Gpu | undefined => {
  const id = properties.get('unique_id') ?? 0n;
  const minor = properties.get('drm_render_minor') ?? 0n;
  if ((properties.get('simd_count') ?? 0n) === 0n || id === 0n || minor === 0n) return undefined;
  const target = properties.get('gfx_target_version') ?? 0n;
  return {
    vendor: 'amd',
    uuid: `GPU-${id.toString(16).padStart(16, '0')}`,
    model: `AMD gfx target ${target}`,
    devices: [`/dev/dri/renderD${minor}`],
  };
};

export const hasAmdDriver = async (host: Files): Promise<boolean> =>
  (await host.facts(NODES)) !== undefined;

export const readAmd = async (host: Files): Promise<Gpu[]> => {
  const gpus: Gpu[] = [];
  for (const node of await host.list(NODES)) {
    const text = await host.read(`${NODES}/${node}/properties`, MAX_BYTES);
    const gpu = gpuOf(parseProperties(text ?? ''));
    if (gpu === undefined) continue;
    const bank = parseProperties(
      (await host.read(`${NODES}/${node}/mem_banks/0/properties`, MAX_BYTES)) ?? '',
    );
    const bytes = bank.get('size_in_bytes');
    const memoryMb = bytes === undefined ? undefined : Number(bytes / 1_048_576n);
    gpus.push({ ...gpu, ...(memoryMb === undefined ? {} : { memoryMb }) });
  }
  return gpus;
};
