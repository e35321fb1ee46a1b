import type { Contents } from '@jupyterlab/services';

/** Whether a path is one of the contents API: those outside the server's root folder are absolute. */
export function isBelowRoot(path: string): boolean {
  return !/^(\/|\\\\|[A-Za-z]:[\\/])/.test(path);
}

/** The last part of a path, also of an absolute one on Windows. */
export function basename(path: string): string {
  return path.slice(path.search(/[^\\/]*$/));
}

/**
 * A path of a file browser as the server knows it; null where it is on a drive of another kind, as files of a
 * bucket are. `RTC` is what jupyter-collaboration called the server's own files while several people edit them.
 */
export function serverPath(contents: Contents.IManager, path: string): string | null {
  return ['', 'RTC'].includes(contents.driveName(path)) ? contents.localPath(path) : null;
}
