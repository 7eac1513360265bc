export { customVjp, stopGradient } from './custom.ts';
export { grads, hvp } from './grads.ts';
export { vjp } from './vjp.ts';
