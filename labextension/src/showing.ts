import type { ISettingRegistry } from '@jupyterlab/settingregistry';

import { isNear, workspaceAround } from './nearest';
import type { Workspace } from './wire';

/** Which workspaces show where kernels are chosen; schema/plugin.json. */
export interface IShowing {
  workspaces: 'all' | 'near' | 'pinned';
  /** Contents paths of folders or manifests, or names of workspaces. */
  pinned: readonly string[];
}

/** What shows until the settings are loaded. */
export const ALL: IShowing = { workspaces: 'all', pinned: [] };

export function showingOf(settings: ISettingRegistry.ISettings): IShowing {
  const { shownWorkspaces, pinnedWorkspaces } = settings.composite;
  return {
    workspaces: shownWorkspaces as IShowing['workspaces'],
    pinned: pinnedWorkspaces as string[]
  };
}

/** Whether the settings want a workspace to be shown for a folder. */
export function isShown(workspace: Workspace, folder: string, showing: IShowing): boolean {
  return (
    showing.workspaces === 'all' ||
    (showing.workspaces === 'near' && isNear(workspace, folder)) ||
    isPinned(workspace, showing)
  );
}

/** Whether a workspace is one of those that people work in: pinned, or around the folder. */
export function isClose(
  workspace: Workspace,
  workspaces: readonly Workspace[],
  folder: string,
  showing: IShowing
): boolean {
  return isPinned(workspace, showing) || workspaceAround(workspaces, folder) === workspace;
}

function isPinned({ name, path, manifest }: Workspace, showing: IShowing): boolean {
  return showing.pinned.some(pin => [name, path, manifest].includes(pin.replace(/\/$/, '')));
}

/** What to call each workspace: of two with one name, both say where they are. */
export function titled(workspaces: readonly Workspace[]): Map<Workspace, string> {
  const count = (name: string): number => workspaces.filter(each => each.name === name).length;
  return new Map(
    workspaces.map(each => [each, count(each.name) > 1 ? `${each.name} (${each.path || '/'})` : each.name])
  );
}
