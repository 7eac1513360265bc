// The user's line in a stack, so that an error at run time can name the call that made a node.

/** Everything below this folder is the engine itself (or, in a bundle, the bundle's folder). */
const engineRoot = new URL('..', import.meta.url).href.replace(/^file:\/\//, '');
const frame = /\(?((?:file:\/\/|https?:\/\/|\/)[^\s()]+:\d+:\d+)\)?$/;

/** Where a node was made. The stack is taken at once but read only when an error needs it: that is 50 times dearer. */
export class Site {
  readonly #taken = new Error();

  /** `file:line:column` of the first frame outside the engine, or an empty string. */
  toString(): string {
    const lines = this.#taken.stack?.split('\n') ?? [];
    for (const line of lines) {
      const place = frame.exec(line.trim())?.[1]?.replace(/^file:\/\//, '');
      if (place && !place.startsWith(engineRoot)) return place;
    }
    return '';
  }
}

/** The user's line right now, for errors thrown while the graph is built. */
export function callSite(): string {
  return new Site().toString();
}
