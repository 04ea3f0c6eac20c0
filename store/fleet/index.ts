// Fleets of devices for loads and benchmarks, on databases that are thrown away: planted, and counted afterwards.
export { countMinutesOfReadings, countReadings } from "./count-readings.ts";
export { plantDevices, type DevicesPlan, type PlantedDevices } from "./plant-devices.ts";
export { createSeparateDatabase, type SeparateDatabase } from "./separate-database.ts";
export { serverProcess } from "./server-process.ts";
