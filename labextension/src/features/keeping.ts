import { PageConfig } from '@jupyterlab/coreutils';
import type { IStateDB } from '@jupyterlab/statedb';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';

/**
 * What is to be there again when the page is loaded anew.
 *
 * JupyterLab's database saves a moment after a change, and a page that is left sooner takes the change with it. So
 * the tab itself hands it to the page that follows.
 */
export class Keeping<T> implements IDisposable {
  constructor(
    private readonly store: IStateDB | null,
    private readonly id: string
  ) {
    window.addEventListener('pagehide', this);
  }

  isDisposed = false;

  dispose(): void {
    this.isDisposed = true;
    window.removeEventListener('pagehide', this);
  }

  async fetch(): Promise<T | undefined> {
    const handed = window.sessionStorage.getItem(this.key);
    window.sessionStorage.removeItem(this.key);
    return handed === null
      ? ((await this.store?.fetch(this.id)) as T | undefined)
      : (JSON.parse(handed) as T);
  }

  save(state: T): void {
    const text = JSON.stringify(state);
    if (text !== this.saved) {
      this.saved = text;
      void this.store?.save(this.id, JSON.parse(text) as ReadonlyPartialJSONValue);
    }
  }

  handleEvent(): void {
    if (this.store && this.saved) {
      try {
        window.sessionStorage.setItem(this.key, this.saved);
      } catch {
        // it is larger than a browser allows: what the database has will do
      }
    }
  }

  /** As the database, each of JupyterLab's workspaces has its own. */
  private get key(): string {
    return [this.id, PageConfig.getBaseUrl(), PageConfig.getOption('workspace')].join(' ');
  }

  private saved = '';
}
