import type { Environment } from './wire';

/** The kernelspec that means another environment in each folder. */
const GENERIC = 'appose';

/** The environment that a kernelspec of the server's list starts; undefined where that is not known. */
export function environmentOfKernelspec(
  environments: readonly Environment[],
  kernelspec: string
): Environment | undefined {
  return environments.find(found => kernelspec !== GENERIC && kernelspecs(found).includes(kernelspec));
}

/** Its own kernel, and those of other languages that it brings. */
function kernelspecs(environment: Environment): (string | null)[] {
  return [environment.kernelspec, ...environment.own_kernels.map(own => own.kernelspec)];
}
