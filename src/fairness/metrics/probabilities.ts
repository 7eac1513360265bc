// Metrics of predicted probabilities and scores.
import { type Measured, ratio } from './measured.ts';

/** Probabilities are held this far from 0, so that one sure mistake costs 34.5 nats and not infinity. */
export const LEAST_PROBABILITY = 1e-15;

/**
 * The chance that a positive sample scores above a negative one, ties counting half: the Mann–Whitney statistic,
 * from midranks. Insufficient with one class only.
 *
 * @param labels 0 or 1
 */
export function rocAuc(scores: ArrayLike<number>, labels: ArrayLike<number>): Measured {
  const order = Uint32Array.from({ length: labels.length }, (_, i) => i).sort(
    (a, b) => scores[a]! - scores[b]!,
  );
  let positives = 0;
  let rankSum = 0;
  for (let from = 0; from < order.length; ) {
    let to = from;
    let tiedPositives = 0;
    for (; to < order.length && scores[order[to]!] === scores[order[from]!]; to++)
      tiedPositives += labels[order[to]!]!;
    rankSum += (tiedPositives * (from + 1 + to)) / 2;
    positives += tiedPositives;
    from = to;
  }
  return ratio(rankSum - (positives * (positives + 1)) / 2, positives * (order.length - positives));
}

/** Mean −ln of the probability given to the true label, in nats. */
export function logLoss(ofLabel: ArrayLike<number>): Measured {
  let sum = 0;
  for (let i = 0; i < ofLabel.length; i++) sum -= Math.log(Math.max(ofLabel[i]!, LEAST_PROBABILITY));
  return ratio(sum, ofLabel.length);
}
