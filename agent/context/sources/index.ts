import { azure } from './azure.ts';
import { cloudInit } from './cloud-init.ts';
import { ec2 } from './ec2.ts';
import { file } from './file.ts';
import { gce } from './gce.ts';
import { nocloud } from './nocloud.ts';
import { opennebula } from './opennebula.ts';
import { openstack } from './openstack.ts';
import type { Source } from './source.ts';

/**
 * Every source there is; where several speak up, the earlier goes first. What needs no network comes
 * before what does, and what could be mistaken (an id that begins with ec2) comes last.
 */
export const SOURCES: readonly Source[] = [
  file,
  cloudInit,
  nocloud,
  opennebula,
  azure,
  gce,
  openstack,
  ec2,
];
