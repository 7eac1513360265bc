// What the marks of the pictures mean.
import { type Digest, methodTitle } from '../digest.ts';
import type { Block, LegendEntry } from '../document.ts';
import { percent } from '../numbers.ts';

/** Of pictures of points alone. */
export function pointLegend({ before, after }: Digest, band?: string): Block {
  const entries: LegendEntry[] = [
    ...(before ? [{ mark: 'before', text: `before: ${methodTitle(before.method)}` } as const] : []),
    { mark: 'after', text: `${before ? 'after: ' : ''}${methodTitle(after.method)}` },
    ...(band === undefined ? [] : [{ mark: 'band', text: band } as const]),
  ];
  return { kind: 'legend', entries };
}

/** Of pictures of groups. */
export function legend({ before, after, summary: { judging } }: Digest): Block {
  const interval = judging.resamples > 0 ? `, bar: ${percent(judging.confidence)} interval` : '';
  const entries: LegendEntry[] = [
    ...(before
      ? [{ mark: 'before', text: `before: ${methodTitle(before.method)}${interval}` } as const]
      : []),
    { mark: 'after', text: `${before ? 'after: ' : ''}${methodTitle(after.method)}${interval}` },
    { mark: 'band', text: 'within tolerance of the best served' },
    ...(before ? [{ mark: 'reference', text: 'best served before' } as const] : []),
  ];
  return { kind: 'legend', entries };
}

export function curveLegend({ before, after, summary: { training } }: Digest): Block {
  const entries: LegendEntry[] = [
    ...(before ? [{ mark: 'before-line', text: `before: ${methodTitle(before.method)}` } as const] : []),
    { mark: 'after-line', text: `${before ? 'after: ' : ''}${methodTitle(after.method)}` },
    ...(before ? [{ mark: 'before', text: `kept: epoch ${before.epoch}` } as const] : []),
    { mark: 'after', text: `kept: epoch ${after.epoch}` },
    ...(after.curves.some(({ signal }) => signal)
      ? [{ mark: 'signal-line', text: 'the signal that moves λ' } as const]
      : []),
    ...(training.warmupEpochs > 0 ? [{ mark: 'warmup', text: 'warm-up, without constraint' } as const] : []),
  ];
  return { kind: 'legend', entries };
}
