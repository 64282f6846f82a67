// Runs the JSONPath counterpart of enginetest.TenStates for as long as it is asked to.
// The first line of its input is the execution's input and the function's answer, every
// further one a time in milliseconds, which it answers with the executions in it and
// the time that they took.
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { StateMachine } from 'aws-local-stepfunctions';

// The package wants Node 22, of which this is all that it uses here.
Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new this((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
};

// The package has no variables: the Passes keep a value beside the others, and the
// Tasks read it where it comes from.
const task = (parameters, next) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: parameters,
  OutputPath: '$.Payload',
  ...(next ? { Next: next } : { End: true }),
});
const payload = { 'submission.$': '$.submission', 'execution.$': '$$.Execution.Id', 'outcome.$': '$.outcome' };
const choice = (value, next) => ({ Variable: '$.outcome', StringEquals: value, Next: next });
const pass = (next) => ({ Type: 'Pass', Parameters: { 'submission.$': '$.submission' }, ResultPath: '$.kept', Next: next });
const machine = new StateMachine({
  StartAt: 'A',
  States: {
    A: task({ 'request.$': '$', 'startedAt.$': '$$.Execution.StartTime', 'state.$': '$$.State.Name' }, 'A?'),
    'A?': { Type: 'Choice', Choices: [choice('other', 'E'), choice('valid', 'Keep')], Default: 'E' },
    Keep: pass('B'),
    B: task(payload, 'B?'),
    'B?': { Type: 'Choice', Choices: [choice('valid', 'C')], Default: 'E' },
    C: task(payload, 'C?'),
    'C?': { Type: 'Choice', Choices: [choice('valid', 'Note')], Default: 'E' },
    Note: pass('D'),
    D: task(payload, 'E'),
    E: task(payload),
  },
}, { validationOptions: { noValidate: true } });

let input, options;
function prepare(text) {
  input = JSON.parse(text);
  const answer = () => ({ Payload: input, StatusCode: 200 });
  options = {
    overrides: { taskResourceLocalHandlers: { A: answer, B: answer, C: answer, D: answer, E: answer } },
    context: { Execution: { Id: 'arn:aws:states:us-east-1:000000000000:express:m:x:y' }, State: { Name: 'A' } },
  };
}

async function run(milliseconds) {
  const began = performance.now();
  let executions = 0;
  do {
    for (let i = 0; i < 20; i++, executions++) {
      const output = await machine.run(input, options).result;
      if (output.submission.message !== input.submission.message) throw new Error('an execution gave something else');
    }
  } while (performance.now() - began < milliseconds);
  return { executions, milliseconds: performance.now() - began };
}

const { name, version } = JSON.parse(await readFile('node_modules/aws-local-stepfunctions/package.json'));

for await (const line of createInterface({ input: process.stdin })) {
  if (!input) prepare(line);
  else console.log(JSON.stringify({ ...(await run(Number(line))), package: `${name} ${version}`, node: process.version }));
}
