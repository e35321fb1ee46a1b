const esModules = ['@jupyterlab/', '@jupyter/', 'lib0', 'y-protocols', 'yjs', 'nanoid', 'd3-.*'].join('|');

module.exports = {
  testEnvironment: '<rootDir>/tests/page.js',
  testMatch: ['<rootDir>/tests/**/*.test.ts?(x)'],
  moduleNameMapper: { '\\.(css|svg)$': '<rootDir>/tests/text.js' },
  transform: { '\\.[jt]sx?$': ['ts-jest', { tsconfig: 'tests/tsconfig.json' }] },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules}))`]
};
