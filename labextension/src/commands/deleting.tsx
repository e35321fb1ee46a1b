import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { usersText } from './rebuilding';
import type { Users } from './users';
import { problemOf } from '../request';
import type { IEnvironments } from '../tokens';
import type { Environment, PrefixContents, Removed } from '../wire';
import { bytesText } from '../words';

/** Milliseconds for which it is said that files were deleted. */
const GOOD_NEWS = 6000;

/** Ask, and delete what was installed; kernels that run in it are shut down before. */
export async function deletePrefix(
  model: IEnvironments,
  users: Users,
  environment: Environment,
  trans: TranslationBundle
): Promise<void> {
  const { kernels, manifest, name, title } = environment;
  const query = { workspace: manifest, environment: name };
  const { button } = await showDialog({
    title: trans.__('Delete the installed files of “%1”?', title),
    body: (
      <div>
        {kernels.length > 0 && (
          <p role="alert">
            {usersText(environment, users, trans)} {trans.__('Shutting down loses what they hold in memory.')}
          </p>
        )}
        <Freed environment={environment} ask={() => model.api.get('prefix', query)} trans={trans} />
      </div>
    ),
    buttons: [
      Dialog.cancelButton(),
      Dialog.warnButton({
        label: kernels.length ? trans.__('Shut Down and Delete') : trans.__('Delete')
      })
    ],
    defaultButton: 0
  });
  if (!button.accept) {
    return;
  }
  const work = async (): Promise<number> => {
    await users.shutDown(kernels);
    try {
      const { freed } = await model.api.delete<Removed>('prefix', query);
      return freed;
    } finally {
      await model.refresh();
    }
  };
  Notification.promise(work(), {
    pending: { message: trans.__('Deleting the installed files of %1…', title) },
    success: {
      message: freed =>
        trans.__('The installed files of %1 are deleted: %2 freed.', title, bytesText(freed as number)),
      options: { autoClose: GOOD_NEWS }
    },
    error: {
      message: error => {
        const { message, remedy } = problemOf(error);
        return [message, remedy].filter(Boolean).join('\n');
      },
      options: { autoClose: false }
    }
  });
}

/** How much room there will be; the server has to look at every file for that. */
function Freed(props: {
  environment: Environment;
  ask: () => Promise<PrefixContents>;
  trans: TranslationBundle;
}): JSX.Element {
  const { environment, trans } = props;
  const [size, setSize] = React.useState(environment.size);
  React.useEffect(() => {
    let isWanted = true;
    props.ask().then(
      found => isWanted && setSize(found.size),
      () => undefined // the question stands without it
    );
    return () => {
      isWanted = false;
    };
  }, []);
  const { prefix } = environment;
  return (
    <p>
      {size === null
        ? trans.__('This frees the room that %1 takes.', prefix)
        : trans.__('This frees %1 in %2.', bytesText(size), prefix)}{' '}
      {trans.__('The environment stays in its manifest, and can be built again.')}
    </p>
  );
}
