import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { Problem } from './wire';

/** The version of the answers that this extension reads; docs/server.md. */
const VERSION = 1;

/** What a route answered instead of what was asked for: what went wrong, and what to do. */
export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    readonly status: number
  ) {
    super(problem.message);
    this.name = 'ApiError';
  }
}

/** An error as people read it, whatever was thrown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) {
    return error.problem;
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'unreachable', message, remedy: '', detail: '' };
}

/** Asks the routes below `/appose-kernel/api/`. */
export class Api {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  get<T>(path: string, query: Record<string, string> = {}): Promise<T> {
    return this.send<T>('GET', path + URLExt.objectToQueryString(query));
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>('POST', path, body);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>('PUT', path, body);
  }

  delete<T = void>(path: string, query: Record<string, string> = {}): Promise<T> {
    return this.send<T>('DELETE', path + URLExt.objectToQueryString(query));
  }

  /** Rejects with ApiError where the server says no, and ServerConnection.NetworkError where it says nothing. */
  private async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const url = URLExt.join(this.settings.baseUrl, 'appose-kernel', 'api', path);
    const init: RequestInit = { method };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
    }
    const response = await ServerConnection.makeRequest(url, init, this.settings);
    const text = await response.text();
    const answer = parse(text);
    if (!response.ok) {
      throw new ApiError(answer ?? unexplained(response), response.status);
    }
    if (answer && answer.version !== VERSION) {
      throw new ApiError(outdated(), response.status);
    }
    return answer;
  }
}

function parse(text: string): any {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return undefined; // a proxy's error page
  }
}

function unexplained(response: Response): Problem {
  return {
    code: 'unreachable',
    message: `${response.status} ${response.statusText}`,
    remedy: '',
    detail: ''
  };
}

function outdated(): Problem {
  return {
    code: 'version',
    message: 'The server runs another version of appose-kernel.',
    remedy: 'Reload this page; if that does not help, restart the server.',
    detail: ''
  };
}
