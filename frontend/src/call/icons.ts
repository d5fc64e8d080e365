import type { IconName } from '@/ui/Icon';
import type { Problem } from './machine';

/** The picture of each problem. */
export const PROBLEM_ICONS: Record<Problem, IconName> = {
  network: 'offline',
  unavailable: 'moon',
  closed: 'pause',
  agentMissing: 'nobody',
  elsewhere: 'windows',
  limit: 'clock',
  tooOften: 'clock',
  expired: 'refresh',
  banned: 'lock',
  unsigned: 'lock',
  dropped: 'offline',
  unknown: 'alert',
};
