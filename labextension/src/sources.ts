/** The files that a new environment can begin with: of packages, as they are usually called, and notebooks. */
export const SOURCE = /(^|\/)([^/]*req(uirement)?s[^/]*\.(txt|in)|environment[^/]*\.ya?ml|[^/]+\.ipynb)$/i;
