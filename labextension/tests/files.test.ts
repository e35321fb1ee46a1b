import { SOURCE } from '../src/sources';

test.each([
  ['requirements.txt', true],
  ['work/requirements-dev.in', true],
  ['work/dev-requirements.txt', true],
  ['reqs.txt', true],
  ['Requirements.txt', true],
  ['environment.yml', true],
  ['environment-gpu.yaml', true],
  ['imports.ipynb', true],
  ['notes.txt', false],
  ['prereqs/notes.txt', false],
  ['mkdocs.yml', false]
])('whether an environment can begin with %s: %s', (path, expected) => {
  expect(SOURCE.test(path)).toBe(expected);
});
