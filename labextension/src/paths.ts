/** Whether a path is one of the contents API: those outside the server's root folder are absolute. */
export function isBelowRoot(path: string): boolean {
  return !/^(\/|\\\\|[A-Za-z]:[\\/])/.test(path);
}

/** The last part of a path, also of an absolute one on Windows. */
export function basename(path: string): string {
  return path.slice(path.search(/[^\\/]*$/));
}
