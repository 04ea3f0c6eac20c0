// The services that everything runs on, as the start script, tests, simulator and benchmarks see them (#services).
export { installPackages, programPath, type Packages, type Program } from "./debian-packages.ts";
export { freePort } from "./free-port.ts";
export { checkDatabase, checkRedis, pingDatabase, pingRedis } from "./health.ts";
export { tryLock, withLock, type Holder, type Lock } from "./lock.ts";
export { startMosquitto, type Mosquitto } from "./mosquitto.ts";
export { startPostgres, type Postgres } from "./postgres.ts";
export { whyNoPackages, type Report } from "./private-apt.ts";
export { startProcess, type ServiceProcess } from "./service-process.ts";
export {
  cacheFolder,
  servicePackages,
  startServices,
  startThrowAwayServices,
  throwAwayFolder,
  type Given,
  type Services,
  type ServiceUrls,
  type ThrowAway,
} from "./services.ts";
export { serviceUser } from "./unprivileged.ts";
export { startValkey, type Valkey } from "./valkey.ts";
