// Renders API Gateway mapping templates with velocityjs. One JSON document comes
// in, one goes out; tests/contract has the types.
//
// What API Gateway adds to Velocity is stood in for from its documentation
// ("Variables for data transformations"): $input.body, $input.params(),
// $input.path(), $context, $util.escapeJavaScript and $util.parseJson, no more, so
// that a template that uses another fails here. Velocity runs on Java: the string
// methods are Java's, where replaceAll takes a regular expression, and a map's get
// never guesses at a name.
import { readFileSync } from 'node:fs';
import { render } from 'velocityjs';

// escapeJavaScript has the rules of Commons Lang's ESCAPE_ECMASCRIPT: quotes,
// backslash and slash get a backslash, controls their letter or \u00XX, and
// whatever is above U+007F is written as \uXXXX, astral characters as two.
function escapeJavaScript(text) {
  const short = { '\b': '\\b', '\n': '\\n', '\t': '\\t', '\f': '\\f', '\r': '\\r' };
  return text.replace(/['"\\/]|[^\x20-\x7f]/g, (c) => {
    if (`'"\\/`.includes(c)) return '\\' + c;
    return short[c] ?? '\\u' + c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  });
}

const isString = (v) => typeof v === 'string';
const isMap = (v) => typeof v === 'object' && v !== null && !Array.isArray(v);

function method(name, of, resolve) {
  return {
    uid: name,
    match: ({ property, context }) => property === name && of(context),
    resolve: ({ context, params }) => resolve(context, ...params),
  };
}

const java = [
  method('replaceAll', isString, (s, regex, by) => s.replace(new RegExp(regex, 'g'), by)),
  method('contains', isString, (s, what) => s.includes(what)),
  method('get', isMap, (m, key) => (Object.hasOwn(m, key) ? m[key] : null)),
  method('keySet', isMap, (m) => Object.keys(m)),
];

// path reads the one form of JSONPath that the templates use, $.name.
function path(body, expression) {
  const name = /^\$\.(\w+)$/.exec(expression);
  if (!name) throw new Error(`path ${expression} is not stood in for`);
  const document = JSON.parse(body);
  return Object.hasOwn(document, name[1]) ? document[name[1]] : null;
}

function run(template, variables) {
  const util = { escapeJavaScript, parseJson: JSON.parse };
  return render(template, { util, ...variables }, {}, { escape: false, customMethodHandlers: java });
}

function request(template, r) {
  const params = { header: r.header, querystring: r.querystring, path: {} };
  const input = { body: r.body === '' ? null : r.body, params: () => params };
  const context = { requestId: r.requestId, identity: { sourceIp: r.sourceIp } };
  return run(template, { input, context });
}

function response(template, body) {
  const override = { header: {} };
  const input = { body, path: (expression) => path(body, expression) };
  const text = run(template, { input, context: { responseOverride: override } });
  return { statusCode: override.status, headers: override.header, body: text };
}

const job = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify({
  escaped: job.escape.map(escapeJavaScript),
  requests: job.requests.map((r) => request(job.requestTemplate, r)),
  responses: job.responses.map((body) => response(job.responseTemplate, body)),
}));
