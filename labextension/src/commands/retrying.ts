import type { CommandRegistry } from '@lumino/commands';

import { CommandIDs } from '../tokens';
import type { IEnvironmentKey, IEnvironments } from '../tokens';
import type { Build } from '../wire';

/** Build again what failed or was cancelled, and show how that goes. */
export async function retry(build: Build, commands: CommandRegistry): Promise<void> {
  const about = { manifest: build.manifest, environment: build.environment };
  const started: unknown = await commands.execute(CommandIDs.build, about);
  if (typeof started === 'string') {
    await commands.execute(CommandIDs.showLog, { build: started });
  }
}

/** Whether a rebuild did not come to its end: to try that again is to rebuild. */
export function isHalfRebuilt(
  { manifest, name }: IEnvironmentKey,
  { builds }: Pick<IEnvironments, 'builds'>
): boolean {
  const last = builds.find(build => build.manifest === manifest && build.environment === name);
  return last !== undefined && last.rebuild && last.ended && last.last?.phase !== 'ready';
}
