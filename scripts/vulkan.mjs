// Gives Dawn (the `webgpu` package) a Vulkan driver on machines without one: SwiftShader, as Chromium ships it.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cachedFolder, chromiumFile, untar } from './cache.mjs';

export const hasSwiftShader = process.platform === 'linux' && process.arch === 'x64';

/** The folder with SwiftShader, its manifest and a Vulkan loader. */
export const swiftShader = () =>
  cachedFolder('swiftshader', (folder) => untar(chromiumFile('swiftshader.tar'), folder));

/**
 * Environment under which Dawn finds SwiftShader. A process must be *started* with it: the dynamic linker reads
 * LD_LIBRARY_PATH only then. Empty where the user has named a driver (VK_DRIVER_FILES) and where SwiftShader
 * is not to be had (not Linux x64): there Dawn takes what the system offers.
 * @returns {Record<string, string>}
 */
export function softwareVulkan() {
  if (!hasSwiftShader || process.env['VK_DRIVER_FILES']) return {};
  const folder = swiftShader();
  const libraries = [folder, process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':');
  return { LD_LIBRARY_PATH: libraries, VK_DRIVER_FILES: join(folder, 'vk_swiftshader_icd.json') };
}

/** Whether the system has a Vulkan driver of its own (a GPU's, or Mesa's lavapipe). */
export const hasSystemVulkan = () =>
  ['/etc/vulkan/icd.d', '/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'].some(
    (folder) => existsSync(folder) && readdirSync(folder).some((file) => file.endsWith('.json')),
  );
