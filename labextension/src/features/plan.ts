import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { Signal } from '@lumino/signaling';

import { ApiError, problemOf } from '../request';
import type { Api } from '../request';
import type { PackageChange, Plan, PlanRequest, Problem } from '../wire';

/** Milliseconds between questions for a plan that is being made. */
const INTERVAL = 1000;

/** A dry run on the server: asks for it, and how far it is, while somebody looks. */
export class Planning implements IDisposable {
  constructor(
    private readonly api: Api,
    private readonly isHidden: () => boolean
  ) {
    this.poll = new Poll({
      auto: false,
      factory: () => this.ask(),
      frequency: { interval: INTERVAL, backoff: true },
      name: 'appose-kernel:plan',
      standby: () => (this.isHidden() ? true : 'when-hidden')
    });
  }

  plan: Plan | null = null;
  /** Why there is no plan. */
  problem: Problem | null = null;
  readonly changed = new Signal<this, void>(this);

  get isDisposed(): boolean {
    return this.poll.isDisposed;
  }

  get isRunning(): boolean {
    return this.plan?.state === 'running';
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.forget();
      this.poll.dispose();
      Signal.clearData(this);
    }
  }

  async start(request: PlanRequest): Promise<void> {
    this.forget();
    const turn = this.turn;
    try {
      const plan = await this.api.post<Plan>('plans', request);
      if (turn === this.turn) {
        this.take(plan);
      } else {
        this.cancel(plan);
      }
    } catch (error) {
      if (turn === this.turn) {
        this.problem = problemOf(error);
        this.changed.emit();
      }
    }
  }

  /** What was planned is no longer asked for. */
  forget(): void {
    this.turn += 1;
    if (this.isDisposed || !(this.plan || this.problem)) {
      return;
    }
    if (this.isRunning) {
      this.cancel(this.plan!);
    }
    this.plan = null;
    this.problem = null;
    void this.poll.stop();
    this.changed.emit();
  }

  private cancel(plan: Plan): void {
    // what cannot be cancelled has ended
    this.api.delete(`plans/${encodeURIComponent(plan.id)}`).catch(() => undefined);
  }

  private async ask(): Promise<void> {
    const turn = this.turn;
    if (!this.plan) {
      return;
    }
    try {
      const plan = await this.api.get<Plan>(`plans/${encodeURIComponent(this.plan.id)}`);
      if (turn === this.turn) {
        this.take(plan);
      }
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) {
        throw error; // the poll asks again
      }
      if (turn === this.turn) {
        this.plan = null; // the server was started anew
        this.problem = error.problem;
        void this.poll.stop();
        this.changed.emit();
      }
    }
  }

  private take(plan: Plan): void {
    this.plan = plan;
    this.problem = plan.error;
    void (plan.state === 'running' ? this.poll.start() : this.poll.stop());
    this.changed.emit();
  }

  private readonly poll: Poll<void>;
  private turn = 0;
}

/** What a plan would change, each change once: in which environments, which packages, how much to download. */
export interface IPlanSummary {
  environments: string[];
  changes: PackageChange[];
  /** Bytes, as far as the lock says. */
  size: number;
}

export function summary(plan: Plan): IPlanSummary {
  const changed = plan.environments.filter(({ changes }) => changes.length);
  const changes = new Map<string, PackageChange>();
  for (const change of changed.flatMap(found => found.changes)) {
    const { kind, name, before, after } = change;
    changes.set(JSON.stringify([kind, name, before, after]), change);
  }
  return {
    environments: changed.map(({ environment }) => environment),
    changes: [...changes.values()],
    size: [...changes.values()].reduce((sum, { size }) => sum + (size ?? 0), 0)
  };
}
