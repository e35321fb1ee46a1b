import { isNear, nearestFirst, workspaceAround } from '../src/nearest';
import type { Workspace } from '../src/wire';

function at(...paths: string[]): Workspace[] {
  return paths.map(path => ({ name: path.split('/').pop() || 'root', path }) as Workspace);
}

function paths(found: Workspace[]): string[] {
  return found.map(({ path }) => path);
}

describe('nearestFirst', () => {
  it('puts those around the folder first, the innermost before the others', () => {
    const found = nearestFirst(at('zoo', 'work', 'work/proj', ''), 'work/proj/notes');
    expect(paths(found)).toEqual(['work/proj', 'work', '', 'zoo']);
  });

  it('puts those in the folder before those apart', () => {
    expect(paths(nearestFirst(at('a', 'work/z'), 'work'))).toEqual(['work/z', 'a']);
  });

  it('compares folders, not letters', () => {
    expect(paths(nearestFirst(at('proj', 'proj2'), 'proj2'))).toEqual(['proj2', 'proj']);
  });

  it('sorts the rest by name', () => {
    expect(paths(nearestFirst(at('x/b', 'y/a'), 'work'))).toEqual(['y/a', 'x/b']);
  });
});

describe('workspaceAround', () => {
  it('is the innermost', () => {
    expect(workspaceAround(at('', 'work', 'other'), 'work/x')?.path).toBe('work');
  });

  it('is none where the folder is in none', () => {
    expect(workspaceAround(at('work', '/opt/course'), 'other')).toBeUndefined();
  });
});

describe('isNear', () => {
  it.each([
    ['work', 'work/notes', true],
    ['work/proj', 'work', true],
    ['work', '', true],
    ['work', 'other', false],
    ['/opt/course', 'other', true]
  ])('%s to %s: %s', (path, folder, near) => {
    expect(isNear(at(path)[0], folder)).toBe(near);
  });
});
