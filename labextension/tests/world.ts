import { ServerConnection } from '@jupyterlab/services';
import type { Event, Kernel, ServiceManager } from '@jupyterlab/services';
import { PromiseDelegate } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';

import type { Build, BuildEvent, Environment, Problem, Workspace } from '../src/wire';

export function workspace(name: string, more: Partial<Workspace> = {}): Workspace {
  return {
    name,
    format: 'pixi',
    path: name,
    manifest: `${name}/pixi.toml`,
    root: `/srv/${name}`,
    lock: 'locked',
    lock_file: `${name}/pixi.lock`,
    editable: true,
    ...more
  };
}

export function environment(place: string, name: string, more: Partial<Environment> = {}): Environment {
  return {
    name,
    title: `${place} · ${name}`,
    manifest: `${place}/pixi.toml`,
    features: [{ kind: 'base', name: '' }],
    kernelspec: `appose.${place}.${name}`,
    own_kernels: [],
    kernels: [],
    state: 'not built',
    reason: '',
    build: null,
    fraction: 0,
    error: null,
    prefix: `/srv/${place}/.pixi/envs/${name}`,
    size: null,
    removable: false,
    packages: [],
    gpu: false,
    here: true,
    platforms: [],
    verdict: null,
    ...more
  };
}

export function build(id: string, place: string, name: string, last: BuildEvent | null = null): Build {
  return {
    id,
    environment: name,
    title: `${place} · ${name}`,
    manifest: `${place}/pixi.toml`,
    time: 1_800_000_000,
    ended: last !== null && ['ready', 'failed', 'cancelled'].includes(last.phase),
    rebuild: false,
    waiting: 1,
    last
  };
}

export function event(build: Build, sequence: number, more: Partial<BuildEvent> = {}): BuildEvent {
  return {
    build: build.id,
    environment: build.environment,
    manifest: build.manifest,
    kernelspec: null,
    sequence,
    time: 1_800_000_000 + sequence,
    fraction: sequence / 100,
    phase: 'downloading',
    message: `step ${sequence}`,
    output: false,
    ...more
  };
}

/** A server as the browser meets it: what it would answer now, and what it says by itself. */
export class World {
  workspaces: Workspace[] = [];
  problems: Problem[] = [];
  environments: Environment[] = [];
  builds: Build[] = [];
  /** Status of the answers; 0 where there is no server. */
  status = 200;
  /** What answers in the server's place: Jupyter itself, or a proxy. */
  page: string | null = null;
  /** `METHOD path` of each request. */
  readonly asked: string[] = [];
  readonly bodies: unknown[] = [];
  refreshedSpecs = 0;

  readonly services = {
    serverSettings: ServerConnection.makeSettings({
      baseUrl: 'http://localhost/',
      token: '',
      fetch: (request: RequestInfo | URL) => this.respond(request as Request)
    }),
    events: { stream: new Signal<object, Event.Emission>({}) },
    kernels: { runningChanged: new Signal<object, Kernel.IModel[]>({}) },
    kernelspecs: {
      refreshSpecs: async () => {
        this.refreshedSpecs += 1;
      }
    }
  };

  get manager(): ServiceManager.IManager {
    return this.services as unknown as ServiceManager.IManager;
  }

  say(event: BuildEvent): void {
    const schema = { schema_id: 'https://schema.appose.org/appose-kernel/build' };
    this.services.events.stream.emit({ ...schema, ...event } as unknown as Event.Emission);
  }

  /** Answers given from now on wait, with what is true now, until the function that this returns is called. */
  hold(): () => void {
    const gate = new PromiseDelegate<void>();
    this.gate = gate.promise;
    return () => {
      this.gate = Promise.resolve();
      gate.resolve();
    };
  }

  /** How often the environments were asked for. */
  get looks(): number {
    return this.asked.filter(request => request === 'GET environments').length;
  }

  private async respond(request: Request): Promise<Response> {
    const path = request.url.replace(/^.*\/appose-kernel\/api\/|\?.*$/g, '');
    const { method } = request;
    this.asked.push(`${method} ${path}`);
    if (method !== 'GET') {
      const text = await request.text();
      this.bodies.push(text && JSON.parse(text));
    }
    const answer = this.answer(method, path);
    const { status } = this;
    await this.gate;
    if (status === 0) {
      throw new TypeError('Failed to fetch');
    }
    return new Response(answer, { status: answer === null ? 204 : status });
  }

  private answer(method: string, path: string): string | null {
    if (this.page !== null) {
      return this.page;
    }
    if (this.status >= 400) {
      const problem = { code: 'broken', message: 'It broke.', remedy: 'Mend it.', detail: '' };
      return JSON.stringify({ version: 1, ...problem });
    }
    const { workspaces, problems, environments, builds } = this;
    const bodies: Record<string, object | null> = {
      'GET workspaces': { workspaces, problems },
      'GET environments': { environments },
      'GET builds': { builds },
      'POST builds': { id: 'b1' }
    };
    const body = bodies[`${method} ${path}`];
    return body ? JSON.stringify({ version: 1, ...body }) : null;
  }

  private gate: Promise<void> = Promise.resolve();
}
