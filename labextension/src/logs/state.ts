import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { LogLines } from './lines';
import type { LogReader } from './reader';
import { findMatches, matchAt, MATCH_LIMIT } from './search';
import type { IMatch } from './search';

/** What a viewer of a log shows: where it stands, what is searched for, and found. */
export class LogState implements IDisposable {
  constructor(readonly reader: LogReader) {
    reader.changed.connect(this.onChanged, this);
  }

  readonly changed = new Signal<this, void>(this);
  /** A line is to be brought into view. */
  readonly reveal = new Signal<this, number>(this);
  /** The first line in view. */
  top = 0;
  matches: readonly IMatch[] = [];
  /** The index of the match that “next” goes on from; null without any. */
  current: number | null = null;
  readonly isDisposed = false;

  dispose(): void {
    this.reader.changed.disconnect(this.onChanged, this);
    Signal.clearData(this);
  }

  /** Whether the end stays in view as lines come. */
  get follow(): boolean {
    return this.follows;
  }

  set follow(follow: boolean) {
    if (follow !== this.follows) {
      this.follows = follow;
      this.changed.emit();
    }
  }

  /** Whether each line has its time. */
  get times(): boolean {
    return this.hasTimes;
  }

  set times(times: boolean) {
    this.hasTimes = times;
    this.changed.emit();
  }

  /** Find a text from what is in view on; null ends the search. */
  search(query: RegExp | null): void {
    this.query = query;
    this.matches = [];
    this.current = null;
    this.searched = null;
    this.findMore();
    if (this.matches.length) {
      this.go(matchAt(this.matches, this.top));
    }
    this.changed.emit();
  }

  /** To the match `steps` further on, or back, round the ends if `loop`. */
  step(steps: number, loop: boolean): IMatch | undefined {
    const count = this.matches.length;
    const index = (this.current ?? -1) + steps;
    if (count && (loop || (index >= 0 && index < count))) {
      this.go(index);
      this.changed.emit();
      return this.matches[this.current!];
    }
    return undefined;
  }

  private go(index: number): void {
    const count = this.matches.length;
    this.current = ((index % count) + count) % count;
    this.follows = false;
    this.reveal.emit(this.matches[this.current].line);
  }

  private onChanged(): void {
    this.findMore();
    this.changed.emit();
  }

  /** Search the lines that are new. */
  private findMore(): void {
    const { log } = this.reader;
    const lines = log.lines;
    if (!this.query || (this.searched?.log === log && this.searched.count === lines.length)) {
      return;
    }
    if (this.searched && this.searched.log !== log) {
      const shift = lines.length - this.searched.count; // what stood before has come
      const at = this.current === null ? 0 : this.matches[this.current].line + shift;
      this.matches = findMatches(lines, this.query);
      this.current = this.matches.length
        ? Math.min(matchAt(this.matches, at), this.matches.length - 1)
        : null;
    } else {
      const from = this.searched?.count ?? 0;
      const found = findMatches(lines, this.query, from, MATCH_LIMIT - this.matches.length);
      this.matches = [...this.matches, ...found];
      this.current ??= this.matches.length ? 0 : null;
    }
    this.searched = { log, count: lines.length };
  }

  private follows = true;
  private hasTimes = false;
  private query: RegExp | null = null;
  private searched: { log: LogLines; count: number } | null = null;
}
