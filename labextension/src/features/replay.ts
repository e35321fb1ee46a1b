import { pend, repend } from './edits';
import { ApiError, problemOf } from '../request';
import type { Api } from '../request';
import type { Edit, Edited, Manifest, Problem } from '../wire';

/** An edit that could not be made, and why. */
export interface IRefusal {
  edit: Edit;
  problem: Problem;
}

/** Edits, and what a manifest would be with them; null where there are none. */
export interface IMade {
  edits: readonly Edit[];
  edited: Edited | null;
}

/** Make edits on a manifest, without writing it. Rejects where one of them is refused. */
export async function make(
  api: Api,
  workspace: string,
  { digest }: Manifest,
  edits: readonly Edit[]
): Promise<IMade> {
  const body = { workspace, digest, edits };
  return { edits, edited: edits.length ? await api.post<Edited>('manifest/preview', body) : null };
}

/**
 * Make edits on a manifest that is another one than they were made for: all at once, or else one by one, so that
 * one that is refused does not take the others with it.
 */
export async function replay(
  api: Api,
  workspace: string,
  manifest: Manifest,
  edits: readonly Edit[]
): Promise<IMade & { refused: IRefusal[] }> {
  const { outline } = manifest;
  const refused: IRefusal[] = [];
  try {
    return { ...(await make(api, workspace, manifest, repend(edits, outline))), refused };
  } catch (error) {
    unlessRefused(error);
  }
  let made: IMade = { edits: [], edited: null };
  for (const edit of edits) {
    try {
      made = await make(api, workspace, manifest, pend(made.edits, edit, outline));
    } catch (error) {
      refused.push({ edit, problem: unlessRefused(error) });
    }
  }
  return { ...made, refused };
}

/** Whether the file is another one than the edits were made for. */
export function isStale(error: unknown): boolean {
  return error instanceof ApiError && error.status === 412;
}

/** Why the server cannot make an edit; throws what is no answer to that. */
function unlessRefused(error: unknown): Problem {
  if (error instanceof ApiError && error.status === 422) {
    return problemOf(error);
  }
  throw error;
}
