import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { Signal } from '@lumino/signaling';

import { problemOf } from '../request';
import type { Api } from '../request';
import type { Draft, Drafted, Problem, Suggestion } from '../wire';

/** What the form has, as it was typed. */
export interface IFields {
  folder: string;
  format: Draft['format'];
  name: string;
  python: string;
  packages: string;
  pypi: string;
  channels: string;
  cuda: boolean;
}

/** Milliseconds without a key before the server is asked what the manifest would be. */
const PAUSE = 250;

/** A new workspace while somebody fills in the form for it. */
export class DraftModel implements IDisposable {
  constructor(
    private readonly api: Api,
    folder: string
  ) {
    const name = folder.slice(folder.lastIndexOf('/') + 1) || 'my-environment';
    this.fields = {
      folder,
      format: 'pixi',
      name: name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-_.]+|[-_.]+$/g, '') || 'my-environment',
      python: '3.12',
      packages: '',
      pypi: '',
      channels: '',
      cuda: false
    };
    this.asking = new Debouncer(() => this.preview(), PAUSE);
  }

  fields: IFields;
  /** What could not be taken over from the source, or why nothing could. */
  suggested: readonly string[] = [];
  /** The manifest as it would be; the last one that could be made. */
  drafted: Drafted | null = null;
  /** Why it cannot be made as it is. */
  problem: Problem | null = null;
  isBusy = false;
  readonly changed = new Signal<this, void>(this);

  get isDisposed(): boolean {
    return this.asking.isDisposed;
  }

  dispose(): void {
    this.asking.dispose();
    Signal.clearData(this);
  }

  /** The field that the problem is about. */
  get wrong(): keyof IFields | null {
    const { problem, fields } = this;
    return problem?.field !== undefined && problem.field in fields ? (problem.field as keyof IFields) : null;
  }

  set(fields: Partial<IFields>): void {
    this.turn += 1;
    this.fields = { ...this.fields, ...fields };
    this.changed.emit();
    this.ask();
  }

  /** Begin with what a file asks for. */
  async take(source: string): Promise<void> {
    try {
      const { draft, notes } = await this.api.get<Suggestion>('suggestion', { source });
      const { packages, pypi, channels } = draft;
      this.suggested = notes;
      this.set({
        ...draft,
        packages: packages.join('\n'),
        pypi: pypi.join('\n'),
        channels: channels.join(', ')
      });
    } catch (error) {
      // beside what is wrong with the fields, which the next answer replaces
      const { message, remedy } = problemOf(error);
      this.suggested = [message, remedy].filter(Boolean);
      this.changed.emit();
    }
  }

  /** Ask what the manifest would be, when nobody has typed for a moment. */
  ask(): void {
    this.asking.invoke().catch(() => undefined); // superseded by the next key
  }

  /** Write the manifest; null, with a problem, where that cannot be. */
  async create(): Promise<Drafted | null> {
    this.turn += 1;
    this.isBusy = true;
    void this.asking.stop();
    this.changed.emit();
    try {
      return await this.send(true);
    } catch (error) {
      this.problem = problemOf(error);
      return null;
    } finally {
      this.isBusy = false;
      this.changed.emit();
    }
  }

  private async preview(): Promise<void> {
    const turn = (this.turn += 1);
    let drafted = this.drafted;
    let problem: Problem | null = null;
    try {
      drafted = await this.send(false);
    } catch (error) {
      problem = problemOf(error);
    }
    if (turn === this.turn) {
      [this.drafted, this.problem] = [drafted, problem];
      this.changed.emit();
    }
  }

  private send(write: boolean): Promise<Drafted> {
    const { folder, format, name, python, packages, pypi, channels, cuda } = this.fields;
    const draft: Draft = {
      folder: folder.replace(/^\/+|\/+$/g, ''),
      format,
      name: name.trim(),
      python: python.trim(),
      packages: split(packages),
      pypi: format === 'uv' ? [] : split(pypi),
      channels: format === 'uv' ? [] : split(channels),
      cuda,
      write
    };
    return this.api.post<Drafted>('workspaces', draft);
  }

  private readonly asking: Debouncer<void>;
  /** Of the last question: answers to those before it are old. */
  private turn = 0;
}

/** Packages or channels as people type them: one a line, or with commas, but not those of `numpy>=1,<2`. */
export function split(text: string): string[] {
  return text
    .split(/\n|,(?!\s*[<>=!~])(?![^[\]]*\])/)
    .map(part => part.trim())
    .filter(part => part && !part.startsWith('#'));
}
