import type { TranslationBundle } from '@jupyterlab/translation';

import { nearestFirst, workspaceAround } from '../nearest';
import { basename, isBelowRoot } from '../paths';
import { isShown, titled } from '../showing';
import type { IShowing } from '../showing';
import type { IEnvironments } from '../tokens';
import type { Environment, Problem, Workspace } from '../wire';
import { stateText } from '../words';

/** A card of the launcher: a kernel, or a manifest that cannot be read. */
export interface ICard {
  label: string;
  caption: string;
  category: string;
  /** Categories with a lower one stand higher; JupyterLab's own: Notebook 0, Console 20. */
  categoryRank: number;
  rank: number;
  format: string;
  state: Environment['state'];
  gpu: boolean;
  /** What a click starts; null where it opens the manifest. */
  kernelspec: string | null;
  manifest: string;
}

/** Ranks of the categories: above JupyterLab's notebooks, and below them. */
const ABOVE = -10;
const BELOW = 10;

/** The cards, workspace by workspace: the one that the folder lies in above all others. */
export function cards(
  model: IEnvironments,
  folder: string,
  showing: IShowing,
  trans: TranslationBundle
): ICard[] {
  const own = workspaceAround(model.workspaces, folder);
  const broken = model.problems.filter(problem => problem.manifest && isBelowRoot(problem.manifest));
  const places = [...model.workspaces, ...broken.map(placeOf)].filter(found =>
    isShown(found, folder, showing)
  );
  const titles = titled(places);
  return nearestFirst(places, folder).flatMap((workspace, index, { length }) => {
    const category = titles.get(workspace)!;
    const categoryRank = (workspace === own ? ABOVE : BELOW) + index / length;
    const problem = broken.find(found => found.manifest === workspace.manifest);
    const found = problem
      ? [problemCard(problem, trans)]
      : model.environmentsOf(workspace).flatMap(each => environmentCards(each, workspace, trans));
    return found.map((card, rank) => ({ ...card, category, categoryRank, rank }));
  });
}

type Card = Omit<ICard, 'category' | 'categoryRank' | 'rank'>;

/** One for the environment, and one for each kernel that it brings itself. */
function environmentCards(environment: Environment, workspace: Workspace, trans: TranslationBundle): Card[] {
  const { name, title, manifest, state, gpu, kernelspec, own_kernels } = environment;
  if (kernelspec === null || workspace.format === 'script') {
    return [];
  }
  // without the percentage, which would make another card of it twenty times a second
  const words = [state === 'building' ? trans.__('building') : stateText(environment, trans)];
  const caption = trans.__('%1: %2', title, (gpu ? [...words, trans.__('for GPUs')] : words).join(', '));
  const card = { label: name, caption, format: workspace.format, state, gpu, kernelspec, manifest };
  const others = own_kernels.filter(own => own.kernelspec !== null);
  return [
    card,
    ...others.map(own => ({
      ...card,
      label: trans.__('%1 (%2)', name, own.display_name),
      kernelspec: own.kernelspec
    }))
  ];
}

function problemCard(problem: Problem, trans: TranslationBundle): Card {
  const manifest = problem.manifest ?? '';
  return {
    label: trans.__('%1 cannot be read', basename(manifest)),
    caption: [problem.message, problem.remedy].filter(Boolean).join(' '),
    format: '',
    state: 'failed',
    gpu: false,
    kernelspec: null,
    manifest
  };
}

/** A manifest that cannot be read, as the workspace that it might be. */
function placeOf(problem: Problem): Workspace {
  const manifest = problem.manifest ?? '';
  const path = manifest.split('/').slice(0, -1).join('/');
  const name = basename(path) || manifest;
  return { name, path, manifest, format: '', root: '', lock: 'none', lock_file: null, editable: false };
}
