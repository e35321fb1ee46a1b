import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { pend } from './edits';
import { concerns } from './outline';
import type { IConcerns } from './outline';
import { Planning } from './plan';
import { isStale, make, replay } from './replay';
import type { IMade, IRefusal } from './replay';
import { problemOf } from '../request';
import type { Api } from '../request';
import type { Edit, Edited, Manifest, Outline, Problem, Written } from '../wire';

/** What outlives a reload of the page. */
export interface IKept {
  /** The file that the edits were made for. */
  digest: string;
  text: string;
  edits: Edit[];
  applied: { digest: string; before: string } | null;
}

/** The file changed on disk while there were edits for it. */
export interface IConflict {
  /** What it said when the edits were made. */
  before: string;
  /** The edits that cannot be made any more; the others are pending. */
  refused: IRefusal[];
}

/** How often a file may change under our hands before we give up. */
const ATTEMPTS = 3;

/** One manifest and what is pending for it: nothing is written before `apply`. */
export class Editing implements IDisposable {
  constructor(
    private readonly api: Api,
    readonly workspace: string,
    isHidden: () => boolean,
    kept?: IKept
  ) {
    this.planning = new Planning(api, isHidden);
    if (kept) {
      this.base = { digest: kept.digest, text: kept.text };
      this.edits = kept.edits;
      this.applied = kept.applied;
    }
  }

  /** As it is on disk; null until it was read. */
  manifest: Manifest | null = null;
  /** Why it cannot be read now. */
  problem: Problem | null = null;
  edits: readonly Edit[] = [];
  /** What the manifest would be with the edits; null where there are none. */
  edited: Edited | null = null;
  /** The last thing that was asked for and could not be done. */
  refusal: IRefusal | null = null;
  /** What went wrong as the manifest was to be written. */
  failure: Problem | null = null;
  conflict: IConflict | null = null;
  isBusy = false;
  readonly planning: Planning;
  readonly changed = new Signal<this, void>(this);
  isDisposed = false;

  dispose(): void {
    if (!this.isDisposed) {
      this.isDisposed = true;
      this.planning.dispose();
      Signal.clearData(this);
    }
  }

  /** What the manifest says, edits included. */
  get outline(): Outline | null {
    return this.edited?.outline ?? this.manifest?.outline ?? null;
  }

  get isPending(): boolean {
    return this.edits.length > 0 || this.conflict !== null;
  }

  /** What the pending edits would do. */
  get concerns(): IConcerns {
    const { manifest, edited } = this;
    return manifest && edited ? concerns(manifest.outline, edited.outline) : { environments: [], added: [] };
  }

  /** Whether the file is still what the last `apply` made of it. */
  get canUndo(): boolean {
    return !this.isPending && this.applied !== null && this.applied.digest === this.manifest?.digest;
  }

  get kept(): IKept | null {
    const { base, applied } = this;
    return base && (this.edits.length || applied) ? { ...base, edits: [...this.edits], applied } : null;
  }

  /** Read the file again, and take the edits over where it changed. */
  refresh(): Promise<void> {
    return this.inTurn(() => this.read());
  }

  /**
   * One more edit; where it cannot be made, `refusal` says why and the others stay.
   *
   * One that is still being checked takes its turn now: an `apply` that follows writes it too.
   */
  change(asked: Edit | Promise<Edit | null>): Promise<boolean> {
    return this.inTurn(async () => {
      const edit = await asked;
      const { api, workspace, manifest, edits } = this;
      if (!manifest || !edit) {
        return false;
      }
      this.refusal = null;
      try {
        this.take(await make(api, workspace, manifest, pend(edits, edit, manifest.outline)));
        return true;
      } catch (error) {
        if (isStale(error)) {
          this.edits = [...edits, edit];
          this.edited = null;
          await this.read();
          return true;
        }
        this.refusal = { edit, problem: problemOf(error) };
        return false;
      }
    });
  }

