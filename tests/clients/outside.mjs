// Windmill's client, used from outside: prints as JSON what its functions give. test_client.py starts it.
import * as wmill from 'windmill-client';

const given = {};
given.result = await wmill.runScript('f/demo/hello', null, { name: 'a' });
const job = await wmill.runScriptAsync('f/demo/hello', null, { name: 'b' });
given.job = job;
given.waited = await wmill.waitJob(job);
given.maybe = await wmill.default.getResultMaybe(job);
given.again = await wmill.default.getResult(job);
try {
  await wmill.runScript('f/demo/fail', null, {});
} catch (error) {
  given.failure = String(error.message ?? error);
}
await wmill.setVariable('f/demo/made', 'one', false, 'd');
await wmill.setVariable('f/demo/made', 'two');
given.variable = await wmill.getVariable('f/demo/made');
await wmill.setResource({ host: 'h' }, 'f/demo/db', 'object');
await wmill.setResource({ host: 'i', of: '$var:f/demo/made' }, 'f/demo/db', 'object');
given.resource = await wmill.getResource('f/demo/db');
given.stateless = (await wmill.getState()) === undefined;
await wmill.setState({ count: 1 });
given.state = await wmill.getState();
const slow = await wmill.runScriptAsync('f/demo/slow', null, {});
await wmill.cancelJob(slow, 'enough');
try {
  await wmill.waitJob(slow);
} catch (error) {
  given.cancelled = String(error.message ?? error);
}
console.log(JSON.stringify(given));
