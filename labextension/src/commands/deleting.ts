import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IEnvironments } from '../tokens';
import type { Environment, PrefixContents, Removed } from '../wire';
import { bytesText } from '../words';

/** Ask, and delete what was installed; rejects with ApiError where kernels run in it. */
export async function deletePrefix(
  model: IEnvironments,
  environment: Environment,
  trans: TranslationBundle
): Promise<void> {
  const query = { workspace: environment.manifest, environment: environment.name };
  const { size, prefix } = await model.api.get<PrefixContents>('prefix', query);
  const { button } = await showDialog({
    title: trans.__('Delete the installed files of “%1”?', environment.title),
    body: trans.__(
      'This frees %1 in %2. The environment stays in its manifest, and can be built again.',
      bytesText(size),
      prefix
    ),
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: trans.__('Delete') })],
    defaultButton: 0
  });
  if (button.accept) {
    await model.api.delete<Removed>('prefix', query);
    await model.refresh();
  }
}
