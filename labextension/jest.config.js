const esModules = ['@jupyterlab/', '@jupyter/', 'lib0', 'y-protocols', 'yjs', 'nanoid', 'd3-.*'].join('|');

module.exports = {
  testEnvironment: 'jsdom',
  testMatch: ['<rootDir>/tests/**/*.test.ts?(x)'],
  moduleNameMapper: { '\\.(css|svg)$': '<rootDir>/tests/text.js' },
  transform: { '\\.[jt]sx?$': ['ts-jest', { tsconfig: 'tests/tsconfig.json', isolatedModules: true }] },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules}))`]
};