  discard(): Promise<void> {
    return this.inTurn(async () => {
      this.conflict = null;
      this.take({ edits: [], edited: null });
    });
  }

  /** The changes on disk were looked at: go on with the edits. */
  keep(): void {
    this.conflict = null;
    this.changed.emit();
  }

  /** Write what is pending; which environments it concerns, or null where it was not written. */
  apply(): Promise<IConcerns | null> {
    return this.write(async () => {
      const { manifest, edited, edits, workspace } = this;
      if (!manifest || !edited || this.conflict) {
        return null;
      }
      try {
        const { digest } = manifest;
        const written = await this.api.put<Written>('manifest', { workspace, digest, edits });
        this.applied = { digest: written.digest, before: written.before };
        this.settle({ ...manifest, digest: written.digest, text: edited.text, outline: edited.outline });
        return concerns(manifest.outline, edited.outline);
      } catch (error) {
        await this.explain(error);
        return null;
      }
    });
  }

  /** Give the file the bytes back that it had before the last `apply`. */
  undo(): Promise<boolean> {
    return this.write(async () => {
      const { manifest, applied, workspace } = this;
      if (!manifest || !applied || !this.canUndo) {
        return false;
      }
      try {
        const request = { workspace, digest: manifest.digest, to: applied.before };
        await this.api.post<Written>('manifest/restore', request);
        this.applied = null;
        await this.read();
        return true;
      } catch (error) {
        await this.explain(error);
        return false;
      }
    });
  }

  /** Ask what would be installed; `planning` has the answer. */
  plan(): Promise<void> {
    const { workspace, manifest, edits } = this;
    if (!manifest) {
      return Promise.resolve();
    }
    const { digest } = manifest;
    return this.planning.start({ workspace, digest, edits: [...edits], environments: null });
  }

  /** One after the other: what is asked for while another answer is awaited builds on that answer. */
  private inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = this.last.then(async () => {
      try {
        return await task();
      } finally {
        this.changed.emit();
      }
    });
    this.last = done.catch(() => undefined);
    return done;
  }

  private async write<T>(task: () => Promise<T>): Promise<T> {
    this.isBusy = true;
    this.changed.emit();
    try {
      return await this.inTurn(task);
    } finally {
      this.isBusy = false;
      this.changed.emit();
    }
  }

  private async read(attempts = ATTEMPTS): Promise<void> {
    try {
      const now = await this.api.get<Manifest>('manifest', { workspace: this.workspace });
      this.problem = null;
      if (now.digest !== this.manifest?.digest || (this.edits.length > 0 && !this.edited)) {
        await this.meet(now);
      }
    } catch (error) {
      if (isStale(error) && attempts > 1) {
        await this.read(attempts - 1);
      } else {
        this.problem = problemOf(error);
      }
    }
  }

  /** The file is another one: make the edits on it. */
  private async meet(now: Manifest): Promise<void> {
    const { api, workspace, base, conflict } = this;
    const { refused, ...made } = await replay(api, workspace, now, this.edits);
    this.settle(now, made);
    if (base && base.digest !== now.digest && (made.edits.length || refused.length)) {
      this.conflict = {
        before: conflict?.before ?? base.text,
        refused: [...(conflict?.refused ?? []), ...refused]
      };
    }
  }

  private settle(manifest: Manifest, made: IMade = { edits: [], edited: null }): void {
    this.manifest = manifest;
    this.base = { digest: manifest.digest, text: manifest.text };
    this.take(made);
  }

  private take({ edits, edited }: IMade): void {
    this.edits = edits;
    this.edited = edited;
    this.failure = null;
    this.planning.forget();
  }

  /** Why the file was not written; where it changed meanwhile, that is shown. */
  private async explain(error: unknown): Promise<void> {
    if (isStale(error)) {
      await this.read();
    } else {
      this.failure = problemOf(error);
    }
  }

  private base: { digest: string; text: string } | null = null;
  private applied: IKept['applied'] = null;
  private last: Promise<unknown> = Promise.resolve();
}
