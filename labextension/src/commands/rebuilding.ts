import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Users } from './users';
import type { IEnvironments } from '../tokens';
import type { Build, Environment } from '../wire';

/** Install all of an environment again; first ask where kernels run in it. Its build, where there is one. */
export async function rebuild(
  model: IEnvironments,
  users: Users,
  environment: Environment,
  trans: TranslationBundle
): Promise<string | undefined> {
  const { kernels, title } = environment;
  if (!kernels.length) {
    return model.build(environment, { rebuild: true });
  }
  const { button, isChecked } = await showDialog({
    title: trans.__('Rebuild “%1” while it is in use?', title),
    body: trans.__(
      '%1 Its packages are replaced meanwhile: what has not been imported yet may fail until a restart.',
      usersText(environment, users, trans)
    ),
    checkbox: {
      label: trans._n('Restart the kernel afterwards', 'Restart the kernels afterwards', kernels.length),
      caption: trans.__('What they hold in memory is lost then'),
      checked: true
    },
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: trans.__('Rebuild') })],
    defaultButton: 0
  });
  if (!button.accept) {
    return undefined;
  }
  const id = await model.build(environment, { rebuild: true });
  const onEnded = (_: IEnvironments, build: Build): void => {
    if (build.id === id) {
      model.ended.disconnect(onEnded);
      if (isChecked && build.last?.phase === 'ready') {
        void users.restart(model.environment(environment)?.kernels ?? []);
      }
    }
  };
  model.ended.connect(onEnded);
  return id;
}

/** Whose kernels run in an environment. */
export function usersText({ kernels }: Environment, users: Users, trans: TranslationBundle): string {
  const names = users.names(kernels).join(', ');
  return names
    ? trans._n(
        '%1 kernel runs in it: that of %2.',
        '%1 kernels run in it: those of %2.',
        kernels.length,
        names
      )
    : trans._n('%1 kernel runs in it.', '%1 kernels run in it.', kernels.length);
}
