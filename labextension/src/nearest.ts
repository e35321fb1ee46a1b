import { isBelowRoot } from './paths';
import type { Workspace } from './wire';

/** Something with a name that lies in a folder. */
type IPlaced = Pick<Workspace, 'name' | 'path'>;

/** How a workspace lies to a folder: around it, in it, or apart. */
enum Place {
  around,
  inside,
  apart
}

/** Whether a workspace is the folder's own: around it, in it, or given by the administrator. */
export function isNear(workspace: Workspace, folder: string): boolean {
  return place(workspace, folder) !== Place.apart || !isBelowRoot(workspace.path);
}

/** The workspaces that a folder lies in come first, the innermost before the others; then those in it; then the rest. */
export function nearestFirst<T extends IPlaced>(workspaces: readonly T[], folder: string): T[] {
  return [...workspaces].sort((one, other) => {
    const where = place(one, folder);
    const depth = where === Place.around ? other.path.length - one.path.length : 0;
    return where - place(other, folder) || depth || compare(one, other);
  });
}

/** The innermost workspace that a folder lies in. */
export function workspaceAround(workspaces: readonly Workspace[], folder: string): Workspace | undefined {
  return nearestFirst(workspaces, folder).find(found => place(found, folder) === Place.around);
}

function compare(one: IPlaced, other: IPlaced): number {
  return one.name.localeCompare(other.name) || one.path.localeCompare(other.path);
}

/** Both are contents paths, but that of a workspace outside the server's root, which is apart. */
function place(workspace: IPlaced, folder: string): Place {
  if (!isBelowRoot(workspace.path)) {
    return Place.apart;
  }
  const path = parts(workspace.path);
  const within = parts(folder);
  if (path.every((part, index) => within[index] === part)) {
    return Place.around;
  }
  return within.every((part, index) => path[index] === part) ? Place.inside : Place.apart;
}

function parts(path: string): string[] {
  return path.split('/').filter(part => part && part !== '.');
}
