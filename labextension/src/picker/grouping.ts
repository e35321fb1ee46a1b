import type { ISessionContext, SessionContextDialogs } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';

import { environmentOfKernelspec } from '../kernelspecs';
import { nearestFirst, workspaceAround } from '../nearest';
import { isShown, titled } from '../showing';
import type { IShowing } from '../showing';
import type { IEnvironments } from '../tokens';
import type { Workspace } from '../wire';

type Options = SessionContextDialogs.IKernelOptions;
type Group = Options['groups'][number];
type Option = Group['options'][number];

/** What JupyterLab's dialog asks for its options: `SessionContextDialogs`. */
export interface IDialogs {
  kernelOptions: typeof SessionContextDialogs.kernelOptions;
}

/**
 * Group what JupyterLab's dialog "Select Kernel" offers by workspace.
 *
 * The dialog has no other place for it: it asks this function, which is public, each time that it opens.
 * https://github.com/jupyterlab/jupyterlab/blob/v4.6.0/packages/apputils/src/sessioncontext.tsx
 */
export function groupKernels(dialogs: IDialogs, model: IEnvironments, showing: () => IShowing): void {
  const theirs = dialogs.kernelOptions;
  if (typeof theirs !== 'function') {
    return; // another JupyterLab, whose dialog stays as it is
  }
  dialogs.kernelOptions = (context: ISessionContext, translator) => {
    const options = theirs(context, translator);
    return isAsExpected(options) ? grouped(options, model, context.path, showing()) : options;
  };
}

/** The options by workspace: the one around `path` first, then the nearest, then all that is not ours. */
export function grouped(options: Options, model: IEnvironments, path: string, showing: IShowing): Options {
  const folder = PathExt.dirname(path);
  const own = workspaceAround(model.workspaces, folder);
  const ours = new Map<Workspace, Option[]>();
  const groups = options.groups.map(group => ({
    ...group,
    options: group.options.filter(option => {
      const workspace = workspaceOf(option, model);
      if (workspace) {
        ours.set(workspace, [...(ours.get(workspace) ?? []), option]);
      }
      return !workspace;
    })
  }));
  const titles = titled(model.workspaces);
  const isWanted = (workspace: Workspace): boolean =>
    workspace === own ||
    isShown(workspace, folder, showing) ||
    ours.get(workspace)!.some(option => option.selected);
  const added = nearestFirst([...ours.keys()], folder)
    .filter(isWanted)
    .map(workspace => ({ label: titles.get(workspace)!, options: inOrder(ours.get(workspace)!, model) }));
  const others = groups.filter(
    (group, index) => group.options.length || !options.groups[index].options.length
  );
  return { ...options, groups: [...added, ...others] };
}

function workspaceOf(option: Option, model: IEnvironments): Workspace | undefined {
  const environment = environmentOfKernelspec(model.environments, kernelspecOf(option));
  return environment && model.workspaceOf(environment);
}

/** As the manifest has them. */
function inOrder(options: readonly Option[], model: IEnvironments): Option[] {
  const place = (option: Option): number =>
    model.environments.indexOf(environmentOfKernelspec(model.environments, kernelspecOf(option))!);
  return [...options].sort((one, other) => place(one) - place(other));
}

/** What choosing an option starts; empty where it connects to a running kernel, or to none. */
function kernelspecOf(option: Option): string {
  const value = JSON.parse(option.value) as { name?: string } | null;
  return value?.name ?? '';
}

function isAsExpected(options: unknown): options is Options {
  const { groups } = (options ?? {}) as Partial<Options>;
  return (
    Array.isArray(groups) &&
    groups.every(
      group => Array.isArray(group?.options) && group.options.every(option => isJSON(option?.value))
    )
  );
}

function isJSON(value: unknown): boolean {
  try {
    JSON.parse(value as string);
    return true;
  } catch {
    return false;
  }
}
