const { TestEnvironment } = require('jest-environment-jsdom');

/** jsdom has no fetch; Node.js has, with all that belongs to it. */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    Object.assign(this.global, { fetch, Headers, Request, Response });
  }
};
