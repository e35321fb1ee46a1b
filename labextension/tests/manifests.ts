import { PageConfig } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { Api } from '../src/request';
import type { Edit, Edited, FeatureName, Manifest, Outline, Plan, Problem } from '../src/wire';

export const BASE: FeatureName = { kind: 'base', name: '' };

export function named(name: string): FeatureName {
  return name ? { kind: 'feature', name } : BASE;
}

/** `cuda: python >=3.10, numpy` of each feature; `dev: cuda test` of each environment. */
export function outline(
  features: Record<string, string> = { '': 'python 3.12', cuda: 'cudnn 8.6.*' },
  environments: Record<string, string> = { default: '', cuda: 'cuda' }
): Outline {
  const words = (text: string, mark: RegExp): string[] => text.split(mark).filter(word => word);
  return {
    format: 'pixi',
    name: 'worker',
    python: '',
    platforms: ['linux-64'],
    channels: [{ name: 'conda-forge', priority: null }],
    indexes: [],
    conflicts: [],
    features: Object.entries(features).map(([name, packages]) => ({
      feature: named(name),
      channels: null,
      platforms: null,
      dependencies: words(packages, /, /).map(text => {
        const [name, spec = ''] = text.split(' ');
        return {
          kind: 'conda' as const,
          name,
          spec,
          target: '',
          table: 'dependencies',
          line: 1,
          editable: true,
          sources: []
        };
      }),
      variables: [],
      targets: [],
      line: 1,
      editable: true
    })),
    environments: Object.entries(environments).map(([name, features]) => ({
      name,
      features: words(features, / /).map(named),
      solve_group: null,
      with_base: true,
      declared: true,
      editable: true,
      line: 1
    }))
  };
}

export function setDependency(feature: string, name: string, spec: string): Edit {
  return { op: 'set-dependency', feature: named(feature), kind: 'conda', name, spec, target: '' };
}

export function removeDependency(feature: string, name: string): Edit {
  return { op: 'remove-dependency', feature: named(feature), kind: 'conda', name, target: '' };
}

export function setEnvironment(name: string, features: string): Edit {
  const names = features.split(' ').filter(found => found);
  return { op: 'set-environment', name, features: names.map(named), solve_group: null, with_base: true };
}

/**
 * A server with one manifest, whose text is its outline as JSON: what the routes below `manifest` promise, with
 * dependencies and environments as the edits that it knows. It refuses packages called `refused`.
 */
export class ManifestServer {
  constructor(public text: string = textOf(outline())) {}

  /** `METHOD path` of each request. */
  readonly asked: string[] = [];
  plan: Plan = { version: 1, id: 'p', state: 'running', message: '', environments: [], error: null };
  /** No server answers. */
  isDown = false;
  /** A workspace whose manifest is not there. */
  missing = '';
  private readonly history = new Map<string, string>();

  readonly api = new Api(
    ServerConnection.makeSettings({
      baseUrl: PageConfig.getBaseUrl(),
      token: '',
      fetch: (request: RequestInfo | URL) => this.respond(request as Request)
    })
  );

  count(request: string): number {
    return this.asked.filter(asked => asked === request).length;
  }

  private async respond(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const path = url.pathname.replace(/^.*\/appose-kernel\/api\//, '');
    this.asked.push(`${request.method} ${path}`);
    if (this.isDown) {
      throw new TypeError('Failed to fetch');
    }
    const sent = await request.text();
    const [status, body] = this.answer(`${request.method} ${path}`, sent ? JSON.parse(sent) : {}, url);
    return new Response(body === null ? null : JSON.stringify({ version: 1, ...body }), { status });
  }

  private answer(request: string, sent: any, { searchParams }: URL): [number, object | null] {
    if ('digest' in sent && sent.digest !== digestOf(this.text)) {
      return [412, problem('manifest-conflict', 'The file is another one.')];
    }
    if (this.missing && searchParams.get('workspace') === this.missing) {
      return [404, problem('manifest-not-found', 'There is none.')];
    }
    switch (request) {
      case 'GET manifest':
        return [200, manifestOf(this.text)];
      case 'POST manifest/preview':
        return this.edited(sent.edits);
      case 'PUT manifest': {
        const [status, edited] = this.edited(sent.edits);
        return status === 200 ? [200, this.write((edited as Edited).text)] : [status, edited];
      }
      case 'POST manifest/restore':
        return [200, this.write(this.history.get(sent.to)!)];
      case 'POST plans':
        return [202, this.plan];
      case 'GET plans/p':
        return this.plan.id === 'p' ? [200, this.plan] : [404, problem('plan-not-found', 'There is none.')];
      case 'DELETE plans/p':
        return [204, null];
      case 'GET specs':
        return [200, specOf(searchParams.get('text')!)];
      default:
        return [404, problem('not-found', request)];
    }
  }

  private write(text: string): object {
    const before = digestOf(this.text);
    this.history.set(before, this.text);
    this.text = text;
    return { digest: digestOf(text), before };
  }

  private edited(edits: Edit[]): [number, object] {
    const found: Outline = JSON.parse(this.text);
    for (const edit of edits) {
      const refused = change(found, edit);
      if (refused) {
        return [422, problem('edit-refused', refused)];
      }
    }
    return [200, { digest: digestOf(this.text), text: textOf(found), diff: [], outline: found }];
  }
}

export function textOf(outline: Outline): string {
  return JSON.stringify(outline, null, 1);
}

function digestOf(text: string): string {
  return `digest of ${text}`;
}

function manifestOf(text: string): Omit<Manifest, 'version'> {
  return { manifest: 'worker/pixi.toml', digest: digestOf(text), text, outline: JSON.parse(text) };
}

function problem(code: string, message: string): Problem {
  return { code, message, remedy: '', detail: '' };
}

function specOf(text: string): object {
  const [, name, spec] = /^(\w+)(.*)$/.exec(text) ?? [];
  return name
    ? { ok: true, name, spec: spec.trim(), message: '' }
    : { ok: false, name: '', spec: '', message: `“${text}” is no name.` };
}

/** Why an edit cannot be made; undefined where it was. */
function change(found: Outline, edit: Edit): string | undefined {
  if (edit.op === 'set-environment') {
    const at = found.environments.findIndex(({ name }) => name === edit.name);
    found.environments[at] = { ...found.environments[at], features: edit.features };
    return undefined;
  }
  if (edit.op !== 'set-dependency' && edit.op !== 'remove-dependency') {
    throw new Error(`this server knows no ${edit.op}`);
  }
  const feature = found.features.find(({ feature }) => feature.name === edit.feature.name);
  if (!feature) {
    return `There is no feature ${edit.feature.name}.`;
  }
  if (edit.name === 'refused') {
    return 'It cannot be.';
  }
  const others = feature.dependencies.filter(({ name }) => name !== edit.name);
  if (edit.op === 'set-dependency') {
    const { name, spec } = edit;
    others.push({ ...outline({ '': `${name} ${spec}` }).features[0].dependencies[0] });
  }
  feature.dependencies = others;
  return undefined;
}
