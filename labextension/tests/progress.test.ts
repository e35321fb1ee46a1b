import { removeProgress } from '../src/progress/cells';

const building = { output_type: 'display_data', metadata: { appose: { progress: true } } };
const result = { output_type: 'execute_result', metadata: {} };
const printed = { output_type: 'stream', text: 'x' };

class Cell {
  constructor(private shown: object[] = []) {}

  changes = 0;
  readonly outputs = {
    toJSON: () => this.shown,
    fromJSON: (outputs: object[]) => {
      this.changes += 1;
      this.shown = outputs;
    }
  };
}

it('takes progress out of cells, and touches nothing else', () => {
  const cells = [new Cell([building, printed]), new Cell([result]), new Cell()];
  removeProgress([{}, ...cells]);
  expect(cells.map(cell => cell.outputs.toJSON())).toEqual([[printed], [result], []]);
  expect(cells.map(cell => cell.changes)).toEqual([1, 0, 0]);
});
