/** What a notebook's model has of its cells; those of other kinds have no outputs. */
interface IOutputs {
  toJSON(): IOutput[];
  fromJSON(outputs: IOutput[]): void;
}
type IOutput = { metadata?: { appose?: { progress?: boolean } } };

/**
 * Take the progress of a build out of the cells that showed it, for a kernel that no longer does.
 *
 * The kernel that stands in during a build takes it away itself; not if its messages come too late,
 * because the browser listens to the next kernel, or if the notebook was saved with it.
 */
export function removeProgress(cells: Iterable<object>): void {
  for (const cell of cells) {
    const outputs = (cell as { outputs?: IOutputs }).outputs;
    const all = outputs?.toJSON() ?? [];
    const kept = all.filter(output => !output.metadata?.appose?.progress);
    if (kept.length < all.length) {
      outputs?.fromJSON(kept);
    }
  }
}
