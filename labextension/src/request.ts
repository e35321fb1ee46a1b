import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Problem } from './wire';
import { DOMAIN } from './words';

/** The version of the answers that this extension reads; docs/server.md. */
const VERSION = 1;

/** The code of the problem that the server has none of the routes. */
export const MISSING = 'missing';

/** Why there is no answer: what went wrong, and what to do. */
export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    /** Of HTTP; 0 where nothing answered. */
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
  return unreachable(error instanceof Error ? error.message : String(error), '');
}

/** Asks the routes below `/appose-kernel/api/`. */
export class Api {
  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly trans: TranslationBundle = nullTranslator.load(DOMAIN)
  ) {}

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

  /** Rejects with ApiError only. */
  private async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const url = URLExt.join(this.settings.baseUrl, 'appose-kernel', 'api', path);
    const init: RequestInit = { method };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
    }
    const { status, statusText, text } = await this.fetch(url, init);
    const answer = parse(text);
    if (status >= 300) {
      const isOurs = typeof answer?.code === 'string' && typeof answer.message === 'string';
      throw new ApiError(isOurs ? answer : unexplained(status, statusText, this.trans), status);
    }
    if (text && !answer) {
      throw new ApiError(intercepted(this.trans), status);
    }
    if (answer && answer.version !== VERSION) {
      throw new ApiError(outdated(this.trans), status);
    }
    return answer;
  }

  private async fetch(url: string, init: RequestInit): Promise<IAnswer> {
    try {
      const response = await ServerConnection.makeRequest(url, init, this.settings);
      const { status, statusText } = response;
      return { status, statusText, text: await response.text() };
    } catch {
      throw new ApiError(unreachable(this.trans.__('The server does not answer.'), ''), 0);
    }
  }
}

interface IAnswer extends Pick<Response, 'status' | 'statusText'> {
  text: string;
}

function parse(text: string): any {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** An answer of Jupyter itself, or of a proxy. */
function unexplained(status: number, statusText: string, trans: TranslationBundle): Problem {
  switch (status) {
    case 401:
    case 403:
      return unreachable(
        trans.__('The server does not allow this.'),
        trans.__('Log in again, or ask whoever runs the server.')
      );
    case 404:
      return {
        code: MISSING,
        message: trans.__('This server does not have appose-kernel, or has it disabled.'),
        remedy: trans.__(
          'Enable it with “jupyter server extension enable appose_kernel”, and restart the server.'
        ),
        detail: ''
      };
    default:
      return unreachable(trans.__('The server could not answer: %1', `${status} ${statusText}`.trim()), '');
  }
}

/** A page in place of the answer: of a login, or of a proxy. */
function intercepted(trans: TranslationBundle): Problem {
  return unreachable(
    trans.__('Something else answered in place of the server.'),
    trans.__('Reload this page: it may ask you to log in.')
  );
}

function outdated(trans: TranslationBundle): Problem {
  return {
    code: 'version',
    message: trans.__('The server runs another version of appose-kernel.'),
    remedy: trans.__('Reload this page; if that does not help, restart the server.'),
    detail: ''
  };
}

function unreachable(message: string, remedy: string): Problem {
  return { code: 'unreachable', message, remedy, detail: '' };
}
