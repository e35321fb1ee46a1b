import type { TranslationBundle } from '@jupyterlab/translation';

import type { Environment } from './wire';

/** The domain of our translations. */
export const DOMAIN = 'appose-kernel';

/** What people read of an environment's state. */
export function stateText(environment: Environment, trans: TranslationBundle): string {
  switch (environment.state) {
    case 'building':
      return trans.__('building %1 %', Math.round(environment.fraction * 100));
    case 'ready':
      return trans.__('ready');
    case 'drifted':
      return trans.__('update ready');
    case 'failed':
      return trans.__('failed');
    default:
      return trans.__('not built');
  }
}

/** What choosing an environment for a notebook means; `atOnce`: without waiting for its build. */
export function choiceText(environment: Environment, atOnce: boolean, trans: TranslationBundle): string {
  if (environment.kernelspec === null) {
    return environment.reason || trans.__('not for this machine');
  }
  switch (environment.state) {
    case 'building':
      return trans.__('%1 %', Math.round(environment.fraction * 100));
    case 'drifted':
      return trans.__('update, then switch');
    case 'not built':
      return atOnce ? trans.__('not built') : trans.__('build, then switch');
    default:
      return stateText(environment, trans);
  }
}

/** Bytes as people read them: `1.1 GB`, in powers of ten as disks and downloads are sold. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (bytes >= 999.5 && unit < units.length - 1) {
    bytes /= 1000;
    unit += 1;
  }
  return `${bytes.toFixed(unit > 0 && bytes < 99.5 ? 1 : 0)} ${units[unit]}`;
}

/** Seconds as a clock shows them: `0:38`, `1:02:03`. */
export function elapsedText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => (index ? String(part).padStart(2, '0') : String(part))).join(':');
}
