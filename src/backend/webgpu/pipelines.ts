// Compute pipelines, compiled asynchronously and once: equal text is one module; equal text, entry point, constants
// and accesses are one pipeline. Layouts are explicit, so that a kernel need not use every binding.
import type { Dispatch } from '../../passes/plan.ts';
import { DeviceError } from '../../tensor/errors.ts';

export interface CompiledKernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

type Access = Dispatch['bindings'][number]['access'] | 'uniform';

const bufferTypes = {
  read: 'read-only-storage',
  read_write: 'storage',
  uniform: 'uniform',
} as const satisfies Record<Access, GPUBufferBindingType>;

/** `GPUShaderStage.COMPUTE`, fixed by the standard; the global is missing in Node. */
const COMPUTE = 4;

export class Pipelines {
  readonly #device: GPUDevice;
  readonly #modules = new Map<string, GPUShaderModule>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  readonly #kernels = new Map<string, Promise<CompiledKernel>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** The kernel of `dispatch`. @throws DeviceError where it does not compile, with the line of WGSL at fault */
  get(dispatch: Dispatch): Promise<CompiledKernel> {
    const { wgsl, entryPoint, constants } = dispatch;
    const accesses: Access[] = dispatch.bindings.map((binding) => binding.access);
    if (dispatch.uniforms) accesses.push('uniform');
    const key = JSON.stringify([wgsl, entryPoint, Object.entries(constants).sort(), accesses]);
    const known = this.#kernels.get(key);
    if (known) return known;
    const compiled = this.#compile(dispatch, accesses);
    this.#kernels.set(key, compiled);
    return compiled;
  }

  async #compile(dispatch: Dispatch, accesses: readonly Access[]): Promise<CompiledKernel> {
    const { label, wgsl, entryPoint, constants } = dispatch;
    this.#device.pushErrorScope('validation');
    const module = this.#module(label, wgsl);
    const layout = this.#layout(accesses);
    const compilation = this.#device.createComputePipelineAsync({
      label,
      layout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint, constants: { ...constants } },
    });
    const scope = this.#device.popErrorScope();
    try {
      const pipeline = await compilation;
      await scope;
      return { pipeline, layout };
    } catch (error) {
      const [said] = (error instanceof Error ? error.message : String(error)).split('\n');
      const reason = (await explain(module, wgsl)) ?? said;
      throw new DeviceError(`kernel '${label}' of ${dispatch.nodes.join(', ')} does not compile: ${reason}`, {
        cause: error,
      });
    }
  }

  #module(label: string, wgsl: string): GPUShaderModule {
    const known = this.#modules.get(wgsl);
    if (known) return known;
    const module = this.#device.createShaderModule({ label, code: wgsl });
    this.#modules.set(wgsl, module);
    return module;
  }

  #layout(accesses: readonly Access[]): GPUBindGroupLayout {
    const key = accesses.join();
    const known = this.#layouts.get(key);
    if (known) return known;
    const layout = this.#device.createBindGroupLayout({
      entries: accesses.map((access, binding) => ({
        binding,
        visibility: COMPUTE,
        buffer: { type: bufferTypes[access] },
      })),
    });
    this.#layouts.set(key, layout);
    return layout;
  }
}

/** The module's first error with its line of WGSL. */
async function explain(module: GPUShaderModule, wgsl: string): Promise<string | undefined> {
  const { messages } = await module.getCompilationInfo();
  const error = messages.find((message) => message.type === 'error');
  if (!error) return undefined;
  const line = wgsl.split('\n')[error.lineNum - 1]?.trim() ?? '';
  return `${error.message} (line ${error.lineNum}: ${line})`;
}
