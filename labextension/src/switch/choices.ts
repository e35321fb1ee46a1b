import { PathExt } from '@jupyterlab/coreutils';

import { nearestFirst } from '../nearest';
import type { IEnvironments } from '../tokens';
import type { Environment, Workspace } from '../wire';

/** A workspace and those of its environments that a notebook can have. */
export interface IChoices {
  workspace: Workspace;
  environments: readonly Environment[];
}

/** What a notebook at `path` can have: those of its workspace first, then the nearest. */
export function choicesOf(model: IEnvironments, own: Workspace | undefined, path: string): IChoices[] {
  const workspaces = nearestFirst(model.workspaces, PathExt.dirname(path));
  const isOwn = (found: Workspace): boolean => found.manifest === own?.manifest;
  const isUsable = ({ format, manifest }: Workspace): boolean => format !== 'script' || manifest === path;
  return [...workspaces.filter(isOwn), ...workspaces.filter(found => !isOwn(found) && isUsable(found))]
    .map(workspace => ({ workspace, environments: model.environmentsOf(workspace) }))
    .filter(choice => choice.environments.length > 0);
}
