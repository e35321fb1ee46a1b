import { ContentsManager, Drive } from '@jupyterlab/services';

import { basename, isBelowRoot, serverPath } from '../src/paths';

describe('a path', () => {
  const contents = new ContentsManager();
  contents.addDrive(new Drive({ name: 'RTC' }));
  contents.addDrive(new Drive({ name: 'S3' }));

  afterAll(() => contents.dispose());

  test.each([
    ['a b/#1 50%.ipynb', 'a b/#1 50%.ipynb'],
    ['', ''],
    ['RTC:ünï/pixi.toml', 'ünï/pixi.toml'],
    ['S3:bucket/environment.yml', null],
    ['noon 12:30/pixi.toml', 'noon 12:30/pixi.toml']
  ])('of a file browser, “%s”, is the server’s %p', (path, expected) => {
    expect(serverPath(contents, path)).toBe(expected);
  });

  test.each([
    ['courses/pixi.toml', true],
    ['', true],
    ['/opt/course', false],
    ['C:\\course', false],
    ['\\\\host\\course', false]
  ])('“%s” is below the root: %p', (path, expected) => {
    expect(isBelowRoot(path)).toBe(expected);
  });

  test.each([
    ['courses/pixi.toml', 'pixi.toml'],
    ['C:\\course\\pixi.toml', 'pixi.toml'],
    ['pixi.toml', 'pixi.toml'],
    ['', '']
  ])('“%s” ends in “%s”', (path, expected) => {
    expect(basename(path)).toBe(expected);
  });
});
