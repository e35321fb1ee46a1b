import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Build, BuildEvent } from '../wire';
import { bytesText, elapsedText } from '../words';

/** A phase of a build, as a heading or after a name. */
export function phaseText(phase: BuildEvent['phase'], trans: TranslationBundle): string {
  switch (phase) {
    case 'queued':
      return trans.__('waiting to start');
    case 'locking':
      return trans.__('locking');
    case 'resolving':
      return trans.__('resolving');
    case 'downloading':
      return trans.__('downloading');
    case 'installing':
      return trans.__('installing');
    case 'verifying':
      return trans.__('verifying');
    case 'compiling':
      return trans.__('compiling');
    case 'ready':
      return trans.__('ready');
    case 'failed':
      return trans.__('failed');
    case 'cancelled':
      return trans.__('cancelled');
  }
}

/** A phase as the heading of its lines. */
export function headingText(phase: BuildEvent['phase'], trans: TranslationBundle): string {
  const text = phaseText(phase, trans);
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

/** What a build does: `downloading 61 of 142 packages`, `compiling 1200 of 4300 files`. */
export function doingText(event: BuildEvent | null, trans: TranslationBundle): string {
  if (!event) {
    return phaseText('queued', trans);
  }
  const phase = phaseText(event.phase, trans);
  if (event.total && event.done !== undefined) {
    if (event.phase === 'compiling') {
      return trans._n('%2 %3 of %1 file', '%2 %3 of %1 files', event.total, phase, event.done);
    }
    return trans._n('%2 %3 of %1 package', '%2 %3 of %1 packages', event.total, phase, event.done);
  }
  if (event.phase === 'verifying' && event.message && !event.output) {
    return event.message; // all is verified, and now something else is done
  }
  return phase;
}

/** `1.9 of 4.4 GB`; empty where nobody knows. */
export function sizesText(event: BuildEvent | null, trans: TranslationBundle): string {
  if (event?.bytes_done === undefined) {
    return '';
  }
  const done = bytesText(event.bytes_done);
  if (!event.bytes_total) {
    return done;
  }
  const total = bytesText(event.bytes_total);
  const [amount, unit] = done.split(' ');
  return trans.__('%1 of %2', unit === total.split(' ')[1] ? amount : done, total);
}

/** How much of a build is done, from 0 to 1; null while it cannot be known: nobody knows how long a solve takes. */
export function measured(event: BuildEvent | null): number | null {
  const open: BuildEvent['phase'][] = ['queued', 'locking', 'resolving'];
  if (!event || (open.includes(event.phase) && !event.total && !event.bytes_total)) {
    return null;
  }
  return event.fraction;
}

/** How long a build took, or has taken at `now` (Unix seconds). */
export function durationText(build: Build, now: number): string {
  return elapsedText((build.ended && build.last ? build.last.time : now) - build.time);
}

/** When a build ended: `2m ago`. */
export function agoText(build: Build): string {
  return Time.formatHuman(new Date((build.last?.time ?? build.time) * 1000), 'narrow');
}
