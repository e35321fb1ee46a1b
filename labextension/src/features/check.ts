import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { Signal } from '@lumino/signaling';

import { problemOf } from '../request';
import type { Api } from '../request';
import type { SpecCheck } from '../wire';

export type SpecKind = 'conda' | 'pypi';

/** Milliseconds without a key before a text is checked. */
const PAUSE = 200;

/** Whether what is typed into one field names a package, as the server reads it. */
export class SpecField implements IDisposable {
  constructor(
    private readonly api: Api,
    pause = PAUSE
  ) {
    this.debouncer = new Debouncer((kind: SpecKind, text: string) => this.check(kind, text), pause);
  }

  /** What is wrong with the text; empty while it is right, empty or unknown. */
  message = '';
  readonly changed = new Signal<this, void>(this);

  get isDisposed(): boolean {
    return this.debouncer.isDisposed;
  }

  dispose(): void {
    this.debouncer.dispose();
    Signal.clearData(this);
  }

  /** A key was typed. */
  type(kind: SpecKind, text: string): void {
    this.turn += 1;
    if (text.trim()) {
      // superseded by the next key, or by dispose
      this.debouncer.invoke(kind, text).catch(() => undefined);
    } else {
      this.say('');
    }
  }

  /** Split the text now; null, with a message, where it is wrong. */
  async check(kind: SpecKind, text: string): Promise<SpecCheck | null> {
    const turn = (this.turn += 1);
    let found: SpecCheck | null = null;
    let message: string;
    try {
      const answer = await this.api.get<SpecCheck>('specs', { kind, text: text.trim() });
      found = answer.ok ? answer : null;
      message = answer.message;
    } catch (error) {
      message = problemOf(error).message;
    }
    if (turn === this.turn) {
      this.say(found ? '' : message);
    }
    return found;
  }

  private say(message: string): void {
    if (message !== this.message && !this.isDisposed) {
      this.message = message;
      this.changed.emit();
    }
  }

  private readonly debouncer: Debouncer<SpecCheck | null, any, [SpecKind, string]>;
  private turn = 0;
}
