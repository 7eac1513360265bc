// The user's line in a stack, so that an error at run time can name the call that made a node.

const frame = /\(?((?:file:\/\/|https?:\/\/|\/)[^\s()]+:\d+:\d+)\)?$/;

/** `file:line:column` of each frame, innermost first. */
function placesIn({ stack = '' }: Error): string[] {
  return stack.split('\n').flatMap((line) => frame.exec(line.trim())?.[1]?.replace(/^file:\/\//, '') ?? []);
}

let engine: string | undefined;

/**
 * Everything below this folder is the engine itself (or, in a bundle without a source map, the bundle's package). Taken
 * from a stack as well, so that source maps count for both.
 */
function engineFolder(): string {
  engine ??= placesIn(new Error())[0]?.replace(/[^/]*\/[^/]*$/, '') ?? '';
  return engine;
}

/** V8 keeps ten frames unless told; a node made inside a layer inside a network, or by a gradient, lies deeper. */
const frames = 25;

function takeStack(): Error {
  const limited: ErrorConstructor & { stackTraceLimit?: number } = Error;
  const { stackTraceLimit: before = frames } = limited;
  limited.stackTraceLimit = frames;
  const taken = new Error();
  limited.stackTraceLimit = before;
  return taken;
}

/** Where a node was made. The stack is taken at once but read only when an error needs it: that is 50 times dearer. */
export class Site {
  readonly #taken = takeStack();

  /** `file:line:column` of the first frame outside the engine, or an empty string. */
  toString(): string {
    return placesIn(this.#taken).find((place) => !place.startsWith(engineFolder())) ?? '';
  }
}

/** The user's line right now, for errors thrown while the graph is built. */
export function callSite(): string {
  return new Site().toString();
}
