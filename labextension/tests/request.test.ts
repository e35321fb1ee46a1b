import { Api, ApiError, problemOf } from '../src/request';
import { World } from './world';

let world: World;
let api: Api;

beforeEach(() => {
  world = new World();
  api = new Api(world.services.serverSettings);
});

async function refusal(): Promise<ApiError> {
  return api.get('workspaces').then(
    () => Promise.reject(new Error('was answered')),
    error => error as ApiError
  );
}

describe('an answer', () => {
  test('is given as it is', async () => {
    expect(await api.get('workspaces')).toMatchObject({ workspaces: [] });
  });

  test('may be empty', async () => {
    expect(await api.delete('builds/b1')).toBeUndefined();
  });

  test('of another version is none', async () => {
    world.page = '{"version": 2, "workspaces": []}';
    expect((await refusal()).problem.code).toBe('version');
  });

  test('that is a login page says so', async () => {
    world.page = '<html>Log in</html>';
    const { message, remedy } = (await refusal()).problem;
    expect(message).toBe('Something else answered in place of the server.');
    expect(remedy).toContain('log in');
  });
});

describe('a refusal', () => {
  test('is the server’s own where it says why', async () => {
    world.status = 422;
    expect(await refusal()).toMatchObject({ status: 422, problem: { code: 'broken', remedy: 'Mend it.' } });
  });

  test.each([
    [403, '{"message": "Forbidden", "reason": null}', 'The server does not allow this.'],
    [404, '<html></html>', 'This server does not have appose-kernel, or has it disabled.'],
    [500, '{"message": "Unhandled error", "reason": null}', 'The server could not answer: 500'],
    [504, '<html>Gateway Time-out</html>', 'The server could not answer: 504']
  ])('%i without a reason of ours is put into words', async (status, page, message) => {
    [world.status, world.page] = [status, page];
    expect(problemOf(await refusal())).toMatchObject({ message, detail: '' });
  });

  test('is silence where there is no server', async () => {
    world.status = 0;
    expect(await refusal()).toMatchObject({ status: 0, problem: { message: 'The server does not answer.' } });
  });
});

test('paths and queries reach the server as they are', async () => {
  const seen: string[] = [];
  const settings = {
    ...world.services.serverSettings,
    baseUrl: 'https://hub.example.org/user/jo%20e/',
    fetch: async (request: RequestInfo | URL) => {
      seen.push((request as Request).url);
      return new Response('{"version": 1}');
    }
  };
  const workspace = 'a #1/50 %/ünï & Co+/../pixi.toml';
  await new Api(settings).get('manifest', { workspace });
  const url = new URL(seen[0]);
  expect(url.pathname).toBe('/user/jo%20e/appose-kernel/api/manifest');
  expect(url.searchParams.get('workspace')).toBe(workspace);
});
