// Finds the user's line in a stack, so that an error at run time can name the call that made a node.

/** Everything below this folder is the engine itself (or, in a bundle, the bundle's folder). */
const engineRoot = new URL('..', import.meta.url).href.replace(/^file:\/\//, '');
const frame = /\(?((?:file:\/\/|https?:\/\/|\/)[^\s()]+:\d+:\d+)\)?$/;

/** `file:line:column` of the first frame outside the engine, or an empty string. */
export function callSite(): string {
  const lines = new Error().stack?.split('\n') ?? [];
  for (const line of lines) {
    const place = frame.exec(line.trim())?.[1]?.replace(/^file:\/\//, '');
    if (place && !place.startsWith(engineRoot)) return place;
  }
  return '';
}
