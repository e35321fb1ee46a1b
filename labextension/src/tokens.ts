import { Token } from '@lumino/coreutils';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

import type { Api } from './request';
import type { Build, BuildEvent, Environment, Problem, Workspace } from './wire';

/** An environment by what stays the same: its manifest (contents path) and its name. */
export interface IEnvironmentKey {
  manifest: string;
  name: string;
}

/** What a build may be asked for beyond getting ready. */
export interface IBuildOptions {
  /** Whoever asks tells people itself when it is ready. Not of the server; the others are: docs/server.md. */
  announced?: boolean;
  rebuild?: boolean;
  exact?: boolean;
  locked?: boolean;
}

/**
 * The environments in reach of the server, their builds, and what happens to them.
 *
 * One instance for all views. State is replaced and never changed in place, and what is as before stays the very
 * same object, so that a view may compare by identity. `changed` is only emitted when something is new; at most
 * 20 times a second while builds run. What a clock shows is the view's own affair.
 */
export interface IEnvironments {
  readonly api: Api;
  /** False until the first answer came. */
  readonly isReady: boolean;
  /** Why there is no answer, if the last question had none. */
  readonly unreachable: Problem | null;
  readonly workspaces: readonly Workspace[];
  readonly problems: readonly Problem[];
  readonly environments: readonly Environment[];
  /** The newest builds, newest first. */
  readonly builds: readonly Build[];
  /** The builds that were asked for in this browser tab, by their ids. */
  readonly startedHere: ReadonlyMap<string, IBuildOptions>;
  readonly changed: ISignal<IEnvironments, void>;
  /** Each event of a build as it comes, and as often as the bus sends it. */
  readonly event: ISignal<IEnvironments, BuildEvent>;
  /** A build ended; said once for each build that was seen running or started here. */
  readonly ended: ISignal<IEnvironments, Build>;

  environmentsOf(workspace: Workspace): readonly Environment[];
  environment(key: IEnvironmentKey): Environment | undefined;
  workspaceOf(environment: IEnvironmentKey): Workspace | undefined;
  /** The environment of a running kernel, whatever kernelspec it was started by. */
  environmentOfKernel(id: string): Environment | undefined;

  /** Ask the server again now; resolves when the answers are in, or when `unreachable` tells why there are none. */
  refresh(): Promise<void>;
  /** Start a build, or come to the one that runs; its id. */
  build(environment: IEnvironmentKey, options?: IBuildOptions): Promise<string>;
  cancel(build: string): Promise<void>;
}

export const IEnvironments = new Token<IEnvironments>(
  'appose-kernel:IEnvironments',
  'The environments that kernels can be started in, and their builds.'
);

/**
 * What commands without arguments are about: the row that is selected in the sidebar.
 *
 * It follows the notebook or console that is in front, until another row is chosen.
 */
export interface ISelection {
  /** The contents path of the selected workspace's manifest, or of the selected environment's. */
  readonly manifest: string | null;
  /** The name of the selected environment; null where a workspace is selected, or nothing. */
  readonly name: string | null;
  /** The environment of the notebook or console that is in front. */
  readonly current: Environment | undefined;
  /** Another row is selected, or another environment is in front. */
  readonly changed: ISignal<ISelection, void>;
  select(manifest: string, environment?: string | null): void;
  /** The environment that a command's `{ manifest, environment }` name, else the selected one. */
  environmentOf(args: ReadonlyPartialJSONObject): Environment | undefined;
  /** The workspace that a command's `{ workspace }` or `{ manifest }` names, else the selected one. */
  workspaceOf(args: ReadonlyPartialJSONObject): Workspace | undefined;
}

export const ISelection = new Token<ISelection>(
  'appose-kernel:ISelection',
  'The workspace or environment that commands without arguments are about.'
);

/** The panel “Environments”; each of our views that belongs there is a section of it. */
export interface ISidebar {
  /** `section.title` has the label and the icon; lower ranks stand higher. */
  addSection(section: Widget, rank: number): void;
  /** Unfold a section. */
  expand(section: Widget): void;
}

export const ISidebar = new Token<ISidebar>('appose-kernel:ISidebar', 'The panel “Environments”.');

/** The ranks of the sections. */
export const Rank = { environments: 0, features: 10, builds: 20, devices: 30 } as const;

/**
 * The commands of this extension. Those about one environment take `{ manifest, environment }`; without
 * arguments they are about the one of ISelection, which is what menus and the palette rely on.
 */
export namespace CommandIDs {
  /** Takes `{ section? }`, a name of `Rank`: unfolds it. */
  export const open = 'appose-kernel:open';
  export const newNotebook = 'appose-kernel:new-notebook';
  export const newConsole = 'appose-kernel:new-console';
  export const switchTo = 'appose-kernel:switch-to';
  export const chooseEnvironment = 'appose-kernel:choose-environment';
  export const build = 'appose-kernel:build';
  export const rebuild = 'appose-kernel:rebuild';
  /** Takes `{ build }`, or an environment. */
  export const cancel = 'appose-kernel:cancel-build';
  /** Takes `{ build }`, or an environment. */
  export const showLog = 'appose-kernel:show-log';
  export const terminal = 'appose-kernel:open-terminal';
  /** Takes an environment, or a workspace: `{ manifest }`. So do the next two. */
  export const openManifest = 'appose-kernel:open-manifest';
  export const revealManifest = 'appose-kernel:reveal-manifest';
  export const copyPath = 'appose-kernel:copy-path';
  export const deletePrefix = 'appose-kernel:delete-prefix';
  /** Takes `{ workspace }`, the contents path of a manifest; shows it in the section Features. */
  export const editFeatures = 'appose-kernel:edit-features';
  /** Takes `{ source? }`: a requirements.txt, environment.yml or notebook to begin with. */
  export const newEnvironment = 'appose-kernel:new-environment';
  /** `editFeatures` of the file that is selected in the file browser. */
  export const editFile = 'appose-kernel:edit-file';
  /** `newEnvironment` from that file. */
  export const newFromFile = 'appose-kernel:new-environment-from-file';
  export const refresh = 'appose-kernel:refresh';
}

/** The id of our settings schema: `schema/plugin.json`. */
export const SETTINGS = 'appose-kernel:plugin';
