import type { TranslationBundle } from '@jupyterlab/translation';

import { nearestFirst } from '../nearest';
import { basename } from '../paths';
import type { Environment, Problem, Workspace } from '../wire';
import { stateText } from '../words';

/** A workspace with its environments, or a manifest that cannot be read. */
export type Group = {
  /** Contents path of the manifest. */
  manifest: string;
  name: string;
  /** The folder. */
  path: string;
  environments: readonly Environment[];
} & ({ workspace: Workspace; problem: null } | { workspace: null; problem: Problem });

/** What there is to list. */
export interface IFound {
  readonly workspaces: readonly Workspace[];
  readonly problems: readonly Problem[];
  readonly environments: readonly Environment[];
}

/** All that was found: what is nearest to `folder` first, then by name; a broken manifest where its workspace was. */
export function grouped(found: IFound, folder: string): Group[] {
  const environments = new Map<string, Environment[]>();
  for (const environment of found.environments) {
    const others = environments.get(environment.manifest);
    if (others) {
      others.push(environment);
    } else {
      environments.set(environment.manifest, [environment]);
    }
  }
  const groups: Group[] = found.workspaces.map(workspace => ({
    manifest: workspace.manifest,
    name: workspace.name,
    path: workspace.path,
    workspace,
    problem: null,
    environments: environments.get(workspace.manifest) ?? []
  }));
  for (const problem of found.problems) {
    const manifest = problem.manifest ?? '';
    const path = manifest.slice(0, -basename(manifest).length).replace(/[\\/]$/, '');
    const name = basename(path) || basename(manifest);
    groups.push({ manifest, name, path, workspace: null, problem, environments: [] });
  }
  return nearestFirst(groups, folder);
}

/** Finds what was typed: each of its words, in the names, states, features and packages. */
export class Filter {
  constructor(private readonly trans: TranslationBundle) {}

  /** The groups that a text finds, with those of their environments that it finds. */
  apply(groups: readonly Group[], text: string): readonly Group[] {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return words.length ? groups.flatMap(group => this.narrow(group, words)) : groups;
  }

  private narrow(group: Group, words: readonly string[]): Group[] {
    const about = `${group.name} ${group.path} ${group.workspace?.format ?? ''}`.toLowerCase();
    // a word that is about the workspace is not looked for in its environments
    const rest = words.filter(word => !about.includes(word));
    if (!rest.length) {
      return [group];
    }
    const environments = group.environments.filter(environment => {
      const text = this.textOf(environment);
      return rest.every(word => text.includes(word));
    });
    return environments.length ? [{ ...group, environments }] : [];
  }

  private textOf(environment: Environment): string {
    let text = this.texts.get(environment);
    if (text === undefined) {
      const features = environment.features.map(feature => feature.name);
      const tags = [
        environment.gpu ? 'gpu' : 'cpu',
        environment.kernels.length ? this.trans.__('running') : ''
      ];
      text = [
        environment.name,
        stateText(environment, this.trans),
        ...features,
        ...environment.packages,
        ...tags
      ]
        .join(' ')
        .toLowerCase();
      this.texts.set(environment, text);
    }
    return text;
  }

  private readonly texts = new WeakMap<Environment, string>();
}
