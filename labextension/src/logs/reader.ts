import type { IDisposable } from '@lumino/disposable';
import { Throttler } from '@lumino/polling';
import { Signal } from '@lumino/signaling';

import { hasEnded } from '../answers';
import { LogLines } from './lines';
import { problemOf } from '../request';
import type { IEnvironments } from '../tokens';
import type { Build, BuildEvent, BuildLog, Problem } from '../wire';

/** Milliseconds between questions for what a running build says; nobody reads faster. */
const PACE = 250;

/** An answer of fewer bytes was all that there is: the server reads twice as many at once. */
const FULL = 2 ** 19;

/**
 * The log of one build: its end first, then what stands before, then whatever comes.
 *
 * The bus leaves events out, so that its events only tell that there is more to read.
 */
export class LogReader implements IDisposable {
  constructor(
    private readonly environments: IEnvironments,
    readonly id: string,
    private readonly heading: (phase: BuildEvent['phase']) => string
  ) {
    this.log = new LogLines(heading);
    this.known = environments.builds.find(build => build.id === id) ?? null;
    this.more = new Throttler(() => this.catchUp(), { limit: PACE, edge: 'trailing' });
    environments.changed.connect(this.onChanged, this);
    environments.event.connect(this.onEvent, this);
  }

  /** Replaced by a longer one when what stands before has come. */
  log: LogLines;
  /** How much of the log is still to come, from 0 to 1; 0 when its beginning is there. */
  missing = 0;
  last: BuildEvent | null = null;
  /** Why the log, or the rest of it, cannot be read. */
  problem: Problem | null = null;
  readonly changed = new Signal<this, void>(this);

  get isDisposed(): boolean {
    return this.more.isDisposed;
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.more.dispose();
      this.environments.changed.disconnect(this.onChanged, this);
      this.environments.event.disconnect(this.onEvent, this);
      Signal.clearData(this);
    }
  }

  /** What is known of the build; null before the first answer. */
  get build(): Build | null {
    return this.environments.builds.find(build => build.id === this.id) ?? this.known;
  }

  get ended(): boolean {
    return this.last !== null && hasEnded(this.last);
  }

  /** Nothing is asked for while nobody looks. */
  get visible(): boolean {
    return this.isVisible;
  }

  set visible(visible: boolean) {
    this.isVisible = visible;
    if (visible && this.offset === null) {
      void this.open();
    } else if (visible) {
      this.ask();
    }
  }

  private async open(): Promise<void> {
    if (this.opening) {
      return;
    }
    this.opening = true;
    try {
      this.known = this.build ?? (await this.environments.api.get<Build>(this.path));
      const answer = await this.read({ before: '' });
      this.problem = null;
      if (answer.start > 0) {
        void this.readBefore(answer);
      }
      this.ask();
    } catch (error) {
      this.fail(error);
    } finally {
      this.opening = false;
    }
  }

  /** Read backwards; the lines appear when all of them are there, so that nothing moves twice. */
  private async readBefore({ events, start, offset }: BuildLog): Promise<void> {
    const earlier: BuildEvent[][] = [];
    this.newest = [...events];
    try {
      while (start > 0 && !this.isDisposed) {
        this.missing = start / offset;
        this.changed.emit();
        const answer = await this.askLog({ before: String(start) });
        earlier.push(answer.events);
        start = answer.start;
      }
    } catch (error) {
      this.fail(error);
    }
    const whole = new LogLines(this.heading);
    earlier.reverse().forEach(found => whole.append(found));
    whole.append(this.newest);
    this.log = whole;
    this.newest = null;
    this.missing = 0;
    this.changed.emit();
  }

  /** Read what has come since. */
  private async catchUp(): Promise<void> {
    try {
      let answer: BuildLog;
      do {
        answer = await this.read({ offset: String(this.offset) });
      } while (answer.offset - answer.start > FULL && !this.isDisposed);
      this.problem = null;
    } catch (error) {
      this.fail(error);
    }
  }

  /** Read towards the end. */
  private async read(query: Record<string, string>): Promise<BuildLog> {
    const answer = await this.askLog(query);
    this.offset = answer.offset;
    this.log.append(answer.events);
    this.newest?.push(...answer.events);
    this.last = answer.events.at(-1) ?? this.last;
    this.changed.emit();
    return answer;
  }

  private askLog(query: Record<string, string>): Promise<BuildLog> {
    return this.environments.api.get<BuildLog>(`${this.path}/log`, query);
  }

  private fail(error: unknown): void {
    this.problem = problemOf(error);
    this.changed.emit();
  }

  private ask(): void {
    const wanted = this.isVisible && !document.hidden && !this.ended;
    if (wanted && this.offset !== null && !this.isDisposed) {
      void this.more.invoke();
    }
  }

  private onChanged(): void {
    const said = this.build?.last;
    const isBack = this.problem?.code === 'unreachable' && !this.environments.unreachable;
    if (isBack && this.offset === null && this.isVisible) {
      void this.open();
    } else if (said && said.sequence > (this.last?.sequence ?? -1)) {
      this.ask();
    }
    this.changed.emit(); // the title and who waits are the model's
  }

  private onEvent(_: IEnvironments, event: BuildEvent): void {
    if (event.build === this.id) {
      this.ask();
    }
  }

  private get path(): string {
    return `builds/${encodeURIComponent(this.id)}`;
  }

  private readonly more: Throttler<void>;
  private known: Build | null;
  private isVisible = false;
  private opening = false;
  private offset: number | null = null;
  /** What has been read towards the end, while what stands before is still to come. */
  private newest: BuildEvent[] | null = null;
}
