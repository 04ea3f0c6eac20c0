// What tests need of the outside world (#testing); imported by tests only.
export { selfSigned, testAuthority } from "./certificate.ts";
export { freshDatabase, freshRedis, type FreshDatabase, type FreshRedis } from "./fresh.ts";
export { privateServices, type PrivateServices } from "./private-services.ts";
export { seedDevice, type SeededDevice } from "./seed-device.ts";
export { sharedDir } from "./shared-dir.ts";
export { until } from "./until.ts";
