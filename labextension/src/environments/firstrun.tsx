import type { TranslationBundle } from '@jupyterlab/translation';
import { Button } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { basename } from '../paths';
import { CommandIDs } from '../tokens';

/** In place of environments where there are none: what to do, and buttons that do it. */
export function FirstRun(props: {
  /** A file in the folder that the file browser shows which an environment can begin with; null without any. */
  source: string | null;
  commands: CommandRegistry;
  trans: TranslationBundle;
}): JSX.Element {
  const { source, commands, trans } = props;
  const make = (about: { source?: string }) => () => void commands.execute(CommandIDs.newEnvironment, about);
  return (
    <div className="jp-appose-first-run">
      <h3>{trans.__('No environments here yet')}</h3>
      <p>
        {trans.__(
          'An environment is a list of packages beside your notebooks. It becomes a kernel, built when you first use it.'
        )}
      </p>
      {source !== null && (
        <Button className="jp-mod-styled jp-mod-accept" onClick={make({ source })}>
          {trans.__('New from %1…', basename(source))}
        </Button>
      )}
      <Button className={`jp-mod-styled${source === null ? ' jp-mod-accept' : ''}`} onClick={make({})}>
        {trans.__('New Environment…')}
      </Button>
      <p className="jp-mod-dim">
        {trans.__(
          'pixi.toml, pyproject.toml, environment.yml and requirements.txt below this folder are found by themselves.'
        )}
      </p>
    </div>
  );
}
