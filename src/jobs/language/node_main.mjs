// Runs the function `main` that the script exports with the job's arguments and writes its result.
// Started before there is a job, it waits for one.
//
// Whatever keeps `main` from returning - an exception, process.exit, the end of the process - is never
// a result: the result's file is written last, and only what main returned or threw stands in it.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import module from 'node:module';
import vm from 'node:vm';
import { pathToFileURL } from 'node:url';

const ARGUMENTS = 'args.json', RESULT = 'main_result.json', SOURCE = 'main.ts';
const STRIPPERS = ['/usr/bin/esbuild', '/usr/local/bin/esbuild'];
const DIRECTORY = process.cwd();
const GO = 3; // a descriptor: supervise.h

// Started at once: it is ready when the script is there to be read.
function startStripper() {
  const program = STRIPPERS.find((path) => fs.existsSync(path));
  if (!program) return null;
  const options = ['--loader=ts', `--target=node${process.versions.node}`, '--sourcemap=inline',
                   `--sourcefile=${SOURCE}`, '--log-level=error', '--color=false', '--charset=utf8'];
  const child = spawn(program, options, { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => {});
  return child;
}

async function text(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

// TypeScript as JavaScript. Where nothing strips types, the script is taken to be JavaScript.
async function stripped(source, stripper) {
  if (!stripper) return module.stripTypeScriptTypes ? stripByNode(source) : source;
  const ended = new Promise((resolve, reject) => stripper.on('close', resolve).on('error', reject));
  stripper.stdin.end(source);
  const [code, said, status] = await Promise.all([text(stripper.stdout), text(stripper.stderr), ended]);
  if (status !== 0) throw new SyntaxError(said.replace(/^✘ \[ERROR\] /gm, '').trim());
  return code;
}

function stripByNode(source) {
  process.removeAllListeners('warning');
  return module.stripTypeScriptTypes(source, { mode: 'transform', sourceMap: true, sourceUrl: SOURCE });
}

// The index past what begins at `i`: a comment, string, template, regular expression, bracketed
// group, or one character. `before`: what stands before it, for a slash divides or begins a pattern.
function past(code, i, before) {
  const c = code[i], two = code.slice(i, i + 2);
  if (two === '//') return end(code.indexOf('\n', i), code);
  if (two === '/*') return end(code.indexOf('*/', i) + 2, code, 2);
  if (two === '=>') return i + 2;
  if (c === '"' || c === "'" || c === '`') return pastQuoted(code, i);
  if (c === '/' && /(^|[(,=:[!&|?{};+\-*%<>~^]|=>)\s*$/.test(before)) return pastPattern(code, i);
  if ('([{'.includes(c)) return pastGroup(code, i);
  return i + 1;
}

function end(index, code, least = 0) {
  return index < least ? code.length : index;
}

function pastQuoted(code, i) {
  const quote = code[i++];
  while (i < code.length && code[i] !== quote) {
    if (quote === '`' && code.startsWith('${', i)) i = pastGroup(code, i + 1);
    else i += code[i] === '\\' ? 2 : 1;
  }
  return i + 1;
}

function pastPattern(code, i) {
  for (let inClass = false, at = i + 1; at < code.length; at++) {
    if (code[at] === '\n') return i + 1;
    if (code[at] === '\\') at++;
    else if (code[at] === '[') inClass = true;
    else if (code[at] === ']') inClass = false;
    else if (code[at] === '/' && !inClass) return at + 1;
  }
  return i + 1;
}

function pastGroup(code, i) {
  const start = ++i;
  while (i < code.length && !')]}'.includes(code[i])) i = past(code, i, code.slice(start, i));
  return i + 1;
}

// The parameters of a list without its parentheses: {name, rest, type}; a pattern has no name.
export function parametersOf(list) {
  const pieces = [''];
  for (let i = 0; i < list.length;) {
    const next = past(list, i, pieces.at(-1)), piece = list.slice(i, next);
    if (piece === ',') pieces.push('');
    else if (!/^\/[/*]/.test(piece)) pieces[pieces.length - 1] += piece;
    i = next;
  }
  return pieces.map((piece) => piece.trim()).filter(Boolean).map((piece) => {
    const match = /^(\.\.\.)?\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)?\s*\??\s*(?::\s*([\p{ID_Continue}.]+)\s*(?:$|=[^>]|\|))?/u
      .exec(piece);
    return { name: match[2], rest: !!match[1], type: match[3] };
  });
}

// The text between the parentheses that begin at or after `from`.
function listFrom(code, from) {
  const start = code.indexOf('(', from);
  return start < 0 ? '' : code.slice(start + 1, pastGroup(code, start) - 1);
}

export function parametersOfFunction(callable) {
  const code = Function.prototype.toString.call(callable);
  const bare = /^(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(code);
  return bare ? [{ name: bare[1], rest: false }] : parametersOf(listFrom(code, 0));
}

// Names of the parameters that the source says are dates: types are gone when the script runs.
export function datesOf(source, name) {
  const escaped = name.replace(/\$/g, '\\$&');
  const match = new RegExp(`^\\s*export\\s+(?:default\\s+)?(?:async\\s+)?function\\s*\\*?\\s*${escaped}\\s*(?=[(<])`, 'm')
    .exec(source);
  if (!match) return [];
  return parametersOf(listFrom(source, match.index + match[0].length))
    .filter((parameter) => parameter.type === 'Date').map((parameter) => parameter.name);
}

// By position. A parameter that is taken apart gets all arguments, unless one is called as Windmill
// calls it.
export function bound(parameters, given, dates = []) {
  const values = [];
  let patterns = 0;
  for (const { name, rest } of parameters) {
    const own = name ?? `anon${++patterns}`;
    const found = Object.hasOwn(given, own);
    let value = found ? given[own] : name ? undefined : given;
    if (typeof value === 'string' && dates.includes(name)) value = new Date(value);
    if (rest) values.push(...(Array.isArray(value) ? value : []));
    else values.push(value);
  }
  return values;
}

// JSON of what main returned; half a surrogate pair is no text.
export function asJson(value) {
  const json = JSON.stringify(value ?? null, (_, item) => (typeof item === 'bigint' ? item.toString() : item)) ?? 'null';
  return json.replace(/(\\\\)|\\ud[89a-f][0-9a-f]{2}/g, (_, kept) => kept ?? '\ufffd');
}

// Pieces of a stream go to the log as they come; together they are the result.
async function settled(value) {
  const result = await value;
  const stream = result?.[Symbol.asyncIterator] || Object.prototype.toString.call(result) === '[object Generator]';
  if (!stream) return result;
  const pieces = [];
  for await (const piece of result) {
    const words = typeof piece === 'string' ? piece : asJson(piece);
    console.log('WM_STREAM: ' + words.replaceAll('\n', '\\n'));
    pieces.push(words);
  }
  return pieces.join('');
}

const HOOKS = `export function resolve(name, context, next) {
  return next(name.replace(/^npm:\\/?/, '').replace(/^((?:@[^/]+\\/)?[^/@.][^/@]*)@[^/]+/, '$1'), context);
}`;

// The script's exports. Bun and Deno name versions where they import packages; Node has the one that
// is installed.
async function load(code) {
  try {
    new vm.Script(`(function (exports, require, module, __filename, __dirname) {${code}\n})`);
  } catch {
    if (/['"](?:npm:|(?:@[\w.-]+\/)?[\w][\w.-]*@)/.test(code)) {
      module.register('data:text/javascript,' + encodeURIComponent(HOOKS));
    }
    fs.writeFileSync('main.mjs', code);
    return import(pathToFileURL(`${DIRECTORY}/main.mjs`).href);
  }
  fs.writeFileSync('main.cjs', code);
  return module.createRequire(`${DIRECTORY}/`)('./main.cjs');
}

function missingPackage(error) {
  const match = /^Cannot find (?:package|module) '([^'./][^']*)'/.exec(error.message);
  return match ? `this machine has no package '${match[1]}' for Node.js: ` +
    'the server runs scripts with the packages that are installed where it runs' : null;
}

export function failureOf(error, stripper = true) {
  if (!(error instanceof Error) && typeof error?.message !== 'string') {
    return { message: typeof error === 'string' ? error : asJson(error), name: 'Error', stack: '' };
  }
  const frames = String(error.stack ?? '').split('\n')
    .filter((line) => !/node_main\.mjs|\(?node:internal\//.test(line))
    .map((line) => line.replaceAll(`file://${DIRECTORY}/`, '').replaceAll(`${DIRECTORY}/`, ''));
  let message = missingPackage(error) ?? error.message;
  if (error instanceof SyntaxError && !stripper) {
    message += ' (types of TypeScript are stripped by esbuild, which this machine does not have: install the package esbuild)';
  }
  const failure = { message, name: error.name, stack: frames.join('\n') };
  const extra = Object.fromEntries(Object.entries(error).filter(([name]) => !(name in failure)));
  if (Object.keys(extra).length) failure.extra = extra;
  if (process.env.WM_FLOW_STEP_ID) failure.step_id = process.env.WM_FLOW_STEP_ID;
  return failure;
}

function writeResult(json) {
  process.chdir(DIRECTORY);
  fs.rmSync(RESULT, { force: true, recursive: true });
  fs.writeFileSync(RESULT, json);
}

// In so many words what went wrong, even where the error itself cannot be written.
function fail(error, stripper) {
  console.error(error);
  const failure = failureOf(error, stripper);
  let json;
  try {
    json = asJson(failure);
  } catch {
    json = asJson({ message: failure.message, name: failure.name, stack: failure.stack });
  }
  writeResult(json);
  process.exit(1);
}

async function call(stripper) {
  let given = JSON.parse(fs.readFileSync(ARGUMENTS, 'utf8'));
  const source = fs.readFileSync(SOURCE, 'utf8'), name = process.env.ARRAS_ENTRYPOINT ?? 'main';
  const isEvent = process.env.ARRAS_PREPROCESS;
  delete process.env.ARRAS_ENTRYPOINT;
  delete process.env.ARRAS_PREPROCESS;
  globalThis.require ??= module.createRequire(`${DIRECTORY}/`);
  const script = await load(await stripped(source, stripper));
  const called = (of) => {
    const callable = script[of] ?? script.default?.[of];
    if (typeof callable !== 'function') throw new Error(`the script exports no function '${of}'`);
    return settled(callable(...bound(parametersOfFunction(callable), given, datesOf(source, of))));
  };
  if (isEvent) {
    given = await called('preprocessor');
    if (given === null || typeof given !== 'object') throw new TypeError('preprocessor returned no object of arguments');
  }
  return called(name);
}

// Where imports and require look beside the script: Node.js looks nowhere else for modules.
function findPackages() {
  const own = process.env.ARRAS_PACKAGES;
  delete process.env.ARRAS_PACKAGES;
  const places = own ? [`${own}/node_modules`] : ['/usr/local/lib/node_modules', '/usr/lib/node_modules', '/usr/share/nodejs'];
  const found = places.find((path) => fs.existsSync(path));
  if (found) fs.symlinkSync(found, 'node_modules');
}

// The job's environment comes through a pipe once its files are there.
function waitForJob() {
  for (const entry of fs.readFileSync(GO, 'utf8').split('\0').slice(0, -1)) {
    const at = entry.indexOf('=');
    process.env[entry.slice(0, at)] = entry.slice(at + 1);
  }
  fs.closeSync(GO);
}

async function run() {
  const stripper = startStripper();
  findPackages();
  waitForJob();
  const hasStripper = !!(stripper || module.stripTypeScriptTypes);
  process.on('uncaughtException', (error) => fail(error, hasStripper));
  try {
    writeResult(asJson(await call(stripper)));
  } catch (error) {
    fail(error, hasStripper);
  }
  process.exit(0);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) run();
